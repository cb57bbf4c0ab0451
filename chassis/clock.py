"""The only place that asks what time it is. Business dates come from events, never from here."""

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

Clock = Callable[[], datetime]
"""Returns the present moment with the Asia/Shanghai offset; injected, so that tests can set it."""


def system_clock() -> datetime:
    """Return the present moment, Asia/Shanghai."""
    return datetime.now(CHINA)


def today(clock: Clock) -> date:
    """Return the day it is in China."""
    return clock().astimezone(CHINA).date()


def monotonic() -> float:
    """Return seconds that only move forward, for timeouts and durations."""
    return time.monotonic()
