"""Who a person is, as all facts together make it: three timelines that are never mixed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.events.base import Event
from contracts.events.enrollment import Filing, Identity, Link
from contracts.events.partner import FlagApplied, PremiumPaid, StatusReported
from policy.pack import Pack
from services.enrollment.person.applications import Application
from services.enrollment.person.chronic import Chronic
from services.enrollment.person.coverage import Span
from services.enrollment.person.homes import residence
from services.enrollment.person.justifications import Claimed
from services.enrollment.person.links import History, history_of, standing_link
from services.enrollment.person.premiums import PremiumStanding
from services.enrollment.person.three_timelines import by_kind, timelines
from services.enrollment.person.timelines import SEALED, Stay, ToldDead, in_known_order

Sighting = StatusReported | PremiumPaid | FlagApplied
"""What says where a person lives."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as all facts together make it. Everything but the keys is safe to compare.

    Three timelines that are never mixed: ``identities`` (the flag, stopped by an exit or in the
    month of death), ``premiums`` (exemption and payment, by coverage year), ``covered_years`` with the
    days on which benefits are paid (``covered_spans``).
    ``listed``: categories that a roster owner still gives, whether or not the person lives; ``rosters``:
    how long each roster named the person; ``sub_levels``: the class of a category, as said last.
    ``deaths``: who says that the person died, and when.
    ``identity_of``, ``contact_of``, ``phone_of``, ``head_of``: the earlier number's key for which the
    field was sealed. ``phone_sealed``, ``head_sealed``: the identity, as the list said it that last
    named a phone, or the head of the household: a list without them says nothing about them.
    ``listed_by``: the source and list that spoke last about an identity, if it is a full list.
    ``merged_into``: the right number's key; whoever has one stands there, and not here.
    """

    township: str = ""
    village: str = ""
    contact_sealed: str = ""
    contact_of: str = ""
    identity_sealed: str = ""
    identity_of: str = ""
    phone_sealed: str = ""
    phone_of: str = ""
    head_sealed: str = ""
    head_of: str = ""
    merged_into: str = ""
    formerly: tuple[str, ...] = ()
    household: str = ""
    batch: str = ""
    listed_by: str = ""
    contact_tag: str = ""
    identities: tuple[Identity, ...] = ()
    listed: tuple[str, ...] = ()
    died: date | None = None
    premiums: tuple[PremiumStanding, ...] = ()
    covered_years: tuple[int, ...] = ()
    covered_spans: tuple[Span, ...] = ()
    justified: tuple[Claimed, ...] = ()
    chronic: tuple[Chronic, ...] = ()
    filings: tuple[Filing, ...] = ()
    applications: tuple[Application, ...] = ()
    rosters: tuple[Stay, ...] = ()
    deaths: tuple[ToldDead, ...] = ()
    sub_levels: tuple[tuple[str, str], ...] = ()
    names_agree: bool = True
    name_tag: str = ""


def fold_person(packs: Sequence[Pack], person: str, events: Sequence[Event]) -> Person:
    """Make a person out of everything that was ever reported, in no particular order.

    A number that was corrected is nobody's: its facts count where the right number is.
    """
    history = history_of(events)
    return fold_history(packs, person, history, standing_link(person, history))


def fold_history(packs: Sequence[Pack], person: str, history: History, link: Link | None) -> Person:
    """Make a person out of a number's history; ``link``: the correction that stands, if one does."""
    if link is not None:
        place = fold_facts(packs, person, History(history.own, (), (), 0, ""))
        return Person(
            township=place.township, village=place.village, contact_sealed=place.contact_sealed,
            contact_tag=place.contact_tag, merged_into=link.new_person,
        )  # fmt: skip
    return fold_facts(packs, person, history)


