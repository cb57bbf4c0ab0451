"""What goes by hand, over every number that a bill's person had; and what was decided since, as one history."""

import random
from datetime import date, timedelta

import pytest

from contracts.events.assistance import AssistanceDecision
from contracts.events.partner import ManualAssistancePaid
from contracts.events.settlement import BillIssued, ClaimSettled
from contracts.funds import ASSISTANCE_FUNDS, FUND_ZH
from contracts.vocabulary import Source
from services.assistance.manual import ByHand, Under, by_hand
from services.settlement.adjusting import Booking, Known, first_pays, steps_of
from services.settlement.joining import History, joined
from tests.builders import (
    MORNING,
    PERSON,
    RIGHT,
    a_bill,
    a_correction,
    a_grant,
    a_premium,
    yuan,
)
from tests.county import County

THIRD = f"p{'c' * 26}"
CLAIM = "H1:c1"
FUNDS = frozenset(FUND_ZH) - {"hospital_reduction", "commercial_supplement"}


def owed_by_hand(county: County, claim: str = CLAIM) -> ByHand:
    """Return what a bill's assistance owes by hand over all numbers, as ledger 4 says it."""
    numbers = [
        Under(person, MORNING + timedelta(seconds=settled_at(county, person, claim)), facts,
              *county.booked(person).get(claim, (0, 0)))
        for person, facts in county.assistance.items()
    ]  # fmt: skip
    found = by_hand(claim, numbers)
    assert found is not None
    return found


def settled_at(county: County, person: str, claim: str) -> int:
    """Return when the first outcome of a claim was announced under a number."""
    return next(
        (
            index for index, one in enumerate(county.announced)
            if isinstance(one, ClaimSettled) and (one.person, one.claim) == (person, claim)
        ),
        0,
    )  # fmt: skip


def issued_first(county: County) -> BillIssued:
    """Return the first bill that the hospital got: what it carried in one stop."""
    return next(one for one in county.announced if isinstance(one, BillIssued))


def assistance_of(bill: BillIssued) -> int:
    """Return a bill's assistance, in fen."""
    return sum(getattr(bill, fund) for fund in ASSISTANCE_FUNDS)


def over_numbers(county: County) -> History:
    """Return the bill's history over all numbers, as settlement joins it."""
    histories: dict[str, History] = {}
    for (person, one), at in zip(county.books, county.book_times, strict=True):
        account, sign = (one.debit, 1) if one.credit == "provider" else (one.credit, -1)
        if account != "person":
            booked, _ = histories.setdefault(person, ([], []))
            moment = MORNING + timedelta(seconds=at)
            booked.append(Booking(one.revision, account, sign * one.amount, moment))
    for at, event in enumerate(county.announced):
        if isinstance(event, AssistanceDecision):
            _, known = histories.setdefault(event.person, ([], []))
            known.append(Known(event, MORNING + timedelta(seconds=at)))
    return joined([one for _, one in sorted(histories.items())])


def paid(fen: int, person: str = PERSON, **other: object) -> ManualAssistancePaid:
    """Return a payment by hand."""
    return ManualAssistancePaid.model_validate({
        "source": Source.BUREAU, "received": MORNING, "person": person, "claim": CLAIM,
        "amount": fen, "paid_on": date(2023, 9, 1),
    } | other)  # fmt: skip


def test_a_number_corrected_back_again_owes_what_the_first_bill_had_not_carried() -> None:
    """Carried under the first number; moved to the second and back: nothing is due, nothing comes back."""
    county = County().tell(a_premium(), a_grant()).tell(a_bill())
    county.tell(a_correction()).tell(a_correction(action="revoked", minute=1))

    assert owed_by_hand(county).due == 0
    assert owed_by_hand(county).person == PERSON
    assert owed_by_hand(county).first == assistance_of(issued_first(county)) > 0


def test_a_number_corrected_twice_owes_what_the_last_one_is_granted_beyond_the_first_bill() -> None:
    """Only the third number is of low income: all its assistance goes by hand."""
    county = County().tell(a_premium(), a_grant(person=THIRD)).tell(a_bill())
    county.tell(a_correction()).tell(a_correction(RIGHT, THIRD, minute=1))

    assert owed_by_hand(county).due == county.granted(THIRD) > 0
    assert owed_by_hand(county).person == THIRD


def test_one_payment_told_under_two_numbers_is_one_and_the_last_word_about_it_holds() -> None:
    """Told for the wrong number, told again for the right one when it was signed for."""
    county = County().tell(a_premium(), a_grant(person=RIGHT)).tell(a_bill()).tell(a_correction())
    later = MORNING + timedelta(days=1)

    county.tell(paid(10_000), paid(10_000, RIGHT, received=later, signed=True))

    assert owed_by_hand(county).paid == 10_000
    assert [one.signed for one in owed_by_hand(county).payments] == [True]


def test_a_bill_that_moved_there_and_back_has_the_history_of_one_that_never_moved() -> None:
    """The same amounts all along: no step, although everything was booked back twice."""
    county = County().tell(a_premium(), a_grant()).tell(a_bill())
    county.tell(a_correction()).tell(a_correction(action="revoked", minute=1))

    booked, known = over_numbers(county)

    assert first_pays(booked, known) == {
        "bmi": yuan("7600.00"), "medical_assistance": yuan("1800.00"),
    }  # fmt: skip
    assert steps_of(booked, known, "settled") == []


@pytest.mark.parametrize("seed", range(60))
def test_whatever_the_numbers_did_the_first_bill_and_the_last_decision_say_what_is_due(
    seed: int,
) -> None:
    """Corrections, corrections of corrections and their revocation, with a status now here, now there."""
    rng = random.Random(seed)
    numbers = [PERSON, RIGHT, THIRD]
    county = County().tell(a_premium(), *([a_grant()] if rng.random() < 0.5 else []))
    county.tell(a_bill(CLAIM, "30000.00"))

    for minute in range(1, rng.randint(2, 6)):
        wrong, right = rng.sample(numbers, 2)
        action = rng.choice(["reported", "reported", "revoked"])
        county.tell(a_correction(wrong, right, action=action, minute=minute))
        if rng.random() < 0.4:
            county.tell(a_grant(person=rng.choice(numbers), minute=minute))

    now = sum(county.granted(person) for person in numbers)
    found = owed_by_hand(county)
    booked, known = over_numbers(county)
    steps = steps_of(booked, known, "settled")
    first = issued_first(county)
    assert found.due == now - assistance_of(first)
    assert first_pays(booked, known) == {
        fund: getattr(first, fund) for fund in FUNDS if getattr(first, fund)
    }
    standing = county.bills[CLAIM]
    for fund in FUNDS:
        last = [one.after for one in steps if one.fund == fund] or [getattr(first, fund)]
        assert last[-1] == getattr(standing, fund), fund
