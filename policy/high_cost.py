"""What a family pays itself in a year, and when that is reported (高额费用监测, S4). Pure.

What is counted: the whole fee, or its in-scope part where the line says so, less basic insurance,
critical-illness insurance and medical assistance; before tilted assistance.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from policy.dated import the_one
from policy.engine import pack_of
from policy.pack import HighCostLine, Pack

TRIPLE = ("bmi", "cii", "medical_assistance")


def line_of(packs: Sequence[Pack], day: date, provider: str) -> HighCostLine | None:
    """Return the line of a discharge day; None where no pack covers it, or its pack has none."""
    pack = pack_of(packs, day, provider)
    return None if pack is None else the_one(pack.high_cost, day, {})


def own_part(line: HighCostLine, total_fee: int, in_scope: int, pays: Mapping[str, int]) -> int:
    """Return what is left of a bill (fen) after triple protection; ``pays``: fund → fen."""
    whole = in_scope if line.in_scope_only else total_fee
    return whole - sum(pays.get(fund, 0) for fund in TRIPLE)
