"""A restored database knows its age, and an ordinary stop is no restore."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.positions import MARGIN, Position, is_ahead, place_in

MADE = datetime(2026, 1, 1, tzinfo=UTC)
NOTED = datetime(2026, 11, 27, 2, tzinfo=UTC)
KNOWN = Position(900, MADE, NOTED)


@pytest.mark.parametrize(
    ("floor", "published", "known", "made", "ahead"),
    [
        (900, NOTED, KNOWN, MADE, False),  # in step
        (1_000, NOTED + timedelta(seconds=4), KNOWN, MADE, False),  # stopped before the next word
        (1_000, NOTED + MARGIN + timedelta(hours=5), KNOWN, MADE, True),  # yesterday's database
        (1_000, None, KNOWN, MADE, False),  # nothing stands at that place
        (0, None, None, MADE, False),  # a first start
        (5, NOTED, None, MADE, True),  # an empty database beside a bus that was read
        (
            500,
            NOTED + timedelta(hours=5),
            KNOWN,
            MADE + timedelta(days=1),
            True,
        ),  # the stream is another
        (500, NOTED + timedelta(seconds=4), KNOWN, MADE + timedelta(days=1), False),
    ],
)
def test_a_database_is_older_than_the_bus_only_if_something_came_well_after_its_last_word(
    floor: int, published: datetime | None, known: Position | None, made: datetime, ahead: bool
) -> None:
    """By when the last acknowledged message was published, on the same stream."""
    assert is_ahead(floor, published, known, made) is ahead


def test_a_place_on_another_stream_is_none() -> None:
    """A consumer set back to it would wait for a hundred thousand messages that never come."""
    assert place_in(KNOWN, MADE) == 900
    assert place_in(KNOWN, MADE + timedelta(days=1)) == 0
    assert place_in(None, MADE) == 0
