"""Looks through a workbook before it is parsed: how large it really is, and which cells hold no value.

What a file says about its own size is not trusted: the parts that are read are unpacked, piece by
piece, and walked element by element. The library that reads the cells says nothing of errors (``#N/A``),
of formulas that were never calculated, and of two rows under one number; they are found here, so that
an empty cell is one that is empty.
"""

import io
import posixpath
import zipfile
import zlib
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any
from xml.parsers import expat

import numpy as np

from services.gateway.intake.reading.plain_sheets import NotPlainError, look_through
from services.gateway.intake.reading.unpacking import Unpacking
from services.gateway.refusals import RefusedError

CELLS_MAX = 12_000_000
WALKED_CELLS_MAX = 3_000_000
"""Cells of a sheet that has to be walked element by element: some seconds."""
AREA_MAX = 10_000_000
"""Rows times columns between the first and the last value; a stray value far away makes it large."""
TEXT_BYTES_MAX = 400 << 20
STRINGS_MAX = 5_000_000
"""Texts that cells share: some seconds."""
READ_TOO = frozenset({"xl/styles.xml", "xl/metadata.xml", "[content_types].xml"})
"""Parts that only the library reads."""
ROWS_END, COLUMNS_END = 1 << 20, 1 << 14

Place = tuple[int, int]
"""(row, column), both from 0."""


@dataclass(slots=True)
class SheetScan:
    """What was found in one sheet. ``empty``: places of errors and of uncalculated formulas."""

    cells: int = 0
    last_row: int = 0
    last_column: int = 0
    text: int = 0
    empty: dict[Place, str] = field(default_factory=dict)

    @property
    def area(self) -> int:
        """Return how many cells lie up to the last value."""
        return (self.last_row + 1) * (self.last_column + 1)


@dataclass(frozen=True, slots=True)
class Scanned:
    """A workbook that was looked through: visible sheet → what was found; from when its days count."""

    sheets: Mapping[str, SheetScan]
    from_1904: bool


def scan(content: IO[bytes]) -> Scanned:
    """Look through a workbook. Raises RefusedError for what cannot be read, or takes too much."""
    try:
        with zipfile.ZipFile(content) as parts:
            return _Scanner(parts, _length(content)).scan()
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, KeyError):
        raise RefusedError("not_a_table") from None
    except expat.ExpatError:
        raise RefusedError("not_a_table") from None


def _length(content: IO[bytes]) -> int:
    return content.seek(0, io.SEEK_END)


class _Scanner:
    """Walks the parts of one workbook."""

    def __init__(self, parts: zipfile.ZipFile, size: int) -> None:
        self._parts = Unpacking(parts, size)

    def scan(self) -> Scanned:
        links, shared = self._links()
        self._parts.go_through(READ_TOO.union(shared))
        book = _Book()
        self._walk("xl/workbook.xml", book.start)
        lengths = _Lengths()
        for part in shared:
            self._walk(part, lengths.start, lengths.end, lengths.text)
        shown = [
            (name, links.get(link, "")) for name, link, state in book.sheets if state == "visible"
        ]
        used = [links.get(link, "") for _, link, _ in book.sheets]
        names = {name for name, _, _ in book.sheets}
        if len(set(used)) != len(used) or len(names) != len(used):
            raise RefusedError("not_a_table")
        found: dict[str, SheetScan] = {}
        for name, part in shown:
            if part in self._parts.names and "/chartsheets/" not in part:
                found[name] = self._sheet(part, lengths.all)
                _bound(found)
        return Scanned(found, book.from_1904)

    def _links(self) -> tuple[dict[str, str], list[str]]:
        """Return (link → part, parts with shared texts), as the workbook's relations name them."""
        links: dict[str, str] = {}
        shared: list[str] = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag.rpartition(":")[2] == "Relationship":
                target = attributes.get("Target", "")
                path = posixpath.normpath(posixpath.join("xl", target)).lstrip("/").lower()
                links[attributes.get("Id", "")] = path
                if attributes.get("Type", "").endswith("/sharedStrings"):
                    shared.append(path)

        self._walk("xl/_rels/workbook.xml.rels", start)
        return links, shared

    def _sheet(self, part: str, lengths: "array[int]") -> SheetScan:
        """Look through a sheet: by patterns where it is plain, else element by element."""
        before = self._parts.size
        try:
            pieces = self._parts.pieces(part, table=True)
            plain = look_through(pieces, np.frombuffer(lengths, dtype=np.uint32))
        except NotPlainError:
            self._parts.size = before
            walker = SheetWalker(lengths)
            self._walk(part, walker.start, walker.end, walker.text, table=True)
            return walker.found
        if plain.cells > CELLS_MAX:
            raise RefusedError("too_many_cells", status=413)
        return SheetScan(plain.cells, plain.last_row, plain.last_column, plain.text)

    def _walk(
        self, name: str, start: Any, end: Any = None, text: Any = None, *, table: bool = False
    ) -> None:
        """Unpack a part and tell its elements. Raises RefusedError once too much was unpacked."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = _no_document_type
        for piece in self._parts.pieces(name, table=table):
            parser.Parse(piece)
        parser.Parse(b"", True)  # noqa: FBT003  taken by place only


def _no_document_type(*_: Any) -> None:
    """No spreadsheet needs a document type, and its entities can grow without end."""
    raise RefusedError("not_a_table")


def _bound(sheets: Mapping[str, SheetScan]) -> None:
    """Refuse what would take too much memory: of all sheets together."""
    if sum(one.area for one in sheets.values()) > AREA_MAX:
        raise RefusedError("stray_cell", status=413)
    if sum(one.text for one in sheets.values()) > TEXT_BYTES_MAX:
        raise RefusedError("file_too_large", status=413)


class _Book:
    """The workbook's own part: its sheets in order, and from when its days count."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, str]] = []
        self.from_1904 = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "sheet":
            link = next((v for key, v in attributes.items() if key.rpartition(":")[2] == "id"), "")
            state = attributes.get("state", "visible")
            self.sheets.append((attributes.get("name", ""), link, state))
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "0") in {"1", "true"}


