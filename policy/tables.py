"""A layer's terms for many kinds of claims at once, as arrays that rows pick from by number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from policy.columns import Context, Ints
from policy.dated import Amount
from policy.pack import Pack
from policy.rules import Layer
from policy.schedule import SCALE, WHOLE
from policy.terms import LayerTerms

UNLIMITED = 1 << 62
_LATER = 2


@dataclass(frozen=True, slots=True)
class LimitColumn:
    """A cap of a layer: fen for each of the terms, UNLIMITED where there is none."""

    name: str
    per_disease: bool
    fen: Ints


@dataclass(frozen=True, slots=True)
class ShareColumns:
    """Deductibles that are a share of the bill: basis points (0: not a share), bounds in fen / SCALE."""

    ratio_bp: Ints
    least: Ints
    most: Ints


@dataclass(frozen=True, slots=True)
class LayerTable:
    """A layer for all terms; number 2k is context k at a first stay, 2k + 1 at a later one.

    ``offsets`` and ``growths``: for each segment where it begins (fen / SCALE, from zero or from the
    deductible) and by how much the rate grows there. ``starts``: the same from zero, where the
    deductible is no share of the bill. A ratio of -1 does not hold.
    """

    layer: Layer
    applies: Ints
    covered: Ints
    barred: Ints
    deductible: Ints
    absolute: Ints
    offsets: tuple[Ints, ...]
    starts: tuple[Ints, ...]
    growths: tuple[Ints, ...]
    whole: Ints
    share: ShareColumns | None
    floor_bp: Ints | None
    guarantee_bp: Ints | None
    guaranteed_per_year: Ints
    limits: tuple[LimitColumn, ...]


def table_of(pack: Pack, layer: Layer, contexts: Sequence[Context]) -> LayerTable:
    """Compile a layer for each context, at a first and at a later stay."""
    found = [
        _terms(pack, layer, context, admission) for context in contexts for admission in (1, _LATER)
    ]
    covered = [terms is not None and terms.schedule is not None for terms in found]
    segments = [_steps(terms) if paid else [] for terms, paid in zip(found, covered, strict=True)]
    longest = max(map(len, segments), default=0)
    padded = [steps + [(0, 0)] * (longest - len(steps)) for steps in segments]
    deductible = _ints(terms.deductible if terms else 0 for terms in found)
    absolute = _ints(terms is not None and terms.absolute for terms in found)
    offsets = tuple(_ints(steps[j][0] for steps in padded) for j in range(longest))
    return LayerTable(
        layer=layer,
        applies=_ints(terms is not None for terms in found),
        covered=_ints(
            paid and terms is not None and not terms.barred
            for terms, paid in zip(found, covered, strict=True)
        ),
        barred=_ints(terms is not None and terms.barred for terms in found),
        deductible=deductible,
        absolute=absolute,
        offsets=offsets,
        starts=tuple(begin(deductible, absolute, offset) for offset in offsets),
        growths=tuple(_ints(steps[j][1] for steps in padded) for j in range(longest)),
        whole=_ints(terms.whole if terms else WHOLE for terms in found),
        share=_share(found),
        floor_bp=_ratio([terms.floor if terms else None for terms in found]),
        guarantee_bp=_ratio([terms.guarantee if terms else None for terms in found]),
        guaranteed_per_year=_ints(
            terms is not None and terms.guarantee is not None and terms.guarantee.per_year
            for terms in found
        ),
        limits=_limits(layer, found),
    )


def begin(deductible: Ints, absolute: Ints, offset: Ints) -> Ints:
    """Return where a segment begins, counted from zero (C7)."""
    return np.where(absolute == 1, np.maximum(deductible, offset), deductible + offset)


def _terms(pack: Pack, layer: Layer, context: Context, admission: int) -> LayerTerms | None:
    claim, category = context
    terms = pack.terms(layer.stage, claim, category, admission)
    return next((one for one in terms if one.layer.id == layer.id), None)


def _steps(terms: LayerTerms | None) -> list[tuple[int, int]]:
    """Return where each rate begins (fen / SCALE, from zero or from the deductible), and its growth."""
    if terms is None:
        return []
    steps, begins, rate_before = [], 0, 0
    for upper, rate in terms.segments:
        steps.append((begins, rate - rate_before))
        rate_before = rate
        begins = begins if upper is None else upper * SCALE
    if terms.segments[-1][0] is not None:
        steps.append((begins, -rate_before))
    return steps


def _share(found: Sequence[LayerTerms | None]) -> ShareColumns | None:
    shares = [terms.of_total if terms else None for terms in found]
    if not any(shares):
        return None
    return ShareColumns(
        _ints(share.ratio_bp if share else 0 for share in shares),
        _ints(share.least * SCALE if share else 0 for share in shares),
        _ints(
            share.most * SCALE if share and share.most is not None else UNLIMITED
            for share in shares
        ),
    )


def _ratio(amounts: Sequence[Amount | None]) -> Ints | None:
    """Return basis points, -1 where the ratio does not hold; None if it holds nowhere."""
    if not any(amounts):
        return None
    return _ints(-1 if amount is None else amount.value or 0 for amount in amounts)


def _limits(layer: Layer, found: Sequence[LayerTerms | None]) -> tuple[LimitColumn, ...]:
    return tuple(
        LimitColumn(
            cap.name,
            cap.per_disease,
            _ints(
                UNLIMITED if terms is None or terms.limits[i].fen is None else terms.limits[i].fen
                for terms in found
            ),
        )
        for i, cap in enumerate(layer.caps)
    )


def _ints(values: Iterable[int | None]) -> Ints:
    return np.fromiter((int(value or 0) for value in values), dtype=np.int64)
