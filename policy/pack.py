"""A pack in memory: dated rules with conditions, compiled on demand into the terms of one claim."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from contracts.money import FULL_BP
from policy.facts import NONE, Claim, HeldIdentity
from policy.schedule import SCALE, Schedule, schedule_from


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from: document, clause, provenance mark (S, P, R, A)."""

    document: str
    clause: str
    mark: str
    line: int = 0

    @property
    def verified(self) -> bool:
        """Only S and P(h) may be shown as an official rule; all else is shown as 未核实."""
        return self.mark in {"S", "P(h)"}


@dataclass(frozen=True, slots=True)
class Dated:
    """Common to all values: when it holds, for which claims, and why."""

    when: MappingProxyType[str, frozenset[Any]]
    valid_from: date
    valid_to: date | None
    source: Source

    def applies(self, day: date, context: dict[str, Any]) -> bool:
        """Tell whether the value holds on a day for a claim in this context."""
        if day < self.valid_from or (self.valid_to is not None and day > self.valid_to):
            return False
        return all(context[key] in wanted for key, wanted in self.when.items())


@dataclass(frozen=True, slots=True)
class Rule(Dated):
    """A deductible and the rates above it; ``covered`` False says plainly that nothing is paid."""

    covered: bool
    deductible: int
    deductible_of_total: tuple[int, int, int | None] | None
    absolute: bool
    segments: tuple[tuple[int | None, int], ...]


@dataclass(frozen=True, slots=True)
class Modifier(Dated):
    """A factor on the deductible, or an addition to or factor on every rate (basis points)."""

    name: str
    deductible_factor_bp: int
    ratio_factor_bp: int
    ratio_add_bp: int
    exclusive: str


@dataclass(frozen=True, slots=True)
class Amount(Dated):
    """A cap in fen (None: no cap), or a ratio in basis points for a floor or guarantee."""

    value: int | None


@dataclass(frozen=True, slots=True)
class Cap:
    """A yearly limit on payments; layers that name the same cap share one counter.

    ``per_disease``: one counter for each disease instead.
    """

    name: str
    limits: tuple[Amount, ...]
    per_disease: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of protection: what it measures, over what, by which rules, under which caps."""

    id: str
    fund: str
    stage: str
    kinds: frozenset[str]
    per_year: bool
    measures: str
    rules: tuple[Rule, ...]
    modifiers: tuple[Modifier, ...]
    caps: tuple[Cap, ...]
    floors: tuple[Amount, ...]
    guarantees: tuple[Amount, ...]
    barred: tuple[Dated, ...]


@dataclass(frozen=True, slots=True)
class Premium:
    """What a coverage year costs a resident (fen), and what is paid for whom."""

    coverage_year: int
    full: int
    subsidies: MappingProxyType[str, int]


@dataclass(frozen=True, slots=True)
class LayerTerms:
    """A layer as it applies to claims of one context on one day."""

    layer: Layer
    schedule: Schedule | None
    deductible_of_total: tuple[int, int, int | None] | None
    segments: tuple[tuple[int | None, int], ...]
    absolute: bool
    limits: tuple[tuple[str, bool, int | None], ...]
    floor_bp: int | None
    guarantee_bp: int | None
    barred: bool
    source: Source | None
    modifiers: tuple[Modifier, ...]

    def schedule_for(self, total_fee: int) -> Schedule | None:
        """Return F, with the deductible that depends on the bill where the rule says so."""
        if self.deductible_of_total is None or self.schedule is None:
            return self.schedule
        ratio_bp, least, most = self.deductible_of_total
        deductible = max(total_fee * ratio_bp, least * SCALE)
        if most is not None:
            deductible = min(deductible, most * SCALE)
        return schedule_from(deductible, self.segments, absolute=self.absolute)


@dataclass(slots=True)
class Pack:
    """A county's policy for a period: what it pays, on which clause, from which day."""

    name: str
    version: str
    title: str
    area_code: str
    valid_from: date
    valid_to: date
    levels: dict[str, str]
    level_aliases: dict[str, str]
    areas: dict[str, str]
    areas_without_level: frozenset[str]
    priority: tuple[str, ...]
    layers: tuple[Layer, ...]
    premium: Premium | None
    epochs: tuple[date, ...]
    _terms: dict[tuple[Any, ...], tuple[LayerTerms, ...]] = field(default_factory=dict)
    _rank: dict[str, int] = field(default_factory=dict)

    def covers(self, day: date) -> bool:
        """Tell whether a claim of this day falls into the pack's period (C18)."""
        return self.valid_from <= day <= self.valid_to

    def decisive_category(self, identities: tuple[HeldIdentity, ...], day: date) -> str:
        """Return the one category that decides on a day: the highest, never two (就高不就低)."""
        if not self._rank:
            self._rank = {name: i for i, name in enumerate(self.priority)}
        best, best_rank = NONE, len(self._rank)
        for identity in identities:
            rank = self._rank.get(identity.category, best_rank)
            if rank < best_rank and identity.holds_on(day):
                best, best_rank = identity.category, rank
        return best

    def level_code(self, claim: Claim) -> str | None:
        """Return the pack's code of a claim's level; None if unknown here."""
        if claim.area in self.areas_without_level:
            return "*"
        if claim.level in self.levels:
            return claim.level
        return self.level_aliases.get(claim.level.upper().replace("-", "_").replace(" ", "_"))

    def terms(
        self, stage: str, claim: Claim, category: str, admission: int
    ) -> tuple[LayerTerms, ...]:
        """Return the layers of a stage in the pack's order, as they apply to this claim."""
        child = claim.age is not None and claim.age <= 14
        key = (
            stage, bisect_right(self.epochs, claim.discharge), claim.kind, self.level_code(claim),
            claim.area, category, admission > 1, child, claim.compliant, claim.referred,
        )  # fmt: skip
        found = self._terms.get(key)
        if found is None:
            context = {
                "kind": claim.kind, "level": key[3], "area": claim.area, "category": category,
                "admission": "later" if admission > 1 else "first", "child": child,
                "compliant": claim.compliant, "referred": claim.referred,
            }  # fmt: skip
            found = tuple(
                compile_layer(layer, claim.discharge, context)
                for layer in self.layers
                if layer.stage == stage and claim.kind in layer.kinds
            )
            self._terms[key] = found
        return found


