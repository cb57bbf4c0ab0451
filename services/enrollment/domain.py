"""Enrollment, pure: what departments reported → who a person is, covered when → what is new."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, replace
from datetime import date
from typing import Any

from contracts.events.base import Event
from contracts.events.enrollment import (
    CoverageChanged,
    CoveredSpan,
    ExemptionGranted,
    HistoryForwarded,
    Identity,
    PersonRegistered,
    RefundDue,
    StatusChanged,
)
from contracts.events.partner import (
    ChronicAssessmentReported,
    CoverageElsewhereReported,
    DeathReported,
    JustificationReported,
    PremiumPaid,
    PremiumRefunded,
    StatusReported,
)
from contracts.vocabulary import Category
from policy.pack import Pack
from services.enrollment.chronic import Chronic, fold_chronic
from services.enrollment.coverage import Span, covered_days, fold_elsewhere
from services.enrollment.justifications import Claimed, fold_justifications
from services.enrollment.links import (
    History,
    Reported,
    forwarding,
    history_of,
    standing_link,
)
from services.enrollment.lists import Listing, listings_of
from services.enrollment.premiums import PremiumStanding, premium_standing, subsidised_years
from services.enrollment.timelines import (
    SEALED,
    fold_death,
    fold_identities,
    fold_rosters,
    known_order,
)

Announced = (
    PersonRegistered
    | StatusChanged
    | CoverageChanged
    | ExemptionGranted
    | RefundDue
    | HistoryForwarded
)


@dataclass(frozen=True, slots=True)
class Person:
    """A person as all facts together make it. Everything but the keys is safe to compare.

    Three timelines that are never mixed: ``identities`` (the flag, stopped by an exit or in the
    month of death), ``premiums`` (exemption and payment, by coverage year), ``covered_years`` with the
    days on which benefits are paid (``covered_spans``).
    ``listed``: categories that a roster owner still gives, whether or not the person lives.
    ``identity_of``, ``contact_of``: the earlier number's key for which the field was sealed.
    ``merged_into``: the right number's key; whoever has one stands there, and not here.
    """

    township: str = ""
    village: str = ""
    contact_sealed: str = ""
    contact_of: str = ""
    identity_sealed: str = ""
    identity_of: str = ""
    merged_into: str = ""
    formerly: tuple[str, ...] = ()
    household: str = ""
    batch: str = ""
    contact_tag: str = ""
    identities: tuple[Identity, ...] = ()
    listed: tuple[str, ...] = ()
    died: date | None = None
    premiums: tuple[PremiumStanding, ...] = ()
    covered_years: tuple[int, ...] = ()
    covered_spans: tuple[Span, ...] = ()
    justified: tuple[Claimed, ...] = ()
    chronic: tuple[Chronic, ...] = ()
    rosters: tuple[tuple[str, str], ...] = ()
    names_agree: bool = True
    name_tag: str = ""


@dataclass(slots=True)
class Standing:
    """What was announced: revisions, and each announcement as one comparable line."""

    revision: int = 0
    registered: str = ""
    status: str = ""
    coverage: str = ""
    home: str = ""
    flags: tuple[str, ...] = ()
    file: dict[str, Any] = field(default_factory=dict)
    listings: frozenset[Listing] = frozenset()


@dataclass(slots=True)
class Change:
    """What is new about a person. ``listings``: rows of full lists not kept before.

    ``renumbered``: a correction of the number moved the identities; no list added or removed them.
    """

    person: str
    now: Person
    before: Standing
    after: Standing
    listings: frozenset[Listing] = frozenset()
    events: list[Announced] = field(default_factory=list)

    @property
    def renumbered(self) -> bool:
        """Tell whether the person stands under other numbers than before."""
        return bool(self.before.file.get("numbers", []) != self.after.file["numbers"])


def fact_id(event: Event) -> tuple[str, str] | None:
    """Return whose fact an event is and its id; a sealed field differs each time it is sealed."""
    if isinstance(event, Reported):
        return event.person, f"{event.NAME}/{event.fingerprint(*SEALED)}"
    if isinstance(event, HistoryForwarded):
        return event.person, f"forwarded/{event.formerly}/{event.revision}"
    return None


class Facts:
    """Everything that was ever reported about a person."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, event: Event) -> None:
        """Take a fact in; the order is forgotten by the fold."""
        self.events.append(event)


