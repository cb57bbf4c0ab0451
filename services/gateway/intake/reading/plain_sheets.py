"""Looks through the XML of sheets as most programs write them, a thousand rows at a time.

Walking millions of elements one by one takes a minute. A sheet in which every cell has its place, in
order, and a plain value is looked through by patterns that cannot run long; anything else is left to
the walk element by element.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

COLUMN_BITS = 14
_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})(\d{1,7})"(?: s="\d{1,9}")?(?: t="([a-zA-Z]{1,9})")?'
    rb"(?:/>|>(?:<v>([^<]*)</v>|<is><t(?: xml:space=\"preserve\")?>([^<]*)</t></is>)?</c>)"
)
_CELL_BEGINS = re.compile(rb"<c[\s>/]")
_STRANGE = re.compile(rb"<!|<[^\s<>/]{1,60}:(?:c|row|v|is|f)[\s>/]|<f[\s>/]")
ROW_BYTES_MAX = 8 << 20


class NotPlainError(Exception):
    """The sheet has something that has to be walked element by element."""


@dataclass(slots=True)
class PlainScan:
    """What was found: cells, the last row and column with a value (from 0), bytes of text."""

    cells: int = 0
    last_row: int = 0
    last_column: int = 0
    text: int = 0
    last_place: int = -1


def look_through(pieces: Iterator[bytes], lengths: "np.ndarray[Any, Any]") -> PlainScan:
    """Return what is in a plain sheet. ``lengths``: of the shared texts. Raises NotPlainError."""
    found, carried = PlainScan(), b""
    for piece in pieces:
        text = carried + piece
        cut = text.rfind(b"</row>") + 6
        if cut < 6:
            carried = text
            if len(carried) > ROW_BYTES_MAX:
                raise NotPlainError
            continue
        carried = text[cut:]
        _look(text[:cut], found, lengths)
    _look(carried, found, lengths)
    return found


def _look(text: bytes, found: PlainScan, lengths: "np.ndarray[Any, Any]") -> None:
    if _STRANGE.search(text):
        raise NotPlainError
    cells = _CELL.findall(text)
    if len(cells) != len(_CELL_BEGINS.findall(text)):
        raise NotPlainError
    if not cells:
        return
    found.cells += len(cells)
    letters, numbers, types, values, inline = zip(*cells, strict=True)
    if b"e" in set(types):
        raise NotPlainError
    columns = {name: _column(name) for name in set(letters)}
    rows = np.array(numbers, dtype="S7").astype(np.int64) - 1
    places = (rows << COLUMN_BITS) + np.fromiter((columns[name] for name in letters), np.int64)
    if places[0] <= found.last_place or (len(places) > 1 and np.any(np.diff(places) <= 0)):
        raise NotPlainError
    if rows[-1] >= 1 << 20 or max(columns.values()) >= 1 << COLUMN_BITS:
        raise NotPlainError
    found.last_place = int(places[-1])
    shows = np.fromiter((bool(a or b) for a, b in zip(values, inline, strict=True)), bool)
    if not shows.any():
        return
    valued = places[shows]
    found.last_row = max(found.last_row, int(valued[-1]) >> COLUMN_BITS)
    found.last_column = max(found.last_column, int((valued & ((1 << COLUMN_BITS) - 1)).max()))
    found.text += sum(map(len, inline)) + _shared(types, values, lengths)


def _shared(
    types: tuple[bytes, ...], values: tuple[bytes, ...], lengths: "np.ndarray[Any, Any]"
) -> int:
    """Return the bytes of the shared texts that are named, and of the plain values."""
    named = [value for kind, value in zip(types, values, strict=True) if kind == b"s" and value]
    own = sum(map(len, values)) - sum(map(len, named))
    if not named:
        return own
    if not all(one.isdigit() and len(one) < 10 for one in named):
        raise NotPlainError
    numbers = np.array(named, dtype="S9").astype(np.int64)
    if numbers.max() >= len(lengths):
        raise NotPlainError
    return own + int(lengths[numbers].sum())


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