class RuleError(Exception):
    """A pack that leaves a claim without exactly one rule."""


def compile_layer(layer: Layer, day: date, context: dict[str, Any]) -> LayerTerms:
    """Resolve the rule, factors, caps, floor and bars of a layer for one context."""
    if layer.measures == "input":
        return LayerTerms(
            layer=layer, schedule=None, deductible_of_total=None, segments=(), absolute=False,
            limits=(), floor_bp=None, guarantee_bp=None, barred=False, source=None, modifiers=(),
        )  # fmt: skip
    rules = [rule for rule in layer.rules if rule.applies(day, context)]
    if len(rules) != 1:
        lines = ", ".join(str(rule.source.line) for rule in rules)
        what = f"overlap (lines {lines})" if rules else "gap"
        shown = {key: value for key, value in context.items() if key in _dimensions(layer)}
        raise RuleError(f"layer {layer.id}: {what} on {day} for {shown}")
    rule = rules[0]
    modifiers = tuple(m for m in _strongest(layer.modifiers) if m.applies(day, context))
    modifiers = _without_compounding(modifiers)
    deductible, segments = _modified(rule, modifiers)
    schedule = schedule_from(deductible, segments, absolute=rule.absolute) if rule.covered else None
    return LayerTerms(
        layer=layer,
        schedule=schedule,
        deductible_of_total=rule.deductible_of_total,
        segments=segments,
        absolute=rule.absolute,
        limits=tuple(
            (cap.name, cap.per_disease, _single(cap.limits, day, context)) for cap in layer.caps
        ),
        floor_bp=_single(layer.floors, day, context),
        guarantee_bp=_single(layer.guarantees, day, context),
        barred=any(bar.applies(day, context) for bar in layer.barred),
        source=rule.source,
        modifiers=modifiers,
    )


def _strongest(modifiers: tuple[Modifier, ...]) -> tuple[Modifier, ...]:
    return tuple(sorted(modifiers, key=lambda m: m.deductible_factor_bp))


def _without_compounding(modifiers: tuple[Modifier, ...]) -> tuple[Modifier, ...]:
    """Of the modifiers that exclude one another, keep the first, which lowers the most."""
    kept: list[Modifier] = []
    seen: set[str] = set()
    for modifier in modifiers:
        if modifier.exclusive and modifier.exclusive in seen:
            continue
        seen.add(modifier.exclusive)
        kept.append(modifier)
    return tuple(kept)


def _modified(
    rule: Rule, modifiers: tuple[Modifier, ...]
) -> tuple[int, tuple[tuple[int | None, int], ...]]:
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
        raise RuleError(f"line {rule.source.line}: the deductible is finer than {SCALE} to a fen")
    segments = []
    for upper, rate in rule.segments:
        exact, rest = divmod(rate * factor_numerator, factor_denominator)
        if rest:
            raise RuleError(f"line {rule.source.line}: the rate is no whole number of basis points")
        segments.append((upper, min(max(exact + add, 0), FULL_BP)))
    return deductible, tuple(segments)


def _single(amounts: tuple[Amount, ...], day: date, context: dict[str, Any]) -> int | None:
    found = [amount for amount in amounts if amount.applies(day, context)]
    if len(found) > 1:
        lines = ", ".join(str(amount.source.line) for amount in found)
        raise RuleError(f"two values hold on {day} (lines {lines})")
    return found[0].value if found else None


def _dimensions(layer: Layer) -> set[str]:
    values: list[Dated] = [*layer.rules, *layer.modifiers, *layer.floors, *layer.guarantees]
    values += [limit for cap in layer.caps for limit in cap.limits]
    return {key for value in values for key in value.when} | {"category"}
