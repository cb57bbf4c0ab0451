"""Enrollment, pure: what departments reported → who a person is, covered when → what is new."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from contracts.events.base import Event
from contracts.events.enrollment import (
    CoverageChanged,
    Identity,
    PersonRegistered,
    StatusChanged,
)
from contracts.events.partner import (
    CoverageElsewhereReported,
    DeathReported,
    PartnerEvent,
    PremiumPaid,
    StatusReported,
)
from contracts.vocabulary import Category, Source
from policy.pack import Pack

ROSTER_OWNERS = frozenset({Source.CIVIL_AFFAIRS, Source.RURAL_REVITALISATION})
DEATH_REGISTRARS = frozenset({Source.FUNERAL_HOME, Source.POLICE})
SEALED = ("identity_sealed", "contact_sealed")


@dataclass(frozen=True, slots=True)
class Person:
    """A person as all facts together make it. Everything but the keys is safe to compare."""

    township: str = ""
    village: str = ""
    contact_sealed: str = ""
    identity_sealed: str = ""
    contact_tag: str = ""
    identities: tuple[Identity, ...] = ()
    died: date | None = None
    covered_years: tuple[int, ...] = ()
    elsewhere: tuple[tuple[str, date, date | None], ...] = ()


@dataclass(slots=True)
class Standing:
    """What was announced: revisions, and each announcement as one comparable line."""

    revision: int = 0
    registered: str = ""
    status: str = ""
    coverage: str = ""
    flags: tuple[str, ...] = ()
    elsewhere: str = "[]"


@dataclass(slots=True)
class Change:
    """What is new about a person."""

    person: str
    now: Person
    after: Standing
    events: list[PersonRegistered | StatusChanged | CoverageChanged] = field(default_factory=list)


def fact_id(event: Event) -> tuple[str, str] | None:
    """Return whose fact an event is and its id; a sealed field differs each time it is sealed."""
    if isinstance(event, StatusReported | DeathReported | PremiumPaid | CoverageElsewhereReported):
        return event.person, f"{event.NAME}/{event.fingerprint(*SEALED)}"
    return None


class Facts:
    """Everything that was ever reported about a person."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, event: Event) -> None:
        """Take a fact in; the order is forgotten by the fold."""
        self.events.append(event)


def fold_person(packs: Sequence[Pack], events: Sequence[Event]) -> Person:
    """Make a person out of everything that was ever reported, in no particular order."""
    reports = [event for event in events if isinstance(event, StatusReported)]
    premiums = [event for event in events if isinstance(event, PremiumPaid)]
    sightings: list[StatusReported | PremiumPaid] = sorted([*reports, *premiums], key=_known_order)
    latest = sightings[-1] if sightings else None
    contacts = [one for one in sightings if one.contact_sealed]
    identities = fold_identities(reports)
    paid = tuple(sorted({premium.coverage_year for premium in premiums}))
    covered = sorted({*paid, *exempt_years(packs, identities)})
    return Person(
        township=latest.township if latest else "",
        village=latest.village if latest else "",
        contact_sealed=contacts[-1].contact_sealed if contacts else "",
        contact_tag=contacts[-1].fingerprint(*SEALED) if contacts else "",
        identity_sealed=next((one.identity_sealed for one in sightings if one.identity_sealed), ""),
        identities=identities,
        died=fold_death([event for event in events if isinstance(event, DeathReported)]),
        covered_years=tuple(covered),
        elsewhere=tuple(
            sorted(
                (one.reason, one.valid_from, one.valid_to)
                for one in events
                if isinstance(one, CoverageElsewhereReported)
            )
        ),
    )


def _known_order(event: PartnerEvent) -> tuple[str, str]:
    return (event.received.isoformat(), event.fingerprint(*SEALED))


def fold_identities(reports: Sequence[StatusReported]) -> tuple[Identity, ...]:
    """Return the intervals of each category: a grant opens, the next removal closes.

    Each source keeps its own, and of what it said about one day the last word holds; where two
    sources give the same category on the same days it stands once.
    """
    by_list: defaultdict[tuple[Source, Category], dict[date, tuple[str, str]]] = defaultdict(dict)
    for report in reports:
        moves = by_list[report.source, report.category]
        said = (report.received.isoformat(), report.action)
        moves[report.effective] = max(said, moves.get(report.effective, said))
    found: set[tuple[date, str, date | None]] = set()
    for (_, category), moves in by_list.items():
        opened: date | None = None
        for effective, (_, action) in sorted(moves.items()):
            if action == "granted" and opened is None:
                opened = effective
            elif action == "removed" and opened is not None:
                if effective > opened:
                    found.add((opened, category.value, effective - timedelta(days=1)))
                opened = None
        if opened is not None:
            found.add((opened, category.value, None))
    ordered = sorted(found, key=lambda one: (one[0], one[1], one[2] or date.max))
    return tuple(
        Identity(category=Category(category), valid_from=start, valid_to=end)
        for start, category, end in ordered
    )


def fold_death(reports: Sequence[DeathReported]) -> date | None:
    """Return the day of death once a roster owner and a registrar both stand by it (S1).

    Of each source the last word counts, so a revoked report restores the person entirely.
    """
    last: dict[Source, DeathReported] = {}
    for report in sorted(reports, key=_known_order):
        last[report.source] = report
    standing = [report for report in last.values() if report.action == "reported"]
    sources = {report.source for report in standing}
    if not (sources & ROSTER_OWNERS and sources & DEATH_REGISTRARS):
        return None
    return min(report.died for report in standing if report.source in DEATH_REGISTRARS)


def exempt_years(packs: Sequence[Pack], identities: Sequence[Identity]) -> set[int]:
    """Return the coverage years whose whole premium is paid for the person (资助参保，全额)."""
    years = set()
    for pack in packs:
        for year in range(pack.valid_from.year, pack.valid_to.year + 1):
            for identity in identities:
                started = identity.valid_from.year <= year
                lasted = identity.valid_to is None or identity.valid_to.year >= year
                if started and lasted and pack.premiums.is_full(year, identity.category.value):
                    years.add(year)
    return years


def decide(
    packs: Sequence[Pack], person: str, events: Sequence[Event], before: Standing
) -> Change | None:
    """Fold a person and return what differs from what was announced; None if nothing does."""
    now = fold_person(packs, events)
    flags = tuple(sorted({one.category.value for one in now.identities if one.valid_to is None}))
    registered = f"{now.township}|{now.village}|{now.contact_tag}"
    spans = ";".join(f"{i.category}:{i.valid_from}:{i.valid_to}" for i in now.identities)
    status = f"{now.township}|{spans}|{now.died}"
    coverage = ",".join(map(str, now.covered_years))
    elsewhere = json.dumps(now.elsewhere, default=str)
    after = Standing(before.revision + 1, registered, status, coverage, flags, elsewhere)
    if replace(after, revision=before.revision) == before:
        return None
    revision = after.revision
    change = Change(person, now, after)
    if registered != before.registered:
        change.events.append(_registered(person, now, revision))
    if status != before.status:
        change.events.append(_status(person, now, revision, before.flags, flags))
    if coverage != before.coverage:
        change.events.append(
            CoverageChanged(person=person, revision=revision, years=now.covered_years)
        )
    return change


def _registered(person: str, now: Person, revision: int) -> PersonRegistered:
    return PersonRegistered(
        person=person,
        revision=revision,
        township=now.township,
        village=now.village,
        contact_sealed=now.contact_sealed,
    )


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
        raised=tuple(Category(flag) for flag in flags if flag not in before),
        stopped=tuple(Category(flag) for flag in before if flag not in flags),
    )
