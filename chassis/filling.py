"""When a stream will be full, from what it holds now. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

DAY = timedelta(days=1)
SHORTEST = timedelta(hours=1)
"""What came within less says nothing about a day."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a stream holds: bytes, of at most so many, since it was made; ``age``: when a message goes."""

    bytes: int
    most: int
    made: datetime
    age: timedelta | None = None


def days_until_full(held: Held, now: datetime) -> float:
    """Return in how many days a stream refuses, if as much comes as came so far; infinity: never.

    One whose messages go after a while grows no more once the first of them are that old.
    """
    if held.most <= 0 or held.bytes <= 0:
        return inf
    if held.bytes >= held.most:
        return 0.0
    span = max(now - held.made, SHORTEST)
    if held.age is not None:
        span = min(span, held.age)
    a_day = held.bytes / (span / DAY)
    if held.age is not None and a_day * (held.age / DAY) < held.most:
        return inf
    return (held.most - held.bytes) / a_day
