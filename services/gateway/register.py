"""Reads the register of enrolled residents: a CSV of a million lines, page by page, never whole in memory."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO

from chassis.telemetry import redact
from contracts.events.partner import RegisterPage, RegisterReceived
from contracts.vocabulary import Source
from services.gateway.columns import tidy, words_of
from services.gateway.refusals import RefusedError
from services.gateway.rosters import Rejected

PAGE_ROWS = 4_000
NEEDED = ("name", "id_number", "township")
REJECTED_SHOWN = 2_000
SNIFFED_BYTES = 1 << 20

Tagger = Callable[[str, str], tuple[str, str]]
"""(identity number, name) → (person key, name tag). Raises RefusedError."""


@dataclass(slots=True)
class RegisterReading:
    """A register being read: pages come out as they fill, the notice once all is read."""

    source: Source
    year: int
    batch: str
    digest: str
    received: datetime
    rows: int = 0
    accepted: int = 0
    pages: int = 0
    rejected_count: int = 0
    rejected: list[Rejected] = field(default_factory=list)

    def pages_of(self, file: BinaryIO, tag: Tagger) -> Iterator[RegisterPage]:
        """Yield the pages of a file. Raises RefusedError for a file that is no register."""
        persons: list[str] = []
        townships: list[str] = []
        tags: list[str] = []
        for number, number_text, name, township in _rows(file):
            self.rows += 1
            try:
                if not township:
                    raise RefusedError("township_empty", "township")
                if redact(township) != township:
                    raise RefusedError("identity_in_text", "township")
                if not name.strip():
                    raise RefusedError("name_empty", "name")
                person, name_tag = tag(number_text, name)
            except RefusedError as error:
                self._reject(number, error)
                continue
            persons.append(person)
            townships.append(township)
            tags.append(name_tag)
            if len(persons) == PAGE_ROWS:
                yield self._page(persons, townships, tags)
                persons, townships, tags = [], [], []
        if persons:
            yield self._page(persons, townships, tags)
        if not self.accepted:
            raise RefusedError("no_valid_row")

    def _page(self, persons: list[str], townships: list[str], tags: list[str]) -> RegisterPage:
        self.pages += 1
        self.accepted += len(persons)
        return RegisterPage(
            source=self.source, received=self.received, coverage_year=self.year, batch=self.batch,
            page=self.pages, persons=tuple(persons), townships=tuple(townships),
            name_tags=tuple(tags),
        )  # fmt: skip

    def _reject(self, number: int, error: RefusedError) -> None:
        self.rejected_count += 1
        if len(self.rejected) < REJECTED_SHOWN:
            self.rejected.append(Rejected(number, error.reason, error.field))

    def notice(self) -> RegisterReceived:
        """Return the notice that makes the register count."""
        return RegisterReceived(
            source=self.source, received=self.received, coverage_year=self.year, batch=self.batch,
            digest=self.digest, pages=self.pages, rows=self.rows, accepted=self.accepted,
            rejected=self.rejected_count,
        )  # fmt: skip


def digest_of(file: BinaryIO) -> str:
    """Return the SHA-256 of a file, and go back to its beginning."""
    digest = hashlib.sha256()
    while piece := file.read(SNIFFED_BYTES):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def _rows(file: BinaryIO) -> Iterator[tuple[int, str, str, str]]:
    """Yield (row number, identity number, name, township) of a CSV in UTF-8 or GB18030."""
    text = io.TextIOWrapper(file, encoding=_encoding(file), errors="strict", newline="")
    lines = csv.reader(text)
    try:
        header = next(lines, [])
        words = words_of(Source.BUREAU.value)
        fields = [words.field_of(cell) for cell in header]
        missing = [name for name in NEEDED if name not in fields]
        if missing:
            raise RefusedError("missing_header", ",".join(missing))
        name_at, id_at, town_at = (fields.index(name) for name in NEEDED)
        last = max(name_at, id_at, town_at)
        for number, cells in enumerate(lines, start=2):
            if len(cells) > last:
                yield number, tidy(cells[id_at]), cells[name_at], tidy(cells[town_at])
            elif any(cells):
                yield number, "", "", ""
    except UnicodeDecodeError:
        raise RefusedError("wrong_encoding") from None
    except csv.Error as error:
        raise RefusedError("not_a_table", detail=str(error)) from None
    finally:
        text.detach()


def _encoding(file: BinaryIO) -> str:
    """Choose by the beginning, cut at a line so that no character is halved."""
    sample = file.read(SNIFFED_BYTES)
    file.seek(0)
    whole = sample[: sample.rfind(b"\n") + 1] or sample
    try:
        whole.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"
