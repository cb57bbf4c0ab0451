"""Reads workbooks (.xlsx): every visible sheet, all rows whatever the file says about its size."""

from collections.abc import Iterator, Mapping
from datetime import date
from io import BytesIO
from typing import IO, Any

import python_calamine as calamine

from services.gateway.intake.reading import bounds
from services.gateway.intake.reading.bounds import Place
from services.gateway.intake.reading.cells import EXCEL_1900, EXCEL_1904
from services.gateway.intake.reading.sheets import Below, Cells, NoValue, Sheet, Sheets
from services.gateway.refusals import RefusedError

MERGED_CELLS_MAX = 3_000_000


def read_workbook(content: IO[bytes]) -> Sheets:
    """Read a workbook that was looked through before. Raises RefusedError."""
    scanned = bounds.scan(content)
    content.seek(0)
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(content.read()))
    except calamine.PasswordError:
        raise RefusedError("file_has_password") from None
    except Exception as error:  # noqa: BLE001  the library raises whatever a broken file provokes
        raise RefusedError("not_a_table", detail=type(error).__name__) from None
    epoch = EXCEL_1904 if scanned.from_1904 else EXCEL_1900
    visible = []
    for sheet in book.sheets_metadata:
        if _is_shown(sheet):
            if sheet.name not in scanned.sheets:
                raise RefusedError("not_a_table", detail=sheet.name[:50])
            visible.append(sheet_of(book, sheet.name, scanned.sheets[sheet.name], epoch))
    hidden = [one.name for one in book.sheets_metadata if not _is_shown(one) and _is_table(one)]
    return Sheets(visible, tuple(hidden))


def _is_table(one: calamine.SheetMetadata) -> bool:
    return one.typ == calamine.SheetTypeEnum.WorkSheet


def _is_shown(one: calamine.SheetMetadata) -> bool:
    return _is_table(one) and one.visible == calamine.SheetVisibleEnum.Visible


def sheet_of(
    book: calamine.CalamineWorkbook, name: str, scan: bounds.SheetScan, epoch: date
) -> Sheet:
    """Read one sheet. Raises RefusedError."""
    try:
        sheet = book.get_sheet_by_name(name)
        merged = sheet.merged_cell_ranges or []
    except Exception as error:  # noqa: BLE001  as above: a sheet may be broken
        raise RefusedError("not_a_table", detail=type(error).__name__) from None
    down = merged_down(merged, scan.last_row)
    return Sheet(name, _rows(sheet, scan.empty, down), epoch)


def merged_down(merged: list[tuple[Place, Place]], last_row: int) -> dict[int, frozenset[int]]:
    """Return row (from 1) → columns in which a merged range goes on from the row above."""
    found: dict[int, set[int]] = {}
    left = MERGED_CELLS_MAX
    for (top, first), (end, last) in merged:
        bottom = min(end, last_row)
        left -= max(0, bottom - top + 1) * max(0, last - first + 1)
        if left < 0:
            raise RefusedError("stray_cell", status=413)
        for row in range(top + 1, bottom + 1):
            found.setdefault(row + 1, set()).update(range(first, last + 1))
    return {row: frozenset(columns) for row, columns in found.items()}


def _rows(
    sheet: calamine.CalamineSheet, empty: Mapping[Place, str], down: Mapping[int, frozenset[int]]
) -> Iterator[tuple[int, Cells]]:
    """Yield the rows, with merged ranges filled down: what stands beside three rows is said of each."""
    by_row: dict[int, list[tuple[int, str]]] = {}
    for (row, column), reason in empty.items():
        by_row.setdefault(row + 1, []).append((column, reason))
    start = sheet.start or (0, 0)
    before: list[Any] = [""] * start[1]
    for number, found in enumerate(sheet.iter_rows(), start=start[0] + 1):
        cells: Cells = [""] * start[1] + found if start[1] else found
        for column, reason in by_row.get(number, ()):
            cells.extend([""] * (column + 1 - len(cells)))
            if cells[column] == "":
                cells[column] = NoValue(reason)
        for column in down.get(number, ()):
            if column < len(cells) and column < len(before) and cells[column] == "":
                above = before[column]
                cells[column] = above if above == "" or isinstance(above, Below) else Below(above)
        yield number, cells
        before = cells
