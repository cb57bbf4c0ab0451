"""Lists from departments: each good row becomes facts, each bad one goes back, each unknown word waits."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from contracts.envelope import event_id
from contracts.events.lists import RosterReceived, RowsWaiting, WaitingRow
from contracts.events.partner import PartnerEvent, StatusReported
from contracts.personal import redact
from contracts.vocabulary import Source
from services.gateway.intake.people import Admit, Admitted, Home, RowVault
from services.gateway.intake.reading.cells import Window, plausible
from services.gateway.intake.reading.characters import name_of, tidy
from services.gateway.intake.reading.columns import words_of
from services.gateway.intake.reading.table import NUMERIC, Row, open_table
from services.gateway.intake.rows import KINDS, ListContext, ListKind, said_of
from services.gateway.intake.taken import NothingTakenError, Roster, Taken, back, who_taken
from services.gateway.refusals import (
    RefusedError,
    UnknownWordError,
    refuse_identity_in_text,
    refused,
)
from services.gateway.regions import PlaceNamer
from services.gateway.regions import as_written as place_as_written
from services.gateway.settings import FILE_BYTES_MAX

SEALED = ("identity_sealed", "contact_sealed")
MONTHS = Window(date(2000, 1, 1))
"""Full lists may be of any month since the rural schemes began, and of none that has not come."""
MUST_BE_FILLED = ("id_number", "category")
"""In a full list a row without these would silently remove somebody, so the whole file goes back."""
WAITING_A_MESSAGE = 200
WORD_MAX = 60
HOUSEHOLD_DIGITS = 8
NO_HEADS: Mapping[tuple[str, str], str] = MappingProxyType({})
Fact = tuple[str, PartnerEvent]
"""An event's id, and the event."""
PHONE_NOTES = {"landline": "phone_landline", "unreadable": "phone_unreadable"}


@dataclass(frozen=True, slots=True)
class RosterReader:
    """Reads a department's list."""

    admit: Admit
    now: Callable[[], datetime]
    place: PlaceNamer = place_as_written
    county_dir: Path | None = None
    rows: RowVault | None = None

    def begin(
        self,
        source: Source,
        content: bytes,
        *,
        month: date,
        year: int,
        full: bool = False,
        learned: Iterable[tuple[str, str, str]] = (),
        batch: str = "",
    ) -> "RosterReading":
        """Read a list's rows, and refuse the file where it must go back whole; no row is taken yet.

        ``month``: from when a row without a date holds. ``year``: the coverage year of a premium row
        without one. ``full``: the list names everybody, so absence is a removal. ``learned``: what the
        county said of words since; ``batch``: the list's own key, where the same file counts again.
        Raises RefusedError.
        """
        kind = kind_of(source)
        if len(content) > FILE_BYTES_MAX:
            raise RefusedError("file_too_large", status=413)
        if full and not kind.may_be_full:
            raise RefusedError("full_list_not_supported", "full")
        words = words_of(source.value, self.county_dir).with_learned(learned)
        now, starts = self.now(), month.replace(day=1)
        if full:
            plausible(starts, "month", MONTHS, now.date())
        roster = Roster(table=open_table(content, kind.needed, words, kind.fields))
        rows = list(roster.table.rows)
        if full:
            _refuse_incomplete(rows)
        digest = hashlib.sha256(content).hexdigest()
        own = batch or batch_of(source, digest, starts, year)
        of = ListContext(source, own, now, starts, year, full, words, self.place)
        roster.heads = heads_of(rows)
        return RosterReading(self, kind, of, digest, rows, roster)

    def person(
        self, row: Row, source: Source, heads: Mapping[tuple[str, str], str] = NO_HEADS
    ) -> tuple[Admitted, list[tuple[str, str]]]:
        """Return whom a row is about, and what of it is of no use. Raises RefusedError.

        ``heads``: (township, number of a household) → its head's number, as other rows say.
        """
        number = row.text("id_number")
        if number == NUMERIC:
            raise RefusedError("id_numeric_cell", "id_number")
        name = name_of(row.text("name"))
        if not name:
            raise RefusedError("name_empty", "name")
        notes: list[tuple[str, str]] = []
        head_id = tidy(row.text("head_id"))
        if head_id == tidy(NUMERIC):
            head_id = ""
            notes.append(("head_id_numeric", "head_id"))
        home_no, township = tidy(row.text("household_no")), tidy(row.text("township"))
        head_id = head_id or heads.get((township, home_no), "")
        # Short numbers begin anew in each township; long ones are the county's.
        area = township if len(home_no) < HOUSEHOLD_DIGITS else ""
        own = f"{source.value}\0{area}\0{home_no}" if home_no else ""
        home = Home(name_of(row.text("household_head")), head_id, own)
        try:
            person = self.admit(tidy(number), name, row.text("phone"), home)
        except RefusedError as error:
            raise RefusedError(error.reason, "id_number") from None
        if person.phone in PHONE_NOTES:
            notes.append((PHONE_NOTES[person.phone], "phone"))
        return person, notes


