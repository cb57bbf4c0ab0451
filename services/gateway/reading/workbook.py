"""Reads workbooks (.xlsx): every visible sheet, all rows whatever the file says about its size."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from io import BytesIO
from typing import IO, Any
from xml.etree import ElementTree as ET

import python_calamine as calamine

from services.gateway.reading import bounds
from services.gateway.reading.bounds import Place
from services.gateway.reading.cells import EXCEL_1900, EXCEL_1904
from services.gateway.reading.sheets import Cells, NoValue, Sheet, Sheets
from services.gateway.refusals import RefusedError

MERGED_CELLS_MAX = 3_000_000


def read_workbook(content: IO[bytes]) -> Sheets:
    """Read a workbook that was looked through before. Raises RefusedError."""
    scanned, from_1904 = bounds.scan(content)
    content.seek(0)
    parts = parts_of_sheets(content)
    content.seek(0)
    try:
        book = calamine.CalamineWorkbook.from_filelike(BytesIO(content.read()))
    except calamine.PasswordError:
        raise RefusedError("file_has_password") from None
    except Exception as error:  # noqa: BLE001  the library raises whatever a broken file provokes
        raise RefusedError("not_a_table", detail=type(error).__name__) from None
    epoch = EXCEL_1904 if from_1904 else EXCEL_1900
    visible = []
    for one in book.sheets_metadata:
        if _is_shown(one):
            scan = scanned.get(parts.get(one.name, ""), bounds.SheetScan())
            visible.append(sheet_of(book, one.name, scan.empty, epoch))
    hidden = [one.name for one in book.sheets_metadata if not _is_shown(one) and _is_table(one)]
    return Sheets(visible, tuple(hidden))


def _is_table(one: calamine.SheetMetadata) -> bool:
    return one.typ == calamine.SheetTypeEnum.WorkSheet


def _is_shown(one: calamine.SheetMetadata) -> bool:
    return _is_table(one) and one.visible == calamine.SheetVisibleEnum.Visible


def sheet_of(
    book: calamine.CalamineWorkbook, name: str, empty: Mapping[Place, str], epoch: date
) -> Sheet:
    """Read one sheet. ``empty``: cells without a value of their own. Raises RefusedError."""
    try:
        sheet = book.get_sheet_by_name(name)
        merged = sheet.merged_cell_ranges or []
    except Exception as error:  # noqa: BLE001  as above: a sheet may be broken
        raise RefusedError("not_a_table", detail=type(error).__name__) from None
    down = merged_down(merged)
    return Sheet(name, _rows(sheet, empty, down), epoch)


def merged_down(merged: list[tuple[Place, Place]]) -> dict[int, frozenset[int]]:
    """Return row (from 1) → columns in which a merged range goes on from the row above."""
    found: dict[int, set[int]] = {}
    left = MERGED_CELLS_MAX
    for (top, first), (bottom, last) in merged:
        left -= (bottom - top + 1) * (last - first + 1)
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
                cells[column] = before[column]
        yield number, cells
        before = cells


_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def parts_of_sheets(content: IO[bytes]) -> dict[str, str]:
    """Return a sheet's name → the part of the file that it stands in."""
    with zipfile.ZipFile(content) as parts:
        try:
            book = ET.fromstring(_safe(parts.read("xl/workbook.xml")))  # noqa: S314  no entities, see _safe
            links = ET.fromstring(_safe(parts.read("xl/_rels/workbook.xml.rels")))  # noqa: S314  as above
        except (KeyError, ET.ParseError):
            raise RefusedError("not_a_table") from None
    targets = {one.get("Id"): one.get("Target", "") for one in links}
    found = {}
    for one in book.iter():
        if one.tag.rpartition("}")[2] == "sheet":
            target = targets.get(one.get(_RELATION) or one.get(_STRICT_RELATION), "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            found[one.get("name", "")] = re.sub(r"xl/\.\./", "", path)
    return found


def _safe(xml: bytes) -> bytes:
    """Refuse a document type: no spreadsheet needs one, and entities in it can grow without end."""
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or len(xml) > bounds.ROW_BYTES_MAX:
        raise RefusedError("not_a_table")
    return xml
