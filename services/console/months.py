"""The months that were asked for: what was booked in a month that is over never changes."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from chassis.clock import monotonic
from services.console.knocking import Knock

FRESH_SECONDS = 300.0
"""So long the present month stands as it was added up last: a month's whole book is read for it."""
AT_ONCE = 2
"""Months that are asked for at a time: settlement has bills to decide."""
Line = dict[str, Any]
"""Month, number of bills, fund → yuan, and the total."""


class Months:
    """Remembers months, for everybody who may see all of them: who asks is checked at the door each time."""

    def __init__(self) -> None:
        self._over: dict[str, Line] = {}
        self._now: tuple[str, float, Line] | None = None
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def of(self, door: Knock, months: Sequence[str], present: str) -> list[Line]:
        """Return months, the present one at most some minutes old. Raises DoorRefusedError."""
        return list(await asyncio.gather(*(self._month(door, one, present) for one in months)))

    async def _month(self, door: Knock, month: str, present: str) -> Line:
        if (kept := self._kept(month, present)) is not None:
            return kept
        async with self._gate:
            if (kept := self._kept(month, present)) is not None:
                return kept
            found = await door.get("/v1/statements", month=month)
        line = _added_up(month, found["statements"])
        if month < present:
            self._over[month] = line
        else:
            self._now = (month, monotonic(), line)
        return line

    def _kept(self, month: str, present: str) -> Line | None:
        if month < present:
            return self._over.get(month)
        if self._now and self._now[0] == month and monotonic() - self._now[1] < FRESH_SECONDS:
            return self._now[2]
        return None


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
