"""What a row of each department's list says: the columns it needs, and the fact it becomes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, cast

from contracts.events.partner import (
    CoverageElsewhereReported,
    DeathReported,
    PartnerEvent,
    PremiumPaid,
    StatusReported,
)
from contracts.money import MoneyError, parse_yuan
from contracts.vocabulary import Source
from services.gateway.columns import Words, tidy, words_of
from services.gateway.people import Admitted
from services.gateway.refusals import RefusedError
from services.gateway.regions import PlaceNamer, as_written
from services.gateway.tables import Row

_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})?日?(?:\s.*|T.*)?")


@dataclass(frozen=True, slots=True)
class ListContext:
    """What a whole list says about each of its rows. ``full``: absence from it is a removal.

    ``words``: what its source's words mean; ``place``: what townships are called on a day.
    """

    source: Source
    batch: str
    received: datetime
    month: date
    year: int
    full: bool = False
    words: Words = field(default_factory=words_of)
    place: PlaceNamer = as_written


RowReader = Callable[[Row, Admitted, ListContext], PartnerEvent]


@dataclass(frozen=True, slots=True)
class ListKind:
    """A sort of list: the columns without which it is none, and how a row is read."""

    needed: tuple[str, ...]
    read: RowReader
    may_be_full: bool = False


def read_status(row: Row, person: Admitted, of: ListContext) -> StatusReported:
    """Read a row of a roster: who has, or no longer has, which identity."""
    category, sub_level = of.words.category_of(row.cells.get("category", ""))
    if category is None:
        raise RefusedError("unknown_category", "category")
    action = of.words.actions.get(tidy(row.cells.get("action", "")))
    if action is None:
        raise RefusedError("unknown_action", "action")
    if of.full and action == "removed":
        raise RefusedError("removal_in_full_list", "action")
    return StatusReported(
        source=of.source,
        received=of.received,
        person=person.key,
        category=category,
        sub_level=sub_level,
        action=action,
        effective=day_of(row.cells.get("effective", ""), "effective", of.month),
        township=_township(row, of),
        village=tidy(row.cells.get("village", "")),
        batch=of.batch,
        listed=of.month if of.full else None,
        name_tag=person.name_tag,
        infant_born=person.infant_born,
        household=person.household,
        identity_sealed=person.identity_sealed,
        contact_sealed=person.contact_sealed,
    )


def read_premium(row: Row, person: Admitted, of: ListContext) -> PremiumPaid:
    """Read a row of the tax office: who paid a premium for which year."""
    return PremiumPaid(
        source=of.source,
        received=of.received,
        person=person.key,
        coverage_year=_year(row.cells.get("coverage_year", ""), of.year),
        amount=_amount(row.cells.get("amount", "")),
        paid_on=day_of(row.cells.get("paid_on", ""), "paid_on", of.month),
        township=_township(row, of),
        village=tidy(row.cells.get("village", "")),
        batch=of.batch,
        name_tag=person.name_tag,
        infant_born=person.infant_born,
        identity_sealed=person.identity_sealed,
        contact_sealed=person.contact_sealed,
    )


def read_death(row: Row, person: Admitted, of: ListContext) -> DeathReported:
    """Read a row of police, funeral home or health: who died when, or did not."""
    action = of.words.deaths.get(tidy(row.cells.get("action", "")))
    if action is None:
        raise RefusedError("unknown_action", "action")
    text = row.cells.get("died", "")
    if not tidy(text):
        raise RefusedError("bad_date", "died")
    died = day_of(text, "died", of.month)
    if died > of.received.date():
        raise RefusedError("bad_date", "died")
    return DeathReported(
        source=of.source,
        received=of.received,
        person=person.key,
        died=died,
        action=action,
    )


def read_elsewhere(row: Row, person: Admitted, of: ListContext) -> CoverageElsewhereReported:
    """Read a row of another insurer: who is insured there, since when and until when."""
    insured_as = of.words.insured_as.get(tidy(row.cells.get("insured_as", "")))
    if of.source is Source.EMPLOYEE_INSURANCE:
        reason = "LOCAL_EMPLOYEE"
    elif insured_as is None:
        raise RefusedError("unknown_insurance", "insured_as")
    else:
        reason = f"OTHER_AREA_{insured_as}"
    until = row.cells.get("valid_to", "")
    start = day_of(row.cells.get("valid_from", ""), "valid_from", of.month)
    end = day_of(until, "valid_to", of.month) if tidy(until) else None
    if end is not None and end < start:
        raise RefusedError("bad_date", "valid_to")
    return CoverageElsewhereReported(
        source=of.source,
        received=of.received,
        person=person.key,
        reason=cast("Literal['LOCAL_EMPLOYEE']", reason),
        valid_from=start,
        valid_to=end,
        evidence=tidy(row.cells.get("evidence", "")),
    )


_ROSTER = ListKind(("name", "id_number", "category", "township"), read_status, may_be_full=True)
_DEATHS = ListKind(("name", "id_number", "died"), read_death)
_ELSEWHERE = ListKind(("name", "id_number"), read_elsewhere)

KINDS: Mapping[Source, ListKind] = {
    Source.CIVIL_AFFAIRS: _ROSTER,
    Source.RURAL_REVITALISATION: _ROSTER,
    Source.DISABLED_FEDERATION: _ROSTER,
    Source.TAX: ListKind(("name", "id_number", "amount", "township"), read_premium),
    Source.POLICE: _DEATHS,
    Source.FUNERAL_HOME: _DEATHS,
    Source.HEALTH: _DEATHS,
    Source.EMPLOYEE_INSURANCE: _ELSEWHERE,
    Source.OTHER_AREA: _ELSEWHERE,
}


def said_of(fact: PartnerEvent) -> str:
    """Return what a row says about its person; the same said twice in a list is a mistake."""
    if isinstance(fact, PremiumPaid):
        return f"premium {fact.coverage_year}"
    if isinstance(fact, StatusReported):
        return f"{fact.category} {fact.action}"
    if isinstance(fact, CoverageElsewhereReported):
        return f"elsewhere {fact.reason} {fact.valid_from}"
    return "death"


def day_of(text: str, name: str, default: date) -> date:
    """Read a date as spreadsheets write it; an empty one is the list's. Raises RefusedError."""
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


def _township(row: Row, of: ListContext) -> str:
    """Return the official name on the day of the list: people are counted where they live now."""
    township = tidy(row.cells.get("township", ""))
    if not township:
        raise RefusedError("township_empty", "township")
    return of.place(township, of.received.date())


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
