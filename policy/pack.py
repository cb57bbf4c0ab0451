"""A pack in memory: a county's dated, cited values, as the notice states them."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from policy.dated import Dated, Source
from policy.duties import Duties
from policy.facts import NONE, Claim, HeldIdentity
from policy.premium import PremiumRules
from policy.rules import Layer
from policy.terms import LayerTerms, compile_layer

COMMON = "common"
"""The class of a disease that the pack does not list."""


@dataclass(frozen=True, slots=True)
class HighCostLine(Dated):
    """When a family's own payments of a year are reported: the line (fen) and how it is read (S4)."""

    threshold: int
    at_line: bool
    in_scope_only: bool

    def is_reached(self, fen: int) -> bool:
        """Tell whether a year's own payments are to be reported."""
        return fen > self.threshold or (self.at_line and fen == self.threshold)


@dataclass(frozen=True, slots=True)
class Cliff:
    """A place where a higher category is worse off than a lower one, named rather than hidden."""

    higher: str
    lower: str
    why: str
    source: Source


@dataclass(frozen=True, slots=True)
class Statement(Dated):
    """A clause that pays no money through a claim, kept so that the pack reads like the notice."""

    topic: str
    says: str


@dataclass(slots=True, repr=False)
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
    disease_classes: dict[str, str]
    priority: tuple[str, ...]
    layers: tuple[Layer, ...]
    premiums: PremiumRules
    high_cost: tuple[HighCostLine, ...]
    cliffs: tuple[Cliff, ...]
    statements: tuple[Statement, ...]
    epochs: tuple[date, ...]
    duties: Duties = field(default_factory=Duties)
    _terms: dict[tuple[Any, ...], tuple[LayerTerms, ...]] = field(default_factory=dict)
    _rank: dict[str, int] = field(default_factory=dict)
    _reads_level: dict[tuple[int, str, str], bool] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<pack {self.version}>"

    def covers(self, day: date) -> bool:
        """Tell whether a claim of this day falls into the pack's period (C18)."""
        return self.valid_from <= day <= self.valid_to

    def is_for(self, provider: str) -> bool:
        """Tell whether a hospital's number (H, area code of six digits, …) lies in the pack's area."""
        area = provider.lstrip("Hh")[:6]
        ours = (
            self.area_code.removesuffix("00") if self.area_code.endswith("00") else self.area_code
        )
        return len(area) == 6 and area.startswith(ours)

    def reads_level(self, claim: Claim) -> bool:
        """Tell whether any rule in force for a claim's kind and area asks for the hospital's level."""
        key = (bisect_right(self.epochs, claim.discharge), claim.kind, claim.area)
        known = self._reads_level.get(key)
        if known is None:
            known = self._reads_level[key] = any(
                "level" in value.when and self._is_in_question(value, claim)
                for layer in self.layers
                if claim.kind in layer.kinds
                for value in layer.values()
            )
        return known

    @staticmethod
    def _is_in_question(value: Dated, claim: Claim) -> bool:
        asked = {"kind": claim.kind, "area": claim.area}
        ends = value.valid_to or date.max
        return value.valid_from <= claim.discharge <= ends and all(
            asked[name] in wanted for name, wanted in value.when.items() if name in asked
        )

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

    def context(self, claim: Claim, category: str, admission: int) -> dict[str, Any]:
        """Return what the conditions of rules may ask about a claim."""
        return {
            "kind": claim.kind,
            "level": self.level_code(claim),
            "area": claim.area,
            "category": category,
            "admission": "later" if admission > 1 else "first",
            "child": claim.age is not None and claim.age <= 14,
            "compliant": claim.compliant,
            "referred": claim.referred,
            "disease": self.disease_classes.get(claim.disease, COMMON),
        }

    def likeness(self, claim: Claim) -> tuple[Any, ...]:
        """Return what decides a claim's terms besides category and admission."""
        return (
            bisect_right(self.epochs, claim.discharge), claim.kind, self.level_code(claim),
            claim.area, claim.age is not None and claim.age <= 14, claim.compliant, claim.referred,
            self.disease_classes.get(claim.disease, COMMON),
        )  # fmt: skip

    def terms(
        self, stage: str, claim: Claim, category: str, admission: int
    ) -> tuple[LayerTerms, ...]:
        """Return the layers of a stage in the pack's order, as they apply to this claim."""
        key = (stage, category, admission > 1, *self.likeness(claim))
        found = self._terms.get(key)
        if found is None:
            context = self.context(claim, category, admission)
            found = tuple(
                compile_layer(layer, claim.discharge, context)
                for layer in self.layers
                if layer.stage == stage and claim.kind in layer.kinds
            )
            self._terms[key] = found
        return found
