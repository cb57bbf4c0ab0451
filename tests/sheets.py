"""Reads a sheet (台账) back as a spreadsheet program does: its lines, without subtotals and signatures."""

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

MONEY = "（元）"


def page_of(sheet: bytes | Path) -> Any:
    """Return the one worksheet."""
    source = io.BytesIO(sheet) if isinstance(sheet, bytes) else sheet
    return openpyxl.load_workbook(source).worksheets[0]


def lines_of(sheet: bytes | Path) -> list[dict[str, Any]]:
    """Return the numbered lines by heading; amounts, which are numbers there, as yuan are written."""
    page = page_of(sheet)
    head = [cell.value for cell in page[3]]
    rows = [
        dict(zip(head, (cell.value for cell in row), strict=True))
        for row in page.iter_rows(min_row=4)
        if isinstance(row[0].value, int)
    ]
    return [{name: _text(name, value) for name, value in row.items()} for row in rows]


def _text(name: str, value: Any) -> Any:
    if name.endswith(MONEY) and isinstance(value, int | float):
        return f"{Decimal(str(value)):.2f}"
    return value
