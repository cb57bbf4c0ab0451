"""Compares our counts with those that city or province sent: line by line, measure by measure (S3). Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from contracts.questions import CountLine
from services.gateway.columns import Words
from services.gateway.reading.cells import count_of
from services.gateway.reading.characters import tidy
from services.gateway.reading.table import Row
from services.gateway.refusals import RefusedError

MEASURES = ("roster", "enrolled", "subsidised", "justified", "missing")
NEEDED = ("township", "category")
FIELDS = frozenset({*NEEDED, *(f"{name}_count" for name in MEASURES)})


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure on which the two sides do not agree."""

    township: str
    category: str
    measure: str
    ours: int
    theirs: int


def differences(
    ours: Iterable[CountLine], theirs: Mapping[tuple[str, str], Mapping[str, int]]
) -> Iterator[Difference]:
    """Yield where the sides differ; a line that only one side has counts nobody on the other."""
    mine = {(line.township, line.category): line for line in ours}
    named = {name for line in theirs.values() for name in line}
    for township, category in sorted(mine.keys() | theirs.keys()):
        line, other = mine.get((township, category)), theirs.get((township, category), {})
        for measure in MEASURES:
            here = getattr(line, measure) if line else 0
            there = other.get(measure, 0)
            if measure in named and here != there:
                yield Difference(township, category, measure, here, there)


def read_counts(rows: Iterable[Row], words: Words) -> dict[tuple[str, str], dict[str, int]]:
    """Read the other side's table. Raises RefusedError for a line that cannot be compared."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        category, _ = words.category_of(row.text("category"))
        township = tidy(row.text("township"))
        if category is None or not township:
            reason = "unknown_category" if category is None else "township_empty"
            raise RefusedError(reason, detail=f"row {row.number}")
        counts = {name: _count(row, name) for name in MEASURES if tidy(row.text(f"{name}_count"))}
        if (township, category.value) in found:
            raise RefusedError("duplicate_row", detail=f"row {row.number}")
        found[township, category.value] = counts
    if not any(found.values()):
        raise RefusedError("no_valid_row")
    return found


def _count(row: Row, name: str) -> int:
    field = f"{name}_count"
    try:
        return count_of(row.text(field), field)
    except RefusedError as error:
        raise RefusedError(error.reason, field, detail=f"row {row.number}") from None
