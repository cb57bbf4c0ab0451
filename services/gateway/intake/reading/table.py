"""Reads a file as a table: which rows are people, which are totals or signatures, and what was not read."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import chain, islice
from typing import IO, Any

from services.gateway.intake.reading.cells import as_excel_wrote, number_text
from services.gateway.intake.reading.characters import is_numberlike, tidy
from services.gateway.intake.reading.columns import Words
from services.gateway.intake.reading.delimited import read_delimited
from services.gateway.intake.reading.guard import open_elsewhere_first
from services.gateway.intake.reading.header import (
    SEARCHED_ROWS,
    Columning,
    FieldOf,
    Header,
    find_header,
    missing_of,
)
from services.gateway.intake.reading.judging import Judge, shows
from services.gateway.intake.reading.old_workbook import read_old_workbook
from services.gateway.intake.reading.sheets import Below, Cells, NoValue, Sheet, Sheets
from services.gateway.intake.reading.workbook import read_workbook
from services.gateway.refusals import RefusedError

ROWS_MAX = 300_000
NUMERIC = "\0numeric"
"""Stands in a number's column for a numeric cell, whose last digits the spreadsheet has destroyed."""
FAULT = "\0fault:"
"""Before a reason: the cell shows something, but there is no value to take."""
NUMBER_FIELDS = frozenset({"id_number", "head_id"})
EACH_ITS_OWN = frozenset({"id_number", "amount"})
"""Of a merged range these are nobody's but the first row's: a sum cannot be said of each."""
DATE_FIELDS = frozenset({
    "effective", "paid_on", "died", "deregistered", "valid_from", "valid_to", "risk_gone_on",
    "removed_on", "due",
})  # fmt: skip


@dataclass(slots=True)
class Row:
    """A row of a table: its number as a person counts, its sheet, and its cells by field."""

    number: int
    sheet: str
    cells: Cells
    columns: "Columns"

    def text(self, name: str) -> str:
        """Return a field's text; empty for a column that the list has not.

        Raises RefusedError where the cell shows an error, or a formula that was never calculated.
        """
        if name not in self.columns.at:
            return ""
        text = self.seen(name)
        if text.startswith(FAULT):
            raise RefusedError(text.removeprefix(FAULT), name)
        return text

    def seen(self, name: str) -> str:
        """Return a field's text as it stands, faults included."""
        column = self.columns.at.get(name)
        if column is None or column >= len(self.cells):
            return ""
        cell = self.cells[column]
        if isinstance(cell, Below):
            if name in EACH_ITS_OWN:
                return f"{FAULT}merged_amount"
            cell = cell.value
        if type(cell) is str:
            if cell.startswith("#") and _ERROR.fullmatch(cell.strip()):
                return f"{FAULT}cell_error"
            if name in DATE_FIELDS and self.columns.is_workbook:
                return as_excel_wrote(cell, self.columns.epoch)
            return cell
        return _written(name, cell, self.columns.epoch)

    def is_shifted(self) -> bool:
        """Tell whether the row has cells behind the last column that the header names.

        In a text file a comma too many has shifted them; in a workbook it may be somebody's remark,
        unless the number is missing where it should stand.
        """
        width = self.columns.width
        if len(self.cells) <= width or not any(shows(cell) for cell in self.cells[width:]):
            return False
        return not self.columns.is_workbook or not tidy(self.seen("id_number"))

    def as_kept(self) -> dict[str, str]:
        """Return the fields that are filled, for a row that waits for an answer."""
        return {name: text for name in self.columns.at if (text := self.seen(name))}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a sheet's fields are, how many columns its header names, from when its days count."""

    at: Mapping[str, int]
    width: int
    epoch: date
    is_workbook: bool


@dataclass(slots=True)
class Skipped:
    """A row that is nobody: a total, a signature, a header repeated, or empty but for places."""

    row: int
    sheet: str
    kind: str
    text: str = ""


@dataclass(slots=True)
class Table:
    """A file being read. ``skipped`` and ``count`` are whole once ``rows`` has been gone through."""

    columns_read: dict[str, None] = field(default_factory=dict)
    columns_unread: dict[str, None] = field(default_factory=dict)
    sheets: list[str] = field(default_factory=list)
    sheets_unread: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    count: int = 0
    rows: Iterator[Row] = field(default_factory=lambda: iter(()))


