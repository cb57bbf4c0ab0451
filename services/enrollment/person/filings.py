"""Treatment elsewhere that was filed (异地就医备案): which filings stand, and how long. Pure."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from contracts.events.enrollment import Filing
from contracts.events.partner import OutOfAreaFiled
from policy.duties import filing_rule
from policy.pack import Pack


def fold_filings(packs: Sequence[Pack], reports: Iterable[OutOfAreaFiled]) -> tuple[Filing, ...]:
    """Return what stands, word after word: of one province and first day that which was said last.

    Taken back on or before its first day a filing never was; on a later one it ends the day before.
    """
    standing: dict[tuple[date, str], Filing] = {}
    for report in sorted(reports, key=lambda one: (one.received, one.fingerprint())):
        key = report.valid_from, report.province
        if report.action == "reported":
            standing[key] = Filing(
                place=report.place, province=report.province, first=report.valid_from,
                last=report.valid_to or ends(packs, report.valid_from),
            )  # fmt: skip
        else:
            standing = _from_then_on(standing, report)
    return tuple(standing[key] for key in sorted(standing))


Standing = dict[tuple[date, str], Filing]


def _from_then_on(standing: Standing, taken_back: OutOfAreaFiled) -> Standing:
    """Return what still stands once nothing is filed for a province from a day on."""
    last = taken_back.valid_from - timedelta(days=1)
    found: Standing = {}
    for (first, province), one in standing.items():
        if province != taken_back.province or one.last <= last:
            found[first, province] = one
        elif first <= last:
            found[first, province] = one.model_copy(update={"last": last})
    return found


def ends(packs: Sequence[Pack], first: date) -> date:
    """Return the last day of a filing whose end nobody named; where no pack says, its only day."""
    rule = filing_rule(packs, first)
    if rule is None or not rule.months:
        return first
    year, month = divmod(first.year * 12 + first.month - 1 + rule.months, 12)
    day = min(first.day, monthrange(year, month + 1)[1])
    return date(year, month + 1, day) - timedelta(days=1)
