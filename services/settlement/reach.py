"""Which benefit years a settlement fact is about. Pure."""

from functools import lru_cache

from contracts.events.assistance import AssistanceDecision
from contracts.events.base import Event
from contracts.events.claims import ClaimReversed, ClaimSubmitted, DuplicateDismissed
from contracts.reach import EVER, EVERY_YEAR, WITH_ITS_KIN, Reach


def reach_of(event: Event) -> Reach:
    """Return which years a fact is about: a bill is about that of its discharge day (C3).

    A stay over New Year may overlap stays of the year before, so it is about both. A bill may come
    again under its number with a day in another year; then either may be the one that counts, and
    both years hang together.
    """
    match event:
        case ClaimSubmitted():
            years = years_of_stay(event)
            kept = EVER if len(years) > 1 else event.discharge.year
            return Reach(kept, _set_of(years), kin=(f"claim/{event.claim}",))
        case AssistanceDecision():
            return _reach_of_assistance(event)
        case ClaimReversed() | DuplicateDismissed():
            return Reach(kin=(f"claim/{event.claim}",))
        case _:
            return EVERY_YEAR


@lru_cache(maxsize=64)
def _set_of(years: range) -> frozenset[int]:
    return frozenset(years)


def _reach_of_assistance(event: AssistanceDecision) -> Reach:
    """Return the year of the bill; once a bill rests on a decision, only a later one is of interest."""
    earlier = f"assistance/{event.claim}"
    if event.benefit_year is None:
        return Reach(WITH_ITS_KIN, kin=(earlier, f"claim/{event.claim}"))
    year = event.benefit_year
    return Reach(WITH_ITS_KIN, _set_of(range(year, year + 1)), kin=(earlier,))


def years_of_stay(bill: ClaimSubmitted) -> range:
    """Return the years in which somebody lay in hospital, or was treated."""
    first = bill.discharge if bill.admit is None else min(bill.admit, bill.discharge)
    return range(first.year, bill.discharge.year + 1)
