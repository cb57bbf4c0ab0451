"""Treatment elsewhere that was filed (异地就医备案): which filings stand, and how long. Pure."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from contracts.events.enrollment import Filing
from contracts.events.partner import OutOfAreaFiled
from policy.duties import filing_rule
from policy.pack import Pack


def fold_filings(packs: Sequence[Pack], reports: Iterable[OutOfAreaFiled]) -> tuple[Filing, ...]:
    """Return what stands: of one province and first day that which was said last."""
    last: dict[tuple[date, str], tuple[tuple[object, ...], OutOfAreaFiled]] = {}
    for report in reports:
        key = report.valid_from, report.province
        said = (report.received, report.fingerprint()), report
        last[key] = max(said, last.get(key, said), key=lambda one: one[0])
    standing = (one for _, (_, one) in sorted(last.items(), key=lambda item: item[0]))
    return tuple(
        Filing(
            place=one.place, province=one.province, first=one.valid_from,
            last=one.valid_to or ends(packs, one.valid_from),
        )
        for one in standing
        if one.action == "reported"
    )  # fmt: skip


def ends(packs: Sequence[Pack], first: date) -> date:
    """Return the last day of a filing whose end nobody named; where no pack says, its only day."""
    rule = filing_rule(packs, first)
    if rule is None or not rule.months:
        return first
    year, month = divmod(first.year * 12 + first.month - 1 + rule.months, 12)
    day = min(first.day, monthrange(year, month + 1)[1])
    return date(year, month + 1, day) - timedelta(days=1)