@dataclass(slots=True)
class RosterReading:
    """A list whose rows are read: the facts come out some thousand at a time, the notice at the end."""

    desk: RosterReader
    kind: ListKind
    of: ListContext
    digest: str
    rows: list[Row]
    roster: Roster
    seen: set[tuple[str, str]] = field(default_factory=set)
    asked: list[WaitingRow] = field(default_factory=list)

    def facts(self, most: int = 0) -> Iterator[list[Fact]]:
        """Take every row, and yield the facts of at most so many rows; a bad row is rejected itself."""
        step = most or max(1, len(self.rows))
        for start in range(0, len(self.rows), step):
            before = len(self.roster.facts)
            for row in self.rows[start : start + step]:
                self._take(row)
            yield self.roster.facts[before:]

    def whole(self) -> Roster:
        """Take every row at once, and return the list with its notice. Raises NothingTakenError."""
        for _ in self.facts():
            pass
        self.finish()
        return self.roster

    def finish(self) -> None:
        """Add what is asked, and the notice that makes the list whole. Raises NothingTakenError."""
        roster, of = self.roster, self.of
        for start in range(0, len(self.asked), WAITING_A_MESSAGE):
            event = RowsWaiting(
                source=of.source, received=of.received, batch=of.batch, month=of.month, year=of.year,
                full=of.full, rows=tuple(self.asked[start : start + WAITING_A_MESSAGE]),
            )  # fmt: skip
            roster.questions.append((event_id("waiting", of.source.value, of.batch, start), event))
        if not roster.facts and not roster.waiting:
            raise NothingTakenError(roster.rejected, roster.table)
        roster.received = _notice(roster, of, self.digest)

    def _take(self, row: Row) -> None:
        roster = self.roster
        try:
            self._read(row)
        except UnknownWordError as error:
            try:
                self.asked.append(self._wait(row, error))
            except RefusedError as personal:
                roster.rejected.append(back(row, personal, personal.field))
        except RefusedError as error:
            roster.rejected.append(back(row, error, error.field))
        except ValidationError as error:
            wrong = refused(error)
            roster.rejected.append(back(row, wrong, wrong.field))

    def _read(self, row: Row) -> None:
        """Read one row into facts. Raises RefusedError."""
        if row.is_shifted():
            raise RefusedError("row_shifted", "id_number")
        roster, of = self.roster, self.of
        person, notes = self.desk.person(row, of.source, roster.heads)
        facts = self.kind.read(row, person, of)
        keys = []
        for fact in facts:
            refuse_identity_in_text(fact)
            what = (fact.person, said_of(fact))  # type: ignore[attr-defined]
            if what in self.seen:
                raise RefusedError("duplicate_row", "id_number")
            said = fact.fingerprint(*SEALED, "received")
            keys.append((event_id(of.source.value, of.batch, row.sheet, row.number, said), fact))
            self.seen.add(what)
        roster.facts += keys
        roster.noted += [back(row, RefusedError(reason), name) for reason, name in notes]
        last = facts[-1]
        if isinstance(last, StatusReported):
            taken = Taken(last.person, last.category.value, last.action, who_taken(row, last))
            roster.taken.append(taken)

    def _wait(self, row: Row, error: UnknownWordError) -> WaitingRow:
        roster, of, sealer = self.roster, self.of, self.desk.rows
        if redact(error.word) != error.word:
            raise RefusedError("identity_in_text", error.field)
        if len(error.word) > WORD_MAX:
            raise RefusedError("invalid_value", error.field)
        with suppress(RefusedError):
            roster.waiting_persons.add(self.desk.person(row, of.source, roster.heads)[0].key)
        if sealer is None:
            raise RefusedError("unknown_word", error.field)
        roster.waiting.append(back(row, error, error.field, error.word))
        return WaitingRow(
            row=row.number, sheet=row.sheet[:50], column=error.field, word=error.word,
            cells_sealed=sealer.seal(of.batch, row.as_kept()),
        )  # fmt: skip


def kind_of(source: Source) -> ListKind:
    """Return the sort of list that a source sends. Raises RefusedError with 404."""
    kind = KINDS.get(source)
    if kind is None:
        raise RefusedError("unknown_source", "source", 404)
    return kind


def batch_of(source: Source, digest: str, month: date, year: int, again: int = 0) -> str:
    """Return a list's key: by whose it is, its bytes, month and year, and how often it counted before."""
    more = [again] if again else []
    return event_id(source.value, digest, month.isoformat(), year, *more)[:16]


def heads_of(rows: Iterable[Row]) -> dict[tuple[str, str], str]:
    """Return (township, number of a household) → its head's number, where the rows name one only."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        number, head = (tidy(row.seen(name)) for name in ("household_no", "head_id"))
        if number and head and not row.seen("head_id").startswith("\0"):
            found.setdefault((tidy(row.seen("township")), number), set()).add(head)
    return {home: heads.pop() for home, heads in found.items() if len(heads) == 1}


def _notice(roster: Roster, of: ListContext, digest: str) -> RosterReceived:
    stand = {(one.person, one.category) for one in roster.taken if one.action == "granted"}
    return RosterReceived(
        source=of.source,
        received=of.received,
        batch=of.batch,
        digest=digest,
        rows=roster.table.count,
        accepted=roster.accepted,
        rejected=len(roster.rejected),
        hiding=sum(one.reason != "duplicate_row" for one in roster.rejected),
        month=of.month if of.full else None,
        standing=len(stand) if of.full else None,
        waiting=len(roster.waiting),
    )


def _refuse_incomplete(rows: Sequence[Row]) -> None:
    for row in rows:
        if row.is_shifted():
            continue  # it goes back by itself: its cells stand under other columns
        for name in MUST_BE_FILLED:
            seen = row.seen(name)
            if not seen.startswith("\0") and not tidy(seen):
                raise RefusedError("list_incomplete", name, detail=f"row {row.number}")
