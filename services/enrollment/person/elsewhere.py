"""When the resident system here owes somebody nothing: insured elsewhere, in army or prison, waived. Pure.

However it was told: by a list or report of the other insurance, or as a reason with evidence (ledger 3).
Domain §14: 12 and 18.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from contracts.events.partner import CoverageElsewhereReported, PremiumRefunded
from contracts.vocabulary import Source
from services.enrollment.person.justifications import Claimed

EMPLOYED = frozenset({"LOCAL_EMPLOYEE", "OTHER_AREA_EMPLOYEE"})
RESIDENT_ELSEWHERE = "OTHER_AREA_RESIDENT"
NOT_OWED = EMPLOYED | {RESIDENT_ELSEWHERE, "ARMY", "PRISON", "WAIVED"}
"""Reasons for which nothing is granted while they last."""
DAY = timedelta(days=1)


@dataclass(frozen=True, order=True, slots=True)
class Elsewhere:
    """Why nothing is granted here: for what reason, since when, until when (None: still)."""

    valid_from: date
    reason: str
    valid_to: date | None

    @property
    def employed(self) -> bool:
        """Tell whether it is as an employee, whose benefits are not paid a second time here."""
        return self.reason in EMPLOYED

    def touches(self, year: int) -> bool:
        """Tell whether it lasted on any day of a year."""
        ended = self.valid_to is not None and self.valid_to < date(year, 1, 1)
        return self.valid_from <= date(year, 12, 31) and not ended


def fold_elsewhere(
    reports: Iterable[CoverageElsewhereReported], reasons: Iterable[Claimed] = ()
) -> tuple[Elsewhere, ...]:
    """Return when nothing is owed here; of one insurance the last word about its end holds."""
    last: dict[tuple[str, date], tuple[datetime, str, Elsewhere]] = {}
    for report in reports:
        span = Elsewhere(report.valid_from, report.reason, report.valid_to)
        said = (report.received, repr(span), span)
        key = (report.reason, report.valid_from)
        last[key] = max(said, last.get(key, said), key=lambda known: known[:2])
    told = {one for _, _, one in last.values()}
    noted = {
        Elsewhere(one.valid_from, one.reason.value, one.valid_to)
        for one in reasons
        if one.evidence and one.reason.value in NOT_OWED
    }
    # What the other insurance says itself is better known than what an officer noted about it.
    told |= {one for one in noted if not any(_same_stay(one, other) for other in told)}
    return tuple(
        sorted(told, key=lambda one: (one.valid_from, one.reason, one.valid_to or date.max))
    )


def _same_stay(one: Elsewhere, other: Elsewhere) -> bool:
    ends, ended = one.valid_to or date.max, other.valid_to or date.max
    return one.reason == other.reason and one.valid_from <= ended and other.valid_from <= ends


def away_in(elsewhere: Sequence[Elsewhere], refunds: Iterable[PremiumRefunded], year: int) -> bool:
    """Tell whether a year is another area's: insured there as a resident, and not refunded there (S1)."""
    returned = any(one.source is Source.OTHER_AREA and one.coverage_year == year for one in refunds)
    return not returned and any(
        one.reason == RESIDENT_ELSEWHERE and one.touches(year) for one in elsewhere
    )


def first_owed(first: date, last: date, elsewhere: Sequence[Elsewhere]) -> date | None:
    """Return the first day of a span on which something can be granted, or None."""
    for stay in sorted(elsewhere, key=lambda one: one.valid_from):
        if stay.reason != RESIDENT_ELSEWHERE and stay.valid_from <= first <= (
            stay.valid_to or date.max
        ):
            if stay.valid_to is None:
                return None
            first = stay.valid_to + DAY
    return first if first <= last else None
