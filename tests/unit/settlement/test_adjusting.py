"""What was settled at once and what was re-decided since, per layer, with the reason; never netted (C13)."""

from datetime import date, timedelta

from contracts.events.assistance import AssistanceDecision
from contracts.events.settlement import ClaimSettled
from services.settlement.adjusting import (
    Booking,
    Known,
    first_pays,
    steps_of,
)
from tests.builders import (
    MORNING,
    PERSON,
    RIGHT,
    a_bill,
    a_correction,
    a_grant,
    a_premium,
    a_reversal,
    insured_elsewhere,
    yuan,
)
from tests.county import County
from tests.unit.assistance.test_by_hand import over_numbers


def history(county: County, claim: str, person: str = PERSON) -> tuple[list[Booking], list[Known]]:
    """Return what the books and assistance's decisions of a county say of a claim."""
    booked = [
        Booking(
            one.revision, one.debit if one.credit == "provider" else one.credit,
            one.amount if one.credit == "provider" else -one.amount,
            MORNING + timedelta(minutes=one.revision),
        )
        for whose, one in county.books
        if (whose, one.claim) == (person, claim)
    ]  # fmt: skip
    known = [
        Known(event, MORNING + timedelta(minutes=event.revision))
        for event in county.announced
        if isinstance(event, AssistanceDecision) and (event.person, event.claim) == (person, claim)
    ]
    return [one for one in booked if one.account != "person"], known


def told(county: County, claim: str = "H1:c1", outcome: str = "settled") -> list[str]:
    """Return the later decisions on a claim in words."""
    return [
        f"{one.fund} {one.before / 100:.2f} {one.after / 100:.2f} {one.why}"
        for one in steps_of(*history(county, claim), outcome)
    ]


def test_a_bill_that_stands_as_it_was_settled_has_no_adjustment() -> None:
    """Settled once, for a person of low income."""
    county = County().tell(a_premium(), a_grant()).tell(a_bill())

    assert told(county) == []
    assert first_pays(*history(county, "H1:c1"))["bmi"] == yuan("7600.00")


def test_a_status_told_late_is_an_adjustment_of_each_layer_with_its_reason() -> None:
    """Settled as an ordinary resident; of low income since January, told in June."""
    county = County().tell(a_premium(), a_bill(in_scope="60000.00"))
    county.tell(a_grant(minute=5))

    assert {line.split()[0] for line in told(county)} == {"cii", "medical_assistance"}
    assert all("人员类别由普通居民变为低保对象" in line for line in told(county))


def test_a_status_taken_back_is_a_step_of_its_own_and_not_netted_with_the_one_before() -> None:
    """Up and down again: two steps, each with its reason."""
    county = County().tell(a_premium(), a_bill()).tell(a_grant(minute=5))
    county.tell(a_grant(action="removed", minute=9))

    reasons = [line.rsplit(" ", 1)[1] for line in told(county) if "medical_assistance" in line]

    assert reasons == ["人员类别由普通居民变为低保对象", "人员类别由低保对象变为普通居民"]


def test_what_a_corrected_number_changes_is_held_against_what_was_paid_under_the_wrong_one() -> (
    None
):
    """Settled for nobody's category under the wrong number; the right one is of low income."""
    county = County().tell(a_premium(), a_bill()).tell(a_grant(person=RIGHT)).tell(a_correction())

    booked, known = over_numbers(county)

    assert first_pays(booked, known) == {"bmi": yuan("7600.00")}
    assert [(one.fund, one.before, one.after) for one in steps_of(booked, known, "settled")] == [
        ("medical_assistance", 0, yuan("1800.00"))
    ]


def test_a_bill_held_since_says_that_it_is_held_and_not_that_the_category_changed() -> None:
    """Coverage ended before the stay: everything is taken back, for that reason."""
    county = County().tell(a_premium(), a_grant()).tell(a_bill())
    county.tell(insured_elsewhere("2023-03-01", minute=9))

    assert {line.rsplit(" ", 1)[1] for line in told(county, outcome="held")} == {
        "参保或待遇期变化，结算暂缓"
    }


def test_a_bill_that_its_hospital_took_back_gives_back_every_layer_for_that_reason() -> None:
    """Settled for somebody of low income, then reversed: what each fund paid first comes back whole."""
    county = County().tell(a_premium(), a_grant()).tell(a_bill("H1:c1", "60000.00"))
    paid = first_pays(*history(county, "H1:c1"))
    county.tell(a_reversal("H1:c1"))

    back = steps_of(*history(county, "H1:c1"), "reversed")

    assert {one.fund: (one.before, one.after, one.why) for one in back} == {
        fund: (fen, 0, "医院撤销") for fund, fen in paid.items()
    }
    assert set(paid) == {"bmi", "cii", "medical_assistance"}


def test_a_bill_taken_back_while_its_number_was_corrected_gives_back_what_the_wrong_one_was_paid() -> (
    None
):
    """Settled under the wrong number; correction and reversal come in one turn: nothing is forgotten."""
    county = County().tell(a_premium(), a_grant()).tell(a_bill("H1:c1"))
    county.tell(a_correction(), a_reversal("H1:c1"))

    booked, known = over_numbers(county)
    back = steps_of(booked, known, "reversed")

    assert {one.fund for one in back} == {"bmi", "medical_assistance"}
    assert {(one.after, one.why) for one in back} == {(0, "医院撤销")}


def test_a_reversal_of_an_earlier_bill_adjusts_the_later_one() -> None:
    """The year's accumulators fall: critical illness insurance pays less for the second."""
    bills = [a_bill(f"H1:c{n}", "60000.00", on=f"2023-0{n}-18") for n in (3, 4)]
    county = County().tell(a_premium(), *bills).tell(a_reversal("H1:c3"))

    (line,) = told(county, "H1:c4")

    assert line.startswith("cii ")
    assert line.endswith("同年度其他结算单补报、撤销或重新结算，累计额变化")
    settled = [e for e in county.announced if isinstance(e, ClaimSettled) and e.claim == "H1:c4"]
    assert settled[-1].person == PERSON
    assert settled[-1].discharge == date(2023, 4, 18)
