"""Lists from departments: each good row becomes facts, each bad one goes back, each unknown word waits."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from chassis.telemetry import redact
from contracts.envelope import event_id
from contracts.events.partner import (
    PartnerEvent,
    RosterReceived,
    RowsWaiting,
    StatusReported,
    WaitingRow,
)
from contracts.vocabulary import Source
from services.gateway.columns import words_of
from services.gateway.people import Admit, Admitted, Home, RowVault
from services.gateway.reading.cells import Window, plausible
from services.gateway.reading.characters import name_of, tidy
from services.gateway.reading.table import FAULT, NUMERIC, Row, Table, open_table
from services.gateway.refusals import (
    ZH,
    RefusedError,
    UnknownWordError,
    refuse_identity_in_text,
    refused,
)
from services.gateway.regions import PlaceNamer
from services.gateway.regions import as_written as place_as_written
from services.gateway.rows import KINDS, ListContext, ListKind, said_of
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
PHONE_NOTES = {"landline": "phone_landline", "unreadable": "phone_unreadable"}


@dataclass(frozen=True, slots=True)
class Who:
    """Whom a row names, as far as the sender must recognise it: no more than the last four digits."""

    name: str = ""
    last4: str = ""
    place: str = ""


NOBODY = Who()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that goes back: its number in the file, the reason, the field. ``word``: not understood."""

    row: int
    reason: str
    field: str = ""
    sheet: str = ""
    who: Who = NOBODY
    word: str = ""
    detail: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the rejection as the sender sees it."""
        message = ZH.get(self.reason, self.reason)
        return {
            "row": self.row, "reason": self.reason, "field": self.field, "message": message,
            "sheet": self.sheet, "name": self.who.name, "last4": self.who.last4,
            "place": self.who.place, "word": self.word, "detail": self.detail,
        }  # fmt: skip

    def as_kept(self) -> dict[str, object]:
        """Return the rejection without whom it names, for what operators see."""
        return {"row": self.row, "sheet": self.sheet, "reason": self.reason, "field": self.field}


@dataclass(frozen=True, slots=True)
class Taken:
    """A row that was taken, for the receipt: whose, which category, and whether it begins or ends."""

    person: str
    category: str
    action: str
    who: Who


@dataclass(slots=True)
class Roster:
    """A list read whole: the facts in it, the rows sent back, and the notice that it came.

    ``waiting``: rows with a word that nobody has explained; ``noted``: taken, but something in the
    row is of no use, such as a phone that is none.
    """

    facts: list[tuple[str, PartnerEvent]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    waiting: list[Rejected] = field(default_factory=list)
    noted: list[Rejected] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    questions: list[tuple[str, PartnerEvent]] = field(default_factory=list)
    heads: Mapping[tuple[str, str], str] = field(default_factory=dict)
    waiting_persons: set[str] = field(default_factory=set)
    received: RosterReceived | None = None
    table: Table = field(default_factory=Table)

    @property
    def accepted(self) -> int:
        """Count the rows that were taken; a row may become two facts."""
        return self.table.count - len(self.rejected) - len(self.waiting)


class NothingTakenError(RefusedError):
    """No row of a list could be taken: every one is named, so that the sender can mend them."""

    def __init__(self, rejected: Sequence[Rejected], table: Table) -> None:
        first = rejected[0].reason if rejected else ""
        super().__init__("no_valid_row", detail=first)
        self.rejected = rejected
        self.table = table

    def body(self) -> dict[str, object]:
        """Return the answer's JSON, with the rows."""
        return super().body() | {"rejected": [one.as_json() for one in self.rejected]}


