"""From when to when the resident system pays: newborns, late payers, people who come from employee insurance."""

from datetime import date

from contracts.events.base import Event
from contracts.events.enrollment import EnrolmentConfirmed
from services.enrollment.person import Person, fold_person
from tests.builders import (
    MORNING,
    PERSON,
    a_bill,
    a_death,
    a_grant,
    a_premium,
    a_refund,
    insured_elsewhere,
)
from tests.county import PACKS, County

YEAR_END = date(2023, 12, 31)


def folded(*facts: Event) -> Person:
    """Return the person that these facts make."""
    return fold_person(PACKS, PERSON, facts)


def test_a_payment_in_the_collection_period_covers_the_whole_year() -> None:
    """Until the end of February of the coverage year."""
    assert folded(a_premium(on="2023-02-28")).covered_spans == ((date(2023, 1, 1), YEAR_END),)


def test_a_later_payment_of_an_ordinary_resident_waits() -> None:
    """Paid on the day after: ninety days later it covers."""
    assert folded(a_premium(on="2023-03-01")).covered_spans == ((date(2023, 5, 30), YEAR_END),)


def test_nobody_of_a_poverty_category_waits() -> None:
    """Covered from the day of the late payment (C15)."""
    found = folded(a_grant("SUBSISTENCE"), a_premium(on="2023-06-10", amount="35.00"))

    assert found.covered_spans == ((date(2023, 6, 10), YEAR_END),)


def test_a_newborn_enrolled_on_the_ninetieth_day_is_covered_from_birth() -> None:
    """The day of birth is day 0."""
    found = folded(a_premium(on="2023-07-30", born="2023-05-01"))

    assert found.covered_spans == ((date(2023, 5, 1), YEAR_END),)


def test_a_newborn_enrolled_on_the_ninety_first_day_waits_like_everybody() -> None:
    """One day late."""
    found = folded(a_premium(on="2023-07-31", born="2023-05-01"))

    assert found.covered_spans == ((date(2023, 10, 29), YEAR_END),)


def test_nobody_is_covered_before_being_born() -> None:
    """The family paid in December for a child of February."""
    found = folded(a_premium(born="2023-02-03"))

    assert found.covered_spans == ((date(2023, 2, 3), YEAR_END),)


def test_a_newborn_of_a_destitute_family_is_covered_from_birth_without_a_payment() -> None:
    """Recognised within ninety days, exempt since."""
    grant = a_grant("DESTITUTE", "2023-06-15").model_copy(update={"infant_born": date(2023, 5, 1)})

    assert folded(grant).covered_spans == ((date(2023, 5, 1), YEAR_END),)


def test_whoever_pays_within_three_months_of_leaving_employment_has_no_gap() -> None:
    """Employee insurance ended on 31 August: covered from 1 September."""
    found = folded(insured_elsewhere("2020-01-01", "2023-08-31"), a_premium(on="2023-11-30"))

    assert found.covered_spans == ((date(2023, 9, 1), YEAR_END),)


def test_whoever_pays_more_than_three_months_after_leaving_employment_waits() -> None:
    """One day late, and nothing is left of the year."""
    found = folded(insured_elsewhere("2020-01-01", "2023-08-31"), a_premium(on="2023-12-01"))

    assert found.covered_spans == ()
    assert found.covered_years == (2023,)


def test_nobody_waits_longer_than_until_a_category_is_given() -> None:
    """Paid late in April, of low income from May: covered from May."""
    found = folded(a_premium(on="2023-04-10"), a_grant("SUBSISTENCE", "2023-05-01"))

    assert found.covered_spans == ((date(2023, 5, 1), YEAR_END),)


def test_whoever_pays_before_leaving_employment_is_covered_from_the_day_after() -> None:
    """Paid on 20 March, employed until the 31st."""
    found = folded(insured_elsewhere("2020-01-01", "2023-03-31"), a_premium(on="2023-03-20"))

    assert found.covered_spans == ((date(2023, 4, 1), YEAR_END),)


def test_the_register_confirms_only_what_no_premium_tells() -> None:
    """A late payment waits and a refund ends it, whether or not a bill asked the register first."""
    confirmed = EnrolmentConfirmed(person=PERSON, coverage_year=2023, batch="b1", known=MORNING)

    assert folded(confirmed).covered_spans == ((date(2023, 1, 1), YEAR_END),)
    late = a_premium(on="2023-04-10")
    assert folded(confirmed, late).covered_spans == folded(late).covered_spans
    refunded = [a_premium(), a_refund("350.00", 2023)]
    assert folded(confirmed, *refunded).covered_years == ()


def test_while_employee_insurance_pays_the_resident_system_does_not() -> None:
    """Paid in December, employed from March to September: two spans, nothing twice and nothing lost."""
    found = folded(a_premium(), insured_elsewhere("2023-03-01", "2023-09-30"))

    assert found.covered_spans == (
        (date(2023, 1, 1), date(2023, 2, 28)), (date(2023, 10, 1), YEAR_END),
    )  # fmt: skip


def test_the_last_word_about_the_end_of_employment_holds() -> None:
    """Open in one monthly list, ended in the next: the first no longer counts, also for the exemption."""
    found = folded(
        a_grant("DESTITUTE", "2022-01-01"), insured_elsewhere("2022-01-01"),
        insured_elsewhere("2022-01-01", "2023-04-30", minute=5),
    )  # fmt: skip

    assert found.premiums[0].exempt
    assert found.covered_spans == ((date(2023, 5, 1), YEAR_END),)


def test_an_exemption_of_mid_year_covers_from_the_day_of_recognition() -> None:
    """Not enrolled before, recognised in May."""
    assert folded(a_grant("DESTITUTE", "2023-05-04")).covered_spans == (
        (date(2023, 5, 4), YEAR_END),
    )


def test_death_ends_coverage_with_its_month() -> None:
    """S1: enrolment stops in the month of death."""
    from contracts.vocabulary import Source

    found = folded(a_premium(), a_death(Source.FUNERAL_HOME), a_death(Source.CIVIL_AFFAIRS))

    assert found.covered_spans == ((date(2023, 1, 1), date(2023, 5, 31)),)


def test_a_bill_outside_the_covered_days_waits_and_settles_when_they_change() -> None:
    """Held while employed; employee insurance says it had ended before, and the bill is paid."""
    county = County().tell(a_premium(), insured_elsewhere("2023-03-01"), a_bill(on="2023-05-18"))
    held = [event for event in county.announced if event.NAME == "ClaimHeld"]

    county.tell(insured_elsewhere("2023-03-01", "2023-04-30", minute=5))

    assert [event.reason for event in held][-1] == "outside_coverage"  # type: ignore[attr-defined]
    assert county.bills["H1:c1"].outcome == "settled"
