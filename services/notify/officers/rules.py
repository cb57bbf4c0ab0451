"""Who is on duty somewhere on a day. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty as it is kept: both days included, no last one while it is open.

    ``village``: empty for the whole of its townships. ``number``: keyed hash of the phone, empty until a
    job has worked it out.
    """

    id: str
    townships: tuple[str, ...]
    village: str
    first: date
    last: date | None
    stands_in_for: str
    contact_sealed: str
    number: str

    def runs_on(self, day: date) -> bool:
        """Tell whether it is a day of it."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told of a township: of all of it, and of single villages besides."""

    whole: tuple[Duty, ...]
    villages: dict[str, tuple[Duty, ...]]


def on_duty(duties: Iterable[Duty], township: str, day: date) -> Watch:
    """Return who is told of a township on a day.

    Whoever is stood in for is not told meanwhile. A phone is told of the whole township or of its
    village, not of both.
    """
    running = [one for one in duties if one.runs_on(day)]
    away = {one.stands_in_for for one in running if one.stands_in_for}
    here = [one for one in running if township in one.townships and one.id not in away]
    whole = _each_phone_once(one for one in here if not one.village)
    told = {one.number for one in whole if one.number}
    names = sorted({one.village for one in here if one.village})
    villages = {
        name: _each_phone_once(
            one for one in here if one.village == name and one.number not in told
        )
        for name in names
    }
    return Watch(whole, {name: found for name, found in villages.items() if found})


def _each_phone_once(duties: Iterable[Duty]) -> tuple[Duty, ...]:
    found: dict[str, Duty] = {}
    for one in duties:
        found.setdefault(one.number or one.id, one)
    return tuple(found.values())
