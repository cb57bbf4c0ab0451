"""Keeps what was set aside in the database, and carries out what was ordered about it.

A letter that lies on the bus only is lost with it, and the door may not publish what others say. Whoever
runs the platform may do both: every few seconds what is new on DEADLETTER becomes a row of the door's, what
was ordered back goes to the subject that it came from, and what is done leaves the bus.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import BadRequestError, NotFoundError

from chassis.bus import publish, read_stream
from chassis.clock import system_clock
from chassis.privacy import Vault, vault
from chassis.tracing import received
from contracts.envelope import Message, event_id
from contracts.events.deadletter import DeadLettered
from contracts.subjects import DEADLETTER
from yingbao.running.operator import Place

AT_ONCE, LOOK_SECONDS, LETTER_SECONDS = 500, 30.0, 3.0
_COLUMNS = (
    "id", "place", "message", "service", "handler", "subject", "reason", "detail", "set_aside",
    "payload_sealed", "trace",
)  # fmt: skip
_KEEP = (
    f"INSERT INTO gateway.letter ({', '.join(_COLUMNS)}, owner, state, decider, why, on_bus)"
    f" VALUES ({', '.join(f'${number}' for number in range(1, len(_COLUMNS) + 1))}, '', 'open', '', '', true)"
    # A stream that was lost and filled again has other places; a letter is the same.
    " ON CONFLICT (id) DO UPDATE SET place = excluded.place, on_bus = true"
)
_ORDERED = (
    "SELECT id, message, subject, payload_sealed, trace, decided FROM gateway.letter"
    f" WHERE state = 'sending' ORDER BY number LIMIT {AT_ONCE}"
)
_DONE = (
    "SELECT id, place, message FROM gateway.letter WHERE on_bus AND state IN ('sent', 'closed')"
    f" ORDER BY number LIMIT {AT_ONCE}"
)
_SENT = "UPDATE gateway.letter SET state = 'sent' WHERE id = $1"
_GONE = "UPDATE gateway.letter SET on_bus = false WHERE id = $1"
Seen = tuple[Any, int]
"""When the stream was made, and its last message that was kept."""


@dataclass(slots=True)
class LetterKeeper:
    """Looks at DEADLETTER and at the orders. ``place``: where bus and operators' key are, as they are now."""

    place: Callable[[], Place]
    database_url: Callable[[], str]
    seen: Seen = (None, 0)

    def look(self) -> None:
        """Keep what is new and carry out what was ordered; what fails is done at the next look."""
        asyncio.run(asyncio.wait_for(self._look(), LOOK_SECONDS))

    async def _look(self) -> None:
        place = self.place()
        database = await asyncpg.connect(self.database_url(), timeout=5)
        try:
            nc = await place.bus.connect(connect_timeout=3, allow_reconnect=False)
            try:
                await self._keep(nc, database)
                await self._carry_out(nc, database, vault(place.operator_key, "AES-256-GCM"))
            finally:
                await nc.close()
        finally:
            await database.close()

    async def _keep(self, nc: Client, database: asyncpg.Connection) -> None:
        """Make rows of what is new; a stream that was made anew is read from its beginning."""
        try:
            info = await nc.jetstream().stream_info(DEADLETTER.name)
        except NotFoundError:  # it was lost, and will be made anew by whoever speaks on it
            return
        made, last = self.seen
        last = last if made == info.created and last <= info.state.last_seq else 0
        if last == info.state.last_seq:
            self.seen = (info.created, last)
            return
        async for raw in read_stream(nc.jetstream(), DEADLETTER, last):
            await database.execute(_KEEP, *_row(raw))
            last = raw.metadata.sequence.stream
        self.seen = (info.created, max(last, info.state.last_seq))

    async def _carry_out(self, nc: Client, database: asyncpg.Connection, operators: Vault) -> None:
        for row in await database.fetch(_ORDERED):
            # Of one order one message: an end between the two statements sends nothing twice.
            id_ = event_id(row["id"], row["decided"].isoformat())
            body = operators.open(row["payload_sealed"], row["message"]).encode()
            said = Message(id_, "operator", row["subject"], system_clock(), body, row["trace"])
            await publish(nc, [said])
            await database.execute(_SENT, row["id"])
        for row in await database.fetch(_DONE):
            await _take_off(nc, row["place"], row["message"])
            await database.execute(_GONE, row["id"])


def _row(raw: Msg) -> tuple[Any, ...]:
    letter = DeadLettered.model_validate_json(raw.data)
    id_ = event_id(letter.message, letter.set_aside.isoformat())
    return (
        id_, raw.metadata.sequence.stream, letter.message, letter.service, letter.handler, letter.subject,
        letter.reason, letter.detail, letter.set_aside, letter.payload_sealed, received(raw.headers),
    )  # fmt: skip


async def _take_off(nc: Client, place: int, message: str) -> None:
    """Delete a letter from the stream, if it still is the one that stands there."""
    # A stream of version 0.1 keeps everything; there it stays.
    with suppress(NotFoundError, BadRequestError):
        raw = await nc.jetstream().get_msg(DEADLETTER.name, place)
        if DeadLettered.model_validate_json(raw.data or b"{}").message == message:
            await nc.jetstream().delete_msg(DEADLETTER.name, place)
