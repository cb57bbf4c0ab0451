"""Who a person is, and when: identities as dated intervals, and death by two sources. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import TypeVar

from contracts.events.base import Event
from contracts.events.enrollment import EnrolmentConfirmed, HistoryForwarded, Identity
from contracts.events.partner import DeathReported, PartnerEvent, StatusReported
from contracts.vocabulary import Category, Source
from policy.duties import death_registrars, roster_owners
from policy.pack import Pack

SEALED = ("identity_sealed", "contact_sealed")
CHINA = timezone(timedelta(hours=8))
One = TypeVar("One", bound=PartnerEvent)
Said = tuple[datetime, bool]
"""When something was said, and whether it was a grant; in one list a grant outweighs a removal."""


@dataclass(frozen=True, order=True, slots=True)
class Stay:
    """How long a roster names a person with a category. ``valid_to`` None: it still does.

    ``listed``: month of the full list that named the person first; None if a report or a list of
    changes did.
    """

    source: str
    category: str
    valid_from: date
    valid_to: date | None = None
    listed: date | None = None

    def on(self, day: date) -> bool:
        """Tell whether the roster names the person on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class ToldDead:
    """Who says that the person died, and when."""

    source: str
    day: date


def known_order(event: PartnerEvent) -> tuple[datetime, str]:
    """Order facts by the instant they became known; the fingerprint settles ties, not the arrival."""
    return (event.received, event.fingerprint(*SEALED))


def known_on(events: Iterable[Event], day: date) -> list[Event]:
    """Return what was known at the end of a day: the same fold over it says what we believed then.

    What an earlier number forwarded was known as far as each of its facts was.
    """
    return [
        event
        for event in events
        if (isinstance(event, PartnerEvent) and _china_day(event.received) <= day)
        or (
            isinstance(event, HistoryForwarded | EnrolmentConfirmed)
            and _china_day(event.known) <= day
        )
    ]


def _china_day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()


def in_known_order(events: Sequence[One]) -> Sequence[One]:
    """Return facts in the order in which they became known; most people have one."""
    return sorted(events, key=known_order) if len(events) > 1 else events


def fold_identities(reports: Sequence[StatusReported]) -> tuple[Identity, ...]:
    """Return the intervals of each category, as ``fold_standing`` does."""
    return fold_standing(reports)[0]


def fold_standing(
    reports: Sequence[StatusReported],
) -> tuple[tuple[Identity, ...], tuple[Stay, ...]]:
    """Return the intervals of each category, and how long each roster names the person.

    A grant opens an interval, the next removal closes it.

    Each source keeps its own, and of what it said about one day the last word holds; where two
    sources give the same category on the same days it stands once. A row of a full list says that
    the identity holds in the list's month, and since the day of recognition if that lies before.
    """
    stays = []
    for (source, category), moves in _moves(reports).items():
        rows = [one for one in reports if (one.source, one.category) == (source, category)]
        for start, end in _intervals(moves):
            listed = _first_list(rows, start, end)
            stays.append(Stay(source.value, category.value, start, end, listed))
    found = {(one.valid_from, one.category, one.valid_to) for one in stays}
    ordered = sorted(found, key=lambda one: (one[0], one[1], one[2] or date.max))
    identities = tuple(
        Identity(category=Category(category), valid_from=start, valid_to=end)
        for start, category, end in ordered
    )
    return identities, tuple(sorted(stays, key=_in_order))


def _in_order(one: Stay) -> tuple[str, str, date]:
    return (one.source, one.category, one.valid_from)


def _first_list(reports: Sequence[StatusReported], start: date, end: date | None) -> date | None:
    """Return the month of the first full list that bears an interval out, unless something else began it."""
    begun = [one for one in reports if one.action == "granted" and one.effective == start]
    if any(one.listed is None for one in begun):
        return None
    months = [
        one.listed
        for one in reports
        if one.action == "granted" and one.listed is not None
        and (one.effective == start or start <= one.listed <= (end or date.max))
    ]  # fmt: skip
    return min(months, default=None)


def _moves(
    reports: Sequence[StatusReported],
) -> Mapping[tuple[Source, Category], dict[date, Said]]:
    """Return by source and category: day → the last word about it."""
    by_list: defaultdict[tuple[Source, Category], dict[date, Said]] = defaultdict(dict)
    absences: defaultdict[tuple[Source, Category], list[StatusReported]] = defaultdict(list)
    named: defaultdict[tuple[Source, Category, str], set[str]] = defaultdict(set)
    for report in reports:
        if report.action == "granted" and report.batch:
            named[_row(report)].add(report.person)
        elif _is_absence(report):
            absences[report.source, report.category].append(report)
    for report in reports:
        if _is_absence(report) and named[_row(report)] - {report.person}:
            continue  # absent under one number, and on the same list under the other
        moves = by_list[report.source, report.category]
        if _overtaken(report, absences[report.source, report.category]):
            continue
        said = (report.received, report.action == "granted")
        days = {report.effective}
        granted = report.action == "granted"
        if granted and report.listed is not None and report.effective < report.listed:
            days.add(report.listed)
        for day in days:
            moves[day] = max(said, moves.get(day, said))
    return by_list


def _is_absence(report: StatusReported) -> bool:
    """Tell whether a full list's silence removes, and no row that says so."""
    return report.action == "removed" and report.listed == report.effective


def _overtaken(report: StatusReported, absences: Sequence[StatusReported]) -> bool:
    """Tell whether a list granted for a later day what the next list no longer has: it never began."""
    return (
        report.action == "granted"
        and report.listed is not None
        and any(
            report.listed < one.effective < report.effective and report.received < one.received
            for one in absences
        )
    )


def _row(report: StatusReported) -> tuple[Source, Category, str]:
    return (report.source, report.category, report.batch)


def _intervals(moves: dict[date, Said]) -> Iterable[tuple[date, date | None]]:
    opened: date | None = None
    for effective, (_, granted) in sorted(moves.items()):
        if granted and opened is None:
            opened = effective
        elif not granted and opened is not None:
            if effective > opened:
                yield opened, effective - timedelta(days=1)
            opened = None
    if opened is not None:
        yield opened, None


def fold_death(packs: Sequence[Pack], reports: Sequence[DeathReported]) -> date | None:
    """Return the day of death once a roster owner and a registrar both stand by it (S1).

    Of each source the last word counts, so a revoked report restores the person entirely.
    """
    standing = deaths_told(reports)
    registered = [day for source, day in standing.items() if source in death_registrars(packs, day)]
    confirmed = any(source in roster_owners(packs, day) for source, day in standing.items())
    return min(registered) if registered and confirmed else None


def deaths_told(reports: Sequence[DeathReported]) -> dict[Source, date]:
    """Return the day of death by source: of each the last word, as far as it stands."""
    last: dict[Source, DeathReported] = {}
    for report in sorted(reports, key=known_order):
        last[report.source] = report
    return {
        source: last[source].died for source in sorted(last) if last[source].action == "reported"
    }
