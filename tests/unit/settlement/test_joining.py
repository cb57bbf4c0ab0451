"""A bill's history over the numbers that its person had: what is seen from outside as one turn."""

from datetime import datetime, timedelta

import pytest

from contracts.events.assistance import AssistanceGranted
from services.settlement.adjusting import Booking, Known, first_pays, steps_of
from services.settlement.joining import MOVING, History, joined
from tests.builders import MORNING, PERSON


def at(minutes: float) -> datetime:
    """Return a moment, minutes after the first."""
    return MORNING + timedelta(minutes=minutes)


def moved(revision: int, fen: int, minutes: float, account: str = "bmi") -> Booking:
    """Return what a revision moved."""
    return Booking(revision, account, fen, at(minutes))


def knew(
    revision: int, fen: int, minutes: float, on: int = 1, pack: str = "p", category: str = "NONE"
) -> Known:
    """Return what assistance decided."""
    decision = AssistanceGranted(
        claim="H1:c1", person=PERSON, revision=revision, settlement_revision=on, category=category,
        pack=pack, medical_assistance=fen,
    )  # fmt: skip
    return Known(decision, at(minutes))


def revisions(history: History) -> list[tuple[int, str, int]]:
    """Return what was booked, turn by turn."""
    return [(one.revision, one.account, one.fen) for one in history[0]]


def test_a_bill_under_one_number_has_the_history_that_it_has() -> None:
    """Nothing is joined."""
    history = ([moved(1, 100, 0), moved(2, 20, 1)], [knew(1, 5, 0)])

    assert joined([history]) == history


def test_what_is_booked_back_here_and_anew_there_is_nothing() -> None:
    """The bill went with the person: no money moved."""
    wrong = ([moved(1, 100, 0), moved(2, -100, 60)], [])
    right = ([moved(1, 100, 60.5)], [])

    assert revisions(joined([wrong, right])) == [(1, "bmi", 100)]


def test_what_the_move_changed_is_one_turn() -> None:
    """Under the right number insurance pays thirty more."""
    wrong = ([moved(1, 100, 0), moved(2, -100, 60)], [])
    right = ([moved(1, 130, 61)], [])

    assert revisions(joined([wrong, right])) == [(1, "bmi", 100), (2, "bmi", 30)]


@pytest.mark.parametrize(
    ("gap", "turns"), [(MOVING, [(1, "bmi", 100), (2, "bmi", 30)]),
                       (MOVING + timedelta(seconds=1), [(1, "bmi", 100), (2, "bmi", -100), (3, "bmi", 130)])],
)  # fmt: skip
def test_what_lies_further_apart_are_two_turns(
    gap: timedelta, turns: list[tuple[int, str, int]]
) -> None:
    """A bill held back here, and settled there on another day."""
    minutes = gap.total_seconds() / 60
    wrong = ([moved(1, 100, 0), moved(2, -100, 60)], [])
    right = ([moved(1, 130, 60 + minutes)], [])

    assert revisions(joined([wrong, right])) == turns


def test_the_first_settlement_is_a_turn_of_its_own() -> None:
    """However quickly the number was corrected: it is what the hospital carried."""
    wrong = ([moved(1, 100, 0), moved(2, -100, 1)], [])
    right = ([moved(1, 130, 1.5)], [])

    assert revisions(joined([wrong, right])) == [(1, "bmi", 100), (2, "bmi", 30)]


def test_changes_under_one_number_stay_apart_however_close() -> None:
    """Two late bills within a minute are two steps."""
    wrong = ([moved(1, 100, 0), moved(2, 5, 30), moved(3, 6, 30.5)], [])
    right = ([moved(1, 111, 500), moved(2, 1, 900)], [])

    assert [fen for _, _, fen in revisions(joined([wrong, right]))] == [100, 5, 6, 111, 1]


def test_of_a_move_the_decision_that_stands_is_the_last_where_the_bill_is() -> None:
    """Assistance took it back here and granted it there, in whichever order it was heard."""
    wrong = (
        [moved(1, 100, 0), moved(2, -100, 60)],
        [knew(1, 40, 1), knew(2, 0, 60.2, on=2, pack="")],
    )
    right = ([moved(1, 100, 60.1)], [knew(1, 55, 60.3)])

    _, known = joined([wrong, right])

    assert [(one.decision.revision, one.decision.medical_assistance) for one in known] == [
        (1, 40), (2, 55),
    ]  # fmt: skip


def test_a_decision_answers_the_settlement_that_it_was_made_on() -> None:
    """Numbered anew with the turns of the joined history."""
    wrong = ([moved(1, 100, 0), moved(2, -100, 60)], [knew(1, 40, 1)])
    right = ([moved(1, 130, 61), moved(2, 9, 300)], [knew(1, 55, 62), knew(2, 56, 301, on=2)])

    _, known = joined([wrong, right])

    assert [one.decision.settlement_revision for one in known] == [1, 2, 3]


def test_what_each_fund_paid_first_is_the_first_settlement_and_the_first_grant() -> None:
    """Funds that paid nothing are left out."""
    booked = [moved(1, 100, 0), moved(1, 0, 0, "cii"), moved(2, 50, 9)]

    assert first_pays(booked, [knew(2, 9, 5), knew(1, 7, 3)]) == {
        "bmi": 100,
        "medical_assistance": 7,
    }
    assert first_pays([], []) == {}


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        ("held", "参保或待遇期变化，结算暂缓"),
        ("refused", "不再符合支付条件"),
        ("reversed", "医院撤销"),
    ],
)
def test_what_is_no_longer_paid_says_why(outcome: str, why: str) -> None:
    """In the words of the office."""
    steps = steps_of(
        [moved(1, 100, 0), moved(2, -100, 9)], [knew(1, 7, 1), knew(2, 0, 10, on=2)], outcome
    )

    assert {step.why for step in steps} == {why}
    assert {(step.fund, step.before, step.after) for step in steps} == {
        ("bmi", 100, 0), ("medical_assistance", 7, 0),
    }  # fmt: skip


def test_a_grant_that_falls_to_nothing_while_the_bill_stands_is_another_category() -> None:
    """Not that the bill is gone."""
    told = [knew(1, 7, 1, category="SUBSISTENCE"), knew(2, 0, 10, category="NONE")]

    (step,) = steps_of([moved(1, 100, 0)], told, "settled")

    assert step.why == "人员类别由低保对象变为普通居民"