class _Lengths:
    """The table of shared texts: how long each is, in bytes."""

    def __init__(self) -> None:
        self.all = array("I")
        self._length = 0

    def start(self, tag: str, _: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "si":
            self._length = 0

    def text(self, text: str) -> None:
        self._length += 3 * len(text)

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "si":
            if len(self.all) == STRINGS_MAX:
                raise RefusedError("too_many_cells", status=413)
            self.all.append(self._length)


class SheetWalker:
    """Walks one sheet's cells."""

    def __init__(self, shared: "array[int]") -> None:
        self.found = SheetScan()
        self._shared = shared
        self._rows = bytearray(ROWS_END)
        self._row = -1
        self._column = -1
        self._type = ""
        self._formula = False
        self._inside = ""
        self._value = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take an element's beginning."""
        name = tag if ":" not in tag else tag.rpartition(":")[2]
        if name == "c":
            self._begin_cell(attributes)
        elif name in {"v", "t"}:
            self._inside = name
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._begin_row(attributes)

    def text(self, text: str) -> None:
        """Take text inside a value."""
        if self._inside:
            self._value += text

    def end(self, tag: str) -> None:
        """Take an element's end."""
        name = tag if ":" not in tag else tag.rpartition(":")[2]
        if name == "c":
            self._end_cell()
        elif name in {"v", "t"}:
            self._inside = ""

    def _begin_row(self, attributes: dict[str, str]) -> None:
        said = attributes.get("r")
        self._row = self._row + 1 if said is None else _number(said) - 1
        self._column = -1
        if not 0 <= self._row < ROWS_END or self._rows[self._row]:
            raise RefusedError("doubled_row", detail=f"row {self._row + 1}")
        self._rows[self._row] = 1

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        found = self.found
        found.cells += 1
        if found.cells > WALKED_CELLS_MAX:
            raise RefusedError("too_many_cells", status=413)
        said = attributes.get("r")
        row, column = (self._row, self._column + 1) if said is None else place_of(said)
        if row != self._row or column <= self._column or column >= COLUMNS_END:
            raise RefusedError("doubled_row", detail=f"row {self._row + 1}")
        self._column = column
        self._type = attributes.get("t", "n")
        self._formula, self._value, self._inside = False, "", ""

    def _end_cell(self) -> None:
        found, value = self.found, self._value
        if self._type == "e":
            found.empty[self._row, self._column] = "cell_error"
        elif self._formula and not value and self._type != "str":
            found.empty[self._row, self._column] = "cell_not_calculated"
        elif not value:
            return
        if self._type == "s":
            index = int(value) if value.isascii() and value.isdigit() else -1
            if not 0 <= index < len(self._shared):
                raise RefusedError("not_a_table")
            found.text += self._shared[index]
        else:
            found.text += 3 * len(value)
        found.last_row = max(found.last_row, self._row)
        found.last_column = max(found.last_column, self._column)


def _number(text: str) -> int:
    word = text.strip()
    if not (word.isascii() and word.isdigit() and len(word) <= 7):
        raise RefusedError("not_a_table")
    return int(word)


def place_of(reference: str) -> Place:
    """Return (row, column) of a reference such as AB12. Raises RefusedError."""
    word = reference.strip()
    letters = word.rstrip("0123456789")
    if not (letters.isascii() and letters.isalpha() and letters.isupper() and len(letters) <= 3):
        raise RefusedError("not_a_table")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return _number(word[len(letters) :]) - 1, column - 1
