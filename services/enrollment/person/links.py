"""Corrected identity numbers: which number is right, and what was said under the earlier ones. Pure.

A number that was wrong keeps the facts said about it, and forwards them, whole, to the right one; it
has no standing of its own any longer. Taking the correction back forwards nothing, and both stand by
themselves again: merge and split are the same fold over more facts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast, get_args

from contracts.events.base import Event
from contracts.events.enrollment import EnrolmentConfirmed, HistoryForwarded, Link
from contracts.events.forwarding import CarriedFact
from contracts.events.lists import ListingWithdrawn
from contracts.events.partner import (
    ChronicAssessmentReported,
    CoverageElsewhereReported,
    DeathReported,
    FlagApplied,
    FlagDecided,
    IdentityChanged,
    JustificationReported,
    OutOfAreaFiled,
    PremiumPaid,
    PremiumRefunded,
    StatusReported,
)
from contracts.subjects import BY_NAME
from contracts.vocabulary import Source

Reported = (
    StatusReported
    | DeathReported
    | PremiumPaid
    | PremiumRefunded
    | CoverageElsewhereReported
    | JustificationReported
    | ChronicAssessmentReported
    | FlagApplied
    | FlagDecided
    | IdentityChanged
    | OutOfAreaFiled
)
"""What departments report about a person."""
REPORTED = frozenset(get_args(Reported))


@dataclass(frozen=True, slots=True)
class History:
    """What is known about a number: said under it, and under the earlier ones that lead to it.

    ``links``: by which corrections; ``formerly``: the earlier numbers' keys. ``confirmed``: years in
    which the register names the number, whoever paid. ``withdrawn``: the lists that count no longer.
    """

    own: tuple[Reported, ...]
    carried: tuple[Reported, ...]
    links: tuple[Link, ...]
    revision: int
    identity_sealed: str
    infant_born: date | None = None
    confirmed: frozenset[int] = frozenset()
    withdrawn: "Withdrawn" = field(default_factory=dict)

    @property
    def formerly(self) -> tuple[str, ...]:
        """Return the earlier numbers' keys, in order."""
        return tuple(sorted({one.person for one in self.links}))


def history_of(events: Iterable[Event]) -> History:
    """Read the set of facts; of what an earlier number forwards, the highest revision holds."""
    said: list[Reported] = []
    undone: list[ListingWithdrawn] = []
    latest: dict[str, HistoryForwarded] = {}
    confirmed: dict[int, EnrolmentConfirmed] = {}
    for event in events:
        if type(event) in REPORTED:
            said.append(cast("Reported", event))
        elif isinstance(event, HistoryForwarded):
            known = latest.get(event.formerly)
            if known is None or event.revision > known.revision:
                latest[event.formerly] = event
        elif isinstance(event, EnrolmentConfirmed):
            last = confirmed.get(event.coverage_year, event)
            confirmed[event.coverage_year] = max(
                event, last, key=lambda one: (one.known, one.stands)
            )
        elif isinstance(event, ListingWithdrawn):
            undone.append(event)
    withdrawn = withdrawn_lists(undone) if undone else {}
    own = [one for one in said if not _is_withdrawn(one, withdrawn)]
    standing = [latest[key] for key in sorted(latest)]
    sealed = [one.identity_sealed for one in standing if one.identity_sealed and one.links]
    return History(
        own=tuple(own),
        carried=tuple(read(fact) for one in standing for fact in one.facts),
        links=tuple({link.person: link for one in standing for link in one.links}.values()),
        # Each is a count that only grows with the set, so a later set has a higher revision.
        revision=len(said) + len(undone) + sum(one.revision for one in standing),
        identity_sealed=sealed[-1] if sealed else "",
        infant_born=max((one.infant_born for one in standing if one.infant_born), default=None),
        confirmed=frozenset(year for year, one in confirmed.items() if one.stands),
        withdrawn=withdrawn,
    )


