"""Days until a stream is full: said before it is too late, and not of one that empties itself."""

from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from chassis.filling import Held, days_until_full

MADE = datetime(2023, 1, 1, tzinfo=UTC)
GIB = 1 << 30


def after(days: float, held: Held) -> float:
    """Return the days left, so many days after the stream was made."""
    return days_until_full(held, MADE + timedelta(days=days))


def test_a_stream_that_grows_evenly_is_full_when_it_is_full() -> None:
    """A quarter in ten days: thirty are left."""
    assert after(10, Held(GIB, 4 * GIB, MADE)) == pytest.approx(30)


def test_one_that_is_full_has_no_day_left_and_an_empty_one_for_ever() -> None:
    """Nor has one more than its room; one without a limit is never full."""
    assert after(10, Held(4 * GIB, 4 * GIB, MADE)) == 0
    assert after(10, Held(0, 4 * GIB, MADE)) == inf
    assert after(10, Held(GIB, -1, MADE)) == inf


def test_one_whose_messages_go_after_a_while_is_never_full_if_that_while_has_room() -> None:
    """180 days at a quarter in a hundred; a quarter in ten days fills it all the same."""
    half_a_year = timedelta(days=180)

    assert after(100, Held(GIB, 4 * GIB, MADE, half_a_year)) == inf
    assert after(10, Held(GIB, 4 * GIB, MADE, half_a_year)) == pytest.approx(30)


def test_what_a_stream_holds_came_within_the_age_of_its_oldest_message() -> None:
    """After ten years it holds the last hundred days: 3 of 4 GiB in a hundred days never fill it."""
    hundred = timedelta(days=100)

    assert after(3_650, Held(3 * GIB, 4 * GIB, MADE, hundred)) == inf
    assert after(3_650, Held(4 * GIB - 1, 4 * GIB, MADE, hundred)) == inf


def test_the_first_minutes_of_a_stream_alarm_nobody() -> None:
    """A roster on the first morning is not what comes every minute."""
    assert after(1 / 1440, Held(GIB // 100, 4 * GIB, MADE)) > 15
