"""The months that were asked for: what was booked in a month that is over hardly ever changes."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from chassis.clock import monotonic
from services.console.knocking import Knock

FRESH_SECONDS, OVER_SECONDS = 300.0, 6 * 3_600.0
"""So long a month stands as it was added up last, the present one and one that is over."""
AS_COSTLY = 200
"""The present month stands so many times as long as it took to add it up: a small county's is always new."""
AT_ONCE = 2
"""Months that are asked for at a time: settlement has bills to decide."""
Line = dict[str, Any]
"""Month, number of bills, fund → yuan, and the total."""


class Months:
    """Remembers months, for everybody who may see all of them: who asks is checked at the door each time."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Line, bool]] = {}
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def of(self, door: Knock, months: Sequence[str], present: str) -> list[Line]:
        """Return months, the present one at most some minutes old. Raises DoorRefusedError."""
        return list(await asyncio.gather(*(self._month(door, one, present) for one in months)))

    async def _month(self, door: Knock, month: str, present: str) -> Line:
        if (line := self._still(month, present)) is not None:
            return line
        async with self._gate:
            if (line := self._still(month, present)) is not None:
                return line
            begun = monotonic()
            found = await door.get("/v1/statements", month=month)
            now, line = monotonic(), _added_up(month, found["statements"])
            # What was asked for as the present month is read again once it is over.
            lasts = (
                OVER_SECONDS if month < present else min(FRESH_SECONDS, (now - begun) * AS_COSTLY)
            )
            self._kept[month] = (now + lasts, line, month < present)
        return line

    def _still(self, month: str, present: str) -> Line | None:
        until, line, over = self._kept.get(month, (0.0, {}, False))
        return line if monotonic() < until and over is (month < present) else None


def _added_up(month: str, statements: Sequence[dict[str, Any]]) -> Line:
    """Add a month's hospitals up."""
    funds: dict[str, Decimal] = {}
    for one in statements:
        for fund, said in one["funds"].items():
            funds[fund] = funds.get(fund, Decimal(0)) + Decimal(said)
    claims = sum(one["claims"] for one in statements)
    return {
        "month": month,
        "claims": claims,
        "funds": funds,
        "total": sum(funds.values(), Decimal(0)),
    }