def fold_facts(packs: Sequence[Pack], person: str, history: History) -> Person:
    """Make a person out of the facts that count for a number."""
    facts = (*history.own, *history.carried)
    said = by_kind(facts)
    reports: Sequence[StatusReported] = in_known_order(said[StatusReported])
    # An application says where somebody lives only as long as no list does, and of strangers nothing.
    listed: Sequence[StatusReported | PremiumPaid] = in_known_order([*reports, *said[PremiumPaid]])
    filed: Sequence[FlagApplied] = in_known_order(said[FlagApplied])
    home = residence(listed, filed)
    sightings: list[Sighting] = [*(one for one in filed if home.answers_to(one.office)), *listed]
    contact = next((one for one in reversed(sightings) if one.contact_sealed), None)
    own = [one.infant_born for one in listed if one.infant_born and one.person == person]
    born = max(own, default=history.infant_born)
    named = [one for one in sightings if one.name_tag and one.person == person]
    identity_of, identity_sealed = _identity(person, sightings, history)
    phone_of, phone_sealed = _told(person, sightings, "phone")
    head_of, head_sealed = _told(person, sightings, "head")
    lines = timelines(packs, facts, said, home, born, history.confirmed)
    return Person(
        township=home.township,
        village=_village(sightings),
        contact_sealed=contact.contact_sealed if contact else "",
        contact_of=contact.person if contact and contact.person != person else "",
        contact_tag=contact.fingerprint(*SEALED) if contact else "",
        identity_sealed=identity_sealed,
        identity_of=identity_of,
        phone_sealed=phone_sealed,
        phone_of=phone_of,
        head_sealed=head_sealed,
        head_of=head_of,
        formerly=history.formerly,
        household=next((one.household for one in reversed(reports) if one.household), ""),
        batch=next((f"{one.source}/{one.batch}" for one in reversed(listed) if one.batch), ""),
        listed_by=_full_list(reports),
        names_agree=len(set({one.source: one.name_tag for one in named}.values())) <= 1,
        name_tag=named[-1].name_tag if named else "",
        identities=lines.identities,
        listed=lines.listed,
        rosters=lines.rosters,
        died=lines.died,
        deaths=lines.deaths,
        premiums=lines.premiums,
        covered_years=lines.covered_years,
        covered_spans=lines.covered_spans,
        justified=lines.justified,
        applications=lines.applications,
        chronic=lines.chronic,
        filings=lines.filings,
        sub_levels=lines.sub_levels,
    )


def _identity(person: str, sightings: Sequence[Sighting], history: History) -> tuple[str, str]:
    """Return (earlier number's key or nothing, sealed number and name): the right number, said last."""
    sealed = [one for one in reversed(sightings) if one.identity_sealed]
    own = next((one.identity_sealed for one in sealed if one.person == person), "")
    if own or history.identity_sealed:
        return "", own or history.identity_sealed
    return (sealed[0].person, sealed[0].identity_sealed) if sealed else ("", "")


def _full_list(reports: Sequence[StatusReported]) -> str:
    """Return the source and list that spoke last, if it is a full list."""
    last = reports[-1] if reports else None
    return f"{last.source}/{last.batch}" if last and last.listed else ""


def _told(person: str, sightings: Sequence[Sighting], part: str) -> tuple[str, str]:
    """Return (earlier number's key or nothing, sealed identity) of the list that last said a part."""
    for one in reversed(sightings):
        if one.identity_sealed and part in _parts(one):
            return ("" if one.person == person else one.person), one.identity_sealed
    return "", ""


def _parts(one: Sighting) -> frozenset[str]:
    """Return what a sealed identity holds; facts from before it was said hold what they brought."""
    if one.holds:
        return frozenset(one.holds.split(","))
    found = {"phone"} if one.contact_sealed else set()
    return frozenset(
        found | ({"head"} if isinstance(one, StatusReported) and one.household else set())
    )


def _village(sightings: Sequence[Sighting]) -> str:
    """Return the village said last for the township where somebody lives: a list without one says nothing."""
    if not sightings:
        return ""
    here = sightings[-1].township
    return next(
        (one.village for one in reversed(sightings) if one.village and one.township == here), ""
    )
