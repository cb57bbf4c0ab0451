"""From when to when the resident system pays: newborns, late payers, people who come from employee insurance."""

from datetime import date, timedelta

from contracts.events.base import Event
from contracts.events.enrollment import EnrolmentConfirmed
from contracts.vocabulary import Source
from services.enrollment.person.fold import Person, fold_person
from tests.builders import (
    MORNING,
    PERSON,
    a_bill,
    a_death,
    a_grant,
    a_premium,
    a_reason,
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


def test_a_newborn_enrolled_on_the_ninety_first_day_is_covered_from_that_day() -> None:
    """One day too late for cover since birth; a child does not wait all the same (C15)."""
    found = folded(a_premium(on="2023-07-31", born="2023-05-01"))

    assert found.covered_spans == ((date(2023, 7, 31), YEAR_END),)


def test_a_child_that_is_no_newborn_any_more_waits_like_everybody() -> None:
    """Two years old when the family paid late."""
    found = folded(a_premium(on="2023-05-01", born="2021-04-01"))

    assert found.covered_spans == ((date(2023, 7, 30), YEAR_END),)


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


def test_a_corrected_register_takes_back_what_it_no_longer_confirms() -> None:
    """Confirmed by the first, gone from the second, there again in the third; in any order."""
    first, gone, back = (
        EnrolmentConfirmed(
            person=PERSON, coverage_year=2023, batch=batch, stands=stands,
            known=MORNING + timedelta(minutes=minute),
        )
        for minute, batch, stands in ((0, "b1", True), (1, "b2", False), (2, "b1", True))
    )  # fmt: skip

    assert folded(gone, first).covered_years == ()
    assert folded(back, gone, first).covered_years == (2023,)


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
    found = folded(a_premium(), a_death(Source.FUNERAL_HOME), a_death(Source.CIVIL_AFFAIRS))

    assert found.covered_spans == ((date(2023, 1, 1), date(2023, 5, 31)),)


def test_a_bill_outside_the_covered_days_waits_and_settles_when_they_change() -> None:
    """Held while employed; employee insurance says it had ended before, and the bill is paid."""
    county = County().tell(a_premium(), insured_elsewhere("2023-03-01"), a_bill(on="2023-05-18"))
    held = [event for event in county.announced if event.NAME == "ClaimHeld"]

    county.tell(insured_elsewhere("2023-03-01", "2023-04-30", minute=5))

    assert [event.reason for event in held][-1] == "outside_coverage"  # type: ignore[attr-defined]
    assert county.bills["H1:c1"].outcome == "settled"


def test_a_refund_takes_no_day_away_that_the_exemption_keeps() -> None:
    """Paid in December, destitute since June, refunded and exempt: the whole year stays covered."""
    facts = [a_premium(), a_grant("DESTITUTE", "2023-06-01"), a_refund("350.00", 2023)]

    found = folded(*facts)

    assert found.premiums[0].exempt
    assert found.covered_spans == ((date(2023, 1, 1), YEAR_END),)


def test_a_bill_from_before_the_recognition_stays_settled_after_the_refund() -> None:
    """The stay of May was paid for; the refund of July does not send it back."""
    county = County().tell(a_premium(), a_bill(on="2023-05-18"))
    county.tell(a_grant("DESTITUTE", "2023-06-01", minute=5))
    county.tell(a_refund("350.00", 2023))

    assert county.bills["H1:c1"].outcome == "settled"


def test_a_resident_of_another_area_is_not_covered_here_on_any_day_of_the_year() -> None:
    """Told for August: neither exemption nor subsidy nor coverage, whatever day it began (§14: 12)."""
    there = insured_elsewhere("2023-08-01").model_copy(update={"reason": "OTHER_AREA_RESIDENT"})

    exempt = folded(a_grant("DESTITUTE"), there)
    paid = folded(a_premium(), there)

    assert (exempt.premiums[0].owed, exempt.covered_years, exempt.covered_spans) == (0, (), ())
    assert (paid.covered_years, paid.covered_spans) == ((2023,), ())


def test_the_refund_of_the_other_area_gives_the_year_back() -> None:
    """愿意回来的由参保地先退费，再免缴费认定: exempt here from then on."""
    there = insured_elsewhere("2023-01-01").model_copy(update={"reason": "OTHER_AREA_RESIDENT"})
    refund = a_refund("380.00", 2023).model_copy(update={"source": Source.OTHER_AREA})

    found = folded(a_grant("DESTITUTE"), there, refund)

    assert found.premiums[0].exempt
    assert found.premiums[0].refunded == 0
    assert found.covered_spans == ((date(2023, 1, 1), YEAR_END),)


def test_employment_told_as_a_reason_with_evidence_suspends_like_a_list() -> None:
    """The village noted it in ledger 3; without evidence it is nobody's word."""
    employed = a_reason("LOCAL_EMPLOYEE", since="2023-04-01", until="2023-09-30")
    unproved = employed.model_copy(update={"evidence_type": "", "evidence_no": ""})

    found = folded(a_grant("DESTITUTE"), employed)

    assert found.premiums[0].exempt
    assert found.covered_spans == (
        (date(2023, 1, 1), date(2023, 3, 31)), (date(2023, 10, 1), YEAR_END),
    )  # fmt: skip
    assert folded(a_grant("DESTITUTE"), unproved).covered_spans == ((date(2023, 1, 1), YEAR_END),)


def test_a_late_payment_takes_no_day_away_that_the_exemption_gave_before_it() -> None:
    """Destitute since last year, exempt; the family pays in June all the same: May's bill stays settled."""
    county = County().tell(a_grant("DESTITUTE", "2022-01-01")).tell(a_bill(on="2023-05-18"))

    county.tell(a_premium(on="2023-06-10"))

    assert county.bills["H1:c1"].outcome == "settled"
    found = folded(a_grant("DESTITUTE", "2022-01-01"), a_premium(on="2023-06-10"))
    assert found.covered_spans == ((date(2023, 1, 1), YEAR_END),)
    assert found.premiums[0].overpaid == 35_000


def test_a_payment_after_the_exit_is_looked_at_and_the_years_exemption_stands() -> None:
    """Destitute until March; paid in June: covered all year, and somebody looks at the payment."""
    gone = a_grant("DESTITUTE", "2023-04-01", action="removed", minute=1)

    found = folded(a_grant("DESTITUTE", "2022-01-01"), gone, a_premium(on="2023-06-10"))

    assert found.covered_spans == ((date(2023, 1, 1), YEAR_END),)
    assert found.premiums[0].overpaid == 35_000


def test_a_second_payment_takes_no_subsidy_back_that_was_paid_with_the_first() -> None:
    """35 in January with 315 of subsidy; the whole 350 again in June."""
    facts = [a_grant(), a_premium(on="2023-01-10", amount="35.00"), a_premium(on="2023-06-10")]

    (found,) = folded(*facts).premiums

    assert (found.subsidy, found.overpaid) == (31_500, 35_000)
