"""A bill's history over corrections of its person's number, as one. Pure.

When a number is corrected, everything is booked back under it and settled anew under the right one, and
for a moment the bill stands under both or under none. A bill may move on, and back, any number of times.
What happens around a move, under two numbers and within minutes, is seen from outside as one turn.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from services.settlement.adjusting import Booking, Known

MOVING = timedelta(minutes=10)
"""What lies further apart are two turns, such as a bill held back and settled later under another number."""
History = tuple[list[Booking], list[Known]]
"""What was booked and decided of one bill, under one number."""
Turn = tuple[int, int]
"""Which number, and which revision under it."""


@dataclass(frozen=True, slots=True)
class _Moved:
    """What one revision under one number moved."""

    turn: Turn
    at: datetime
    fen: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Told:
    """What assistance decided under one number."""

    number: int
    known: Known


One = TypeVar("One", _Moved, _Told)


def joined(histories: Sequence[History]) -> History:
    """Return the histories of a bill under each number that its person had, as one."""
    if len(histories) == 1:
        return histories[0]
    turns = list(_together(_moves(histories), lambda it: it.at, lambda it: it.turn[0]))
    booked = [
        Booking(revision, account, fen, together[-1].at)
        for revision, together in enumerate(turns, start=1)
        for account, fen in _sum(together).items()
        if fen
    ]
    revisions = {one.turn: index for index, many in enumerate(turns, start=1) for one in many}
    told = list(_together(_told(histories), lambda it: it.known.at, lambda it: it.number))
    known = [
        _numbered(_standing(together), revision, revisions)
        for revision, together in enumerate(told, start=1)
    ]
    return booked, known


def _moves(histories: Sequence[History]) -> list[_Moved]:
    found: dict[Turn, _Moved] = {}
    for number, (booked, _) in enumerate(histories):
        for entry in booked:
            turn = (number, entry.revision)
            moved = found.setdefault(turn, _Moved(turn, entry.at, {}))
            moved.fen[entry.account] = moved.fen.get(entry.account, 0) + entry.fen
    return sorted(found.values(), key=lambda it: (it.at, it.turn[1], it.turn[0]))


def _told(histories: Sequence[History]) -> list[_Told]:
    told = [_Told(number, one) for number, (_, known) in enumerate(histories) for one in known]
    return sorted(told, key=lambda it: (it.known.at, it.known.decision.revision, it.number))


def _together(
    ordered: Sequence[One], at: Callable[[One], datetime], number: Callable[[One], int]
) -> Iterable[list[One]]:
    """Yield what is one turn: each by itself, but what follows closely around a move together.

    The first is always by itself: it is what was settled at once.
    """
    close: list[list[One]] = []
    for index, item in enumerate(ordered):
        if index > 1 and at(item) - at(close[-1][-1]) <= MOVING:
            close[-1].append(item)
        else:
            close.append([item])
    for together in close:
        if len({number(one) for one in together}) > 1:
            yield together
        else:
            yield from ([one] for one in together)


def _sum(together: Sequence[_Moved]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in together:
        for account, fen in one.fen.items():
            found[account] = found.get(account, 0) + fen
    return found


def _standing(together: Sequence[_Told]) -> _Told:
    """Return the decision that stands after a move: the last under a number that the bill did not leave."""
    last = {one.number: one for one in together}
    stays = [one for one in together if last[one.number] is one and one.known.decision.pack]
    return (stays or together)[-1]


def _numbered(told: _Told, revision: int, revisions: dict[Turn, int]) -> Known:
    """Return a decision as one of the joined history: which it is, and which settlement it answers."""
    answered = [
        index
        for (number, own), index in revisions.items()
        if number == told.number and own <= told.known.decision.settlement_revision
    ]
    update = {"revision": revision, "settlement_revision": max(answered, default=0)}
    return Known(told.known.decision.model_copy(update=update), told.known.at)
