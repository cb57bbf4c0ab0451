"""A county of its own that a test may rob of its bus or its database, and its bills."""

import asyncio
import hashlib
import json
import os
import shutil
import signal
import time
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from chassis.asking import AskError
from tests.builders import an_id_number
from tests.integration.test_doors import HOSPITAL
from yingbao.running.asking import Asker
from yingbao.running.private_files import write_private
from yingbao.running.stack import Stack

BILLS = int(os.environ.get("YINGBAO_LOST_BILLS", "60"))
"""How many bills a loss is tried with: 60 by itself, 7,000 by ``make losses``."""
PEOPLE = max(10, BILLS // 6)
BATCH = 1_000
KEY = hashlib.sha256(b"a county that loses its bus").hexdigest()


class County:
    """A platform of its own, whose people have the same keys every time, so that books can be compared."""

    def __init__(self, directory: Path, *, exists: bool = False) -> None:
        if not exists:
            directory.mkdir()
            write_private(directory / "keys.json", {"person_key": KEY})
        self.stack = Stack(directory, synthetic=True)
        self.stack.extra_environment["YINGBAO_ACK_WAIT_SECONDS"] = "2"
        self.http: httpx2.AsyncClient

    async def __aenter__(self) -> "County":
        await asyncio.to_thread(self.stack.start)
        self.http = httpx2.AsyncClient(base_url=self.stack.gateway_url, timeout=60)
        self.asker = await Asker(self.stack.bus()).__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()
        await self.asker.__aexit__()
        await asyncio.to_thread(self.stack.stop)

    async def post(self, path: str, holder: str, **what: Any) -> httpx2.Response:
        """Send something through the door."""
        return await self.http.post(
            path, headers={"X-Yingbao-Key": self.stack.keys()[holder]}, **what
        )

    async def enrol(self) -> None:
        """Have everybody insured and on a roster."""
        for n in range(PEOPLE):
            common = {"certno": a_number(n), "name": "甲", "township": "城关镇"}
            common["phone"] = f"1991234{n:04d}"
            premium = {"coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20"}
            status = {"category": "SUBSISTENCE", "effective": "2023-01-01"}
            await self.post("/v1/reports/tax/PremiumPaid", "tax", json=common | premium)
            await self.post(
                "/v1/reports/civil_affairs/StatusReported", "civil_affairs", json=common | status
            )
        await self.asker.quiet(seconds=60 + BILLS / 10)

    async def bills(self, first: int, last: int) -> int:
        """Send bills in batches; return how many were accepted."""
        accepted = 0
        for begin in range(first, last, BATCH):
            lines = [json.dumps(a_bill(n)) for n in range(begin, min(begin + BATCH, last))]
            content = "\n".join(lines).encode()
            answer = await self.post("/v1/claims/batch", HOSPITAL, content=content)
            accepted += int(answer.json()["accepted"])
        return accepted

    async def settled(self, count: int, seconds: float = 60 + BILLS / 10) -> float:
        """Wait until so many bills have their bill document; return how long it took."""
        begun = time.monotonic()
        async with asyncio.timeout(seconds):
            billed = 0
            while billed < count:
                await asyncio.sleep(0.3)
                # A service that has just lost its bus is not there yet, and a question that went to its old
                # line waits its whole time: the next one is answered.
                with suppress(AskError, TimeoutError):
                    billed = (await asyncio.wait_for(self.asker.progress(), 5)).billed
        await self.asker.quiet(seconds=60 + BILLS / 10)
        return time.monotonic() - begun

    async def digests(self) -> list[str]:
        """Return the digests of both books, once nothing differs from a fold from scratch."""
        audits = await self.asker.audits()
        assert [one.differences for one in audits] == [[], []]
        return [one.digest for one in audits]

    async def texts(self) -> list[tuple[str, int]]:
        """Return each family's bill message and how often it was requested."""
        connection = await asyncpg.connect(self.stack.database_url)
        rows = await connection.fetch(
            "SELECT person, count(*) AS n, count(DISTINCT key) AS different FROM notify.sms"
            " WHERE audience = 'family' GROUP BY person ORDER BY person"
        )
        await connection.close()
        assert all(row["n"] == row["different"] for row in rows)
        return [(row["person"], row["n"]) for row in rows]

    async def sent(self) -> list[str]:
        """Wait until no message is left to send; return the keys of those that reached a phone, sorted."""
        async with asyncio.timeout(
            150 + BILLS / 100
        ):  # a try that a crash left is asked about after a minute
            while await self._are_some_unsent():
                await asyncio.sleep(0.3)
        lines = (self.stack.directory / "phones.jsonl").read_text().splitlines()
        return sorted(json.loads(line)["key"] for line in lines if line.strip())

    async def _are_some_unsent(self) -> bool:
        try:
            states = (await self.asker.messages()).states.keys()
        except AskError:  # notify is just being started again
            return True
        return bool({"created", "sending", "unknown"} & states)

    async def count(self, sql: str) -> int:
        """Ask the database as its owner."""
        connection = await asyncpg.connect(self.stack.database_url)
        found = int(await connection.fetchval(sql))
        await connection.close()
        return found

    def hold(self, *services: str) -> None:
        """Stop services in their tracks."""
        for name in services:
            self.stack.children[name].send_signal(signal.SIGSTOP)

    async def lose_the_bus(self) -> None:
        """The bus's disk is gone; it comes back empty, on the same address."""
        nats = self.stack.nats
        assert nats is not None
        nats.kill()
        shutil.rmtree(nats.directory / "store")
        await asyncio.to_thread(nats.start)


def a_bill(n: int) -> dict[str, str]:
    """Return the n-th bill, of one person after the other; a person's are a month apart, or a day."""
    nth = n // PEOPLE
    begun = date(2023, nth % 9 + 1, 1)
    return {
        "claim": f"b{n}", "provider": "H34169903", "certno": a_number(n % PEOPLE),
        "kind": "inpatient", "level": "L2", "admit": f"{begun}",
        "discharge": f"{begun + timedelta(days=1 + nth // 9)}", "total_fee": f"{2000 + n}.00",
        "in_scope": f"{2000 + n}.00",
    }  # fmt: skip


def a_number(n: int) -> str:
    """Return the identity number of the n-th person."""
    return an_id_number(n % 900 + 1, date(1960, 5, 4) + timedelta(days=n // 900))
