"""Enrollment, pure: what departments reported → who a person is, covered when → what is new."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from contracts.events.base import Event
from contracts.events.enrollment import (
    CoverageChanged,
    CoveredSpan,
    EnrolmentConfirmed,
    ExemptionGranted,
    FilingsChanged,
    HistoryForwarded,
    PersonRegistered,
    RefundDue,
    StatusChanged,
)
from contracts.events.lists import ListingWithdrawn
from contracts.vocabulary import Category
from policy.pack import Pack
from services.enrollment.person.file import NO_FILE, ResidentFile, TakenBack, file_of
from services.enrollment.person.fold import Person, fold_history
from services.enrollment.person.links import (
    Reported,
    forwarding,
    history_of,
    standing_link,
)
from services.enrollment.person.listings import Listing, listings_of
from services.enrollment.person.timelines import SEALED

Announced = (
    PersonRegistered
    | StatusChanged
    | CoverageChanged
    | FilingsChanged
    | ExemptionGranted
    | RefundDue
    | HistoryForwarded
)


@dataclass(slots=True)
class Standing:
    """What was announced: revisions, and each announcement as one comparable line."""

    revision: int = 0
    registered: str = ""
    status: str = ""
    coverage: str = ""
    household: str = ""
    batch: str = ""
    flags: tuple[str, ...] = ()
    file: ResidentFile = NO_FILE
    listings: frozenset[Listing] = frozenset()


@dataclass(slots=True)
class ResidentChange:
    """What is new about a person. ``listings``: rows of full lists not kept before.

    ``withdrawn``: what was said since of lists that count no longer. ``renumbered``: a correction of the
    number moved the identities; no list added or removed them.
    """

    person: str
    now: Person
    before: Standing
    after: Standing
    listings: frozenset[Listing] = frozenset()
    withdrawn: tuple[ListingWithdrawn, ...] = ()
    events: list[Announced] = field(default_factory=list)

    @property
    def undone(self) -> tuple[str, ...]:
        """Return (source, batch) of the list whose withdrawal is all that is new; () if more is."""
        if self.listings or not self.withdrawn or self.withdrawn[0].categories:
            return ()
        return self.withdrawn[0].source.value, self.withdrawn[0].batch

    @property
    def told_with(self) -> str:
        """Return the full list with which its news is told; empty: by itself, at once.

        Of a list that a corrected one replaced in part, the corrected one tells.
        """
        if self.undone:
            return "/".join(self.undone)
        if self.listings:
            return self.now.listed_by
        return next((f"{one.source}/{one.by}" for one in self.withdrawn if one.by), "")

    @property
    def renumbered(self) -> bool:
        """Tell whether the person stands under other numbers than before."""
        return self.before.file.numbers != self.after.file.numbers


def fact_id(event: Event) -> tuple[str, str] | None:
    """Return whose fact an event is and its id; a sealed field differs each time it is sealed."""
    if isinstance(event, Reported):
        return event.person, f"{event.NAME}/{event.fingerprint(*SEALED)}"
    if isinstance(event, ListingWithdrawn):
        return event.person, f"withdrawn/{event.source}/{event.batch}/{event.fingerprint()}"
    if isinstance(event, HistoryForwarded):
        return event.person, f"forwarded/{event.formerly}/{event.revision}"
    if isinstance(event, EnrolmentConfirmed):
        return event.person, f"confirmed/{event.coverage_year}/{event.fingerprint()}"
    return None


class Facts:
    """Everything that was ever reported about a person."""

    def __init__(self) -> None:
        self._told: dict[str, Event] = {}

    def add(self, event: Event, fact: str) -> None:
        """Take a fact in; the order is forgotten by the fold."""
        self._told.setdefault(fact, event)

    @property
    def events(self) -> list[Event]:
        """Return what was told, each once."""
        return list(self._told.values())


def decide(
    packs: Sequence[Pack], person: str, events: Sequence[Event], before: Standing
) -> ResidentChange | None:
    """Fold a person and return what differs from what was announced; None if nothing does."""
    history = history_of(events)
    link = standing_link(person, history)
    now = fold_history(packs, person, history, link)
    flags = tuple(sorted({one.category.value for one in now.identities if one.valid_to is None}))
    spans = ";".join(f"{i.category}:{i.valid_from}:{i.valid_to}" for i in now.identities)
    after = Standing(
        revision=before.revision + 1,
        registered=f"{now.township}|{now.village}|{now.contact_tag}",
        household=now.household,
        batch=now.batch,
        status=f"{now.township}|{spans}|{now.died}{now.merged_into and f'|{now.merged_into}'}",
        coverage=_coverage(now),
        flags=flags,
        listings=listings_of(history.own),
    )
    withdrawn = history.withdrawn
    sent_before = before.file.forwarded
    sent = forwarding(person, history, link, sent_before)
    revisions = {one.person: one.revision if one.links else 0 for one in sent}
    words = tuple(_word(one) for one in withdrawn.values())
    after.file = file_of(now, words, {**sent_before, **revisions})
    # Nothing is new: no revision, no row, no word.
    if replace(after, revision=before.revision) == before:
        return None
    gone = tuple(one for one in withdrawn.values() if _word(one) not in before.file.withdrawn)
    change = ResidentChange(
        person, now, before, after, after.listings - before.listings, gone, list(sent)
    )
    if after.registered != before.registered:
        change.events.append(_registered(person, now, after.revision))
    if after.status != before.status:
        # Under a corrected number nobody's flags rise or fall: they moved with the person.
        was = flags if change.renumbered else before.flags
        change.events.append(_status(change, was, flags))
    if after.coverage != before.coverage:
        change.events.append(_covered(person, now, after.revision))
    if after.file.filings != before.file.filings:
        filed = FilingsChanged(person=person, revision=after.revision, filings=now.filings)
        change.events.append(filed)
    change.events += _premium_news(person, now, before, after.revision)
    return change


def _word(one: ListingWithdrawn) -> TakenBack:
    """Return a word about a list as a file keeps it."""
    categories = tuple(sorted(category.value for category in one.categories))
    return TakenBack(one.source.value, one.batch, categories)


def _premium_news(
    person: str, now: Person, before: Standing, revision: int
) -> list[ExemptionGranted | RefundDue]:
    """Return exemptions newly granted, and refunds newly due or no longer due (amount zero)."""
    was = {one.year: one for one in before.file.premiums}
    news: list[ExemptionGranted | RefundDue] = []
    for premium in now.premiums:
        old = was.get(premium.year)
        if premium.exempt and not (old and old.exempt):
            news.append(
                ExemptionGranted(
                    person=person, coverage_year=premium.year, category=Category(premium.category),
                    subsidy=premium.subsidy, revision=revision,
                )
            )  # fmt: skip
        if premium.refund_due != (old.refund_due if old else 0):
            news.append(
                RefundDue(
                    person=person, coverage_year=premium.year, amount=premium.refund_due,
                    rule=premium.rule, revision=revision,
                )
            )  # fmt: skip
    standing = {one.year for one in now.premiums}
    for year, old in sorted(was.items()):
        if year not in standing and old.refund_due:
            gone = RefundDue(
                person=person, coverage_year=year, amount=0, rule="", revision=revision
            )
            news.append(gone)
    return news


def _registered(person: str, now: Person, revision: int) -> PersonRegistered:
    return PersonRegistered.model_construct(
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
    return CoverageChanged.model_construct(
        person=person, revision=revision, years=now.covered_years, spans=spans
    )


def _status(change: ResidentChange, before: Sequence[str], flags: Sequence[str]) -> StatusChanged:
    now = change.now
    return StatusChanged.model_construct(
        person=change.person,
        revision=change.after.revision,
        batch=change.told_with,
        undoes=bool(change.undone),
        township=now.township,
        village=now.village,
        identities=now.identities,
        died=now.died,
        merged_into=now.merged_into or None,
        raised=tuple(Category(flag) for flag in flags if flag not in before),
        stopped=tuple(Category(flag) for flag in before if flag not in flags),
    )
