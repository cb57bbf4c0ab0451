"""Builders in a caseworker's words: each makes one thing that is right, and takes what differs."""

from datetime import date, datetime, timedelta
from typing import Any

from chassis.clock import CHINA
from contracts.events.base import Event
from contracts.events.claims import ClaimReversed, ClaimSubmitted
from contracts.events.enrollment import CoverageChanged, Identity, StatusChanged
from contracts.events.partner import (
    CoverageElsewhereReported,
    DeathReported,
    IdentityChanged,
    JustificationReported,
    PremiumPaid,
    PremiumRefunded,
    StatusReported,
)
from contracts.identity import check_character
from contracts.money import parse_yuan
from contracts.vocabulary import Category, Justification, Kind, Source
from policy.duties import must_enrol
from policy.facts import Claim, HeldIdentity, PersonFacts
from services.enrollment.desk.cases import AsOf, Case, case_on
from services.enrollment.person.file import ResidentFile, file_of
from services.enrollment.person.fold import Person
from services.settlement.facts import Facts as SettlementFacts
from services.settlement.facts import fact_id as settlement_fact_id

PERSON = "p" + "a" * 26
RIGHT = "p" + "b" * 26
"""The key of the right number, where ``PERSON`` turned out to be a wrong one."""
MORNING = datetime(2023, 6, 1, 9, 0, tzinfo=CHINA)


def yuan(text: str) -> int:
    """Return fen."""
    return parse_yuan(text)


def an_id_number(sequence: int = 1, born: date = date(1960, 5, 4), code: str = "341699") -> str:
    """Return an identity number that no real person can have."""
    first = f"{code}{born:%Y%m%d}{sequence:03d}"
    return first + check_character(first)


def a_stay(
    claim: str = "c1", in_scope: str = "10000.00", *, on: str = "2023-05-18", **other: Any
) -> Claim:
    """Return an inpatient claim at a level-2 hospital whose whole bill is in scope."""
    fen = yuan(in_scope)
    beyond = yuan(other.pop("beyond", "0.00"))
    return Claim(
        claim=claim, kind=other.pop("kind", "inpatient"), discharge=date.fromisoformat(on),
        total_fee=fen + beyond, in_scope=fen, full_self_pay=beyond,
        level=other.pop("level", "L2"), **other,
    )  # fmt: skip


def a_person(
    *claims: Claim, category: str = "", since: str = "2023-01-01", until: str | None = None,
    **other: Any,
) -> PersonFacts:  # fmt: skip
    """Return a person's facts, with one identity if a category is named."""
    end = None if until is None else date.fromisoformat(until)
    held = (HeldIdentity(category, date.fromisoformat(since), end),) if category else ()
    return PersonFacts(claims=list(claims), identities=held, **other)


def a_bill(
    claim: str = "H1:c1", in_scope: str = "10000.00", *, on: str = "2023-05-18", minute: int = 0,
    **other: Any,
) -> ClaimSubmitted:  # fmt: skip
    """Return a submitted bill of a level-2 stay."""
    fen = yuan(in_scope)
    return ClaimSubmitted(
        claim=claim, person=other.pop("person", PERSON), provider="H1",
        kind=other.pop("kind", Kind.INPATIENT), level=other.pop("level", "L2"),
        discharge=date.fromisoformat(on), total_fee=other.pop("total_fee", fen), in_scope=fen,
        received=MORNING + timedelta(minutes=minute), **other,
    )  # fmt: skip


def a_reversal(claim: str = "H1:c1", person: str = PERSON) -> ClaimReversed:
    """Return a reversal."""
    return ClaimReversed(claim=claim, person=person, provider="H1", received=MORNING)


def a_status(
    *identities: tuple[str, str, str | None], revision: int = 1, died: str | None = None,
    person: str = PERSON,
) -> StatusChanged:  # fmt: skip
    """Return a person's identities: (category, from, to)."""
    held = tuple(
        Identity(
            category=Category(category), valid_from=date.fromisoformat(start),
            valid_to=None if end is None else date.fromisoformat(end),
        )
        for category, start, end in identities
    )  # fmt: skip
    return StatusChanged(
        person=person, revision=revision, township="城关镇", identities=held,
        died=None if died is None else date.fromisoformat(died),
        raised=tuple(one.category for one in held),
    )  # fmt: skip


def covered(*years: int, revision: int = 1, person: str = PERSON) -> CoverageChanged:
    """Return a person's covered years."""
    return CoverageChanged(person=person, revision=revision, years=years or (2023,))


def a_grant(
    category: str = "SUBSISTENCE", on: str = "2023-01-01", *, action: str = "granted",
    source: Source = Source.CIVIL_AFFAIRS, minute: int = 0, person: str = PERSON,
) -> StatusReported:  # fmt: skip
    """Return what a department says about an identity."""
    return StatusReported(
        source=source, received=MORNING + timedelta(minutes=minute), person=person,
        category=Category(category), action=action, effective=date.fromisoformat(on),
        township="城关镇", village="东村",
    )  # fmt: skip


