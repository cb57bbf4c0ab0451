"""A year of bills under two packs, some people at a time. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from heapq import nlargest

from contracts.events.base import Event
from contracts.whatif import WhatIfAmount, WhatIfGroup, WhatIfResult
from policy.facts import PersonFacts
from policy.pack import Pack
from policy.whatif import Comparison, Group, compare
from services.settlement.facts import collect

HARDEST = 10


class Compared:
    """What was compared so far. ``hardest``: who loses most, person and fen."""

    def __init__(self, first: Pack, second: Pack, year: int, packs: Sequence[Pack]) -> None:
        self._first, self._second, self._year, self._packs = first, second, year, packs
        self._found: Comparison | None = None
        self.hardest: list[tuple[str, int]] = []

    def add(self, known: Mapping[str, Sequence[Event]]) -> None:
        """Compare some people, as far as they have bills in the year."""
        facts = {person: self._of_the_year(events) for person, events in known.items()}
        persons = [person for person, one in facts.items() if one.claims]
        found = compare(self._first, self._second, [facts[one] for one in persons])
        lost = [(persons[number], fen) for number, fen in found.changes.items() if fen > 0]
        self.hardest = nlargest(HARDEST, [*self.hardest, *lost], key=lambda one: one[1])
        self._found = found if self._found is None else self._found.with_more(found)

    def _of_the_year(self, events: Sequence[Event]) -> PersonFacts:
        counted = collect(events).counted(self._packs)
        claims = [
            one
            for one in counted.claims
            if one.discharge.year == self._year and one.claim not in counted.reversed_claims
        ]
        return replace(counted, claims=claims)

    def result(self) -> WhatIfResult:
        """Return what came out."""
        found = self._found or compare(self._first, self._second, [])
        return WhatIfResult(
            versions=(self._first.version, self._second.version), years_moved=found.years_moved,
            claims=found.claims, everybody=_group(found.everybody), burden=_amount(found.burden),
            funds={fund: _amount(one) for fund, one in sorted(found.funds.items())},
            categories={name: _group(one) for name, one in sorted(found.categories.items())},
            uncompared=dict(found.uncompared), over_line=found.over_line, off_line=found.off_line,
            line=None if found.line is None else found.line.threshold, hardest=self.hardest,
        )  # fmt: skip


def _group(one: Group) -> WhatIfGroup:
    return WhatIfGroup(
        people=one.people, winners=one.winners, won=one.won, losers=one.losers, lost=one.lost
    )


def _amount(pair: tuple[int, int]) -> WhatIfAmount:
    return WhatIfAmount(before=pair[0], after=pair[1])
