"""The fold over a whole county at once: same packs, same schedules, equal on every fen.

The n-th claims of all person-years are settled together. Person-years are taken in blocks that fit
the processor's cache, those with most claims first, so that each step works on plain slices.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from contracts.money import FULL_BP
from policy.columns import Columns, Ints
from policy.engine import ASSISTANCE, OUT_OF_CATALOGUE, SETTLEMENT
from policy.pack import Pack
from policy.schedule import SCALE, Schedule
from policy.tables import LayerTable, begin, table_of

BLOCK = 1 << 16
CHUNK = 1 << 14
MOST = 4_000_000_000
"""Fen that a person-year may be billed before 64 bits could overflow: 40 million yuan."""


class TooLargeError(OverflowError):
    """A person-year beyond what 64 bits hold exactly; the scalar fold has no such bound."""


@dataclass(frozen=True, slots=True)
class Payments:
    """What each fund pays for each claim, in fen; ``wrong``: 1 where an input is above what is left."""

    pays: dict[str, Ints]
    wrong: Ints


def fold_columns(pack: Pack, columns: Columns) -> Payments:
    """Settle all claims of the columns, both stages.

    Raises TooLargeError beyond 40 million yuan a person-year.
    """
    length = len(columns.year)
    funds = sorted({layer.fund for layer in pack.layers})
    pays = {fund: np.zeros(length, dtype=np.int64) for fund in funds}
    payments = Payments(pays, np.zeros(length, dtype=np.int64))
    stages = {SETTLEMENT: 0, ASSISTANCE: 1}
    layers = sorted(pack.layers, key=lambda layer: stages[layer.stage])
    tables = [table_of(pack, layer, columns.contexts) for layer in layers]
    inpatient = np.array([claim.kind == "inpatient" for claim, _ in columns.contexts], np.int64)
    for start, end in blocks(columns.year):
        block = _Block(columns, payments, inpatient, start, end)
        for rank in block.ranks():
            for table in tables:
                rank.settle(table)
    return payments


def blocks(year: Ints) -> Iterator[tuple[int, int]]:
    """Cut the rows into blocks of about BLOCK, never through a person-year."""
    if len(year):
        starts = np.flatnonzero(np.diff(year, prepend=year[0] - 1))
        wanted = np.searchsorted(starts, np.arange(0, len(year), BLOCK), side="right") - 1
        bounds = np.unique(np.append(starts[wanted], len(year))).tolist()
        yield from pairwise(bounds)


class _Block:
    """Some person-years: where each stands in its layers and caps, busiest person-year first."""

    def __init__(
        self, columns: Columns, payments: Payments, inpatient: Ints, start: int, end: int
    ) -> None:
        self.columns, self.payments, self.start = columns, payments, start
        year = columns.year[start:end]
        self.first = np.flatnonzero(np.diff(year, prepend=year[0] - 1))
        self.counts = np.diff(np.append(self.first, end - start))
        if np.add.reduceat(columns.total_fee[start:end], self.first).max() > MOST:
            raise TooLargeError("a person-year of more than 40 million yuan")
        stays = inpatient[columns.context[start:end]]
        sofar = np.cumsum(stays)
        later = sofar - np.repeat(sofar[self.first] - stays[self.first], self.counts) > 1
        self.terms = 2 * columns.context[start:end] + later
        self.diseases = columns.disease[start:end] - columns.disease[start:end].min()
        self._standing: dict[str, Ints] = {}

    def ranks(self) -> Iterator["_Rank"]:
        """Yield the first claims of all person-years, then the second of those with two."""
        busiest = self.first[np.argsort(-self.counts, kind="stable")]
        having = np.bincount(self.counts)[::-1].cumsum()[::-1]
        for rank, size in enumerate(having[1:].tolist()):
            yield _Rank(self, busiest[:size] + rank)

    def standing(self, name: str, *, per_disease: bool = False) -> Ints:
        """Return a counter of every person-year, or of each of their diseases; zero at first."""
        found = self._standing.get(name)
        if found is None:
            size = int(self.diseases.max()) + 1 if per_disease else len(self.first)
            found = self._standing[name] = np.zeros(size, dtype=np.int64)
        return found


class _Rank:
    """One claim of each of the first person-years of a block, going through the layers."""

    def __init__(self, block: _Block, rows: Ints) -> None:
        self.block, self.rows = block, rows + block.start
        self.terms, self.disease = block.terms[rows], block.diseases[rows]
        self.total_fee = block.columns.total_fee[self.rows]
        self.in_scope = block.columns.in_scope[self.rows]
        self.remainder = self.in_scope.copy()

    def settle(self, table: LayerTable) -> None:
        """Let one layer pay for the claims that it applies to."""
        at = np.flatnonzero(table.applies[self.terms])
        if not len(at):
            return
        if table.layer.measures == "input":
            self._take_input(table.layer.fund, at)
            return
        terms = self.terms[at]
        after = self._measured(table.layer.measures)[at]
        after[table.barred[terms] == 1] = 0
        before = np.zeros_like(after)
        if table.layer.per_year:
            standing = self.block.standing(table.layer.id)
            before = standing[at]
            after += before
            standing[at] = after
        paid = np.flatnonzero(table.covered[terms])
        left = self.remainder[at]
        pay = np.zeros_like(after)
        if len(paid):
            pay[paid] = self._pay(table, at[paid], terms[paid], before[paid], after[paid])
        self._book(table, at, terms, left, pay)

    def _take_input(self, fund: str, at: Ints) -> None:
        """Take what a hospital or insurer gives as stated; above the remainder it is an error (C11)."""
        given = getattr(self.block.columns, fund)[self.rows[at]]
        self.block.payments.wrong[self.rows[at]] |= given > self.remainder[at]
        self.block.payments.pays[fund][self.rows[at]] += given
        self.remainder[at] = np.maximum(self.remainder[at] - given, 0)

    def _measured(self, measures: str) -> Ints:
        if measures == OUT_OF_CATALOGUE:
            return self.block.columns.out_of_catalogue[self.rows]
        return self.in_scope if measures == "in_scope" else self.remainder

    def _pay(self, table: LayerTable, at: Ints, terms: Ints, before: Ints, after: Ints) -> Ints:
        """Return what schedule, floor, guarantee and caps give, for rows that are covered."""
        deductible, starts = self._starts(table, at, terms)
        growths = [growth[terms] for growth in table.growths]
        whole = _same(table.whole, terms)
        due = _exact(starts, growths, after)
        if table.layer.catches_up:
            paid = self.block.standing(f"{table.layer.id}/paid")[at]
            due = np.maximum(_rounded(due, whole) - paid, 0)
        elif not table.layer.per_year:
            due = _rounded(due, whole)
        elif table.layer.telescoped:
            due = _rounded(due, whole) - _rounded(_exact(starts, growths, before), whole)
        else:
            due = _rounded(due - _exact(starts, growths, before), whole)
        if table.floor_bp is not None:
            above = np.maximum(self.total_fee[at] * SCALE - deductible, 0)
            floor = np.maximum(table.floor_bp[terms], 0)
            due = np.maximum(due, _rounded(above * floor, FULL_BP * SCALE))
        if table.guarantee_bp is not None:
            due = self._lift(table, at, terms, due)
        if table.layer.catches_up:
            due = np.minimum(due, self.remainder[at])
        for limit in table.limits:
            used = self.block.standing(f"cap/{limit.name}", per_disease=limit.per_disease)
            counter = self.disease[at] if limit.per_disease else at
            due = np.minimum(due, np.maximum(limit.fen[terms] - used[counter], 0))
        return due

    def _starts(self, table: LayerTable, at: Ints, terms: Ints) -> tuple[Ints, list[Ints]]:
        """Return the deductible of each row and where its segments begin (fen / SCALE)."""
        deductible = table.deductible[terms]
        if table.share is None:
            return deductible, [start[terms] for start in table.starts]
        share = self.total_fee[at] * table.share.ratio_bp[terms]
        share = np.clip(share, table.share.least[terms], table.share.most[terms])
        deductible = np.where(table.share.ratio_bp[terms] > 0, share, deductible)
        absolute = table.absolute[terms]
        return deductible, [begin(deductible, absolute, offset[terms]) for offset in table.offsets]

    def _lift(self, table: LayerTable, at: Ints, terms: Ints, due: Ints) -> Ints:
        """Raise a payment until all layers together reach the guaranteed share."""
        ratio = table.guarantee_bp[terms]  # type: ignore[index]
        left = self.remainder[at]
        whole, reached = self.in_scope[at], self.in_scope[at] - left
        yearly = table.guaranteed_per_year[terms] == 1
        if yearly.any():
            whole = whole + yearly * self.block.standing(f"{table.layer.id}/whole")[at]
            reached = reached + yearly * self.block.standing(f"{table.layer.id}/reached")[at]
        lifted = np.minimum(np.maximum(due, _rounded(whole * ratio, FULL_BP) - reached), left)
        return np.where(ratio >= 0, lifted, due)

    def _book(self, table: LayerTable, at: Ints, terms: Ints, left: Ints, pay: Ints) -> None:
        """Add payments to funds, layers and caps, and take them off what is left."""
        layer, block = table.layer, self.block
        block.payments.pays[layer.fund][self.rows[at]] += pay
        for limit in table.limits:
            counter = self.disease[at] if limit.per_disease else at
            block.standing(f"cap/{limit.name}", per_disease=limit.per_disease)[counter] += pay
        if layer.catches_up:
            block.standing(f"{layer.id}/paid")[at] += pay
        if table.guarantee_bp is not None:
            held = table.guarantee_bp[terms] >= 0
            whole = self.in_scope[at]
            block.standing(f"{layer.id}/whole")[at] += held * whole
            block.standing(f"{layer.id}/reached")[at] += held * (whole - left + pay)
        if layer.measures != OUT_OF_CATALOGUE:
            self.remainder[at] = np.maximum(left - pay, 0)


def rounded(schedule: Schedule, amounts: Ints) -> Ints:
    """Return F of one schedule for many amounts in fen, rounded half up: what Schedule.rounded gives."""
    before = (0, *schedule.rates)
    growths = [rate - last for rate, last in zip(schedule.rates, before, strict=False)]
    # Where every bound is a whole fen, the parts of a fen can be left out of the arithmetic.
    parts = 1 if any(start % SCALE for start in schedule.starts) else SCALE
    starts = [start // parts for start in schedule.starts]
    scale, whole = SCALE // parts, schedule.whole // parts
    found, above = np.empty_like(amounts), np.empty(CHUNK, dtype=np.int64)
    for at in range(0, len(amounts), CHUNK):
        taken = amounts[at : at + CHUNK] if scale == 1 else amounts[at : at + CHUNK] * scale
        total, over = found[at : at + CHUNK], above[: len(taken)]
        total[:] = whole // 2
        for start, growth in zip(starts, growths, strict=True):
            np.subtract(taken, start, out=over)
            np.maximum(over, 0, out=over)
            np.multiply(over, growth, out=over)
            np.add(total, over, out=total)
        np.floor_divide(total, whole, out=total)
    return found


def _exact(starts: Sequence[int | Ints], growths: Sequence[int | Ints], amounts: Ints) -> Ints:
    """Return F(amount): each segment adds the growth of the rate above where it begins."""
    scaled = amounts * SCALE
    total = np.zeros_like(scaled)
    for start, growth in zip(starts, growths, strict=True):
        above = scaled - start
        np.maximum(above, 0, out=above)
        above *= growth
        total += above
    return total


def _rounded(exact: Ints, whole: int | Ints) -> Ints:
    """Round half up, as Schedule does; ``whole`` is even."""
    return (exact + whole // 2) // whole


def _same(values: Ints, terms: Ints) -> int | Ints:
    """Return one number where all are the same: dividing by it is several times faster."""
    return int(values[0]) if (values == values[0]).all() else values[terms]