def a_death(
    source: Source, on: str = "2023-05-20", *, action: str = "reported", minute: int = 0,
    person: str = PERSON,
) -> DeathReported:  # fmt: skip
    """Return what a department says about a death."""
    return DeathReported(
        source=source, received=MORNING + timedelta(minutes=minute), person=person,
        died=date.fromisoformat(on), action=action,
    )  # fmt: skip


def a_premium(
    year: int = 2023, *, amount: str = "350.00", minute: int = 0, person: str = PERSON,
    on: str = "", born: str = "",
) -> PremiumPaid:  # fmt: skip
    """Return a premium that the tax office collected."""
    return PremiumPaid(
        source=Source.TAX, received=MORNING + timedelta(minutes=minute), person=person,
        coverage_year=year, amount=yuan(amount), township="城关镇", village="东村",
        paid_on=date.fromisoformat(on) if on else date(year - 1, 12, 20),
        infant_born=date.fromisoformat(born) if born else None,
    )  # fmt: skip


def insured_elsewhere(
    since: str = "2022-07-01", until: str = "", *, minute: int = 0, person: str = PERSON,
) -> CoverageElsewhereReported:  # fmt: skip
    """Return what the employee insurance says."""
    return CoverageElsewhereReported(
        source=Source.EMPLOYEE_INSURANCE, received=MORNING + timedelta(minutes=minute),
        person=person, reason="LOCAL_EMPLOYEE", valid_from=date.fromisoformat(since),
        valid_to=date.fromisoformat(until) if until else None,
    )  # fmt: skip


def a_refund(
    amount: str = "250.00", year: int = 2020, *, minute: int = 0, person: str = PERSON
) -> PremiumRefunded:
    """Return what the bureau says about a premium that went back."""
    return PremiumRefunded(
        source=Source.BUREAU, received=MORNING + timedelta(minutes=minute), person=person,
        coverage_year=year, amount=yuan(amount), refunded_on=date(year, 4, 3),
    )  # fmt: skip


def a_reason(
    reason: str, since: str = "2023-01-01", until: str | None = None, *, evidence: str = "证明",
    seen: date = date(2023, 6, 1), minute: int = 0, person: str = PERSON,
) -> JustificationReported:  # fmt: skip
    """Return why a person is rightly not enrolled, as a township office verified it."""
    return JustificationReported(
        source=Source.TOWNSHIP_OFFICE, person=person, reason=Justification(reason),
        received=datetime(seen.year, seen.month, seen.day, 9, minute, tzinfo=CHINA),
        evidence_type=evidence, valid_from=date.fromisoformat(since),
        valid_to=None if until is None else date.fromisoformat(until),
    )  # fmt: skip


def a_correction(
    wrong: str = PERSON, right: str = RIGHT, *, action: str = "reported", minute: int = 0
) -> IdentityChanged:
    """Return that a number was wrong and which is right, or that this is taken back."""
    return IdentityChanged(
        source=Source.TOWNSHIP_OFFICE, received=MORNING + timedelta(minutes=minute), person=wrong,
        new_person=right, effective=date(2023, 6, 1), action=action,
    )  # fmt: skip


def a_row(
    month: str, person: str = PERSON, category: str = "SUBSISTENCE", *, batch: str = "",
    recognised: str = "", minute: int = 0,
) -> StatusReported:  # fmt: skip
    """Return a row of a full list of a month."""
    day = date.fromisoformat(f"{month}-01")
    return StatusReported(
        source=Source.CIVIL_AFFAIRS, received=MORNING + timedelta(minutes=minute), person=person,
        category=Category(category), action="granted", batch=batch or month, listed=day,
        effective=date.fromisoformat(recognised) if recognised else day, township="城关镇",
        village="东村",
    )  # fmt: skip


def kept(file: ResidentFile) -> dict[str, object]:
    """Return a file as it is kept and read back."""
    return file.model_dump(mode="json", exclude_defaults=True)


def case_from(person: Person, day: date) -> Case:
    """Return a person as the check of a day's year sees one, read back from the file as it is kept."""
    file = kept(file_of(person))
    enrolled = day.year in person.covered_years
    return case_on(file, person.died, AsOf(day.year, day, must_enrol([], day)), enrolled=enrolled)


def tell(facts: SettlementFacts, *events: Event) -> None:
    """Add events to what settlement knows, each under its own id."""
    for event in events:
        known = settlement_fact_id(event)
        assert known is not None
        facts.add(event, known[1])


def names(events: list[Event]) -> list[str]:
    """Return the events' names."""
    return [event.NAME for event in events]
