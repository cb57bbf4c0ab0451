"""What every value of a pack has: when it holds, for which claims, and where it comes from."""

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar

VERIFIED = frozenset({"S", "P(h)"})
"""Only these marks may be shown as an official rule; all else is shown as 未核实."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from: document, clause, provenance mark (S, P, R, A), line of the pack."""

    document: str
    clause: str
    mark: str
    line: int = 0

    @property
    def verified(self) -> bool:
        """Tell whether a person may be shown this as an official rule."""
        return self.mark in VERIFIED

    @property
    def cited(self) -> str:
        """The clause as a person sees it, marked where nobody has verified it."""
        doubt = "" if self.verified else "〔未核实〕"
        return f"{self.document}：{self.clause}{doubt}"


@dataclass(frozen=True, slots=True)
class Dated:
    """Common to all values. ``when``: condition → the values it allows; both days included."""

    when: MappingProxyType[str, frozenset[Any]]
    valid_from: date
    valid_to: date | None
    source: Source

    def applies(self, day: date, context: dict[str, Any]) -> bool:
        """Tell whether the value holds on a day for a claim in this context."""
        if day < self.valid_from or (self.valid_to is not None and day > self.valid_to):
            return False
        return all(context[key] in wanted for key, wanted in self.when.items())

    def overlaps(self, other: "Dated") -> bool:
        """Tell whether there is a day on which both hold."""
        ends = [one.valid_to or date.max for one in (self, other)]
        return max(self.valid_from, other.valid_from) <= min(ends)


@dataclass(frozen=True, slots=True)
class Amount(Dated):
    """A cap in fen (None: no cap), or a ratio in basis points for a floor or guarantee."""

    value: int | None


Value = TypeVar("Value", bound=Dated)


def the_one(values: tuple[Value, ...], day: date, context: dict[str, Any]) -> Value | None:
    """Return the value that holds; None if none does. The loader has refused overlaps."""
    return next((one for one in values if one.applies(day, context)), None)