Withdrawn = Mapping[tuple[Source, str], ListingWithdrawn]
"""List → the last word about it, of those that count no longer in whole or in part."""


def withdrawn_lists(events: Iterable[Event]) -> Withdrawn:
    """Return the lists that count no longer, in whole or in part: of what was said of each, the last word."""
    last: dict[tuple[Source, str], ListingWithdrawn] = {}
    for event in events:
        if isinstance(event, ListingWithdrawn):
            known = last.get((event.source, event.batch), event)
            key = (event.source, event.batch)
            last[key] = max(event, known, key=lambda it: (it.received, it.action, it.fingerprint()))
    return {key: one for key, one in sorted(last.items()) if one.action == "withdrawn"}


def _is_withdrawn(one: Reported, withdrawn: Withdrawn) -> bool:
    """Tell whether a list said it that does not count for it any more: then it is no fact."""
    if not isinstance(one, StatusReported):
        return False
    word = withdrawn.get((one.source, one.batch))
    return word is not None and (not word.categories or one.category in word.categories)


def read(fact: CarriedFact) -> Reported:
    """Return a carried fact as it was said."""
    event = BY_NAME[fact.event].model_validate_json(fact.body)
    if not isinstance(event, Reported):
        raise TypeError(f"{fact.event} is no partner's fact")
    return event


def corrections(history: History) -> list[IdentityChanged]:
    """Return what was said about this number being wrong, in the order in which it became known."""
    said = [one for one in history.own if isinstance(one, IdentityChanged)]
    return sorted(said, key=lambda one: (one.received, one.fingerprint("identity_sealed")))


def standing_link(person: str, history: History) -> Link | None:
    """Return the correction that stands: the last word, unless it was taken back.

    Of corrections that lead in a circle the one said first gives way, so that somebody stands.
    """
    last = next(reversed(corrections(history)), None)
    if last is None or last.action == "revoked" or last.new_person == person:
        return None
    link = Link(person=person, new_person=last.new_person, said=last.received)
    circle = _way(link.new_person, person, history.links)
    if circle and _order(link) < min(map(_order, circle)):
        return None
    return link


def _way(start: str, end: str, links: Sequence[Link]) -> list[Link]:
    """Return the links that lead from one number to another, or none."""
    by_person = {one.person: one for one in links}
    way: list[Link] = []
    while start != end:
        link = by_person.pop(start, None)
        if link is None:
            return []
        way.append(link)
        start = link.new_person
    return way


def _order(link: Link) -> tuple[datetime, str]:
    return (link.said, link.person)


def forwarding(
    person: str, history: History, link: Link | None, before: dict[str, int]
) -> list[HistoryForwarded]:
    """Return what is to be forwarded: all to the right number, nothing to one that was right before.

    ``before``: right number's key → the revision that it was sent last, 0 once it was taken back.
    """
    said = corrections(history)
    targets = {one.new_person for one in said} - {person}
    sent = []
    for target in sorted(targets):
        here = link is not None and target == link.new_person
        if before.get(target, 0) == (history.revision if here else 0):
            continue
        facts: list[Reported] = [one for one in history.own if not isinstance(one, IdentityChanged)]
        facts += [one for one in history.carried if one.person != target]
        sent.append(
            HistoryForwarded(
                person=target,
                formerly=person,
                revision=history.revision,
                known=max(one.received for one in (*history.own, *history.carried)),
                links=(*history.links, link) if here and link else (),
                facts=tuple(_carry(one) for one in facts) if here else (),
                infant_born=_last_for(target, said).infant_born if here else None,
                identity_sealed=_last_for(target, said).identity_sealed if here else "",
            )
        )
    return sent


def _carry(event: Reported) -> CarriedFact:
    return CarriedFact(event=event.NAME, body=event.model_dump_json())


def _last_for(target: str, said: Sequence[IdentityChanged]) -> IdentityChanged:
    return next(one for one in reversed(said) if one.new_person == target)
