"""What a row of each department's list says: the columns it needs, and the facts it becomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, cast

from chassis.language import tr
from contracts.events.partner import (
    CoverageElsewhereReported,
    DeathReported,
    PartnerEvent,
    PremiumPaid,
    StatusReported,
)
from contracts.vocabulary import PARTNERS, Source
from services.gateway.intake.people import Admitted
from services.gateway.intake.reading import cells
from services.gateway.intake.reading.characters import tidy
from services.gateway.intake.reading.columns import Words, words_of
from services.gateway.intake.reading.table import Row
from services.gateway.refusals import RefusedError, UnknownWordError
from services.gateway.regions import PlaceNamer, as_written


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

    @property
    def today(self) -> date:
        """The day on which the list came."""
        return self.received.date()


RowReader = Callable[[Row, Admitted, ListContext], tuple[PartnerEvent, ...]]


@dataclass(frozen=True, slots=True)
class ListKind:
    """A sort of list: the columns without which it is none, those it reads, and how a row is read."""

    needed: tuple[str, ...]
    fields: frozenset[str]
    read: RowReader
    may_be_full: bool = False


def read_status(row: Row, person: Admitted, of: ListContext) -> tuple[PartnerEvent, ...]:
    """Read a row of a roster: who has, or no longer has, which identity.

    A monitored person whose risk is gone had the identity from the day of recognition to that day.
    """
    text = row.text("category")
    if not tidy(text):
        raise RefusedError("unknown_category", "category", detail=tr("人员类别为空"))
    category, sub_level = of.words.category_of(text)
    if category is None:
        raise UnknownWordError("category", tidy(text))
    action = of.words.action_of(row.text("action"))
    if of.full and action == "removed":
        raise RefusedError("removal_in_full_list", "action")
    granted = _day(row, "effective", cells.STATUSES, of) or of.month
    # A list that names an end says two things at once: since when, and until when.
    end = _end_of(row, of)
    ends = action == "removed" or end is not None
    day = end or granted
    report = StatusReported(
        source=of.source,
        received=of.received,
        person=person.key,
        category=category,
        sub_level=sub_level,
        action="removed" if ends else "granted",
        effective=day,
        township=_township(row, of),
        village=tidy(row.text("village")),
        batch=of.batch,
        listed=of.month if of.full else None,
        name_tag=person.name_tag,
        infant_born=person.infant_on(granted),
        household=person.household,
        holds=person.holds,
        identity_sealed=person.identity_sealed,
        contact_sealed=person.contact_sealed,
    )
    if end is not None and granted < day:
        begun = {"action": "granted", "effective": granted, "listed": None}
        return report.model_copy(update=begun), report
    return (report,)


ENDED_BY = frozenset({"risk_gone_on", "removed_on", "risk_gone", "standing"})


def _end_of(row: Row, of: ListContext) -> date | None:
    """Return from when on a roster's row says that the identity is no more; None if it holds.

    By a state (风险是否已消除, 救助状态) or by a day of its end, whichever the list has; a state without a
    day ends with the list's month. Raises RefusedError where the two contradict each other.
    """
    if ENDED_BY.isdisjoint(row.columns.at):
        return None
    told = [_day(row, name, cells.STATUSES, of) for name in ("risk_gone_on", "removed_on")]
    end = next((one for one in told if one is not None), None)
    gone = of.words.is_risk_gone(row.text("risk_gone"))
    if end is not None and not gone and tidy(row.text("risk_gone")):
        raise RefusedError("invalid_value", "risk_gone_on", detail=tr("风险未消除，却有消除时间"))
    stands = of.words.action_of(row.text("standing")) == "granted"
    if end is None and (gone or not stands):
        return of.month
    return end


def read_premium(row: Row, person: Admitted, of: ListContext) -> tuple[PartnerEvent, ...]:
    """Read a row of the tax office: who paid a premium for which year."""
    if not of.words.is_paid(row.text("payment_state")):
        raise RefusedError("payment_void", "payment_state")
    year = _year(row.text("coverage_year"), of.year)
    paid_on = _day(row, "paid_on", cells.PAYMENTS, of) or _paid_in(year, of)
    paid = PremiumPaid(
        source=of.source,
        received=of.received,
        person=person.key,
        coverage_year=cells.coverage_year_of(year, paid_on),
        amount=cells.yuan_of(row.text("amount"), "amount"),
        paid_on=paid_on,
        township=_township(row, of),
        village=tidy(row.text("village")),
        batch=of.batch,
        name_tag=person.name_tag,
        infant_born=person.infant_on(paid_on),
        holds=person.holds,
        identity_sealed=person.identity_sealed,
        contact_sealed=person.contact_sealed,
    )
    return (paid,)


def read_death(row: Row, person: Admitted, of: ListContext) -> tuple[PartnerEvent, ...]:
    """Read a row of police, funeral home or health: who died when, or did not.

    Where a list has both, the day of death counts and not the day on which it was registered.
    """
    action = of.words.death_of(row.text("action"))
    if of.words.death_of(row.text("death_reason")) == "none" or action == "none":
        raise RefusedError("not_a_death", "death_reason")
    name = "died" if "died" in row.columns.at else "deregistered"
    died = _day(row, name, cells.EVENTS, of)
    if died is None or died > of.today:
        raise RefusedError("bad_date", name, detail=tr("死亡日期为空或在今天之后"))
    return (
        DeathReported(
            source=of.source, received=of.received, person=person.key, died=died, action=action
        ),
    )


def read_elsewhere(row: Row, person: Admitted, of: ListContext) -> tuple[PartnerEvent, ...]:
    """Read a row of another insurer: who is insured there, since when and until when."""
    insured_as = of.words.insured_of(row.text("insured_as"))
    if of.source is Source.EMPLOYEE_INSURANCE:
        reason = "LOCAL_EMPLOYEE"
    elif insured_as is None:
        raise RefusedError("unknown_insurance", "insured_as")
    else:
        reason = f"OTHER_AREA_{insured_as}"
    start = _day(row, "valid_from", cells.SPANS, of) or of.month
    text = row.text("valid_to")
    if not of.words.is_insured(row.text("state")) and not tidy(text):
        raise RefusedError("end_missing", "valid_to")
    end = cells.end_of(cells.day_of(text, "valid_to"), "valid_to", of.today) if tidy(text) else None
    if end is not None and end < start:
        raise RefusedError("bad_date", "valid_to", detail=tr("结束日期早于开始日期"))
    return (
        CoverageElsewhereReported(
            source=of.source,
            received=of.received,
            person=person.key,
            reason=cast("Literal['LOCAL_EMPLOYEE']", reason),
            valid_from=start,
            valid_to=end,
            evidence=tidy(row.text("evidence")),
        ),
    )


_WHO = frozenset({"name", "id_number", "phone"})
_WHERE = frozenset({"township", "village"})
_HOME = frozenset({"household_head", "head_id", "household_no"})
_ROSTER = ListKind(
    ("name", "id_number", "category", "township"),
    _WHO | _WHERE | _HOME | {"category", "effective", "action", "removed_on", "standing"},
    read_status, may_be_full=True,
)  # fmt: skip
_MONITORED = ListKind(
    _ROSTER.needed, _ROSTER.fields | {"risk_gone", "risk_gone_on"}, read_status, may_be_full=True
)
_DEATHS = ListKind(
    ("name", "id_number", "died|deregistered"),
    _WHO | {"died", "deregistered", "action", "death_reason"},
    read_death,
)
_ELSEWHERE = ListKind(
    ("name", "id_number"),
    _WHO | {"insured_as", "valid_from", "valid_to", "evidence", "state"}, read_elsewhere,
)  # fmt: skip

_PREMIUMS = ListKind(
    ("name", "id_number", "amount", "township"),
    _WHO | _WHERE | {"amount", "paid_on", "coverage_year", "payment_state"}, read_premium,
)  # fmt: skip
_BY_NAME = {
    "roster": _ROSTER, "monitored": _MONITORED, "premiums": _PREMIUMS, "deaths": _DEATHS,
    "elsewhere": _ELSEWHERE,
}  # fmt: skip

KINDS: Mapping[Source, ListKind] = {
    Source(code): _BY_NAME[one.list] for code, one in PARTNERS.items() if one.list is not None
}
"""The list that each department sends, as its file says."""


def said_of(fact: PartnerEvent) -> str:
    """Return what a row says about its person; the same said twice in a list is a mistake.

    Another action or another day is another fact: granted, removed and granted again in one file.
    """
    if isinstance(fact, PremiumPaid):
        return f"premium {fact.coverage_year}"
    if isinstance(fact, StatusReported):
        return f"{fact.category} {fact.action} {fact.effective if fact.listed is None else ''}"
    if isinstance(fact, CoverageElsewhereReported):
        return f"elsewhere {fact.reason} {fact.valid_from}"
    return "death"


def _day(row: Row, name: str, window: cells.Window, of: ListContext) -> date | None:
    """Return a plausible day; None for an empty cell. Raises RefusedError."""
    text = row.text(name)
    if not tidy(text):
        return None
    return cells.plausible(cells.day_of(text, name), name, window, of.today)


def _township(row: Row, of: ListContext) -> str:
    """Return the official name on the day of the list: people are counted where they live now."""
    township = tidy(row.text("township"))
    if not township:
        raise RefusedError("township_empty", "township")
    return of.place(township, of.today)


def _paid_in(year: int, of: ListContext) -> date:
    """Return the list's month for a payment without a day. Raises RefusedError where it cannot be that."""
    if of.month.year not in {year - 1, year}:
        raise RefusedError(
            "paid_on_missing",
            "paid_on",
            detail=tr("{year}年度，名册月份{month:%Y-%m}", year=year, month=of.month),
        )
    return of.month


def _year(text: str, default: int) -> int:
    word = tidy(text)
    if not word:
        return default
    digits = word.removesuffix("年度").removesuffix("年")
    if digits.isascii() and digits.isdigit() and len(digits) == 4:
        year = int(digits)
    else:
        year = cells.day_of(text, "coverage_year").year
    if not 2003 <= year <= 2100:
        raise RefusedError("bad_date", "coverage_year", detail=tr("年度应在2003至2100之间"))
    return year
