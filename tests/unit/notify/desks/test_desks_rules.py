"""What the bureau, hospitals and the insurer are reminded of: on which days of a month, and once."""

from datetime import date

import pytest

from contracts.officers import COUNTY_DESK, HOSPITAL_DESK, INSURER_DESK
from policy.loader import load_pack
from services.notify.desks.rules import reminders
from services.notify.rules import render

HOSPITAL = f"{HOSPITAL_DESK}H34169901"
EVERYBODY = (COUNTY_DESK, HOSPITAL, INSURER_DESK, "城关镇")
KAIFENG, LIXIN = [load_pack("kaifeng-2017")], [load_pack("lixin-2023")]


def told(day: str, packs: object = KAIFENG) -> list[tuple[str, str]]:
    """Return (desk, message) of a day."""
    found = reminders(packs, EVERYBODY, date.fromisoformat(day))  # type: ignore[arg-type]
    return [(one.place, one.template) for one in found]


STATEMENTS = [(HOSPITAL, "statement_ready"), (INSURER_DESK, "statement_ready")]
REPORT = [(COUNTY_DESK, "monthly_report_due")]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2017-06-01", STATEMENTS),
        ("2017-06-02", STATEMENTS + REPORT),
        ("2017-06-05", STATEMENTS + REPORT),
        ("2017-06-06", []),
        ("2017-04-05", STATEMENTS),  # the report is due from May on (S2)
        ("2018-01-05", STATEMENTS + REPORT),  # December is reported, though its pack is over
        ("2018-02-05", STATEMENTS),
    ],
)
def test_each_desk_is_told_in_the_days_that_concern_it(
    day: str, expected: list[tuple[str, str]]
) -> None:
    """The report by the 5th, three days before; the statement in the first five days."""
    assert told(day) == expected


def test_no_report_is_asked_for_where_no_city_asks_for_it() -> None:
    """Kaifeng's clause is Kaifeng's."""
    assert told("2023-06-05", LIXIN) == STATEMENTS


def test_a_month_is_told_once_and_the_next_one_again() -> None:
    """Said again on another day of the month it is the same message."""
    keys = [
        {one.key for one in reminders(KAIFENG, EVERYBODY, date(2017, month, day))}
        for month, day in ((6, 3), (6, 5), (7, 3))
    ]

    assert keys[0] == keys[1]
    assert not keys[0] & keys[2]


def test_the_texts_say_the_month_before_and_the_day() -> None:
    """In January it is December of last year."""
    found = reminders(KAIFENG, EVERYBODY, date(2017, 12, 3))
    texts = [render(one.template, one.words, "") for one in found]
    january = reminders(LIXIN, [HOSPITAL], date(2024, 1, 3))

    assert all("2017年11月" in text for text in texts)
    assert "大病补充保险工作开展情况须于12月5日前上报市医保中心" in texts[-1]
    assert january[0].words == {"month": "2023年12月"}
