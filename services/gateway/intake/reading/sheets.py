"""What every format is read into: sheets of numbered rows, and what stands in a cell without a value."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.gateway.intake.reading.cells import EXCEL_1900


@dataclass(frozen=True, slots=True)
class NoValue:
    """A cell that shows something but has no value to take: an error, a formula never calculated."""

    reason: str


@dataclass(frozen=True, slots=True)
class Below:
    """A cell of a merged range below its first row: what stands there is said of this row too."""

    value: Any

    def __str__(self) -> str:
        return str(self.value)


Cells = list[Any]
"""A row's cells as the format has them: text, numbers, dates, None, NoValue, or Below."""


@dataclass(slots=True)
class Sheet:
    """A sheet, or a whole text file (``name`` empty). Rows are numbered as a person counts, from 1."""

    name: str
    rows: Iterator[tuple[int, Cells]]
    epoch: date = EXCEL_1900


@dataclass(slots=True)
class Sheets:
    """All visible sheets of a file, and the names of those that were left out."""

    visible: list[Sheet]
    hidden: tuple[str, ...] = ()
