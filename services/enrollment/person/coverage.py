"""On which days a person is covered as a resident here: newborns, late payers, employees (C15). Pure."""

from calendar import monthrange
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from contracts.events.enrollment import Identity
from contracts.events.partner import PremiumPaid
from policy.pack import Pack
from policy.premium import PremiumRules
from services.enrollment.person.elsewhere import DAY, Elsewhere
from services.enrollment.person.premiums import PremiumStanding, exempt_before

Span = tuple[date, date]
"""First and last day, both included."""
INFANT = timedelta(days=366)
"""Up to which age at the payment a child is a newborn: no waiting period (C15)."""


def covered_days(
    packs: Sequence[Pack],
    premiums: Sequence[PremiumStanding],
    identities: Sequence[Identity],
    paid: Sequence[PremiumPaid],
    elsewhere: Sequence[Elsewhere],
    born: date | None,
    died: date | None,
    confirmed: Collection[int] = (),
    away: Collection[int] = (),
) -> tuple[Span, ...]:
    """Return the days on which the resident system pays, year by year.

    A payment in the collection period covers the whole year; a later one waits, but not for people of
    a poverty category, newborns, and whoever has just left employee insurance. An exemption that takes
    the place of a refunded payment takes no day away that the payment gave (domain §14: 14), nor does a
    payment take away what an exemption gave before it. While
    somebody is insured as an employee, that insurance pays (C15, P5; newborns P15). A year that the
    register ``confirmed`` is covered whole; in a year that is another area's (``away``) nothing is.
    """
    spans: list[Span] = []
    for year in sorted({one.year for one in premiums if one.enrolled} | {*confirmed}):
        if year in away:
            continue
        standing = next((one for one in premiums if one.year == year), PremiumStanding(year))
        rules = next((p.premiums for p in packs if p.premiums.of_year(standing.year)), None)
        starts = []
        days = [one.paid_on for one in paid if one.coverage_year == standing.year]
        if days and (standing.kept or standing.exempt):
            starts.append(_by_payment(rules, standing.year, min(days), identities, elsewhere, born))
        if rules is not None and (
            standing.exempt
            or (days and exempt_before(rules, year, identities, min(days), elsewhere))
        ):
            starts.append(_by_identity(rules, standing, identities, born))
        # Of several beginnings the earliest counts: nothing that comes later takes a day away.
        first, last = date(year, 1, 1), date(year, 12, 31)
        if year in confirmed:
            starts.append(_not_before_birth(first, born))
        if died is not None:
            last = min(last, date(died.year, died.month, monthrange(died.year, died.month)[1]))
        spans += _without(max(first, min(starts)), last, elsewhere)
    return tuple(spans)


def _by_payment(
    rules: PremiumRules | None,
    year: int,
    paid_on: date,
    identities: Sequence[Identity],
    elsewhere: Sequence[Elsewhere],
    born: date | None,
) -> date:
    closes = rules.closes(year) if rules is not None else None
    if rules is None or closes is None or paid_on <= closes:
        return _not_before_birth(date(year, 1, 1), born)
    if born is not None and paid_on <= born + INFANT:
        in_time = born + timedelta(days=rules.term(year, "newborn_days") or 0)
        return born if paid_on <= in_time else paid_on
    months = rules.term(year, "after_employee_months") or 0
    waits = paid_on + timedelta(days=rules.term(year, "waiting_days") or 0)
    ends = [one.valid_to for one in elsewhere if one.employed and one.valid_to is not None]
    without_gap = [end + DAY for end in ends if paid_on <= _months_after(end, months)]
    poor = [
        max(paid_on, one.valid_from)
        for one in identities
        if one.valid_to is None or one.valid_to >= paid_on
    ]
    return min([waits, *without_gap, *poor])


def _by_identity(
    rules: PremiumRules,
    standing: PremiumStanding,
    identities: Sequence[Identity],
    born: date | None,
) -> date:
    """An exemption covers since the day of recognition; a newborn recognised in time since birth."""
    year = standing.year
    starts = [
        one.valid_from
        for one in identities
        if rules.subsidy(year, one.category) >= standing.full
        and one.valid_from <= date(year, 12, 31)
        and (one.valid_to is None or one.valid_to.year >= year)
    ]
    start = min(starts, default=date(year, 1, 1))
    days = rules.term(year, "newborn_days") or 0
    if born is not None and start <= born + timedelta(days=days):
        return born
    return start


def _not_before_birth(day: date, born: date | None) -> date:
    return day if born is None else max(day, born)


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _without(first: date, last: date, elsewhere: Sequence[Elsewhere]) -> Iterable[Span]:
    """Yield a span without the days on which employee insurance pays."""
    for stay in sorted((one for one in elsewhere if one.employed), key=lambda one: one.valid_from):
        if first <= last and stay.valid_from <= last and (stay.valid_to or date.max) >= first:
            if first < stay.valid_from:
                yield first, stay.valid_from - DAY
            first = last + DAY if stay.valid_to is None else max(first, stay.valid_to + DAY)
    if first <= last:
        yield first, last
