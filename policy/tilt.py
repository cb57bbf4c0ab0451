"""What the poverty rules added to a claim, in five parts (C17), for the family and the auditor.

One parameter at a time is switched from an ordinary person's to this person's, in a fixed order,
with the accumulators before the claim as they were: deductible and ratio of basic insurance, then
deductible, ratio and cap of critical illness insurance on the base that is really left.
"""

from dataclasses import astuple, dataclass, fields
from itertools import pairwise

from contracts.money import FULL_BP, format_yuan, grouped_yuan, round_half_up
from policy.engine import SETTLEMENT, Decision
from policy.facts import NONE, Claim
from policy.pack import Pack
from policy.schedule import SCALE, schedule_from
from policy.terms import LayerTerms
from policy.trail import TrailLine

PARTS_ZH = {
    "bmi_deductible": "降低基本医保起付线",
    "bmi_ratio": "提高基本医保报销比例",
    "cii_deductible": "降低或取消大病保险起付线",
    "cii_ratio": "提高大病保险支付比例",
    "cii_cap": "取消大病保险封顶线",
}


@dataclass(frozen=True, slots=True)
class Tilt:
    """What each poverty rule added, in fen. The first two sum to the gain in basic insurance."""

    bmi_deductible: int = 0
    bmi_ratio: int = 0
    cii_deductible: int = 0
    cii_ratio: int = 0
    cii_cap: int = 0

    def __add__(self, other: "Tilt") -> "Tilt":
        return Tilt(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def zh(self) -> list[str]:
        """Say each part that added something: ``提高基本医保报销比例，多报销500.00元``."""
        return [
            f"{PARTS_ZH[part.name]}，多报销{grouped_yuan(fen)}元"
            for part in fields(self)
            if (fen := getattr(self, part.name))
        ]

    def in_yuan(self) -> dict[str, str]:
        """Return the parts as decimal strings of yuan."""
        return {part.name: format_yuan(getattr(self, part.name)) for part in fields(self)}


def tilt(pack: Pack, claim: Claim, decision: Decision) -> Tilt:
    """Return what the decided category added; the decision must have been made with its trail."""
    theirs, ordinary = (
        pack.terms(SETTLEMENT, claim, category, decision.admission)
        for category in (decision.category, NONE)
    )
    lines = {line.layer: line for line in decision.trail}
    total = Tilt()
    for poor, plain in zip(theirs, ordinary, strict=True):
        line = lines.get(poor.layer.id)
        if line is not None and poor.layer.fund in {"bmi", "cii"}:
            total += _of_layer(claim, line, poor, plain)
    return total


def _of_layer(claim: Claim, line: TrailLine, poor: LayerTerms, plain: LayerTerms) -> Tilt:
    steps = [
        _pay(claim, line, deductible, rates, caps)
        for deductible, rates, caps in (
            (plain, plain, plain),
            (poor, plain, plain),
            (poor, poor, plain),
            (poor, poor, poor),
        )
    ]
    by_deductible, by_ratio, by_cap = (after - before for before, after in pairwise(steps))
    if poor.layer.fund == "bmi":
        return Tilt(bmi_deductible=by_deductible, bmi_ratio=by_ratio + by_cap)
    return Tilt(cii_deductible=by_deductible, cii_ratio=by_ratio, cii_cap=by_cap)


def _pay(
    claim: Claim, line: TrailLine, deductible: LayerTerms, rates: LayerTerms, caps: LayerTerms
) -> int:
    """Return the layer's payment with deductible, rates and caps taken from different persons."""
    start = deductible.starts_at(claim.total_fee)
    schedule = schedule_from(start, rates.segments, absolute=rates.absolute)
    due = schedule.growth(line.before, line.after, telescoped=rates.layer.telescoped)
    if rates.floor is not None:
        above = max(0, claim.total_fee * SCALE - start)
        due = max(due, round_half_up(above * (rates.floor.value or 0), FULL_BP * SCALE))
    for limit, used in zip(caps.limits, line.used, strict=True):
        if limit.fen is not None:
            due = min(due, max(0, limit.fen - used))
    return due
