"""A fold that goes on: what was decided stays, and a later bill starts where the last ones ended.

Most bills come in the order of their discharge days, or nearly. The next one then costs the same
whether the year holds three or three hundred.
"""

from collections.abc import Sequence

from policy.engine import Decision, YearPosition, go_on, refused
from policy.facts import Claim, PersonFacts
from policy.pack import Pack

STRIDE = 8
"""After so many claims the fold keeps where it stands, to begin from there again."""


class Continued:
    """The fold of one stage over a person's claims, kept between turns. Equal to ``fold`` every time."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._ground: tuple[object, ...] = ()
        self._claims: list[Claim] = []
        self._decisions: list[Decision] = []
        self._marks: list[dict[int, YearPosition]] = []

    def fold(self, packs: Sequence[Pack], facts: PersonFacts) -> dict[str, Decision]:
        """Decide every claim. A decision before which nothing is new is the very same object as before."""
        ordered = sorted(facts.claims, key=Claim.canonical_order)
        ground = (
            tuple(map(id, packs)), facts.reversed_claims, facts.identities, facts.died,
            facts.covered_years, facts.covered_spans, facts.held,
        )  # fmt: skip
        alike = _begin_alike(self._claims, ordered) if ground == self._ground else 0
        if ground != self._ground or alike < max(len(ordered), len(self._claims)):
            self._ground = ()  # Should a rule break in the middle, nothing goes on from there.
            self._go_on(packs, facts, ordered, alike // STRIDE)
            self._ground = ground
        return refused(facts) | {one.claim: one for one in self._decisions}

    def _go_on(
        self, packs: Sequence[Pack], facts: PersonFacts, ordered: list[Claim], mark: int
    ) -> None:
        """Decide the claims behind a mark, keeping where the fold stands before each stride."""
        mark = max(0, min(mark, len(self._marks) - 1))
        years = _kept(self._marks[mark]) if mark else {}
        del self._decisions[mark * STRIDE :], self._marks[mark:]
        for first in range(mark * STRIDE, len(ordered), STRIDE):
            self._marks.append(_kept(years))
            some = ordered[first : first + STRIDE]
            self._decisions += go_on(packs, facts, some, self._stage, years).values()
        self._claims = ordered


def _begin_alike(some: Sequence[Claim], others: Sequence[Claim]) -> int:
    """Return how many claims both begin with, the very same ones."""
    for number, (one, other) in enumerate(zip(some, others, strict=False)):
        if one is not other:
            return number
    return min(len(some), len(others))


def _kept(years: dict[int, YearPosition]) -> dict[int, YearPosition]:
    """Return a copy that nobody moves."""
    return {year: position.copy() for year, position in years.items()}