def open_table(
    file: IO[bytes] | bytes,
    needed: Sequence[str],
    words: Words,
    fields: Container[str],
    most: int = ROWS_MAX,
) -> Table:
    """Read a table whose header names at least the needed fields; of the others, ``fields`` are read.

    ``needed``: ``a|b`` means that one of the two is enough. Raises RefusedError.

    The rows are read as they are asked for, and may raise RefusedError for the whole file.
    """

    def field_of(label: str) -> str | None:
        known = words.field_of(label)
        return known if known in fields else None

    found = sheets_of(BytesIO(file) if isinstance(file, bytes) else file, field_of)
    table = Table()
    table.sheets_unread = [f"{name}（隐藏）" for name in found.hidden]
    headed = [
        (sheet, *_begin(sheet, needed, Columning(field_of, words.rank_of)))
        for sheet in found.visible
    ]
    with_header = [one for one in headed if one[1] is not None]
    if not with_header:
        _refuse_headless(headed, needed, field_of)
    for sheet, header, first in headed:
        if header is None:
            _leave_out(sheet, first, table)
        else:
            table.columns_read |= dict.fromkeys(header.read())
            table.columns_unread |= dict.fromkeys(header.unread())
            table.sheets.append(sheet.name)
    table.rows = _rows(table, with_header, most)
    return table


def sheets_of(file: IO[bytes], field_of: FieldOf) -> Sheets:
    """Choose by what the file begins with, not by its name."""
    file.seek(0)
    start = file.read(1024)
    file.seek(0)
    if start.startswith(b"PK\x03\x04"):
        open_elsewhere_first(file)
        return read_workbook(file)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        open_elsewhere_first(file)
        return read_old_workbook(file.read())
    marks = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if marks.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<?xml")):
        raise RefusedError("html_as_excel" if b"workbook" not in marks else "xml_spreadsheet")
    if start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf")):
        raise RefusedError("not_a_table")
    return read_delimited(file, field_of)


Begun = tuple[Header | None, list[tuple[int, Cells]]]


def _begin(sheet: Sheet, needed: Sequence[str], columning: Columning) -> Begun:
    """Read a sheet's first rows, and find the header among them."""
    first = list(islice(sheet.rows, SEARCHED_ROWS))
    rows = [cells for _, cells in first]
    return find_header(rows, needed, columning), first


def _refuse_headless(
    headed: Sequence[tuple[Sheet, Header | None, list[tuple[int, Cells]]]],
    needed: Sequence[str],
    field_of: FieldOf,
) -> None:
    rows = [cells for _, _, first in headed for _, cells in first]
    missing, seen = missing_of(rows, needed, field_of)
    raise RefusedError("missing_header", ",".join(missing), detail="、".join(seen)[:200])


def _leave_out(sheet: Sheet, first: list[tuple[int, Cells]], table: Table) -> None:
    """Leave a sheet of remarks out, by name; one with rows but no header sends the file back."""
    for number, cells in chain(first, sheet.rows):
        if sum(map(shows, cells)) >= 2 or any(
            is_numberlike(str(cell)) for cell in cells if shows(cell)
        ):
            raise RefusedError("sheet_without_header", detail=f"{sheet.name} {number}")
    table.sheets_unread.append(sheet.name)


def _rows(
    table: Table,
    headed: Sequence[tuple[Sheet, Header | None, list[tuple[int, Cells]]]],
    most: int,
) -> Iterator[Row]:
    for sheet, header, first in headed:
        if header is None:
            continue
        columns = Columns(header.at, len(header.labels), sheet.epoch, bool(sheet.name))
        judge = Judge(header)
        for number, cells in chain(first[header.rows :], sheet.rows):
            if not any(cells) or not any(map(shows, cells)):
                continue
            kind, text = judge.kind(cells)
            if kind:
                table.skipped.append(Skipped(number, sheet.name, kind, text))
                continue
            table.count += 1
            if table.count > most:
                raise RefusedError("too_many_rows", status=413)
            yield Row(number, sheet.name, cells, columns)


_ERROR = re.compile(
    r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)|#{3,}", re.IGNORECASE
)


def _written(name: str, cell: Any, epoch: date) -> str:
    """Return a cell as text: dates in ISO form, numbers as a person sees them."""
    match cell:
        case None:
            text = ""
        case NoValue(reason=reason):
            text = f"{FAULT}{reason}"
        case bool():
            text = "是" if cell else "否"
        case int() | float() if name in NUMBER_FIELDS:
            text = NUMERIC
        case int() | float():
            text = as_excel_wrote(cell, epoch) if name in DATE_FIELDS else number_text(cell)
        case datetime():
            text = cell.date().isoformat()
        case date():
            text = cell.isoformat()
        case time() | timedelta():
            text = f"{FAULT}bad_date"
        case _:
            text = str(cell)
    return text
