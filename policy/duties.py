"""Who must be enrolled, and whose word counts for what: dated values of a pack (S0, S1, S4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from contracts.vocabulary import CATEGORIES, PARTNERS
from policy.dated import Dated, the_one

if TYPE_CHECKING:
    from policy.pack import Pack


@dataclass(frozen=True, slots=True)
class Named(Dated):
    """Categories or departments that a clause names."""

    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Duties:
    """What a pack says about enrolment and about evidence of a death; empty: it says nothing.

    ``must_enrol``: categories that must be enrolled (应保尽保人群). A death counts once one of
    ``roster_owners`` and one of ``death_registrars`` stand by it (S1).
    """

    must_enrol: tuple[Named, ...] = ()
    roster_owners: tuple[Named, ...] = ()
    death_registrars: tuple[Named, ...] = ()


def must_enrol(packs: Sequence["Pack"], day: date) -> frozenset[str]:
    """Return the categories that must be enrolled on a day."""
    usual = frozenset(code for code, one in CATEGORIES.items() if one.must_enrol)
    return _named(packs, day, lambda duties: duties.must_enrol, usual)


def roster_owners(packs: Sequence["Pack"], day: date) -> frozenset[str]:
    """Return the departments whose rosters are official on a day."""
    usual = frozenset(code for code, one in PARTNERS.items() if "rosters" in one.authority)
    return _named(packs, day, lambda duties: duties.roster_owners, usual)


def death_registrars(packs: Sequence["Pack"], day: date) -> frozenset[str]:
    """Return the departments that register deaths on a day."""
    usual = frozenset(code for code, one in PARTNERS.items() if "deaths" in one.authority)
    return _named(packs, day, lambda duties: duties.death_registrars, usual)


def _named(
    packs: Sequence["Pack"],
    day: date,
    values: Callable[[Duties], tuple[Named, ...]],
    usual: frozenset[str],
) -> frozenset[str]:
    """Return what the packs of a day say, those of other days where none covers it, or what is usual.

    A day outside every pack is read as the nearest day of each.
    """
    in_force = [pack for pack in packs if pack.covers(day)] or packs
    said = [
        value.names
        for pack in in_force
        if (value := the_one(values(pack.duties), _within(pack, day), {})) is not None
    ]
    return frozenset().union(*said) if said else usual


def _within(pack: "Pack", day: date) -> date:
    return min(max(day, pack.valid_from), pack.valid_to)
