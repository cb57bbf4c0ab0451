"""The three-pass check with its look-back (三步走、回头看): found problems against open issues. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from contracts.vocabulary import ProblemKind

CHECKED: Mapping[int, frozenset[ProblemKind]] = {
    1: frozenset({
        ProblemKind.LOST_CONTACT, ProblemKind.DEAD_ON_ROSTER, ProblemKind.INSURED_ELSEWHERE,
        ProblemKind.EMPLOYEE_LAPSED, ProblemKind.REFUND_DUE, ProblemKind.IDENTITY_WRONG,
        ProblemKind.NOT_ENROLLED, ProblemKind.EVIDENCE_DUE, ProblemKind.DEATH_UNCONFIRMED,
        ProblemKind.PAID_TWICE,
    }),
    2: frozenset({
        ProblemKind.REFUNDED_NOT_EXEMPT, ProblemKind.DOUBLY_COUNTED, ProblemKind.EXEMPTION_MISSING,
        ProblemKind.EXEMPT_OFF_ROSTER, ProblemKind.FLAG_MISSING, ProblemKind.FLAG_NOT_STOPPED,
    }),
    3: frozenset(ProblemKind),
}  # fmt: skip
"""Pass 1: roster against enrolment; 2: exemptions and flags against the roster; 3: all, once fixed."""


class State(StrEnum):
    """Where an issue stands."""

    OPEN = "open"
    FIXING = "fixing"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Key:
    """What an issue is about: a person, a kind of problem, a coverage year."""

    person: str
    kind: ProblemKind
    year: int


@dataclass(frozen=True, slots=True)
class Found:
    """A problem found by a pass, with where it is."""

    key: Key
    township: str
    village: str
    detail: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue on the desk. ``due``: when the officer promised that it is mended."""

    key: Key
    state: State
    opened: date
    due: date | None = None
    times: int = 1


@dataclass(slots=True)
class Outcome:
    """What a pass changes on the desk, and what had been promised before it.

    ``promised``: issues being fixed whose day has come; ``broken``: those of them still there.
    """

    opened: list[Found] = field(default_factory=list)
    reopened: list[Found] = field(default_factory=list)
    closed: list[Key] = field(default_factory=list)
    still_open: list[Key] = field(default_factory=list)
    promised: list[Key] = field(default_factory=list)
    broken: list[Key] = field(default_factory=list)


def review(number: int, day: date, found: Iterable[Found], desk: Iterable[Issue]) -> Outcome:
    """Compare what a pass found with the desk; only kinds that the pass checks are touched."""
    checked = CHECKED[number]
    now = {one.key: one for one in found if one.key.kind in checked}
    known = {one.key: one for one in desk if one.key.kind in checked}
    outcome = Outcome()
    for key, problem in sorted(now.items(), key=lambda item: _order(item[0])):
        issue = known.get(key)
        if issue is None:
            outcome.opened.append(problem)
        elif issue.state is State.CLOSED:
            outcome.reopened.append(problem)
        else:
            outcome.still_open.append(key)
    for key, issue in sorted(known.items(), key=lambda item: _order(item[0])):
        if issue.state is State.CLOSED:
            continue
        if key not in now:
            outcome.closed.append(key)
        if issue.due is not None and issue.due <= day:
            outcome.promised.append(key)
            if key in now:
                outcome.broken.append(key)
    return outcome


def _order(key: Key) -> tuple[str, str, int]:
    return (key.person, key.kind.value, key.year)
