"""A county under load while its machines fail: what hospitals send, and how soon a bill is answered again."""

import asyncio
import time
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import httpx2

from tests.cluster.buses import Bus
from tests.cluster.databases import Databases
from tests.integration.own_county import County, a_bill
from tests.integration.test_doors import HOSPITAL

PER_SECOND = 50
AT_ONCE = 10
ANSWER_SECONDS = 120.0


class ClusteredCounty(County):
    """A county whose hospitals send up to 50 bills a second, one batch after the other, each until it is accepted."""

    def __init__(self, directory: Path, bus: Bus, databases: Databases) -> None:
        super().__init__(directory, exists=True)
        self.bus = bus
        self.databases = databases
        self.next = 0
        self.accepted = 0
        self.probes = 0
        self._sending: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Let the hospitals send."""
        self._sending = asyncio.create_task(self._send())

    async def end(self) -> None:
        """Let them send to the end what they began."""
        sending, self._sending = self._sending, None
        if sending is not None:
            await sending

    async def _send(self) -> None:
        due = time.monotonic()
        while self._sending is not None:
            first, self.next = self.next, self.next + AT_ONCE
            await self._until_accepted(first)
            due = max(due + AT_ONCE / PER_SECOND, time.monotonic())
            await asyncio.sleep(due - time.monotonic())

    async def _until_accepted(self, first: int) -> None:
        missing = AT_ONCE
        while missing:
            with suppress(httpx2.HTTPError, ValueError, KeyError):
                missing = AT_ONCE - await self.bills(first, first + AT_ONCE)
            if missing:
                await asyncio.sleep(0.5)
        self.accepted += AT_ONCE

    async def answered_again(self) -> float:
        """Return how long it takes until a hospital's call is answered with its bill."""
        begun = time.monotonic()
        key = self.stack.keys()[HOSPITAL]
        # A stay and an amount of its own each time: the same again would be asked about, and held.
        fee, day = f"{300_000 + self.probes}.00", date(2023, 2, 1) + timedelta(days=2 * self.probes)
        bill = a_bill(self.probes) | {
            "claim": f"probe{self.probes}",
            "total_fee": fee,
            "in_scope": fee,
        }
        bill |= {"admit": f"{day}", "discharge": f"{day + timedelta(days=1)}"}
        self.probes += 1
        async with asyncio.timeout(ANSWER_SECONDS):
            while True:
                with suppress(httpx2.HTTPError):
                    answer = await self.http.post(
                        "/v1/claims", json=bill, headers={"X-Yingbao-Key": key}, timeout=10
                    )
                    if answer.status_code == 200:
                        return time.monotonic() - begun
                await asyncio.sleep(0.2)