def fold_person(packs: Sequence[Pack], person: str, events: Sequence[Event]) -> Person:
    """Make a person out of everything that was ever reported, in no particular order.

    A number that was corrected is nobody's: its facts count where the right number is.
    """
    history = history_of(events)
    link = standing_link(person, history)
    if link is not None:
        place = fold_facts(packs, person, History(history.own, (), (), 0, ""))
        return Person(
            township=place.township, village=place.village, contact_sealed=place.contact_sealed,
            contact_tag=place.contact_tag, merged_into=link.new_person,
        )  # fmt: skip
    return fold_facts(packs, person, history)


def fold_facts(packs: Sequence[Pack], person: str, history: History) -> Person:
    """Make a person out of the facts that count for a number."""
    events = [*history.own, *history.carried]
    reports = [event for event in events if isinstance(event, StatusReported)]
    paid = [event for event in events if isinstance(event, PremiumPaid)]
    refunds = [event for event in events if isinstance(event, PremiumRefunded)]
    elsewhere = [event for event in events if isinstance(event, CoverageElsewhereReported)]
    reasons = [event for event in events if isinstance(event, JustificationReported)]
    sightings: list[StatusReported | PremiumPaid] = sorted([*reports, *paid], key=known_order)
    latest = sightings[-1] if sightings else None
    contact = next((one for one in reversed(sightings) if one.contact_sealed), None)
    identities = fold_identities(reports)
    died = fold_death([event for event in events if isinstance(event, DeathReported)])
    years = {one.coverage_year for one in paid} | {one.coverage_year for one in refunds}
    years |= subsidised_years(packs, identities)
    away = fold_elsewhere(elsewhere)
    spans = [(one.valid_from, one.valid_to) for one in away]
    premiums = tuple(
        premium_standing(packs, year, identities, paid, refunds, spans) for year in sorted(years)
    )
    households = [one.household for one in sightings if isinstance(one, StatusReported)]
    born = max((one.infant_born for one in sightings if one.infant_born), default=None)
    named = [one for one in sightings if one.name_tag and one.person == person]
    identity_of, identity_sealed = _identity(person, sightings, history)
    return Person(
        township=latest.township if latest else "",
        village=latest.village if latest else "",
        contact_sealed=contact.contact_sealed if contact else "",
        contact_of=contact.person if contact and contact.person != person else "",
        contact_tag=contact.fingerprint(*SEALED) if contact else "",
        identity_sealed=identity_sealed,
        identity_of=identity_of,
        formerly=history.formerly,
        household=next((one for one in reversed(households) if one), ""),
        batch=next((f"{one.source}/{one.batch}" for one in reversed(sightings) if one.batch), ""),
        identities=_until_death(identities, died),
        listed=tuple(sorted({one.category.value for one in identities if one.valid_to is None})),
        died=died,
        premiums=premiums,
        covered_years=tuple(
            one.year for one in premiums if one.enrolled and (not died or one.year <= died.year)
        ),
        covered_spans=covered_days(packs, premiums, identities, paid, away, born, died),
        justified=fold_justifications(reasons, elsewhere, latest.township if latest else ""),
        chronic=fold_chronic([one for one in events if isinstance(one, ChronicAssessmentReported)]),
        rosters=fold_rosters(reports),
        names_agree=len(set({one.source: one.name_tag for one in named}.values())) <= 1,
        name_tag=named[-1].name_tag if named else "",
    )


def _identity(
    person: str, sightings: Sequence[StatusReported | PremiumPaid], history: History
) -> tuple[str, str]:
    """Return (earlier number's key or nothing, sealed number and name): the right number, said last."""
    sealed = [one for one in reversed(sightings) if one.identity_sealed]
    own = next((one.identity_sealed for one in sealed if one.person == person), "")
    if own or history.identity_sealed:
        return "", own or history.identity_sealed
    return (sealed[0].person, sealed[0].identity_sealed) if sealed else ("", "")


def _until_death(identities: tuple[Identity, ...], died: date | None) -> tuple[Identity, ...]:
    """Stop every flag at the end of the month of death; what was before stays (S1)."""
    if died is None:
        return identities
    last = date(died.year, died.month, monthrange(died.year, died.month)[1])
    return tuple(
        one if one.valid_to is not None and one.valid_to <= last
        else one.model_copy(update={"valid_to": last})
        for one in identities
        if one.valid_from <= last
    )  # fmt: skip


