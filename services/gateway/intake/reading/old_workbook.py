"""Reads Excel 97 workbooks (.xls) by two libraries; where they do not agree, the file goes back.

One library reads some old files wrong, the other is no longer written on: only what both say is taken.
"""

from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any

import python_calamine as calamine
import xlrd

from services.gateway.intake.reading.cells import EXCEL_1900, EXCEL_1904
from services.gateway.intake.reading.sheets import Below, Cells, NoValue, Sheet, Sheets
from services.gateway.intake.reading.workbook import merged_down
from services.gateway.refusals import RefusedError

OLD_BYTES_MAX = 15_000_000
TEXT_MAX = 100_000_000


def read_old_workbook(content: bytes) -> Sheets:
    """Read an .xls. Raises RefusedError with ``old_format`` where it cannot be read with certainty."""
    if len(content) > OLD_BYTES_MAX:
        raise RefusedError("file_too_large", status=413)
    try:
        book = xlrd.open_workbook(file_contents=content, formatting_info=True)
        other = calamine.CalamineWorkbook.from_filelike(BytesIO(content))
        epoch = EXCEL_1904 if book.datemode else EXCEL_1900
        shown = [one for one in book.sheets() if one.visibility == 0]
        _bound(shown)
        visible = [_sheet(book, one, other.get_sheet_by_name(one.name), epoch) for one in shown]
    except RefusedError:
        raise
    except Exception as error:  # noqa: BLE001  both libraries raise whatever a broken file provokes
        password = "encrypt" in str(error).lower() or "password" in type(error).__name__.lower()
        raise RefusedError("file_has_password" if password else "old_format") from None
    return Sheets(visible, tuple(one.name for one in book.sheets() if one.visibility))


def _bound(sheets: list[Any]) -> None:
    size = sum(
        len(str(value))
        for one in sheets
        for row in range(one.nrows)
        for value in one.row_values(row)
    )
    if size > TEXT_MAX:
        raise RefusedError("file_too_large", status=413)


def _sheet(book: Any, sheet: Any, other: calamine.CalamineSheet, epoch: date) -> Sheet:
    merged = [
        ((top, left), (bottom - 1, right - 1)) for top, bottom, left, right in sheet.merged_cells
    ]
    second = other.to_python(skip_empty_area=False)
    return Sheet(sheet.name, _rows(book, sheet, second, merged_down(merged, sheet.nrows)), epoch)


def _rows(
    book: Any, sheet: Any, second: list[list[Any]], down: dict[int, frozenset[int]]
) -> Iterator[tuple[int, Cells]]:
    before: Cells = []
    for number in range(sheet.nrows):
        cells = [_value(book, cell) for cell in sheet.row(number)]
        beside = second[number] if number < len(second) else []
        for column, cell in enumerate(cells):
            there = beside[column] if column < len(beside) else ""
            if not isinstance(cell, NoValue) and _plain(cell) != _plain(there):
                raise RefusedError("old_format", detail=f"row {number + 1}")
        for column in down.get(number + 1, ()):
            if column < len(cells) and column < len(before) and cells[column] == "":
                above = before[column]
                cells[column] = above if above == "" or isinstance(above, Below) else Below(above)
        yield number + 1, cells
        before = cells


def _value(book: Any, cell: Any) -> Any:
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return NoValue("cell_error")
    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(cell.value, book.datemode)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    return cell.value


def _plain(value: Any) -> str:
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return f"{float(value):.12g}"
    return str(value).strip()
