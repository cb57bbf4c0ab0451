"""Lists from departments: each good row becomes a fact, each bad one goes back with its reason."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, cast

from pydantic import ValidationError

from contracts.envelope import event_id
from contracts.events.partner import PartnerEvent, PremiumPaid, RosterReceived, StatusReported
from contracts.money import MoneyError, parse_yuan
from contracts.vocabulary import Source
from services.gateway.columns import ACTIONS, category_of, tidy
from services.gateway.people import Admitted
from services.gateway.refusals import ZH, RefusedError, refuse_identity_in_text, refused
from services.gateway.tables import NUMERIC_ID, Row, read_table

STATUS_FIELDS = ("name", "id_number", "category", "township")
PREMIUM_FIELDS = ("name", "id_number", "amount", "township")
SEALED = ("identity_sealed", "contact_sealed")
_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})?日?(?:\s.*|T.*)?")


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
        self, admit: Callable[[str, str, str], Admitted], now: Callable[[], datetime]
    ) -> None:
        self._admit = admit
        self._now = now

    def read(self, source: Source, content: bytes, *, month: date, year: int) -> Roster:
        """Read a list of a source. ``month``: from when a row without a date holds.

        ``year``: the coverage year of a premium row without one. Raises RefusedError for the
        whole file; a bad row is only rejected itself.
        """
        needed = PREMIUM_FIELDS if source == Source.TAX else STATUS_FIELDS
        digest = hashlib.sha256(content).hexdigest()
        at = self._now()
        roster = Roster()
        seen: set[tuple[str, str]] = set()
        rows = read_table(content, needed)
        for row in rows:
            try:
                fact = self._fact(source, row, digest[:16], at, month, year)
                refuse_identity_in_text(fact)
            except RefusedError as error:
                roster.rejected.append(Rejected(row.number, error.reason, error.field))
                continue
            except ValidationError as error:
                wrong = refused(error)
                roster.rejected.append(Rejected(row.number, wrong.reason, wrong.field))
                continue
            what = said_of(fact)
            if (fact.person, what) in seen:
                roster.rejected.append(Rejected(row.number, "duplicate_row", "id_number"))
                continue
            seen.add((fact.person, what))
            said = fact.fingerprint(*SEALED, "received")
            roster.facts.append((event_id(source.value, digest, row.number, said), fact))
        if not roster.facts:
            first = roster.rejected[0].reason if roster.rejected else ""
            raise RefusedError("no_valid_row", detail=first)
        roster.received = RosterReceived(
            source=source,
            received=at,
            batch=digest[:16],
            digest=digest,
            rows=len(rows),
            accepted=len(roster.facts),
            rejected=len(roster.rejected),
        )
        return roster

    def _fact(
        self, source: Source, row: Row, batch: str, at: datetime, month: date, year: int
    ) -> StatusReported | PremiumPaid:
        person = self._person(row)
        township = tidy(row.cells.get("township", ""))
        if not township:
            raise RefusedError("township_empty", "township")
        common = {
            "source": source,
            "received": at,
            "person": person.key,
            "township": township,
            "village": tidy(row.cells.get("village", "")),
            "batch": batch,
            "identity_sealed": person.identity_sealed,
            "contact_sealed": person.contact_sealed,
        }
        if source == Source.TAX:
            return PremiumPaid(
                coverage_year=_year(row.cells.get("coverage_year", ""), year),
                amount=_amount(row.cells.get("amount", "")),
                paid_on=_date(row.cells.get("paid_on", ""), "paid_on", month),
                **common,
            )
        category, sub_level = category_of(row.cells.get("category", ""))
        if category is None:
            raise RefusedError("unknown_category", "category")
        action = ACTIONS.get(tidy(row.cells.get("action", "")))
        if action is None:
            raise RefusedError("unknown_action", "action")
        return StatusReported(
            category=category,
            sub_level=sub_level,
            action=cast("Literal['granted', 'removed']", action),
            effective=_date(row.cells.get("effective", ""), "effective", month),
            **common,
        )

    def _person(self, row: Row) -> Admitted:
        number = row.cells.get("id_number", "")
        if number == NUMERIC_ID:
            raise RefusedError("id_numeric_cell", "id_number")
        name = tidy(row.cells.get("name", "")).replace("•", "·")
        if not name:
            raise RefusedError("name_empty", "name")
        try:
            return self._admit(tidy(number), name, tidy(row.cells.get("phone", "")))
        except RefusedError as error:
            raise RefusedError(error.reason, "id_number") from None


def said_of(fact: StatusReported | PremiumPaid) -> str:
    """Return what a row says about its person; the same said twice in a list is a mistake."""
    if isinstance(fact, PremiumPaid):
        return f"premium {fact.coverage_year}"
    return f"{fact.category} {fact.action}"


def _date(text: str, name: str, default: date) -> date:
    if not tidy(text):
        return default
    match = _DATE.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        year, month, day = match.groups()
        return date(int(year), int(month), int(day or 1))
    except ValueError:
        raise RefusedError("bad_date", name) from None


def _year(text: str, default: int) -> int:
    word = tidy(text)
    if not word:
        return default
    if not word[:4].isdigit() or not 2003 <= int(word[:4]) <= 2100:
        raise RefusedError("bad_date", "coverage_year")
    return int(word[:4])


def _amount(text: str) -> int:
    try:
        fen = parse_yuan(tidy(text).replace(",", "").removesuffix("元"))
    except MoneyError as error:
        raise RefusedError(error.reason, "amount") from None
    if fen < 0:
        raise RefusedError("negative_amount", "amount")
    return fen
