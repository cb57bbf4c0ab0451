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

from asyncpg import Connection, Record
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import BadRequestError, NotFoundError, ServerError
from pydantic import ValidationError

from chassis.bus import PublishError, publish, read_stream
from chassis.clock import system_clock
from chassis.deadletters import CUT
from chassis.privacy import SealError, Vault, vault
from chassis.store import Watched, connected
from chassis.tracing import received
from contracts.envelope import Message, event_id
from contracts.events.deadletter import DeadLettered
from contracts.subjects import DEADLETTER, stream_of
from yingbao.running.operator import Place

AT_ONCE, ROWS_AT_ONCE = 500, 200
LOOK_SECONDS, LETTER_SECONDS, CLOSE_SECONDS = 60.0, 3.0, 2.0
_COLUMNS = (
    "id", "place", "message", "service", "handler", "subject", "reason", "detail", "set_aside",
    "payload_sealed", "trace",
)  # fmt: skip
_KEEP = (
    f"INSERT INTO gateway.letter ({', '.join(_COLUMNS)}, owner, state, decider, why, on_bus)"
    f" VALUES ({', '.join(f'${number}' for number in range(1, len(_COLUMNS) + 1))}, '', 'open', '', '', true)"
    # A stream that was lost and filled again has other places; a letter is the same.
    " ON CONFLICT (id) DO UPDATE SET place = excluded.place, on_bus = true"
    " WHERE letter.place <> excluded.place OR NOT letter.on_bus"
)
_ORDERED = (
    "SELECT id, message, subject, payload_sealed, trace, decided FROM gateway.letter"
    f" WHERE state = 'sending' ORDER BY number LIMIT {AT_ONCE}"
)
_DONE = (
    "SELECT id, place, message FROM gateway.letter WHERE on_bus AND state IN ('sent', 'closed')"
    f" ORDER BY number LIMIT {AT_ONCE}"
)
_BACK = "UPDATE gateway.letter SET state = 'open', why = $2 WHERE id = $1"
_SENT = "UPDATE gateway.letter SET state = 'sent' WHERE id = $1"
_GONE = "UPDATE gateway.letter SET on_bus = false WHERE id = $1"


class NotWholeError(Exception):
    """The input was too long to be kept whole: what is left of it is not what was sent."""


WHY_ZH = {
    SealError: "原文无法解密，未送回", NotWholeError: "原文过长，未完整保存，不能送回；请用 yingbao replay",
    KeyError: "来处不在平台之内，未送回",
}  # fmt: skip
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
        database = await connected(self.database_url(), connection_class=Watched)
        try:
            nc = await place.bus.connect(connect_timeout=3, allow_reconnect=False)
            try:
                await self._keep(nc, database)
                # One that cannot go back keeps nobody else, and what is done leaves the bus all the same.
                await _send_back(nc, database, vault(place.operator_key, "AES-256-GCM"))
                await _let_go(nc, database)
            finally:
                await nc.close()
        finally:
            await database.close(timeout=CLOSE_SECONDS)

    async def _keep(self, nc: Client, database: Connection) -> None:
        """Make rows of what is new; a stream that was made anew is read from its beginning."""
        try:
            info = await nc.jetstream().stream_info(DEADLETTER.name)
        except NotFoundError:  # it was lost, and will be made anew by whoever speaks on it
            return
        # A database that was restored knows less than this process remembers.
        known = await database.fetchval("SELECT coalesce(max(place), 0) FROM gateway.letter")
        last = min(self.seen[1], known) if self.seen[0] == info.created else 0
        last = last if last <= info.state.last_seq else 0
        rows: list[tuple[Any, ...]] = []
        if last < info.state.last_seq:
            async for raw in read_stream(nc.jetstream(), DEADLETTER, last):
                rows += _rows(raw)
                if len(rows) >= ROWS_AT_ONCE:
                    await database.executemany(_KEEP, rows)
                    self.seen, rows = (info.created, rows[-1][1]), []
            await database.executemany(_KEEP, rows)
        self.seen = (info.created, info.state.last_seq)


async def _send_back(nc: Client, database: Connection, operators: Vault) -> None:
    """Send ordered letters to where they came from; what can never go waits again, and says why."""
    closed: set[str] = set()
    for row in await database.fetch(_ORDERED):
        try:
            said = _message(row, operators)
            if said.stream in closed:
                continue
            await publish(nc, [said])
        except PublishError:
            # A bus that is away, or a stream that is full, passes: it is tried at the next look.
            closed.add(said.stream)
        except (SealError, NotWholeError, KeyError) as error:
            await database.execute(_BACK, row["id"], WHY_ZH[type(error)])
        else:
            await database.execute(_SENT, row["id"])


def _message(row: Record, operators: Vault) -> Message:
    """Return what was set aside as it came. Raises SealError, NotWholeError, KeyError (no such subject)."""
    # Of one order one message: an end between the two statements sends nothing twice.
    id_ = event_id(row["id"], row["decided"].isoformat())
    body = operators.open(row["payload_sealed"], row["message"])
    if body.endswith(CUT):
        raise NotWholeError
    said = Message(id_, "operator", row["subject"], system_clock(), body.encode(), row["trace"])
    stream_of(said.subject)
    return said


async def _let_go(nc: Client, database: Connection) -> None:
    """Take off the bus what is done."""
    for row in await database.fetch(_DONE):
        await _take_off(nc, row["place"], row["message"])
        await database.execute(_GONE, row["id"])


def _rows(raw: Msg) -> list[tuple[Any, ...]]:
    """Return a letter as a row; what is no letter of ours is passed over: it would keep all that follow."""
    try:
        return [_row(raw, DeadLettered.model_validate_json(raw.data))]
    except ValidationError:
        return []


def _row(raw: Msg, letter: DeadLettered) -> tuple[Any, ...]:
    id_ = event_id(letter.message, letter.set_aside.isoformat())
    said = (
        letter.message,
        letter.service,
        letter.handler,
        letter.subject,
        letter.reason,
        letter.detail,
    )
    # Letters of before may hold the one character that no text of the database may.
    texts = [one.replace("\0", "") for one in said]
    place = raw.metadata.sequence.stream
    return (id_, place, *texts, letter.set_aside, letter.payload_sealed, received(raw.headers))


async def _take_off(nc: Client, place: int, message: str) -> None:
    """Delete a letter from the stream, if it still is the one that stands there."""
    # A stream of version 0.1 keeps everything; there it stays.
    with suppress(NotFoundError, BadRequestError, ServerError, ValidationError):
        raw = await nc.jetstream().get_msg(DEADLETTER.name, place)
        if DeadLettered.model_validate_json(raw.data or b"{}").message == message:
            await nc.jetstream().delete_msg(DEADLETTER.name, place)
