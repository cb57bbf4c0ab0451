"""What settlement announces about a claim, decision by decision."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.events.assistance import AssistanceGranted
from contracts.events.settlement import BillIssued, ClaimHeld, ClaimRefused, ClaimSettled
from policy.engine import Decision
from policy.loader import load_pack
from services.settlement.facts import Facts
from services.settlement.reach import reach_of
from services.settlement.rules import (
    ClaimChange,
    Position,
    billed_on,
    decide,
    fingerprint_of,
    position_of,
)
from tests.builders import MORNING, PERSON, a_bill, a_reversal, a_status, covered, tell, yuan

PACKS = [load_pack("lixin-2023")]


class Person:
    """A person as settlement keeps one: facts, and where each claim stands."""

    def __init__(self, *events: Any) -> None:
        self.facts = Facts()
        self.stands: dict[str, Position] = {}
        self.hear(covered(2023), *events)

    def hear(self, *events: Any) -> list[ClaimChange]:
        """Take facts in and decide."""
        tell(self.facts, *events)
        changes = decide(PACKS, self.facts, self.stands)
        self.stands |= {change.claim: change.after for change in changes}
        return changes


def granted(
    revision: int = 1, on: int = 1, fen: int = 0, claim: str = "H1:c1"
) -> AssistanceGranted:
    """Return what assistance says."""
    return AssistanceGranted(
        claim=claim, person=PERSON, revision=revision, settlement_revision=on, benefit_year=2023,
        category="NONE", pack="p", medical_assistance=fen,
    )  # fmt: skip


def test_a_bill_is_settled_and_waits_for_assistance() -> None:
    """The shares of all payers add up to the bill."""
    (change,) = Person().hear(a_bill())

    assert isinstance(change.event, ClaimSettled)
    assert change.bill is None
    assert sum(change.after.pays.values()) == yuan("10000.00")


def test_the_bill_is_issued_once_assistance_has_answered() -> None:
    """It rests on both revisions, and every part adds up."""
    person = Person(a_bill())

    (change,) = person.hear(granted(fen=yuan("100.00")))

    assert change.event is None
    assert isinstance(change.bill, BillIssued)
    assert (change.bill.settlement_revision, change.bill.assistance_revision) == (1, 1)
    assert billed_on(change.bill) == "1.1" == change.after.billed
    assert person.hear(granted(fen=yuan("100.00"))) == []


def test_an_answer_to_an_earlier_revision_issues_nothing() -> None:
    """Assistance will answer the present one."""
    person = Person(a_bill())
    person.hear(a_status(("SUBSISTENCE", "2023-01-01", None)))
    assert person.stands["H1:c1"].revision == 2

    assert person.hear(granted(on=1)) == []
    assert [change.claim for change in person.hear(granted(revision=2, on=2))] == ["H1:c1"]


def test_nothing_left_for_the_family_is_a_bill_all_the_same() -> None:
    """Whoever pays nothing gets the paper that says so."""
    person = Person(a_bill())
    own = person.stands["H1:c1"].pays["person"]

    (change,) = person.hear(granted(fen=own))

    assert change.bill is not None
    assert change.bill.personal_burden == 0


def test_more_than_is_left_waits_for_the_next_answer() -> None:
    """Assistance has not seen all claims of the year yet."""
    person = Person(a_bill())
    own = person.stands["H1:c1"].pays["person"]

    assert person.hear(granted(fen=own + 1)) == []


def test_a_refusal_says_its_reason_and_day() -> None:
    """And moves nothing."""
    (change,) = Person().hear(a_bill(level="nowhere"))

    assert isinstance(change.event, ClaimRefused)
    assert (change.event.reason, change.event.discharge) == ("unknown_level", a_bill().discharge)
    assert change.after.pays == {}


def test_a_bill_that_nothing_covers_is_held() -> None:
    """It waits for coverage, and somebody is asked."""
    (change,) = Person().hear(a_bill(on="2024-05-01"))

    assert isinstance(change.event, ClaimHeld)
    assert change.questioned is not None


def test_a_reversal_withdraws_the_bill_with_zeros() -> None:
    """No assistance stands behind it any longer."""
    person = Person(a_bill())
    person.hear(granted(fen=yuan("100.00")))

    (change,) = person.hear(a_reversal())

    assert change.bill is not None
    assert (change.bill.outcome, change.bill.assistance_revision) == ("reversed", 0)
    assert (change.bill.total_fee, change.bill.personal_burden, change.bill.bmi) == (0, 0, 0)
    assert change.bill.bill_revision == 2


def test_a_reversal_of_what_was_never_billed_withdraws_nothing() -> None:
    """There is no paper to take back."""
    (change,) = Person(a_bill()).hear(a_reversal())

    assert change.bill is None


@pytest.mark.parametrize("left", [0, 1])
def test_what_insurance_pays_may_be_the_whole_bill_but_no_more(left: int) -> None:
    """A fen too much is a bug, and stops the person alone."""
    bill = a_bill()
    whole = Decision("H1:c1", "settled", pays={"bmi": bill.total_fee - left})
    assert position_of(bill, whole)["person"] == left

    with pytest.raises(ArithmeticError):
        position_of(bill, Decision("H1:c1", "settled", pays={"bmi": bill.total_fee + 1}))


@pytest.mark.parametrize("outcome", ["held", "refused", "reversed"])
def test_what_is_not_settled_owes_nobody_anything(outcome: Any) -> None:
    """Its shares are none, and not zeros."""
    assert position_of(a_bill(), Decision("H1:c1", outcome)) == {}


def test_a_decision_is_told_apart_by_everything_that_is_announced() -> None:
    """Outcome, reason, category, pack, and each share in a fixed order."""
    decision = Decision("H1:c1", "settled", category="ORPHAN", pack="p@1")

    assert fingerprint_of(decision, {"person": 1, "bmi": 2}) == "settled||ORPHAN|p@1|bmi=2,person=1"


def test_what_nobody_touched_is_not_compared_again() -> None:
    """The very same decision of the very same bill."""
    person = Person(a_bill(), a_bill("H1:c2", on="2023-06-01"))
    before = dict(person.stands)

    person.hear(a_bill("H1:c3", on="2023-07-01"))

    assert person.stands["H1:c1"] is before["H1:c1"]
    assert person.stands["H1:c1"].ground is not None


def test_another_copy_with_the_same_shares_is_a_new_revision() -> None:
    """Assistance may have another base: it must hear of it."""
    wrong = a_bill(level="nowhere")
    person = Person(wrong)
    (change,) = person.hear(a_bill(minute=5))

    assert isinstance(change.event, ClaimSettled)
    assert change.content == a_bill().fingerprint("received")


def test_reach_of_is_what_the_room_asks() -> None:
    """One place says which years a fact is about."""
    late: datetime = MORNING + timedelta(days=400)

    assert reach_of(a_bill().model_copy(update={"received": late})).year == 2023
