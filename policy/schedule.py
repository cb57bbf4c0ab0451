"""The one formula of every layer: a piecewise-linear schedule F over an accumulator.

A layer pays ``round(F(after)) - round(F(before))``. Everything is a whole number: amounts in fen,
rates in hundred-thousandths, because a factor on a rate is finer than a basis point. Bounds are
kept in ten-thousandths of a fen, because a deductible may be a share of the bill (20 % of
12,345.67); rounding happens once, to the fen, and in one place.
"""

from bisect import bisect_right
from dataclasses import dataclass

SCALE = 10_000
"""Parts of a fen in which bounds are kept: a basis point of a fen is a whole number of them."""

RATE_FULL = 100_000
"""A rate of 100 %."""

WHOLE = RATE_FULL * SCALE
"""F is kept in fen x RATE_FULL x SCALE; this many of them are one fen."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A rate (of RATE_FULL) that holds from ``above`` (fen / SCALE) to the next segment."""

    above: int
    rate: int


class Schedule:
    """F: zero up to the deductible, then the sum of the segments' rates.

    ``starts`` are the bounds (fen / SCALE) at which each rate begins, the first the deductible.
    ``whole`` is what one fen of payment weighs; less than WHOLE where the rule grosses up.
    """

    __slots__ = ("_bases", "rates", "starts", "whole")

    def __init__(self, segments: tuple[Segment, ...], whole: int = WHOLE) -> None:
        self.starts = tuple(segment.above for segment in segments)
        self.rates = tuple(segment.rate for segment in segments)
        self.whole = whole
        bases = [0]
        for i in range(1, len(segments)):
            bases.append(bases[-1] + (self.starts[i] - self.starts[i - 1]) * self.rates[i - 1])
        self._bases = tuple(bases)

    @property
    def deductible(self) -> int:
        """Fen below which nothing is paid, rounded half up for people; F itself is exact."""
        return _to_fen(self.starts[0])

    def exact(self, amount: int) -> int:
        """Return F(amount in fen) in parts of which ``whole`` make a fen, not rounded."""
        scaled = amount * SCALE
        i = bisect_right(self.starts, scaled) - 1
        if i < 0:
            return 0
        return self._bases[i] + (scaled - self.starts[i]) * self.rates[i]

    def rounded(self, amount: int) -> int:
        """Return F(amount) in fen, rounded half up."""
        if amount * SCALE <= self.starts[0]:
            return 0
        return (2 * self.exact(amount) + self.whole) // (2 * self.whole)

    def growth(self, before: int, after: int, *, telescoped: bool) -> int:
        """Return what the way from ``before`` to ``after`` (fen) pays.

        ``telescoped``: the difference of the rounded sums (C8), so that the year's payments add up
        to the schedule; otherwise this claim's own part is rounded (C5).
        """
        if telescoped:
            return self.rounded(after) - self.rounded(before)
        return (2 * (self.exact(after) - self.exact(before)) + self.whole) // (2 * self.whole)

    def pieces(self, before: int, after: int) -> list[tuple[int, int, int]]:
        """Split the way from ``before`` to ``after`` (fen) into (from, to, rate) for an explanation."""
        bounds = (*self.starts, after * SCALE)
        found = []
        for i, rate in enumerate(self.rates):
            low, high = max(before * SCALE, bounds[i]), min(after * SCALE, bounds[i + 1])
            if high > low:
                found.append((_to_fen(low), _to_fen(high), rate))
        return found


def _to_fen(scaled: int) -> int:
    return (2 * scaled + SCALE) // (2 * SCALE)


def schedule_from(
    deductible: int,
    segments: tuple[tuple[int | None, int], ...],
    *,
    absolute: bool,
    whole: int = WHOLE,
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
    return Schedule(tuple(built), whole)
