"""When a message may leave, when it is tried again, and which of two tidings of it holds. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
RETRY = timedelta(minutes=5)
GIVE_UP = timedelta(hours=4)
"""§12, S1: at once at the next provider, then every five minutes, for four hours; then a person calls."""
VILLAGES_NAMED = 5
_DAY = timedelta(days=1)
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of a day, in China, at which notices may reach a phone, in minutes: begin <= t < end (§12)."""

    begin: int = 8 * 60 + 30
    end: int = 20 * 60 + 30

    def opening(self, at: datetime) -> datetime:
        """Return the first moment from ``at`` on at which a notice may leave."""
        here = at.astimezone(CHINA)
        minute = here.hour * 60 + here.minute
        if self.begin <= minute < self.end:
            return at
        day = here.date() if minute < self.begin else here.date() + _DAY
        return self._begins(day)

    def last_opening(self, at: datetime) -> datetime:
        """Return when the present or last hours began: what came before is in that morning's digest."""
        if self.end - self.begin >= 24 * 60:
            return at
        here = at.astimezone(CHINA)
        today = self._begins(here.date())
        return today if today <= at else today - _DAY

    def _begins(self, day: date) -> datetime:
        return datetime.combine(day, time(self.begin // 60, self.begin % 60), CHINA)


ALL_DAY = Hours(0, 24 * 60)


def hours_of(said: str, *, made_up: bool) -> Hours:
    """Read hours such as ``08:30-20:30``; empty: the platform's own, and made-up people do not sleep.

    Raises ValueError.
    """
    if not said:
        return ALL_DAY if made_up else Hours()
    found = _CLOCK.fullmatch(said)
    if not found:
        raise ValueError(f"YINGBAO_SMS_HOURS: {said!r} is not like 08:30-20:30")
    first, second, third, fourth = map(int, found.groups())
    hours = Hours(first * 60 + second, third * 60 + fourth)
    if not 0 <= hours.begin < hours.end <= 24 * 60:
        raise ValueError(f"YINGBAO_SMS_HOURS: {said!r} does not begin before it ends")
    return hours


def due(at: datetime, hours: Hours, told: Mapping[date, int], a_day: int) -> datetime:
    """Return when a person may be told: at a decent hour of the first day with fewer than ``a_day`` messages.

    ``told``: day → messages of that day, sent or due; ``a_day`` 0: as many as there are.
    """
    moment = hours.opening(at)
    while a_day and told.get(day_of(moment), 0) >= a_day:
        moment = hours.opening(_next_day(moment, hours))
    return moment


def _next_day(moment: datetime, hours: Hours) -> datetime:
    day = day_of(moment) + _DAY
    return datetime.combine(day, time(hours.begin // 60, hours.begin % 60), CHINA)


def day_of(moment: datetime) -> date:
    """Return the day in China."""
    return moment.astimezone(CHINA).date()


def again(
    attempts: int, providers: int, first: datetime, now: datetime, hours: Hours
) -> datetime | None:
    """Return when a message that no provider took is tried again; None: not any more.

    ``attempts``: so many calls were made. Every provider is tried once before anybody waits.
    """
    if day_of(first) == day_of(now) and now - first >= GIVE_UP:
        return None
    return now if attempts < providers else hours.opening(now + RETRY)


_RANK = {"created": 0, "sending": 0, "unknown": 1, "sent": 2, "failed": 3, "delivered": 4}


def holds(known: str, told: str) -> bool:
    """Tell whether a receipt says more than what is known: tidings come late, twice and out of order.

    What reached the phone reached it, whatever came before.
    """
    return _RANK.get(told, -1) > _RANK.get(known, 5)


@dataclass(frozen=True, slots=True)
class Morning:
    """What an officer is told in the morning: how many people of the township changed, and where."""

    people: int
    raised: str
    villages: str


def morning_of(changes: Iterable[tuple[str, str, str]]) -> Morning:
    """Sum up changes (person, village, changes as written), most people first."""
    kinds: Counter[str] = Counter()
    homes: dict[tuple[str, str], None] = {}
    for person, village, said in changes:
        homes[person, village or "村未填"] = None
        kinds.update(said.split("、"))
    villages = Counter(village for _, village in homes)
    people = {person for person, _ in homes}
    named = villages.most_common(VILLAGES_NAMED)
    rest = sum(villages.values()) - sum(count for _, count in named)
    shown = [f"{village}{count}人" for village, count in named]
    return Morning(
        people=len(people),
        raised="、".join(f"{kind}{count}人" for kind, count in kinds.most_common()),
        villages="、".join(shown) + (f"等，其余{rest}人" if rest else ""),
    )
