"""Stays sent twice, stays that overlap, and bills corrected after they were refused."""

from datetime import date, datetime, timedelta

import pytest

from contracts.events.base import Event
from contracts.events.claims import ClaimReversed, ClaimSubmitted, DuplicateDismissed
from contracts.events.settlement import ClaimQuestioned
from policy.loader import load_pack
from services.settlement.repeats import overlapping_stays, possible_duplicates
from services.settlement.rules import ClaimChange, Position, collect, decide
from tests.builders import MORNING, PERSON, a_bill, a_status, covered

PACKS = [load_pack("lixin-2023")]


def decided(*facts: Event) -> dict[str, ClaimChange]:
    """Fold a person's facts from nothing; claim → what is announced."""
    told = [covered(), a_status(("SUBSISTENCE", "2023-01-01", None)), *facts]
    return {one.claim: one for one in decide(PACKS, collect(told), {})}


def a_stay_sent(claim: str, minute: int = 0, **other: object) -> ClaimSubmitted:
    """Return a stay of eight days, received some minutes later."""
    fields = {"admit": date(2023, 5, 10), "received": MORNING + timedelta(minutes=minute), **other}
    return a_bill(claim).model_copy(update=fields)


def test_a_stay_sent_three_times_after_lost_receipts_is_paid_once() -> None:
    """The first stands; the others are held, name it, and move no accumulator."""
    found = decided(a_stay_sent("H1:c3", 9), a_stay_sent("H1:c1", 1), a_stay_sent("H1:c2", 5))

    alone = decided(a_stay_sent("H1:c1", 1))["H1:c1"]
    assert [(one.outcome, one.reason) for _, one in sorted(found.items())] == [
        ("settled", ""), ("held", "possible_duplicate"), ("held", "possible_duplicate"),
    ]  # fmt: skip
    assert found["H1:c1"].after.pays == alone.after.pays
    asked = found["H1:c2"].questioned
    assert isinstance(asked, ClaimQuestioned)
    assert (asked.question, asked.other) == ("possible_duplicate", "H1:c1")


@pytest.mark.parametrize(
    "change",
    [{"discharge": date(2023, 5, 19)}, {"provider": "H2"}, {"admit": date(2023, 5, 9)},
     {"total_fee": 1_200_001, "full_self_pay": 130_001}],
)  # fmt: skip
def test_another_day_hospital_or_amount_is_another_stay(change: dict[str, object]) -> None:
    """Nothing is held that only looks alike."""
    assert possible_duplicates([a_stay_sent("H1:c1"), a_stay_sent("H1:c2", 1, **change)], ()) == {}


def test_two_visits_of_a_day_to_an_outpatient_clinic_are_no_duplicate() -> None:
    """Only stays are compared; nobody stays twice in one bed."""
    visits = [
        a_bill(name).model_copy(update={"kind": "general_outpatient"})
        for name in ("H1:c1", "H1:c2")
    ]
    assert possible_duplicates(visits, ()) == {}


def test_once_the_first_is_reversed_the_second_is_settled() -> None:
    """The hospital took back the wrong one of the two; no case of its own for that."""
    first, second = a_stay_sent("H1:c1"), a_stay_sent("H1:c2", 1)
    gone = ClaimReversed(claim="H1:c1", person=PERSON, provider="H1", received=MORNING)

    found = decided(first, second, gone)

    assert (found["H1:c1"].outcome, found["H1:c2"].outcome) == ("reversed", "settled")


def test_the_bureau_may_say_that_it_is_a_stay_of_its_own() -> None:
    """In any order with the bill itself."""
    said = DuplicateDismissed(claim="H1:c2", person=PERSON, why="两次住院", received=MORNING)

    found = decided(said, a_stay_sent("H1:c1"), a_stay_sent("H1:c2", 1))

    assert {one.outcome for one in found.values()} == {"settled"}


def test_overlapping_stays_are_paid_and_asked_about() -> None:
    """Nobody lies in two beds; the day of a transfer belongs to both."""
    first = a_stay_sent("H1:c1")
    inside = a_stay_sent(
        "H2:c2", 1, provider="H2", admit=date(2023, 5, 12), discharge=date(2023, 5, 14)
    )
    transfer = a_stay_sent(
        "H3:c3", 2, provider="H3", admit=date(2023, 5, 18), discharge=date(2023, 5, 25)
    )

    assert overlapping_stays([transfer, inside, first]) == {"H2:c2": "H1:c1"}
    found = decided(first, inside, transfer)
    assert {one.outcome for one in found.values()} == {"settled"}
    assert found["H2:c2"].questioned is not None
    assert found["H3:c3"].questioned is None


def test_a_refused_bill_does_not_use_up_its_number() -> None:
    """Corrected and sent again under it, the second copy is the bill; in any order."""
    wrong = a_stay_sent("H1:c1", hospital_reduction=90_000_000)
    right = a_stay_sent("H1:c1", 30)

    for facts in ((wrong, right), (right, wrong)):
        change = decided(*facts)["H1:c1"]
        assert (change.outcome, change.submitted.hospital_reduction) == ("settled", 0)
    assert decided(wrong)["H1:c1"].reason == "reduction_above_remainder"


def test_a_second_copy_of_a_bill_that_stands_counts_for_nothing() -> None:
    """Only a refused one makes room."""
    first, second = a_stay_sent("H1:c1"), a_stay_sent("H1:c1", 30, total_fee=9, in_scope=9)

    assert decided(second, first)["H1:c1"].submitted.total_fee == first.total_fee


def test_a_question_that_is_answered_is_taken_back() -> None:
    """Held for want of coverage, then covered: the issue closes by itself."""
    bill = a_stay_sent("H1:c1")
    (held,) = decide(PACKS, collect([bill]), {})
    assert held.questioned is not None
    assert held.questioned.question == "not_enrolled"

    (settled,) = decide(PACKS, collect([bill, covered()]), {"H1:c1": held.after})

    assert settled.questioned is not None
    assert (settled.questioned.question, settled.questioned.revision) == ("", 2)
    assert decide(PACKS, collect([bill, covered()]), {"H1:c1": settled.after}) == []


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"settled": datetime(2023, 5, 18, 10, 40, 40, tzinfo=MORNING.tzinfo)}, []),
        ({"disease": "高血压"}, []),
        ({"level": ""}, []),
        ({"admit": None}, []),
        ({"one_stop": False, "why_not_one_stop": "网络故障"}, []),
        ({"in_scope": 1}, ["in_scope"]),
        ({"discharge": date(2023, 5, 19), "area": "cross"}, ["area", "discharge"]),
        ({"level": "L1"}, ["level"]),
        ({"person": "p" + "z" * 26}, ["person"]),
    ],
)
def test_only_what_makes_it_another_bill_conflicts(
    change: dict[str, object], differs: list[str]
) -> None:
    """A repeat some seconds later, or with the disease filled in, is the bill that stands."""
    first = a_stay_sent("H1:c1")

    assert first.model_copy(update=change).differences(first) == differs


def test_a_position_without_a_question_is_as_before() -> None:
    """What was written before questions existed compares equal."""
    assert Position() == Position(question="", question_revision=0)
