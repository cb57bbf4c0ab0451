"""What a desk is reminded of once a month: the report to the city, the last month's statement. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from contracts.envelope import event_id
from contracts.officers import COUNTY_DESK, HOSPITAL_DESK, INSURER_DESK
from policy.duties import monthly_report
from policy.pack import Pack

STATEMENT_DAYS = 5
"""So many days of a month a statement of the month before is told of, to a desk that was set late as well."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A message to a desk. ``place``: the county's, a hospital's by its number, or the insurer's."""

    key: str
    place: str
    template: str
    words: dict[str, str] = field(default_factory=dict)


def reminders(packs: Sequence[Pack], places: Iterable[str], day: date) -> list[Reminder]:
    """Return what desks ought to have been told by a day of its month; ``places``: those with somebody."""
    before = day.replace(day=1) - timedelta(days=1)
    month = f"{before.year}年{before.month}月"
    known = sorted(set(places))
    found = [
        Reminder(_key("statement", one, day), one, "statement_ready", {"month": month})
        for one in known
        if day.day <= STATEMENT_DAYS and (one == INSURER_DESK or one.startswith(HOSPITAL_DESK))
    ]
    rule = monthly_report(packs, day) or monthly_report(packs, before)
    if COUNTY_DESK in known and rule and rule.day - rule.remind_days <= day.day <= rule.day:
        words = {"month": month, "day": f"{day.month}月{rule.day}日"}
        words |= {"subject": rule.subject, "to": rule.to}
        key = _key("monthly-report", COUNTY_DESK, day)
        found.append(Reminder(key, COUNTY_DESK, "monthly_report_due", words))
    return found


def _key(what: str, place: str, day: date) -> str:
    return event_id(what, place, f"{day:%Y-%m}")
