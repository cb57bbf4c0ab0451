"""Lists from departments: each good row becomes a fact, each bad one goes back with its reason."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from pydantic import ValidationError

from contracts.envelope import event_id
from contracts.events.partner import PartnerEvent, RosterReceived
from contracts.vocabulary import Source
from services.gateway.columns import tidy, words_of
from services.gateway.people import Admit, Admitted, Home, as_written
from services.gateway.refusals import ZH, RefusedError, refuse_identity_in_text, refused
from services.gateway.regions import PlaceNamer
from services.gateway.regions import as_written as place_as_written
from services.gateway.rows import KINDS, ListContext, ListKind, said_of
from services.gateway.tables import NUMERIC_ID, Row, read_table

SEALED = ("identity_sealed", "contact_sealed")
MONTHS_BACK_MOST = 60
MUST_BE_FILLED = ("id_number", "category")
"""In a full list a row without these would silently remove somebody, so the whole file goes back."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that goes back: its number in the file, the reason, the field."""

    row: int
    reason: str
    field: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the rejection as the sender sees it."""
        message = ZH.get(self.reason, self.reason)
        return {"row": self.row, "reason": self.reason, "field": self.field, "message": message}


@dataclass(slots=True)
class Roster:
    """A list read whole: the facts in it, the rows sent back, and the notice that it came."""

    facts: list[tuple[str, PartnerEvent]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    received: RosterReceived | None = None


class RosterDesk:
    """Reads a department's list."""

    def __init__(
        self,
        admit: Admit,
        now: Callable[[], datetime],
        place: PlaceNamer = place_as_written,
        words_dir: Path | None = None,
    ) -> None:
        self._admit = admit
        self._now = now
        self._place = place
        self._words_dir = words_dir

    def read(
        self, source: Source, content: bytes, *, month: date, year: int, full: bool = False
    ) -> Roster:
        """Read a list of a source. ``month``: from when a row without a date holds.

        ``year``: the coverage year of a premium row without one. ``full``: the list names everybody,
        so absence is a removal. Raises RefusedError for the whole file; a bad row is only rejected
        itself.
        """
        kind = KINDS.get(source)
        if kind is None:
            raise RefusedError("unknown_source", "source", 404)
        if full and not kind.may_be_full:
            raise RefusedError("full_list_not_supported", "full")
        words = words_of(source.value, self._words_dir)
        rows = read_table(content, kind.needed, words)
        if full:
            _refuse_incomplete(rows)
        digest = hashlib.sha256(content).hexdigest()
        starts, now = month.replace(day=1), self._now()
        if full:
            _refuse_strange_month(starts, now.date())
        batch = event_id(digest, starts.isoformat())[:16] if full else digest[:16]
        of = ListContext(source, batch, now, starts, year, full, words, self._place)
        roster = Roster()
        seen: set[tuple[str, str]] = set()
        for row in rows:
            self._take(roster, seen, kind, row, of)
        if not roster.facts:
            first = roster.rejected[0].reason if roster.rejected else ""
            raise RefusedError("no_valid_row", detail=first)
        roster.received = RosterReceived(
            source=source,
            received=of.received,
            batch=of.batch,
            digest=digest,
            rows=len(rows),
            accepted=len(roster.facts),
            rejected=len(roster.rejected),
            month=of.month if full else None,
        )
        return roster

    def _take(
        self,
        roster: Roster,
        seen: set[tuple[str, str]],
        kind: ListKind,
        row: Row,
        of: ListContext,
    ) -> None:
        """Read one row into the facts, or into the rejected ones."""
        try:
            fact = kind.read(row, self._person(row, source=of.source), of)
            refuse_identity_in_text(fact)
            what = (fact.person, said_of(fact))  # type: ignore[attr-defined]
            if what in seen:
                raise RefusedError("duplicate_row", "id_number")
        except RefusedError as error:
            roster.rejected.append(Rejected(row.number, error.reason, error.field))
        except ValidationError as error:
            wrong = refused(error)
            roster.rejected.append(Rejected(row.number, wrong.reason, wrong.field))
        else:
            seen.add(what)
            said = fact.fingerprint(*SEALED, "received")
            roster.facts.append((event_id(of.source.value, of.batch, row.number, said), fact))

    def _person(self, row: Row, source: Source) -> Admitted:
        number = row.cells.get("id_number", "")
        if number == NUMERIC_ID:
            raise RefusedError("id_numeric_cell", "id_number")
        name = as_written(row.cells.get("name", ""))
        if not name:
            raise RefusedError("name_empty", "name")
        said = {key: tidy(row.cells.get(key, "")) for key in ("phone", "head_id", "household_no")}
        own = f"{source.value}\0{said['household_no']}" if said["household_no"] else ""
        head_id = "" if said["head_id"] == NUMERIC_ID else said["head_id"]
        home = Home(as_written(row.cells.get("household_head", "")), head_id, own)
        try:
            return self._admit(tidy(number), name, said["phone"], home)
        except RefusedError as error:
            raise RefusedError(error.reason, "id_number") from None


def _refuse_strange_month(month: date, today: date) -> None:
    """A month mistyped in a full list would end or begin identities years away."""
    age = (today.year - month.year) * 12 + today.month - month.month
    if not 0 <= age <= MONTHS_BACK_MOST:
        raise RefusedError("bad_date", "month")


def _refuse_incomplete(rows: list[Row]) -> None:
    for row in rows:
        for name in MUST_BE_FILLED:
            if not tidy(row.cells.get(name, "").replace(NUMERIC_ID, "x")):
                raise RefusedError("list_incomplete", name, detail=f"row {row.number}")
