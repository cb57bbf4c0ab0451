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

    Taken back on its first day a filing never was; on a later one it ends the day before.
    """
    standing: dict[tuple[date, str], Filing] = {}
    for report in sorted(reports, key=lambda one: (one.received, one.fingerprint())):
        key = report.valid_from, report.province
        if report.action == "reported":
            standing[key] = Filing(
                place=report.place, province=report.province, first=report.valid_from,
                last=report.valid_to or ends(packs, report.valid_from),
            )  # fmt: skip
        elif standing.pop(key, None) is None:
            standing |= {
                of: one.model_copy(update={"last": report.valid_from - timedelta(days=1)})
                for of, one in standing.items()
                if one.province == report.province and one.first < report.valid_from <= one.last
            }
    return tuple(standing[key] for key in sorted(standing))


def ends(packs: Sequence[Pack], first: date) -> date:
    """Return the last day of a filing whose end nobody named; where no pack says, its only day."""
    rule = filing_rule(packs, first)
    if rule is None or not rule.months:
        return first
    year, month = divmod(first.year * 12 + first.month - 1 + rule.months, 12)
    day = min(first.day, monthrange(year, month + 1)[1])
    return date(year, month + 1, day) - timedelta(days=1)
