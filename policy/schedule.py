"""The one formula of every layer: a piecewise-linear schedule F over an accumulator.

A layer pays ``round(F(after)) - round(F(before))``. Everything is a whole number: amounts in fen,
rates in basis points. Bounds are kept in ten-thousandths of a fen, because a deductible may be a
share of the bill (20 % of 12,345.67); rounding happens once, to the fen, and in one place.
"""

from bisect import bisect_right
from dataclasses import dataclass

from contracts.money import FULL_BP

SCALE = 10_000
"""Parts of a fen in which bounds are kept: a basis point of a fen is a whole number of them."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A rate (basis points) that holds from ``above`` (fen / SCALE) to the next segment."""

    above: int
    rate_bp: int


class Schedule:
    """F: zero up to the deductible, then the sum of the segments' rates.

    ``starts`` are the bounds (fen / SCALE) at which each rate begins, the first the deductible.
    """

    __slots__ = ("_bases", "rates", "starts")

    def __init__(self, segments: tuple[Segment, ...]) -> None:
        self.starts = tuple(segment.above for segment in segments)
        self.rates = tuple(segment.rate_bp for segment in segments)
        bases = [0]
        for i in range(1, len(segments)):
            bases.append(bases[-1] + (self.starts[i] - self.starts[i - 1]) * self.rates[i - 1])
        self._bases = tuple(bases)

    @property
    def deductible(self) -> int:
        """Fen below which nothing is paid, rounded half up for people; F itself is exact."""
        return (2 * self.starts[0] + SCALE) // (2 * SCALE)

    def exact(self, amount: int) -> int:
        """Return F(amount in fen) in fen x basis points x SCALE, not rounded."""
        scaled = amount * SCALE
        i = bisect_right(self.starts, scaled) - 1
        if i < 0:
            return 0
        return self._bases[i] + (scaled - self.starts[i]) * self.rates[i]

    def rounded(self, amount: int) -> int:
        """Return F(amount) in fen, rounded half up."""
        if amount * SCALE <= self.starts[0]:
            return 0
        return (2 * self.exact(amount) + _WHOLE) // (2 * _WHOLE)

    def pieces(self, before: int, after: int) -> list[tuple[int, int, int]]:
        """Split the way from ``before`` to ``after`` (fen) into (from, to, rate) for an explanation."""
        bounds = (*self.starts, after * SCALE)
        found = []
        for i, rate in enumerate(self.rates):
            low, high = max(before * SCALE, bounds[i]), min(after * SCALE, bounds[i + 1])
            if high > low:
                found.append((_to_fen(low), _to_fen(high), rate))
        return found


_WHOLE = FULL_BP * SCALE


def _to_fen(scaled: int) -> int:
    return (2 * scaled + SCALE) // (2 * SCALE)


def schedule_from(
    deductible: int, segments: tuple[tuple[int | None, int], ...], *, absolute: bool
) -> Schedule:
    """Build F from a deductible (fen / SCALE) and (upper bound in fen or None, rate) pairs (C7).

    ``absolute``: bounds count from zero; otherwise they count from the deductible.
    A segment that ends at or below the deductible never pays and is left out.
    """
    built: list[Segment] = []
    low = deductible
    for upper, rate in segments:
        high = None if upper is None else upper * SCALE + (0 if absolute else deductible)
        if high is None or high > low:
            built.append(Segment(low, rate))
            low = low if high is None else high
    if not built:
        built.append(Segment(deductible, 0))
    if segments[-1][0] is not None:
        built.append(Segment(low, 0))
    return Schedule(tuple(built))
