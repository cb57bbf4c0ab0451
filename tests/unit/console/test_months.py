"""Months are asked for once, and the present one again after a while."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from services.console import months
from services.console.months import Months


class Door:
    """A door that counts who asks for what."""

    def __init__(self, takes: Callable[[], None] = lambda: None) -> None:
        self.asked: list[str] = []
        self.takes = takes

    async def get(self, _: str, month: str) -> dict[str, Any]:
        """Two hospitals, each with a bill more than the last time."""
        self.asked.append(month)
        self.takes()
        one = {"claims": len(self.asked), "funds": {"bmi": "10.10", "cii": "0.05"}}
        return {"statements": [one, {"claims": 1, "funds": {"bmi": "0.90"}}]}


async def test_hospitals_are_added_up_to_the_fen() -> None:
    """As decimals: a float would lose one."""
    (line,) = await Months().of(Door(), ["2026-01"], "2026-02")  # type: ignore[arg-type]

    assert line == {
        "month": "2026-01", "claims": 2, "funds": {"bmi": Decimal("11.00"), "cii": Decimal("0.05")},
        "total": Decimal("11.05"),
    }  # fmt: skip


async def test_a_month_that_is_over_stands_for_hours_and_the_present_one_for_five_minutes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Today's bills come into this month; what was booked at its last second is seen within hours."""
    now = [100_000.0]

    def three_seconds() -> None:
        now[0] += 3.0

    door, kept = Door(three_seconds), Months()
    monkeypatch.setattr(months, "monotonic", lambda: now[0])
    wanted = ["2026-01", "2026-02"]

    for later in (0.0, 1.0, months.FRESH_SECONDS):
        now[0] += later
        shown = await kept.of(door, wanted, "2026-02")  # type: ignore[arg-type]
    assert door.asked == ["2026-01", "2026-02", "2026-02"]
    assert shown[1]["claims"] == 4

    await kept.of(door, ["2026-02"], "2026-03")  # type: ignore[arg-type]
    assert door.asked[-1] == "2026-02"

    now[0] += months.OVER_SECONDS
    await kept.of(door, ["2026-01"], "2026-02")  # type: ignore[arg-type]
    assert door.asked[-1] == "2026-01"


async def test_a_month_that_costs_nothing_is_always_new() -> None:
    """A bill that was settled a moment ago is in it."""
    door, kept = Door(), Months()
    for _ in range(3):
        shown = await kept.of(door, ["2026-02"], "2026-02")  # type: ignore[arg-type]

    assert len(door.asked) >= 1
    assert shown[0]["claims"] == len(door.asked) + 1
