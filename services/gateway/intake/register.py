"""Reads the register of enrolled residents: a million lines, page by page, never whole in memory."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from contracts.events.lists import RegisterPage, RegisterReceived
from contracts.personal import redact
from contracts.vocabulary import RegisterKind, Source
from services.gateway.intake.reading import cells
from services.gateway.intake.reading.characters import tidy
from services.gateway.intake.reading.columns import Words, words_of
from services.gateway.intake.reading.table import NUMERIC, Row, Table, open_table
from services.gateway.intake.taken import Rejected, who_of
from services.gateway.refusals import RefusedError, UnknownWordError
from services.gateway.regions import PlaceNamer
from services.gateway.regions import as_written as place_as_written

PAGE_ROWS = 4_000
NEEDED = ("name", "id_number", "township")
FIELDS = frozenset({*NEEDED, "state", "insured_as", "valid_from", "valid_to", "coverage_year"})
REJECTED_SHOWN = 20_000
REGISTER_ROWS_MAX = 5_000_000
PIECE = 1 << 20

Tagger = Callable[[str, str], tuple[str, str]]
"""(identity number, name) → (person key, name tag). Raises RefusedError."""


@dataclass(slots=True)
class RegisterReading:
    """A register being read: pages come out as they fill, the notice once all is read.

    ``left_out``: rows that insure nobody as a resident in the year, by reason: suspended, ended,
    employees, other years.
    """

    source: Source
    year: int
    batch: str
    digest: str
    received: datetime
    place: PlaceNamer = place_as_written
    county_dir: Path | None = None
    learned: tuple[tuple[str, str, str], ...] = ()
    kind: RegisterKind = RegisterKind.ENROLLED
    rows: int = 0
    accepted: int = 0
    pages: int = 0
    rejected_count: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    table: Table = field(default_factory=Table)

    def pages_of(self, file: BinaryIO, tag: Tagger) -> Iterator[RegisterPage]:
        """Yield the pages of a file. Raises RefusedError for a file that is no register."""
        words = words_of(Source.BUREAU.value, self.county_dir).with_learned(self.learned)
        self.table = open_table(file, NEEDED, words, FIELDS, REGISTER_ROWS_MAX)
        persons: list[str] = []
        townships: list[str] = []
        tags: list[str] = []
        named = _Places(self.place, self.received.date())
        for row in self.table.rows:
            self.rows += 1
            try:
                if row.is_shifted():
                    raise RefusedError("row_shifted", "id_number")
                if (why := self._insures_nobody(row, words)) is not None:
                    self.left_out[why] += 1
                    continue
                person, name_tag = self._person(row, tag)
                townships.append(named.official(row.text("township")))
            except RefusedError as error:
                self._reject(row, error)
                continue
            persons.append(person)
            tags.append(name_tag)
            if len(persons) == PAGE_ROWS:
                yield self._page(persons, townships, tags)
                persons, townships, tags = [], [], []
        if persons:
            yield self._page(persons, townships, tags)
        if not self.accepted:
            raise RefusedError(
                "no_valid_row", detail=self.rejected[0].reason if self.rejected else ""
            )

    def _insures_nobody(self, row: Row, words: Words) -> str | None:
        """Return why a row insures nobody as a resident in the year, or None. Raises RefusedError."""
        at = row.columns.at
        if "state" in at and not words.is_insured(row.text("state")):
            return "not_insured"
        if "insured_as" in at and words.insured_of(row.text("insured_as")) == "EMPLOYEE":
            return "employee"
        if "coverage_year" in at and (text := tidy(row.text("coverage_year"))):
            year = text.removesuffix("年度").removesuffix("年")
            if (
                year != str(self.year)
                and cells.day_of(f"{year[:4]}-01", "coverage_year").year != self.year
            ):
                return "other_year"
        if "valid_to" in at and (text := row.text("valid_to").strip()):
            end = cells.end_of(cells.day_of(text, "valid_to"), "valid_to", self.received.date())
            if end is not None and end < date(self.year, 1, 1):
                return "ended"
        if "valid_from" in at and (text := row.text("valid_from").strip()):
            start = cells.day_of(text, "valid_from")
            cells.plausible(start, "valid_from", cells.SPANS, self.received.date())
            if start > date(self.year, 12, 31):
                return "other_year"
        return None

    def _person(self, row: Row, tag: Tagger) -> tuple[str, str]:
        number, name = row.text("id_number"), row.text("name")
        if number == NUMERIC:
            raise RefusedError("id_numeric_cell", "id_number")
        if not name.strip():
            raise RefusedError("name_empty", "name")
        return tag(tidy(number), name)

    def _page(self, persons: list[str], townships: list[str], tags: list[str]) -> RegisterPage:
        self.pages += 1
        self.accepted += len(persons)
        return RegisterPage(
            source=self.source, received=self.received, coverage_year=self.year, kind=self.kind,
            batch=self.batch, page=self.pages, persons=tuple(persons), townships=tuple(townships),
            name_tags=tuple(tags),
        )  # fmt: skip

    def _reject(self, row: Row, error: RefusedError) -> None:
        self.rejected_count += 1
        if len(self.rejected) < REJECTED_SHOWN:
            unknown = isinstance(error, UnknownWordError)
            word = error.word if isinstance(error, UnknownWordError) else ""
            reason = "unknown_state" if unknown else error.reason
            one = Rejected(row.number, reason, error.field, row.sheet, who_of(row), word=word)
            self.rejected.append(one)

    def notice(self) -> RegisterReceived:
        """Return the notice that makes the register count."""
        return RegisterReceived(
            source=self.source, received=self.received, coverage_year=self.year, kind=self.kind,
            batch=self.batch, digest=self.digest, pages=self.pages, rows=self.rows, accepted=self.accepted,
            rejected=self.rejected_count,
        )  # fmt: skip


class _Places:
    """Names townships; a register says the same twenty names a million times."""

    def __init__(self, place: PlaceNamer, day: date) -> None:
        self._place = place
        self._day = day
        self._known: dict[str, str] = {}

    def official(self, written: str) -> str:
        """Return a township's official name. Raises RefusedError."""
        found = self._known.get(written)
        if found is None:
            township = tidy(written)
            if not township:
                raise RefusedError("township_empty", "township")
            if redact(township) != township:
                raise RefusedError("identity_in_text", "township")
            found = self._known[written] = self._place(township, self._day)
        return found


def digest_of(file: BinaryIO) -> str:
    """Return the SHA-256 of a file, and go back to its beginning."""
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()
