"""A layer as it applies to one kind of claim on one day: its schedule, caps, floor and bars."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from contracts.money import FULL_BP
from policy.dated import Amount, Source, the_one
from policy.rules import Cap, Guarantee, Layer, Modifier, Rule, ShareOfTotal
from policy.schedule import RATE_FULL, SCALE, WHOLE, Schedule, schedule_from

Segments = tuple[tuple[int | None, int], ...]


FINE = "the factors must leave whole hundred-thousandths, and ten-thousandths of a fen"
_PER_BP = RATE_FULL // FULL_BP
ONE_RULE = "exactly one rule for every claim; 'covered: false' says that nothing is paid"


class RuleError(Exception):
    """A pack that leaves a claim without exactly one rule: line of the pack, problem, hint."""

    def __init__(self, line: int, problem: str, hint: str = ONE_RULE) -> None:
        super().__init__(problem)
        self.line = line
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Limit:
    """What a cap allows in a year (fen; None: no cap) in one context."""

    name: str
    per_disease: bool
    fen: int | None
    source: Source | None

    def counter(self, disease: str) -> str:
        """Return the name of the counter that a claim uses up."""
        return f"{self.name}/{disease}" if self.per_disease else self.name


@dataclass(frozen=True, slots=True)
class LayerTerms:
    """What a layer gives to claims of one context. Deductible in fen / SCALE, rates of RATE_FULL.

    ``schedule`` None: the layer pays nothing.
    """

    layer: Layer
    schedule: Schedule | None
    of_total: ShareOfTotal | None
    deductible: int
    segments: Segments
    absolute: bool
    limits: tuple[Limit, ...]
    floor: Amount | None
    guarantee: Guarantee | None
    barred_by: Source | None
    source: Source | None
    modifiers: tuple[Modifier, ...]

    @property
    def barred(self) -> bool:
        """Tell whether the claim is shut out: nothing is paid, nothing accumulates (C9)."""
        return self.barred_by is not None

    def schedule_for(self, total_fee: int) -> Schedule | None:
        """Return F, with the deductible that depends on the bill where the rule says so."""
        if self.of_total is None or self.schedule is None:
            return self.schedule
        start = self.starts_at(total_fee)
        return schedule_from(start, self.segments, absolute=self.absolute, whole=self.whole)

    def starts_at(self, total_fee: int) -> int:
        """Return the deductible of a bill (fen / SCALE)."""
        share = self.of_total
        if share is None:
            return self.deductible
        start = max(total_fee * share.ratio_bp, share.least * SCALE)
        return start if share.most is None else min(start, share.most * SCALE)

    @property
    def whole(self) -> int:
        """Return what a fen of payment weighs: less where the share is of the net bill."""
        share = self.of_total
        if share is None or not share.net:
            return WHOLE
        return WHOLE // FULL_BP * (FULL_BP - share.ratio_bp)


def compile_layer(layer: Layer, day: date, context: dict[str, Any]) -> LayerTerms:
    """Resolve the rule, factors, caps, floor and bars of a layer for one context.

    Raises RuleError unless exactly one rule holds.
    """
    if layer.measures == "input":
        return LayerTerms(
            layer=layer, schedule=None, of_total=None, deductible=0, segments=(), absolute=False,
            limits=(), floor=None, guarantee=None, barred_by=None, source=None, modifiers=(),
        )  # fmt: skip
    rule = the_rule(layer, day, context)
    modifiers = _without_compounding([m for m in layer.modifiers if m.applies(day, context)])
    deductible, segments = _modified(rule, modifiers)
    schedule = schedule_from(deductible, segments, absolute=rule.absolute) if rule.covered else None
    return LayerTerms(
        layer=layer,
        schedule=schedule,
        of_total=rule.of_total,
        deductible=deductible,
        segments=segments,
        absolute=rule.absolute,
        limits=tuple(_limit(cap, day, context) for cap in layer.caps),
        floor=the_one(layer.floors, day, context),
        guarantee=the_one(layer.guarantees, day, context),
        barred_by=next((bar.source for bar in layer.barred if bar.applies(day, context)), None),
        source=rule.source,
        modifiers=modifiers,
    )


def _limit(cap: Cap, day: date, context: dict[str, Any]) -> Limit:
    amount = the_one(cap.limits, day, context)
    fen, source = (None, None) if amount is None else (amount.value, amount.source)
    return Limit(cap.name, cap.per_disease, fen, source)


def the_rule(layer: Layer, day: date, context: dict[str, Any]) -> Rule:
    """Return the one rule of a layer that holds. Raises RuleError for none or two."""
    rules = [rule for rule in layer.rules if rule.applies(day, context)]
    if len(rules) == 1:
        return rules[0]
    asked = sorted({key for rule in layer.rules for key in rule.when})
    whom = ", ".join(f"{key} {context[key]}" for key in asked) or "every claim"
    if rules:
        lines = " and ".join(str(rule.source.line) for rule in rules)
        problem = f"layer {layer.id}: overlap on {day} for {whom}: lines {lines} both hold"
        raise RuleError(rules[1].source.line, problem)
    raise RuleError(layer.line, f"layer {layer.id}: gap on {day} for {whom}: no rule holds")


def _without_compounding(modifiers: list[Modifier]) -> tuple[Modifier, ...]:
    """Of the modifiers that exclude one another, keep the one that lowers the most."""
    kept: list[Modifier] = []
    seen: set[str] = set()
    for modifier in sorted(modifiers, key=lambda m: m.deductible_factor_bp):
        if modifier.exclusive and modifier.exclusive in seen:
            continue
        seen.add(modifier.exclusive)
        kept.append(modifier)
    return tuple(kept)


def _modified(rule: Rule, modifiers: tuple[Modifier, ...]) -> tuple[int, Segments]:
    """Apply factors, then additions; a rate stays within 0..100 % (C5)."""
    numerator, denominator = rule.deductible, 1
    factor_numerator, factor_denominator, add = 1, 1, 0
    for modifier in modifiers:
        numerator *= modifier.deductible_factor_bp
        denominator *= FULL_BP
        factor_numerator *= modifier.ratio_factor_bp
        factor_denominator *= FULL_BP
        add += modifier.ratio_add_bp
    deductible, rest = divmod(numerator * SCALE, denominator)
    if rest:
        raise RuleError(rule.source.line, "the deductible is too fine", FINE)
    segments = []
    for upper, rate in rule.segments:
        exact, rest = divmod(rate * _PER_BP * factor_numerator, factor_denominator)
        if rest:
            raise RuleError(rule.source.line, "the rate is too fine", FINE)
        segments.append((upper, min(max(exact + add * _PER_BP, 0), RATE_FULL)))
    return deductible, tuple(segments)
