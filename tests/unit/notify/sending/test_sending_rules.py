"""When a message may leave, when it is tried again, which of two tidings holds."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.notify.sending.rules import (
    ALL_DAY,
    CHINA,
    GIVE_UP,
    Hours,
    again,
    day_of,
    due,
    holds,
    hours_of,
    morning_of,
)


def at(clock: str, day: int = 10) -> datetime:
    """Return a moment of November 2026 in China."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("decided", "leaves"),
    [
        (at("08:29"), at("08:30")),
        (at("08:30"), at("08:30")),
        (at("20:29"), at("20:29")),
        (at("20:30"), at("08:30", 11)),
        (at("23:59"), at("08:30", 11)),
        (at("00:00"), at("08:30")),
    ],
)
def test_a_notice_leaves_between_half_past_eight_and_half_past_eight(
    decided: datetime, leaves: datetime
) -> None:
    """§12: 08:30 ≤ t < 20:30 in China, else the next morning; the server's own time zone is of no interest."""
    assert Hours().opening(decided.astimezone(UTC)) == leaves


def test_the_morning_of_an_officer_has_what_came_since_the_last() -> None:
    """What came at nine is in tomorrow's digest; before half past eight, yesterday's still counts."""
    assert Hours().last_opening(at("09:00")) == at("08:30")
    assert Hours().last_opening(at("08:29")) == at("08:30", 9)
    assert ALL_DAY.last_opening(at("03:00")) == at("03:00")


@pytest.mark.parametrize(
    ("said", "made_up", "hours"),
    [
        ("", False, Hours()),
        ("", True, ALL_DAY),
        ("09:00-18:00", True, Hours(540, 1080)),
        ("00:00-24:00", False, ALL_DAY),
    ],
)
def test_a_county_may_have_other_hours(said: str, made_up: bool, hours: Hours) -> None:
    """Made-up people of a demo do not sleep, unless hours are given."""
    assert hours_of(said, made_up=made_up) == hours


@pytest.mark.parametrize("said", ["8", "20:30-08:30", "08:30-08:30", "08:30-24:30", "08:60-20:00"])
def test_hours_that_are_none_are_refused(said: str) -> None:
    """By name, at the start."""
    with pytest.raises(ValueError, match="YINGBAO_SMS_HOURS"):
        hours_of(said, made_up=False)


def test_the_fourth_message_of_a_day_waits_for_the_next_that_has_room() -> None:
    """§12: three a day; tomorrow may be full as well."""
    told = {date(2026, 11, 10): 3, date(2026, 11, 11): 3, date(2026, 11, 12): 2}

    assert due(at("10:00"), Hours(), told, 3) == at("08:30", 12)
    assert due(at("10:00"), Hours(), told, 0) == at("10:00")
    assert due(at("21:00"), Hours(), {date(2026, 11, 10): 3}, 3) == at("08:30", 11)


def test_the_other_provider_is_tried_at_once_then_every_five_minutes_for_four_hours() -> None:
    """S1; a retry at night waits for the morning, and after four hours a person calls."""
    first = at("10:00")

    assert again(1, 2, first, first, Hours()) == first
    assert again(2, 2, first, first, Hours()) == first + timedelta(minutes=5)
    assert again(1, 1, at("20:28"), at("20:28"), Hours()) == at("08:30", 11)
    assert again(9, 2, first, first + GIVE_UP, Hours()) is None
    assert again(9, 2, at("20:10", 9), first, Hours()) == first + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("known", "told", "says_more"),
    [
        ("sent", "delivered", True),
        ("sending", "delivered", True),
        ("unknown", "sent", True),
        ("unknown", "failed", True),
        ("failed", "delivered", True),
        ("delivered", "failed", False),
        ("delivered", "sent", False),
        ("delivered", "delivered", False),
        ("failed", "sent", False),
        ("withdrawn", "delivered", False),
        ("sent", "nonsense", False),
    ],
)
def test_a_receipt_that_says_less_than_is_known_changes_nothing(
    known: str, told: str, says_more: bool
) -> None:
    """S3: receipts come late, twice and out of order; what reached the phone reached it."""
    assert holds(known, told) is says_more


def test_an_officer_hears_of_forty_people_in_one_message() -> None:
    """People counted once, kinds of change, and villages with most people first."""
    changes = [(f"p{n}", f"村{n % 7}", "新增低保对象") for n in range(40)]
    changes.append(("p0", "村0", "退出特困人员"))

    morning = morning_of(changes)

    assert morning.people == 40
    assert morning.raised == "新增低保对象40人、退出特困人员1人"
    assert morning.villages.startswith("村0")
    assert morning.villages.endswith("等，其余10人")


def test_a_morning_counts_people_of_a_village_and_not_what_is_to_be_done_for_them() -> None:
    """One person with two matters is one person."""
    morning = morning_of([("p1", "东村", "应参未参"), ("p1", "东村", "死亡待核实")])
    assert (morning.people, morning.villages) == (1, "东村1人")
    assert morning.raised == "应参未参1人、死亡待核实1人"


def test_a_moment_is_of_the_day_in_china() -> None:
    """Half past eight in the evening of UTC is tomorrow there."""
    assert day_of(datetime(2026, 11, 10, 20, 30, tzinfo=UTC)) == date(2026, 11, 11)
