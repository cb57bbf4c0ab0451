"""Who must be enrolled, and whose word counts for what: dated values of a pack (S0, S1, S4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from contracts.vocabulary import ADDED, CATEGORIES, PARTNERS
from policy.dated import Dated, the_one

if TYPE_CHECKING:
    from policy.pack import Pack


@dataclass(frozen=True, slots=True)
class Named(Dated):
    """Categories or departments that a clause names."""

    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class OutOfAreaFiling(Dated):
    """How treatment elsewhere is filed (异地就医备案), and as which area a bill counts then.

    ``months``: how long a filing lasts whose last day nobody named; ``days_back``, ``days_ahead``: how far
    from today its first day may lie. ``areas``: area of a bill that was not filed → that of one that was.
    """

    months: int
    days_back: int
    days_ahead: int
    areas: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MonthlyReport(Dated):
    """By which day of each month the county reports what to whom (S2); told of so many days before."""

    day: int
    remind_days: int
    subject: str
    to: str


@dataclass(frozen=True, slots=True)
class Duties:
    """What a pack says about enrolment, evidence of a death and filings; empty: it says nothing.

    ``must_enrol``: categories that must be enrolled (应保尽保人群). A death counts once one of
    ``roster_owners`` and one of ``death_registrars`` stand by it (S1). ``screened``: kinds of treatment
    after which the poor are asked whether they have a chronic disease (S1).
    """

    must_enrol: tuple[Named, ...] = ()
    roster_owners: tuple[Named, ...] = ()
    death_registrars: tuple[Named, ...] = ()
    filings: tuple[OutOfAreaFiling, ...] = ()
    screened: tuple[Named, ...] = ()
    monthly_reports: tuple[MonthlyReport, ...] = ()


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


def screened_kinds(packs: Sequence["Pack"], day: date) -> frozenset[str]:
    """Return the kinds of treatment after which the poor are screened for chronic diseases (S1)."""
    return _named(packs, day, lambda duties: duties.screened, frozenset())


def monthly_report(packs: Sequence["Pack"], day: date) -> MonthlyReport | None:
    """Return by when the county reports each month, on a day; None where no pack in force says so (S2)."""
    found = (the_one(pack.duties.monthly_reports, day, {}) for pack in packs if pack.covers(day))
    return next((one for one in found if one is not None), None)


def filing_rule(packs: Sequence["Pack"], day: date) -> OutOfAreaFiling | None:
    """Return how a filing that begins on a day is made, by the nearest packs; None where none says so."""
    near = min((_distance(pack, day) for pack in packs), default=0)
    found = (
        the_one(pack.duties.filings, _within(pack, day), {})
        for pack in packs
        if _distance(pack, day) == near
    )
    return next((one for one in found if one is not None), None)


def _named(
    packs: Sequence["Pack"],
    day: date,
    values: Callable[[Duties], tuple[Named, ...]],
    usual: frozenset[str],
) -> frozenset[str]:
    """Return what the packs nearest to a day say, or what is usual where they say nothing.

    A day that no pack covers is read as the nearest day of the pack that lies nearest. What only the
    county's own folder names no pack can know: there its own file counts.
    """
    near = min((_distance(pack, day) for pack in packs), default=0)
    said = [
        value.names
        for pack in packs
        if _distance(pack, day) == near
        and (value := the_one(values(pack.duties), _within(pack, day), {})) is not None
    ]
    return frozenset().union(*said, usual & ADDED) if said else usual


def _within(pack: "Pack", day: date) -> date:
    return min(max(day, pack.valid_from), pack.valid_to)


def _distance(pack: "Pack", day: date) -> int:
    return abs((_within(pack, day) - day).days)
