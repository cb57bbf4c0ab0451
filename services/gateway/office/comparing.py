"""Compares our counts with those that city or province sent: line by line, measure by measure (S3). Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from contracts.questions import CountLine
from services.gateway.intake.reading.cells import count_of
from services.gateway.intake.reading.characters import tidy
from services.gateway.intake.reading.columns import Words
from services.gateway.intake.reading.table import Row
from services.gateway.refusals import RefusedError

MEASURES = ("roster", "enrolled", "subsidised", "justified", "missing")
NEEDED = ("township", "category")
FIELDS = frozenset({*NEEDED, *(f"{name}_count" for name in MEASURES)})


COUNTY = "全县"
WHOLE_COUNTY = frozenset(
    {
        "全县",
        "全区",
        "全市",
        "本县",
        "县级",
        "县本级",
        "县小计",
        "县合计",
        "合计",
        "小计",
        "总计",
        "全部",
    }
)
ALL_CATEGORIES = frozenset({"全部", "全部类别", "全部人员", "不分类别", "合计", "小计", "总计"})
"""A line over all categories is a sum of others, and not compared."""


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
    """Yield where the sides differ; a line that only one side has counts nobody on the other.

    A line of the other side for the whole county is held against the sum over our townships.
    """
    whole = bool(theirs) and all(township == COUNTY for township, _ in theirs)
    mine: dict[tuple[str, str], Counter[str]] = {}
    for line in ours:
        counts = {measure: getattr(line, measure) for measure in MEASURES}
        if not whole:
            mine.setdefault((line.township, line.category), Counter()).update(counts)
        if whole or (COUNTY, line.category) in theirs:
            mine.setdefault((COUNTY, line.category), Counter()).update(counts)
    named = {name for line in theirs.values() for name in line}
    for township, category in sorted(mine.keys() | theirs.keys()):
        here, there = (side.get((township, category), {}) for side in (mine, theirs))
        for measure in MEASURES:
            if measure in named and here.get(measure, 0) != there.get(measure, 0):
                yield Difference(
                    township, category, measure, here.get(measure, 0), there.get(measure, 0)
                )


def read_counts(
    rows: Iterable[Row], words: Words, county: str = ""
) -> dict[tuple[str, str], dict[str, int]]:
    """Read the other side's table; ``county``: how it may call the whole of it.

    Raises RefusedError for a line that cannot be compared.
    """
    found: dict[tuple[str, str], dict[str, int]] = {}
    for row in rows:
        if tidy(row.text("category")) in ALL_CATEGORIES:
            continue
        category, _ = words.category_of(row.text("category"))
        township = tidy(row.text("township"))
        township = COUNTY if township in WHOLE_COUNTY | {county} - {""} else township
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
