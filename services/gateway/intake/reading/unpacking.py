"""Unpacks a workbook's parts piece by piece, and stops once one takes more than a table needs.

A file of some hundred kilobytes can unpack to hundreds of megabytes, or to a hundred million empty
elements: what it says about its own size is not asked, and nothing is parsed before it was bounded.
"""

import zipfile
from collections.abc import Iterable, Iterator

from services.gateway.refusals import RefusedError

PIECE = 1 << 20
UNZIPPED_BYTES_MAX = 600 << 20
"""Of all parts together."""
DENSE_BYTES = 32 << 20
DENSITY_MAX = 200
"""From so many bytes on, how often a part may be larger than what it was packed in; real ones: 10 to 60."""
TAGS_MAX = 25_000_000
"""Elements outside the sheets: texts of five million cells, styles."""
PARTS_MAX = 2_000


class Unpacking:
    """The parts of one workbook, under names without regard to case, and how much was unpacked."""

    def __init__(self, parts: zipfile.ZipFile, size: int) -> None:
        self._parts = parts
        self._packed = size
        names = [info.filename.lstrip("/").lower() for info in parts.infolist()]
        strange = any("\\" in name or "//" in name for name in names)
        if strange or len(names) > PARTS_MAX or len(set(names)) != len(names):
            raise RefusedError("not_a_table")
        self.names = dict(zip(names, parts.namelist(), strict=True))
        self.size = 0
        self._tags = 0

    def pieces(self, name: str, *, table: bool = False) -> Iterator[bytes]:
        """Unpack a part piece by piece; ``table``: a sheet, whose cells are counted by who reads it.

        Raises RefusedError once too much was unpacked, and KeyError for a part that is not there.
        """
        info = self._parts.getinfo(self.names[name])
        packed, unpacked = min(info.compress_size, self._packed), 0
        with self._parts.open(info) as part:
            while piece := part.read(PIECE):
                self.size += len(piece)
                unpacked += len(piece)
                self._tags += 0 if table else piece.count(b"<")
                dense = unpacked > DENSE_BYTES and unpacked > DENSITY_MAX * packed
                if dense or self.size > UNZIPPED_BYTES_MAX or self._tags > TAGS_MAX:
                    raise RefusedError("file_too_large", status=413)
                yield piece

    def go_through(self, names: Iterable[str]) -> None:
        """Unpack parts before somebody reads them, which takes much longer. Raises as ``pieces``."""
        size, tags = self.size, self._tags
        for name in self.names.keys() & set(names):
            for _ in self.pieces(name):
                pass
        self.size, self._tags = size, tags
