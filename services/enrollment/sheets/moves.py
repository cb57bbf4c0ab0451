"""Sheet 2 (动态参保台账): how somebody's highest identity differs between two month-ends. Pure.

A fold over the days that the rosters give, so it does not matter how they were told: in one file, in
several, early or late (domain §14: 17).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.vocabulary import Category
from services.enrollment.desk.cases import flags_of
from services.enrollment.person.file import ResidentFile, Stay

ADDED, REMOVED, CHANGED = "ADDED", "REMOVED", "CHANGED"
DAY = timedelta(days=1)
ORDER = {one.value: number for number, one in enumerate(Category)}
Opening = Mapping[tuple[str, str], date]
"""(Source, category) → month of the first list of that register: what it names is the opening balance."""
Rank = Callable[[int], Sequence[str]]
"""Year → the categories in the order of its pack."""


@dataclass(frozen=True, slots=True)
class Move:
    """A line of sheet 2. ``before`` and ``after``: the highest category, empty for none."""

    change: str
    effective: date
    before: str
    after: str
    source: str


def moves_of(
    kept: Mapping[str, object] | ResidentFile,
    died: date | None,
    rank: Rank,
    opening: Opening,
    until: date,
) -> list[Move]:
    """Return the lines of a person up to a day; a death removes in its month, a return is a change."""
    file = ResidentFile.model_validate(kept)
    stays = [*file.rosters, *flags_of(file)]
    lines: list[Move] = []
    had = False
    for month in _months(stays, died, until):
        before = _highest(stays, month - DAY, died, rank(month.year))
        after = _highest(stays, min(_last_of(month), until), died, rank(month.year))
        had = had or before is not None
        if _name(before) == _name(after):
            continue
        if after is None or not _opens(stays, after, opening, month):
            change = REMOVED if after is None else CHANGED if had else ADDED
            lines.append(_line(change, before, after, died, month))
        had = had or after is not None
    return lines


def _line(
    change: str, before: Stay | None, after: Stay | None, died: date | None, month: date
) -> Move:
    said = after or before
    day = month
    if after is not None:
        day = max(month, after.valid_from)
    elif before is not None and before.valid_to is not None:
        day = max(month, before.valid_to + DAY)
    if after is None and died is not None and died.replace(day=1) == month:
        day = died
    return Move(change, day, _name(before), _name(after), said.source if said else "")


def _months(stays: Iterable[Stay], died: date | None, until: date) -> list[date]:
    """Return the first days of the months in which something can differ."""
    days = [died] if died is not None else []
    for stay in stays:
        days.append(stay.valid_from)
        if stay.valid_to is not None:
            days.append(stay.valid_to + DAY)
    return sorted({day.replace(day=1) for day in days if day <= until})


def _last_of(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1) - DAY


def _highest(
    stays: Iterable[Stay], day: date, died: date | None, rank: Sequence[str]
) -> Stay | None:
    if died is not None and died <= day:
        return None
    places = {category: number for number, category in enumerate(rank)}
    standing = [one for one in stays if one.on(day)]
    return min(
        standing,
        key=lambda one: (
            places.get(one.category, len(places)), ORDER.get(one.category, len(ORDER)),
            one.valid_from, one.source,
        ),
        default=None,
    )  # fmt: skip


def _name(stay: Stay | None) -> str:
    return "" if stay is None else stay.category


def _opens(stays: Iterable[Stay], now: Stay, opening: Opening, month: date) -> bool:
    """Tell whether somebody stands there only because the first list of a register said so."""
    same = [
        one for one in stays
        if one.category == now.category and one.valid_from.replace(day=1) == month
    ]  # fmt: skip
    return bool(same) and all(
        one.listed is not None and one.listed == opening.get((one.source, one.category))
        for one in same
    )
