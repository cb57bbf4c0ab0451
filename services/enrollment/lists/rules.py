"""Full lists: who stands on them month by month, and whose absence is a removal. Pure.

Lists of a source are ordered by month, then by when they came in: a later list of the same month
corrects the one before. A list speaks only about the categories that it names. Whoever stood on the
list before it and not on it is removed with its month; whatever order the lists arrive in, the same
removals follow.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from services.enrollment.person.listings import Listing


@dataclass(frozen=True, order=True, slots=True)
class FullList:
    """A full list that came in whole, and the categories that it speaks about."""

    month: date
    received: datetime
    batch: str
    names: frozenset[str] = field(default=frozenset(), compare=False)


@dataclass(frozen=True, slots=True)
class Removal:
    """An absence to be announced as a fact: whose, of which category, from which list."""

    person: str
    category: str
    absent_from: FullList


Asked = Literal["", "share", "number", "rejected"]
"""Why somebody is asked before a list counts: too large a share is absent, far more than usual, or
rows went back, whose people would seem absent. Empty: nobody is asked.
"""


@dataclass(frozen=True, slots=True)
class ShrinkLimit:
    """How many a list may lose before somebody is asked.

    A large share alone is enough, whatever the list's size (``least``: of fewer, no share is large).
    A number alone is enough only far beyond what the source's lists usually lose: ``times`` the
    usual, and never less than ``many``; before a source has a history, a tenth of the list.
    """

    share_bp: int = 2_000
    least: int = 2
    times: int = 5
    many: int = 200
    lists_known: int = 3
    unknown_share_bp: int = 1_000

    def asks(self, standing: int, absent: int, lost_before: Sequence[int]) -> Asked:
        """Return why so many absences are a question. ``lost_before``: how many earlier lists lost."""
        if absent >= self.least and absent * 10_000 > standing * self.share_bp:
            return "share"
        if absent > max(self.many, self._far(standing, lost_before)):
            return "number"
        return ""

    def _far(self, standing: int, lost_before: Sequence[int]) -> int:
        if len(lost_before) < self.lists_known:
            return standing * self.unknown_share_bp // 10_000
        return self.times * usual(lost_before)


def usual(lost: Sequence[int]) -> int:
    """Return how many lists of a source usually lose: the middle one of their losses."""
    return sorted(lost)[len(lost) // 2] if lost else 0


def openings(lists: Iterable[tuple[str, date, Iterable[str]]]) -> dict[tuple[str, str], date]:
    """Return (source, category) → month of the first list of its register: the opening balance.

    ``lists``: (source, month, categories) in order. A list that shares no category with those before it
    begins a register of its own; one that shares some continues it, also with a category new to it.
    """
    found: dict[tuple[str, str], date] = {}
    known: set[tuple[str, str]] = set()
    for source, month, names in lists:
        keys = {(source, name) for name in names}
        same_month = {key for key in keys if found.get(key) == month}
        if not (keys & known) - same_month:
            found |= {key: found.get(key, month) for key in keys}
        known |= keys
    return found


def removals(
    closing: FullList, lists: Iterable[FullList], rows: Mapping[str, Iterable[Listing]]
) -> Iterator[Removal]:
    """Yield the absences that a list brings to light; ``rows``: person → rows of its source.

    ``lists``: the other lists closed before, also those of later months: who stands on this one and
    not on the next is removed there.
    """
    later = sorted(one for one in lists if one > closing)
    for person, listings in rows.items():
        by_category: defaultdict[str, list[Listing]] = defaultdict(list)
        for one in sorted(listings):
            by_category[one.category].append(one)
        for category in sorted(by_category.keys() & closing.names):
            absent = _absent_from(closing, later, category, by_category[category])
            if absent is not None:
                yield Removal(person, category, absent)


def _absent_from(
    closing: FullList, later: list[FullList], category: str, own: list[Listing]
) -> FullList | None:
    """Return the list from which a person is newly found absent, if any."""
    if not any(one.batch == closing.batch for one in own):
        before = [
            one for one in own if (one.month, one.received) < (closing.month, closing.received)
        ]
        return closing if before and before[-1].present else None
    after = next((one for one in later if category in one.names), None)
    if after is None or any(one.batch == after.batch for one in own):
        return None
    return after
