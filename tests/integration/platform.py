"""What an integration test says to the platform, and what it asks of it."""

import itertools
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from nats.aio.client import Client

from chassis.bus import publish
from chassis.privacy import person_key, vault
from contracts.envelope import Message, enclose, event_id
from contracts.events.base import Event
from tests.builders import MORNING, a_status, covered
from tests.integration.promised import as_promised
from yingbao.running.asking import Asker
from yingbao.running.stack import Stack

_NUMBERS = itertools.count(1)
PATIENCE = 90.0
"""Seconds for what comes about by itself: on a slow machine too, and after an acknowledgement was lost."""


@dataclass(slots=True)
class Platform:
    """A running platform and one fresh person."""

    stack: Stack
    bus: Client
    asker: Asker
    number: int = field(default_factory=lambda: next(_NUMBERS) + 100_000 * os.getpid())

    @property
    def person(self) -> str:
        """The key of this test's person."""
        return person_key("22" * 32, f"test-{self.number}")

    def claim(self, name: str = "c1") -> str:
        """Return a claim id of this test's own."""
        return f"H1:{self.number}-{name}"

    async def publish(self, *events: Event, attempt: int = 0) -> None:
        """Put events on their streams; another ``attempt`` has another message id."""
        messages = [
            enclose(event, source="test", id_=event_id(event.fingerprint(), attempt), at=MORNING)
            for event in events
        ]
        await publish(self.bus, messages)

    async def publish_raw(self, subject: str, *payloads: bytes) -> None:
        """Put anything on a stream, as a broken partner might."""
        messages = [
            Message(event_id(payload.hex(), self.number), "test", subject, MORNING, payload)
            for payload in payloads
        ]
        await publish(self.bus, messages)

    async def report(self, holder: str, event: str, **body: object) -> int:
        """Send one report through the door, as a department, the bureau or a township; the status."""
        source = holder.partition("/")[0]
        async with self.http() as http:
            answer = await http.post(
                f"/v1/reports/{source}/{event}", json=body, headers=self.key(holder)
            )
        return int(answer.status_code)

    async def enrol(self, category: str = "SUBSISTENCE") -> None:
        """Make the person known, covered, and of a category."""
        status = a_status((category, "2023-01-01", None), person=self.person)
        await self.publish(status, covered(person=self.person))

    async def quiet(self) -> None:
        """Wait until nothing waits."""
        await self.asker.quiet(seconds=60)

    async def rows(self, query: str, *values: Any) -> list[Any]:
        """Query the database as its owner."""
        connection = await asyncpg.connect(self.stack.database_url)
        try:
            return list(await connection.fetch(query, *values))
        finally:
            await connection.close()

    async def bills(self) -> dict[str, dict[str, Any]]:
        """Return the standing bills of this test's person, by claim."""
        query = "SELECT claim, bill FROM settlement.claim WHERE person = $1 AND bill <> ''"
        return {
            row["claim"]: json.loads(row["bill"]) for row in await self.rows(query, self.person)
        }

    async def booked(self, claim: str) -> dict[str, int]:
        """Return what settlement's ledger says each account paid for a claim."""
        query = "SELECT debit, credit, amount FROM settlement.posting WHERE claim = $1"
        found: dict[str, int] = {}
        for row in await self.rows(query, claim):
            account, sign = (
                (row["debit"], 1) if row["credit"] == "provider" else (row["credit"], -1)
            )
            found[account] = found.get(account, 0) + sign * row["amount"]
        return {account: fen for account, fen in found.items() if fen}

    async def dead_letters(self) -> list[dict[str, Any]]:
        """Return what was set aside, with the input opened by the operators' key."""
        js = self.bus.jetstream()
        info = await js.stream_info("DEADLETTER")
        operators = vault(self.stack.keys()["operator_key"], "AES-256-GCM")
        found = []
        for sequence in range(max(1, info.state.first_seq), info.state.last_seq + 1):
            letter = json.loads((await js.get_msg("DEADLETTER", sequence)).data or b"{}")
            letter["payload"] = operators.open(letter["payload_sealed"], letter["message"])
            found.append(letter)
        return found

    def http(self) -> httpx2.AsyncClient:
        """Return a client of the gateway that holds each answer against the OpenAPI document."""
        return httpx2.AsyncClient(
            base_url=self.stack.gateway_url, timeout=30, event_hooks={"response": [as_promised]}
        )

    def key(self, holder: str) -> dict[str, str]:
        """Return the header that proves who calls."""
        return {"X-Yingbao-Key": self.stack.keys()[holder]}

    def logs(self) -> Sequence[Path]:
        """Return the services' log files."""
        return sorted((self.stack.directory / "logs").glob("*.log"))
