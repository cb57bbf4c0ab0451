"""Reads text files (CSV, tabs) strictly: a stray quote that would swallow rows sends the file back."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from typing import IO, Literal

from services.gateway.intake.reading.characters import is_numberlike
from services.gateway.intake.reading.sheets import Cells, Sheet, Sheets
from services.gateway.refusals import RefusedError

PIECE = 1 << 20
LINE_MAX = 1 << 20
Delimiter = Literal[",", "\t", ";", "|"]
DELIMITERS: tuple[Delimiter, ...] = (",", "\t", ";", "|")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""What a file begins with, and the encoding that it says."""


def read_delimited(file: IO[bytes], field_of: Callable[[str], str | None]) -> Sheets:
    """Read a text file, row by row, never whole in memory. Raises RefusedError.

    ``field_of``: what columns are called; it tells which character stands between them.
    """
    encoding = encoding_of(file)
    head = _head(file, encoding)
    return Sheets([Sheet("", _rows(file, encoding, delimiter_of(head, field_of)))])


def encoding_of(file: IO[bytes]) -> str:
    """Return the encoding of a whole file: by its mark, as UTF-8 if all of it is, else GB18030.

    Raises RefusedError with ``wrong_encoding`` for bytes that are none of these.
    """
    file.seek(0)
    start = file.read(4)
    file.seek(0)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            _decodes(file, encoding)
            return encoding
    if (wide := _without_mark(file)) is not None:
        _decodes(file, wide)
        return wide
    bad = _first_bad(file, "utf-8")
    if bad is None:
        return "utf-8"
    if _is_broken_utf8(file, bad):
        raise RefusedError("wrong_encoding", detail=f"byte {bad + 1}")
    _decodes(file, "gb18030")
    return "gb18030"


def _without_mark(file: IO[bytes]) -> str | None:
    """Return UTF-16's kind for a file that does not say so: its blanks and digits have a NUL beside them."""
    start = file.read(8_192)
    file.seek(0)
    even, odd = start[::2].count(0), start[1::2].count(0)
    if even + odd < max(2, len(start) // 200):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _decodes(file: IO[bytes], encoding: str) -> None:
    bad = _first_bad(file, encoding)
    if bad is not None:
        raise RefusedError("wrong_encoding", detail=f"byte {bad + 1}")


def _first_bad(file: IO[bytes], encoding: str) -> int | None:
    """Return where a file stops being text of an encoding, in bytes; None if all of it is."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    file.seek(0)
    read = 0
    try:
        while piece := file.read(PIECE):
            decoder.decode(piece)
            read += len(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return max(0, read + error.start)
    finally:
        file.seek(0)
    return None


def _is_broken_utf8(file: IO[bytes], bad: int) -> bool:
    """Tell UTF-8 with a damaged place from a file in another encoding: what stands before is Chinese."""
    file.seek(0)
    before = file.read(min(bad, PIECE))
    file.seek(0)
    whole = before[: before.rfind(b"\n") + 1] or before
    characters = whole.decode("utf-8", errors="ignore")
    return sum("\u4e00" <= one <= "\u9fff" for one in characters) >= 4


def _head(file: IO[bytes], encoding: str) -> str:
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        return text.read(16_384)
    finally:
        text.detach()
        file.seek(0)


def delimiter_of(head: str, field_of: Callable[[str], str | None]) -> Delimiter:
    """Return what stands between cells: what makes most columns known, then what lines agree on most."""
    lines = [line for line in head.splitlines()[:20] if line.strip()]

    def score(delimiter: str) -> tuple[int, int, int]:
        known = max((sum(field_of(one.strip('"')) is not None for one in line.split(delimiter))
                     for line in lines), default=0)  # fmt: skip
        counts = [line.count(delimiter) for line in lines]
        usual = max(set(counts), key=counts.count, default=0) if counts else 0
        return (known, counts.count(usual) if usual else 0, usual)

    return max(DELIMITERS, key=score)


def _rows(file: IO[bytes], encoding: str, delimiter: Delimiter) -> Iterator[tuple[int, Cells]]:
    """Yield (row number, cells). Raises RefusedError with the line for quotes that do not close."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="")
    csv.field_size_limit(LINE_MAX)
    lines = csv.reader(text, delimiter=delimiter, strict=True)
    line = 0
    try:
        for number, cells in enumerate(lines, start=1):
            if lines.line_num - line > 1:
                _refuse_swallowed(cells, delimiter, line + 1)
            line = lines.line_num
            if number == 1 and "\0" in "".join(cells):
                raise RefusedError("not_a_table")
            yield number, list(cells)
    except UnicodeDecodeError:
        raise RefusedError("wrong_encoding", detail=f"line {line + 1}") from None
    except csv.Error as error:
        reason = "not_a_table" if "NUL" in str(error) else "stray_quote"
        raise RefusedError(reason, detail=f"line {line + 1}") from None
    finally:
        text.detach()


def _refuse_swallowed(cells: Cells, delimiter: Delimiter, line: int) -> None:
    """Refuse a cell that runs over lines and holds what looks like further rows.

    A quote in a remark that nobody closed takes all rows up to the next quote for its text; the
    reader sees nothing wrong with it. A remark of two lines is let through.
    """
    for cell in cells:
        after = cell.replace("\r\n", "\n").replace("\r", "\n").split("\n")[1:]
        parts = [part for one in after for part in one.split(delimiter)]
        if any(one.count(delimiter) >= 2 for one in after) or any(map(is_numberlike, parts)):
            raise RefusedError("stray_quote", detail=f"line {line}")
