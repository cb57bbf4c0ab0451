"""The rules of a layer as the pack states them: deductible, rates, factors, caps, floors, bars."""

from dataclasses import dataclass

from policy.dated import Amount, Dated


@dataclass(frozen=True, slots=True)
class ShareOfTotal:
    """A deductible that is a share of the bill. ``net``: of the bill less what the rule takes off."""

    ratio_bp: int
    least: int
    most: int | None
    net: bool


@dataclass(frozen=True, slots=True)
class Rule(Dated):
    """A deductible and the rates above it; ``covered`` False says plainly that nothing is paid."""

    covered: bool
    deductible: int
    of_total: ShareOfTotal | None
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
class Guarantee(Amount):
    """A share of the in-scope part that all layers reach together, per claim or over the year."""

    per_year: bool


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
    """One layer of protection: what it measures, over what, by which rules, under which caps.

    ``telescoped``: a claim gets the growth of the year's rounded sum (C8), not its own rounded part.
    ``catches_up``: a category gained in mid-year is paid as if held all year, less what was paid;
    otherwise a claim gets the growth under its own category's schedule (C12).
    """

    id: str
    fund: str
    stage: str
    kinds: frozenset[str]
    per_year: bool
    measures: str
    telescoped: bool
    catches_up: bool
    rules: tuple[Rule, ...]
    modifiers: tuple[Modifier, ...]
    caps: tuple[Cap, ...]
    floors: tuple[Amount, ...]
    guarantees: tuple[Guarantee, ...]
    barred: tuple[Dated, ...]
    line: int = 0

    def values(self) -> list[Dated]:
        """Return every dated value of the layer."""
        found: list[Dated] = [*self.rules, *self.modifiers, *self.floors, *self.guarantees]
        return [*found, *self.barred, *(limit for cap in self.caps for limit in cap.limits)]
