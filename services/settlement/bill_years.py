"""A person's bills by the benefit years in which they are decided. Pure.

Only years in which something is new are folded again. Years that hang together are one: those of a
stay over New Year, those of a bill that came again with a day in another year, and all years of a
person whose number was corrected.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from contracts.events.claims import ClaimSubmitted
from contracts.events.enrollment import Filing
from contracts.reach import EVER
from policy.facts import PersonFacts
from policy.pack import Pack
from services.settlement.part import Decided, Part
from services.settlement.reach import years_of_stay


class BillYears:
    """The bills under each number, and what was decided about them when nothing newer was known."""

    def __init__(self) -> None:
        self.copies: dict[str, list[ClaimSubmitted]] = {}
        self._claims: defaultdict[int, dict[str, None]] = defaultdict(dict)
        self._stays: set[range] = set()
        self.several = False
        self._parts: dict[int, Part] = {}
        self._new: set[int] | None = None
        self._decided = Decided()

    @property
    def linked(self) -> set[int]:
        """Return the years of stays over New Year."""
        return set() if not self._stays else {year for stay in self._stays for year in stay}

    @property
    def decided(self) -> Decided | None:
        """Return what was decided, if nothing is new since."""
        return self._decided if self._new == set() else None

    def add(self, bill: ClaimSubmitted) -> None:
        """Take a bill in."""
        copies, year = self.copies.setdefault(bill.claim, []), bill.discharge.year
        stay = years_of_stay(bill)
        several = any(one.discharge.year != year for one in copies)
        copies.append(bill)
        self._claims[year][bill.claim] = None
        if len(stay) > 1 and stay not in self._stays:
            self._stays.add(stay)
            self.all_anew()
        if several and not self.several:
            self.several = True
            self.all_anew()
        self.anew(bill.claim)

    def anew(self, claim: str) -> None:
        """Say that something is new about a bill."""
        if self._new is not None:
            self._new.update(one.discharge.year for one in self.copies.get(claim, ()))

    def all_anew(self) -> None:
        """Say that something is new about the person, or about which years hang together."""
        self._new = None
        self._parts.clear()

    def decide(
        self, packs: Sequence[Pack], person: PersonFacts, reversed_: Collection[str],
        dismissed: Collection[str], filings: Collection[Filing] = (), *, whole: bool,
    ) -> Decided:  # fmt: skip
        """Return what is decided about every bill; ``whole``: all years hang together."""
        for key, years in self._due(whole=whole or self.several):
            copies = {
                claim: self.copies[claim]
                for year in sorted(years) for claim in self._claims.get(year, ())
            }  # fmt: skip
            taken_back = frozenset(claim for claim in reversed_ if claim in copies)
            part = self._parts.setdefault(key, Part(filings))
            # The person's own facts are the same in every year; bills and reversals are the part's.
            person.reversed_claims = taken_back
            found = part.decide(packs, person, copies, dismissed)
            self._decided.replace(found)
        self._new = set()
        return self._decided

    def _due(self, *, whole: bool) -> Iterator[tuple[int, set[int]]]:
        """Return the groups of years in which something is new, each under a year that names it."""
        due = set(self._claims) if self._new is None else set(self._new)
        if whole:
            if due:
                yield EVER, set(self._claims)
            return
        while due:
            group = self._group(min(due))
            due -= group
            yield min(group), group

    def _group(self, year: int) -> set[int]:
        group, grown = {year}, bool(self._stays)
        while grown:
            before = len(group)
            for stay in self._stays:
                if not group.isdisjoint(stay):
                    group.update(stay)
            grown = len(group) > before
        return group
