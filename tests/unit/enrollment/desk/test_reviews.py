"""The three passes with their look-back: opened, mended, promised and broken (三步走、回头看)."""

from datetime import date

from contracts.vocabulary import ProblemKind
from services.enrollment.desk.reviews import Found, Issue, Key, Outcome, State, review

DAY = date(2023, 6, 15)


def key(person: str = "p1", kind: str = "not_enrolled") -> Key:
    """Return an issue's key."""
    return Key(person, ProblemKind(kind), 2023)


def found(*keys: Key) -> list[Found]:
    """Return problems in the town."""
    return [Found(one, "城关镇", "东村", "") for one in keys]


def issue(one: Key, state: str = "open", due: date | None = None) -> Issue:
    """Return an issue on the desk."""
    return Issue(one, State(state), date(2023, 5, 1), due)


def counts(outcome: Outcome) -> tuple[int, ...]:
    """Return opened, reopened, closed, still open."""
    return tuple(
        len(one) for one in (outcome.opened, outcome.reopened, outcome.closed, outcome.still_open)
    )


def test_what_is_newly_wrong_is_opened_and_what_is_mended_is_closed() -> None:
    """销号: one by one."""
    assert counts(review(1, DAY, found(key()), [])) == (1, 0, 0, 0)
    assert counts(review(1, DAY, [], [issue(key())])) == (0, 0, 1, 0)
    assert counts(review(1, DAY, found(key()), [issue(key())])) == (0, 0, 0, 1)


def test_what_comes_back_is_opened_again_not_anew() -> None:
    """The same issue, a second time."""
    assert counts(review(1, DAY, found(key()), [issue(key(), "closed")])) == (0, 1, 0, 0)


def test_a_closed_issue_that_stays_away_is_left_alone() -> None:
    """Nothing to do."""
    assert counts(review(1, DAY, [], [issue(key(), "closed")])) == (0, 0, 0, 0)


def test_a_pass_touches_only_what_it_checks() -> None:
    """The first compares roster and enrolment, the second exemptions and flags, the third all."""
    refunded = key(kind="refunded_not_exempt")

    assert counts(review(1, DAY, found(refunded), [])) == (0, 0, 0, 0)
    assert counts(review(1, DAY, [], [issue(refunded)])) == (0, 0, 0, 0)
    assert counts(review(2, DAY, found(refunded, key()), [])) == (1, 0, 0, 0)
    assert counts(review(3, DAY, found(refunded, key()), [])) == (2, 0, 0, 0)


def test_the_look_back_names_what_was_promised_and_is_still_there() -> None:
    """Two were to be mended by today; one is."""
    desk = [
        issue(key("p1"), "fixing", date(2023, 6, 10)),
        issue(key("p2"), "fixing", DAY),
        issue(key("p3"), "fixing", date(2023, 6, 16)),
    ]

    outcome = review(1, DAY, found(key("p1"), key("p3")), desk)

    assert outcome.promised == [key("p1"), key("p2")]
    assert outcome.broken == [key("p1")]
    assert outcome.closed == [key("p2")]


def test_the_order_of_what_is_found_means_nothing() -> None:
    """The same set, the same outcome."""
    some = found(key("p3"), key("p1"), key("p2", "evidence_due"))

    assert review(3, DAY, some, []) == review(3, DAY, some[::-1], [])