@dataclass(frozen=True, slots=True)
class RosterDesk:
    """Reads a department's list."""

    admit: Admit
    now: Callable[[], datetime]
    place: PlaceNamer = place_as_written
    words_dir: Path | None = None
    rows: RowVault | None = None

    def read(
        self,
        source: Source,
        content: bytes,
        *,
        month: date,
        year: int,
        full: bool = False,
        learned: Iterable[tuple[str, str, str]] = (),
        batch: str = "",
    ) -> Roster:
        """Read a list of a source. ``month``: from when a row without a date holds.

        ``year``: the coverage year of a premium row without one. ``full``: the list names everybody,
        so absence is a removal. ``learned``: what the county said of words since; ``batch``: the
        list's own key, where the same file counts again. Raises RefusedError for the whole file; a
        bad row is only rejected itself.
        """
        kind = kind_of(source)
        if len(content) > FILE_BYTES_MAX:
            raise RefusedError("file_too_large", status=413)
        if full and not kind.may_be_full:
            raise RefusedError("full_list_not_supported", "full")
        words = words_of(source.value, self.words_dir).with_learned(learned)
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
        self._take_all(roster, kind, rows, of)
        if not roster.facts and not roster.waiting:
            raise NothingTakenError(roster.rejected, roster.table)
        roster.received = _notice(roster, of, digest)
        return roster

    def _take_all(
        self, roster: Roster, kind: ListKind, rows: Sequence[Row], of: ListContext
    ) -> None:
        seen: set[tuple[str, str]] = set()
        asked: list[WaitingRow] = []
        for row in rows:
            try:
                self._take(roster, seen, kind, row, of)
            except UnknownWordError as error:
                try:
                    asked.append(self._wait(roster, row, of, error))
                except RefusedError as personal:
                    roster.rejected.append(_back(row, personal, personal.field))
            except RefusedError as error:
                roster.rejected.append(_back(row, error, error.field))
            except ValidationError as error:
                wrong = refused(error)
                roster.rejected.append(_back(row, wrong, wrong.field))
        for start in range(0, len(asked), WAITING_A_MESSAGE):
            event = RowsWaiting(
                source=of.source, received=of.received, batch=of.batch, month=of.month, year=of.year,
                full=of.full, rows=tuple(asked[start : start + WAITING_A_MESSAGE]),
            )  # fmt: skip
            roster.questions.append((event_id("waiting", of.source.value, of.batch, start), event))

    def _take(
        self,
        roster: Roster,
        seen: set[tuple[str, str]],
        kind: ListKind,
        row: Row,
        of: ListContext,
    ) -> None:
        """Read one row into facts. Raises RefusedError."""
        if row.is_shifted():
            raise RefusedError("row_shifted", "id_number")
        person, notes = self.person(row, of.source, roster.heads)
        facts = kind.read(row, person, of)
        keys = []
        for fact in facts:
            refuse_identity_in_text(fact)
            what = (fact.person, said_of(fact))  # type: ignore[attr-defined]
            if what in seen:
                raise RefusedError("duplicate_row", "id_number")
            said = fact.fingerprint(*SEALED, "received")
            keys.append((event_id(of.source.value, of.batch, row.sheet, row.number, said), fact))
            seen.add(what)
        roster.facts += keys
        roster.noted += [_back(row, RefusedError(reason), name) for reason, name in notes]
        last = facts[-1]
        if isinstance(last, StatusReported):
            taken = Taken(last.person, last.category.value, last.action, _who_taken(row, last))
            roster.taken.append(taken)

    def _wait(
        self, roster: Roster, row: Row, of: ListContext, error: UnknownWordError
    ) -> WaitingRow:
        if redact(error.word) != error.word:
            raise RefusedError("identity_in_text", error.field)
        if len(error.word) > WORD_MAX:
            raise RefusedError("invalid_value", error.field)
        with suppress(RefusedError):
            roster.waiting_persons.add(self.person(row, of.source, roster.heads)[0].key)
        if self.rows is None:
            raise RefusedError("unknown_word", error.field)
        roster.waiting.append(_back(row, error, error.field, error.word))
        return WaitingRow(
            row=row.number, sheet=row.sheet[:50], column=error.field, word=error.word,
            cells_sealed=self.rows.seal(of.batch, row.as_kept()),
        )  # fmt: skip

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


def who_of(row: Row) -> Who:
    """Return whom a row names, for the sender's eyes; nothing that is a number in a text cell."""
    number = tidy(_plain(row.seen("id_number")))
    last4 = number[-4:] if len(number) >= 8 else ""
    place = "".join(tidy(_plain(row.seen(part))) for part in ("township", "village"))
    found = (name_of(_plain(row.seen("name"))), last4, place)
    name, last4, place = (text if redact(text) == text else "" for text in found)
    return Who(name[:30], last4, place[:60])


def _who_taken(row: Row, fact: StatusReported) -> Who:
    """Return whom a row names that was taken: its number is one, and its places were looked through."""
    name = name_of(row.seen("name"))
    place = f"{fact.township}{fact.village}"
    return Who(
        name[:30] if redact(name) == name else "", tidy(row.seen("id_number"))[-4:], place[:60]
    )


def _plain(text: str) -> str:
    return "" if text.startswith(("\0", FAULT)) else text


def _back(row: Row, error: RefusedError, name: str, word: str = "") -> Rejected:
    return Rejected(
        row.number, error.reason, name, row.sheet, who_of(row), word=word, detail=error.detail
    )


def _refuse_incomplete(rows: Sequence[Row]) -> None:
    for row in rows:
        if row.is_shifted():
            continue  # it goes back by itself: its cells stand under other columns
        for name in MUST_BE_FILLED:
            seen = row.seen(name)
            if not seen.startswith("\0") and not tidy(seen):
                raise RefusedError("list_incomplete", name, detail=f"row {row.number}")
