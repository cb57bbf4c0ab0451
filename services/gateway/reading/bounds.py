"""Looks through a workbook before it is parsed: how large it really is, and which cells hold no value.

What a file says about its own size is not trusted: every part is unpacked, piece by piece, and
counted. The library that reads the cells says nothing of errors (``#N/A``) and of formulas that
were never calculated; they are found here, so that an empty cell is one that is empty.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from services.gateway.refusals import RefusedError

PIECE = 1 << 20
UNZIPPED_BYTES_MAX = 600 << 20
ROW_BYTES_MAX = 8 << 20
CELLS_MAX = 12_000_000
AREA_MAX = 14_000_000
"""Rows times columns between the first and the last value; a stray value far away makes it large."""
TEXT_BYTES_MAX = 400 << 20
PARTS_MAX = 2_000

Place = tuple[int, int]
"""(row, column), both from 0."""


@dataclass(slots=True)
class SheetScan:
    """What was found in one sheet's XML. ``empty``: places of errors and of uncalculated formulas."""

    cells: int = 0
    last_row: int = 0
    last_column: int = 0
    shared: int = 0
    empty: dict[Place, str] = field(default_factory=dict)


def scan(content: IO[bytes]) -> tuple[dict[str, SheetScan], bool]:
    """Return (sheet's part → what was found, whether days count from 1904). Raises RefusedError."""
    try:
        with zipfile.ZipFile(content) as parts:
            return _scan_parts(parts)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise RefusedError("not_a_table") from None


def _scan_parts(parts: zipfile.ZipFile) -> tuple[dict[str, SheetScan], bool]:
    infos = parts.infolist()
    if len(infos) > PARTS_MAX or len({one.filename for one in infos}) != len(infos):
        raise RefusedError("not_a_table")
    total, epoch_1904, longest = 0, False, 0
    sheets: dict[str, SheetScan] = {}
    for info in infos:
        name = info.filename.lstrip("/")
        found = SheetScan()
        with parts.open(info) as part:
            pieces = _counted(part, total)
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                total += _scan_sheet(pieces, found)
                sheets[name] = found
            elif name.lower().endswith("sharedstrings.xml"):
                size, longest = _longest_string(pieces)
                total += size
            else:
                head = b""
                for piece in pieces:
                    total += len(piece)
                    head = head or piece
                if name == "xl/workbook.xml":
                    epoch_1904 = bool(re.search(rb"date1904\s*=\s*[\"'](1|true)[\"']", head))
    _bound(sheets, longest)
    return sheets, epoch_1904


def _counted(part: IO[bytes], before: int) -> Iterator[bytes]:
    size = before
    while piece := part.read(PIECE):
        size += len(piece)
        if size > UNZIPPED_BYTES_MAX:
            raise RefusedError("file_too_large", status=413)
        yield piece


def _bound(sheets: dict[str, SheetScan], longest: int) -> None:
    """Refuse what would take too much memory. ``longest``: bytes of the longest shared text."""
    if sum(one.cells for one in sheets.values()) > CELLS_MAX:
        raise RefusedError("too_many_cells", status=413)
    for one in sheets.values():
        if (one.last_row + 1) * (one.last_column + 1) > AREA_MAX:
            raise RefusedError("stray_cell", status=413)
        if one.shared * longest > TEXT_BYTES_MAX * 16:
            raise RefusedError("file_too_large", status=413)


def _longest_string(pieces: Iterator[bytes]) -> tuple[int, int]:
    """Return (bytes, bytes of the longest text) of the table of shared texts."""
    size, longest, carried = 0, 0, b""
    for piece in pieces:
        size += len(piece)
        texts = re.split(rb"</(?:\w+:)?si>", carried + piece)
        carried = texts.pop()
        longest = max((longest, *(len(one) for one in texts)))
        if len(carried) > ROW_BYTES_MAX:
            raise RefusedError("file_too_large", status=413)
    return size, longest


def _scan_sheet(pieces: Iterator[bytes], found: SheetScan) -> int:
    """Look through a sheet's XML, whole rows at a time; returns its bytes."""
    size, carried = 0, b""
    for piece in pieces:
        size += len(piece)
        text = carried + piece
        cut = text.rfind(b"</row>") if b"<row" in text else text.rfind(b":row>")
        if cut < 0:
            carried = text
            if len(carried) > ROW_BYTES_MAX:
                raise RefusedError("not_a_table")
            continue
        carried = text[cut + 5 :]
        _look(text[: cut + 5], found)
    _look(carried, found)
    return size


_COLUMN = re.compile(rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]{1,3})\d")
_VALUED_FAR = re.compile(
    rb"<(?:\w+:)?c\b[^>]*?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*[^/>]>(?!\s*</)"
)
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=[\"'](\d{1,7})[\"']")
_CELL_START = re.compile(rb"<(?:\w+:)?c[\s>/]")
_ERROR = re.compile(
    rb"<(?:\w+:)?c\b([^>]*\bt=[\"']e[\"'][^>]*)>(?:(?!</(?:\w+:)?c>).)*?(?:<(?:\w+:)?v>([^<]*)<)?",
    re.DOTALL,
)
_UNCALCULATED = re.compile(
    rb"<(?:\w+:)?c\b([^>]*[^/>])>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")


def _look(text: bytes, found: SheetScan) -> None:
    """Count the cells of some rows, and find those that hold no value of their own."""
    found.cells += len(_CELL_START.findall(text))
    if found.cells > CELLS_MAX:
        raise RefusedError("too_many_cells", status=413)
    found.shared += text.count(b't="s"') + text.count(b"t='s'")
    columns = {column_of(name) for name in set(_COLUMN.findall(text))}
    rows = _ROW.findall(text)
    last_row = max((int(one) - 1 for one in rows[-1:]), default=found.last_row)
    last_column = max(columns, default=_widest(text) if not columns else 0)
    if (last_row + 1) * (max(last_column, found.last_column) + 1) > AREA_MAX:
        # Formats may reach to the end of the sheet; only values count.
        valued = [(int(row) - 1, column_of(name)) for name, row in _VALUED_FAR.findall(text)]
        last_row = max((row for row, _ in valued), default=0)
        last_column = max((column for _, column in valued), default=0)
    found.last_row = max(found.last_row, last_row)
    found.last_column = max(found.last_column, last_column)
    if b't="e"' in text or b"t='e'" in text:
        for match in _ERROR.finditer(text):
            _note(match[1], "cell_error", found)
    if b"<f" in text or b":f" in text:
        for match in _UNCALCULATED.finditer(text):
            if b't="str"' not in match[1]:  # a formula may well have come to an empty text
                _note(match[1], "cell_not_calculated", found)


def _note(attributes: bytes, reason: str, found: SheetScan) -> None:
    place = _PLACE.search(attributes)
    if place is None:
        raise RefusedError(reason)  # a cell that does not say where it is cannot be named
    found.empty[int(place[2]) - 1, column_of(place[1])] = reason


def _widest(text: bytes) -> int:
    """Return the number of cells of the widest row, where cells do not say where they are."""
    rows = re.split(rb"<(?:\w+:)?row\b", text)
    return max((len(_CELL_START.findall(row)) for row in rows), default=0)


def column_of(letters: bytes) -> int:
    """Return the number of a column from its letters: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
