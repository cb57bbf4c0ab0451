"""Finds the header of a list: below titles, over one line or two, in a department's own words. Pure."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.gateway.intake.reading.characters import clean, is_numberlike
from services.gateway.intake.reading.sheets import Cells, NoValue
from services.gateway.refusals import RefusedError

SEARCHED_ROWS = 12
FieldOf = Callable[[str], str | None]
"""What a column is called → our field, or None for a column that nobody asked for."""
MUST_BE_ONE = frozenset({"name", "id_number", "amount"})
"""Of these nobody can say which of two columns is meant; of others the one that is named first."""


@dataclass(frozen=True, slots=True)
class Columning:
    """How columns are told: what each is, and which of two that mean the same is preferred."""

    field_of: FieldOf
    rank_of: Callable[[str], int] = lambda _: 0


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns of a list are. ``labels``: what each column is called in the file.

    ``rows``: how many of the looked-at rows are above the first person, the header itself included.
    """

    at: Mapping[str, int]
    labels: tuple[str, ...]
    rows: int

    def read(self) -> list[str]:
        """Return the columns that are read, as the file calls them."""
        return [self.labels[column] for column in sorted(self.at.values())]

    def unread(self) -> list[str]:
        """Return the columns that are not read, as the file calls them."""
        known = set(self.at.values())
        return [label for column, label in enumerate(self.labels) if label and column not in known]


def find_header(
    rows: Sequence[Cells], needed: Sequence[str], columning: Columning
) -> Header | None:
    """Return the header among the first rows; None if there is none.

    Raises RefusedError with ``duplicate_header``.
    """
    for number, cells in enumerate(rows):
        below = rows[number + 1] if number + 1 < len(rows) else []
        chosen = _chosen(cells, below, number, needed, columning)
        if chosen is not None and not absent(chosen.at, needed):
            _refuse_twice(chosen, columning.field_of)
            return _without_second_choice(chosen, needed)
    return None


def _chosen(
    cells: Cells, below: Cells, number: int, needed: Sequence[str], columning: Columning
) -> Header | None:
    """Return the header that a row is, alone or with the row below it."""
    one = _header([_text(cell) for cell in cells], number + 1, columning)
    if not below:
        return one
    labels = _two_lines(cells, below, columning.field_of)
    two = _header(labels, number + 2, columning)
    if one is None and two is None:
        return None
    if two is not None and _is_second_line(below, columning.field_of):
        return two
    alone_is_enough = one is not None and not absent(one.at, needed)
    numbers = any(is_numberlike(_text(cell)) for cell in below)
    if two is not None and not alone_is_enough and not numbers and not absent(two.at, needed):
        return two
    return one


def missing_of(
    rows: Sequence[Cells], needed: Sequence[str], field_of: FieldOf
) -> tuple[list[str], list[str]]:
    """Return (fields that no header has, labels of the row that is most like one)."""
    best: tuple[list[str], list[str]] = (list(needed), [])
    for number, cells in enumerate(rows):
        labels = [_text(cell) for cell in cells]
        pair = [labels]
        if number + 1 < len(rows):
            pair.append(_two_lines(cells, rows[number + 1], field_of))
        for line in pair:
            found = {field_of(label) for label in line if label}
            missing = absent(found, needed)
            if len(missing) < len(best[0]):
                best = (missing, [label for label in line if label])
    return best


def _without_second_choice(header: Header, needed: Sequence[str]) -> Header:
    """Leave out a column that is only read where a better one is missing (``died|deregistered``)."""
    at = dict(header.at)
    for choice in needed:
        for name in [name for name in choice.split("|") if name in at][1:]:
            del at[name]
    return Header(at, header.labels, header.rows)


def absent(found: Container[str | None], needed: Sequence[str]) -> list[str]:
    """Return the needed fields that are not found; ``a|b``: one of the two is enough."""
    return [name for name in needed if not any(one in found for one in name.split("|"))]


def _text(cell: Any) -> str:
    return "" if isinstance(cell, NoValue) or cell is None else clean(str(cell))


def _header(labels: Sequence[str], rows: int, columning: Columning) -> Header | None:
    at: dict[str, int] = {}
    for column, label in enumerate(labels):
        field = columning.field_of(label) if label else None
        if field is not None and (
            field not in at or columning.rank_of(label) < columning.rank_of(labels[at[field]])
        ):
            at[field] = column
    return Header(at, tuple(labels), rows) if len(at) >= 2 else None


def _refuse_twice(header: Header, field_of: FieldOf) -> None:
    """Two columns that mean the same leave it open which one is meant."""
    for column, label in enumerate(header.labels):
        field = field_of(label) if label else None
        if field in MUST_BE_ONE and header.at[field] != column:
            both = f"{header.labels[header.at[field]]}、{label}"
            raise RefusedError("duplicate_header", field, detail=both)


def _two_lines(above: Cells, below: Cells, field_of: FieldOf) -> list[str]:
    """Return the labels of a header over two lines: groups above (户主信息), columns below (姓名)."""
    labels: list[str] = []
    group = ""
    for column in range(max(len(above), len(below))):
        upper = _text(above[column]) if column < len(above) else ""
        lower = _text(below[column]) if column < len(below) else ""
        group = upper or group
        joined = [f"{group}{lower}", f"{_stem(group)}{lower}"] if lower and group != lower else []
        known = next((one for one in joined if field_of(one)), None)
        labels.append(known or lower or upper)
    return labels


def _stem(group: str) -> str:
    for end in ("基本情况", "基本信息", "情况", "信息", "资料"):
        group = group.removesuffix(end)
    return group


def _is_second_line(cells: Cells, field_of: FieldOf) -> bool:
    """Tell whether a row is the lower line of a header and not already a person."""
    labels = [_text(cell) for cell in cells if _text(cell)]
    known = [label for label in labels if field_of(label)]
    return len(known) >= 2 and 2 * len(known) >= len(labels)
