"""Reads CSV (UTF-8 or GB18030) and XLSX into rows of text, and refuses what cannot be trusted."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import openpyxl

from services.gateway.columns import Words
from services.gateway.refusals import RefusedError
from services.gateway.settings import FILE_BYTES_MAX, ROWS_MAX, UNZIPPED_BYTES_MAX

NUMERIC_ID = "\0numeric"
"""Stands in an identity column for a numeric cell, whose last digits Excel has destroyed."""

HEADER_SEARCH_ROWS = 5


@dataclass(slots=True)
class Row:
    """A row of a table: its number in the file as a person counts, and field → text."""

    number: int
    cells: dict[str, str]


def read_table(content: bytes, needed: Sequence[str], words: Words) -> list[Row]:
    """Read a table whose header names at least the needed fields. Raises RefusedError."""
    if len(content) > FILE_BYTES_MAX:
        raise RefusedError("file_too_large", status=413)
    raw = _xlsx(content) if content[:4] == b"PK\x03\x04" else _csv(content)
    rows: list[Row] = []
    fields: list[str | None] | None = None
    for number, cells in raw:
        if fields is None:
            fields = _header(cells, needed, words, last=number >= HEADER_SEARCH_ROWS)
            continue
        named = {f: cell for f, cell in zip(fields, cells, strict=False) if f is not None}
        if any(named.values()):
            rows.append(Row(number, {f: _plain(f, cell) for f, cell in named.items()}))
        if len(rows) > ROWS_MAX:
            raise RefusedError("too_many_rows", status=413)
    if fields is None:
        raise RefusedError("missing_header", field=",".join(needed))
    return rows


def _plain(field: str, cell: object) -> str:
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if field in {"id_number", "head_id"}:
            return NUMERIC_ID
        return str(int(cell)) if float(cell).is_integer() else str(cell)
    if hasattr(cell, "date") and callable(cell.date):
        return str(cell.date())
    return "" if cell is None else str(cell)


def _header(
    cells: Sequence[object], needed: Sequence[str], words: Words, *, last: bool
) -> list[str | None] | None:
    """Return the fields of a header row; None if this row is a title above it."""
    fields = [words.field_of(str(cell)) if cell is not None else None for cell in cells]
    named = [field for field in fields if field]
    for field in named:
        if named.count(field) > 1:
            raise RefusedError("duplicate_header", field=field)
    missing = [field for field in needed if field not in named]
    if not missing:
        return fields
    if last or len(named) >= 2:
        raise RefusedError("missing_header", field=",".join(missing))
    return None


def _csv(content: bytes) -> Iterator[tuple[int, list[object]]]:
    text = decode(content)
    if "\0" in text:
        raise RefusedError("not_a_table")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, list(cells)
    except csv.Error as error:
        raise RefusedError("not_a_table", detail=str(error)) from None


def decode(content: bytes) -> str:
    """Decode a text file: UTF-8 first, then GB18030, both strictly. Raises RefusedError."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RefusedError("wrong_encoding")


def _xlsx(content: bytes) -> Iterator[tuple[int, list[object]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            unzipped = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile:
        raise RefusedError("not_a_table") from None
    if unzipped > UNZIPPED_BYTES_MAX:
        raise RefusedError("file_too_large", status=413)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
    except Exception as error:  # noqa: BLE001  the library raises whatever a broken file provokes
        raise RefusedError("not_a_table", detail=type(error).__name__) from None
    rows = enumerate(sheet.iter_rows(values_only=True), start=1)
    while True:
        try:
            number, cells = next(rows)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001  as above: a sheet may be broken half-way
            raise RefusedError("not_a_table", detail=type(error).__name__) from None
        yield number, list(cells)