def decide(
    packs: Sequence[Pack], person: str, events: Sequence[Event], before: Standing
) -> Change | None:
    """Fold a person and return what differs from what was announced; None if nothing does."""
    now = fold_person(packs, person, events)
    flags = tuple(sorted({one.category.value for one in now.identities if one.valid_to is None}))
    spans = ";".join(f"{i.category}:{i.valid_from}:{i.valid_to}" for i in now.identities)
    after = Standing(
        revision=before.revision + 1,
        registered=f"{now.township}|{now.village}|{now.contact_tag}",
        home=f"{now.household}|{now.batch}",
        status=f"{now.township}|{spans}|{now.died}{now.merged_into and f'|{now.merged_into}'}",
        coverage=_coverage(now),
        flags=flags,
        file=file_of(now),
        listings=listings_of(events),
    )
    sent = _forwarded(person, events, before, after)
    if replace(after, revision=before.revision) == before:
        return None
    change = Change(person, now, before, after, after.listings - before.listings, list(sent))
    if after.registered != before.registered:
        change.events.append(_registered(person, now, after.revision))
    if after.status != before.status:
        was = flags if change.renumbered else before.flags
        change.events.append(_status(person, now, after.revision, was, flags))
    if after.coverage != before.coverage:
        change.events.append(_covered(person, now, after.revision))
    change.events += _premium_news(person, now, before, after.revision)
    return change


def _forwarded(
    person: str, events: Sequence[Event], before: Standing, after: Standing
) -> list[HistoryForwarded]:
    """Return what goes to the right number, and note what was sent to whom."""
    sent_before = before.file.get("forwarded", {})
    history = history_of(events)
    sent = forwarding(person, history, standing_link(person, history), sent_before)
    if sent or sent_before:
        revisions = {one.person: one.revision if one.links else 0 for one in sent}
        after.file["forwarded"] = {**sent_before, **revisions}
    return sent


def file_of(person: Person) -> dict[str, Any]:
    """Return what the check of a year reads about a person, as JSON keeps it."""
    return {
        "premiums": [list(astuple(one)) for one in person.premiums],
        "justified": [
            [
                one.reason.value, one.evidence, one.valid_from.isoformat(),
                one.valid_to and one.valid_to.isoformat(), one.checked.isoformat(),
            ]
            for one in person.justified
        ],
        "listed": list(person.listed),
        "rosters": [list(one) for one in person.rosters],
        "chronic": [
            [value.isoformat() if isinstance(value, date) else value for value in astuple(one)]
            for one in person.chronic
        ],
        "names_agree": person.names_agree,
        "name_tag": person.name_tag,
        "was_listed": bool(person.identities),
        "numbers": [person.merged_into, *person.formerly] if person.merged_into else [*person.formerly],
    }  # fmt: skip


def _premium_news(
    person: str, now: Person, before: Standing, revision: int
) -> list[ExemptionGranted | RefundDue]:
    """Return exemptions newly granted, and refunds newly due or no longer due (amount zero)."""
    was = {one[0]: one for one in before.file.get("premiums", [])}
    news: list[ExemptionGranted | RefundDue] = []
    for one in now.premiums:
        old = PremiumStanding(*was[one.year]) if one.year in was else None
        if one.exempt and not (old and old.exempt):
            news.append(
                ExemptionGranted(
                    person=person, coverage_year=one.year, category=Category(one.category),
                    subsidy=one.subsidy, revision=revision,
                )
            )  # fmt: skip
        if one.refund_due != (old.refund_due if old else 0):
            news.append(
                RefundDue(
                    person=person, coverage_year=one.year, amount=one.refund_due,
                    rule=one.rule, revision=revision,
                )
            )  # fmt: skip
    return news


def _registered(person: str, now: Person, revision: int) -> PersonRegistered:
    return PersonRegistered(
        person=person,
        revision=revision,
        township=now.township,
        village=now.village,
        contact_sealed=now.contact_sealed,
        contact_of=now.contact_of or None,
    )


def _coverage(now: Person) -> str:
    days = ";".join(f"{first}:{last}" for first, last in now.covered_spans)
    return f"{','.join(map(str, now.covered_years))}|{days}" if now.covered_years else ""


def _covered(person: str, now: Person, revision: int) -> CoverageChanged:
    spans = tuple(CoveredSpan(first=first, last=last) for first, last in now.covered_spans)
    return CoverageChanged(person=person, revision=revision, years=now.covered_years, spans=spans)


def _status(
    person: str, now: Person, revision: int, before: Sequence[str], flags: Sequence[str]
) -> StatusChanged:
    return StatusChanged(
        person=person,
        revision=revision,
        township=now.township,
        village=now.village,
        identities=now.identities,
        died=now.died,
        merged_into=now.merged_into or None,
        raised=tuple(Category(flag) for flag in flags if flag not in before),
        stopped=tuple(Category(flag) for flag in before if flag not in flags),
    )
