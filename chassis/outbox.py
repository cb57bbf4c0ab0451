"""The outbox: what a transaction announced, kept until the bus confirmed it."""

import asyncio
from collections.abc import Sequence

from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import bulk, failpoints
from chassis.bus import PublishError, publish
from chassis.clock import monotonic
from chassis.tables import OutboxRow
from chassis.telemetry import Metrics, logger
from contracts.envelope import Message

_INSERT = bulk.insert(OutboxRow, "id", "source", "subject", "said", "payload")
_FORGET = text("DELETE FROM outbox WHERE id = ANY(CAST(:ids AS text[]))")
_STALE = text(
    "SELECT id, source, subject, said, payload FROM outbox"
    " WHERE created < now() - make_interval(secs => :age) AND split_part(subject, '.', 1) = :owner"
    " ORDER BY created LIMIT 500 FOR UPDATE SKIP LOCKED"
)
_OWNERS = text("SELECT DISTINCT split_part(subject, '.', 1) FROM outbox")
_LAG = text("SELECT count(*), coalesce(extract(epoch FROM now() - min(created)), 0) FROM outbox")
SWEEP_SECONDS = 5.0
RETRY_SECONDS_MAX = 5.0
RELAY_TRIES = 6


class Outbox:
    """Writes announcements in the turn's transaction and relays them to the bus afterwards."""

    def __init__(self, nc: Client, engine: AsyncEngine, metrics: Metrics) -> None:
        self._nc = nc
        self._engine = engine
        self._metrics = metrics
        self._confirmed: list[str] = []

    async def write(self, tx: AsyncConnection, messages: Sequence[Message]) -> None:
        """Keep messages in the transaction that decided them."""
        rows = [(one.id, one.source, one.subject, one.at, one.payload) for one in messages]
        await _INSERT.write(tx, rows)

    async def forget_confirmed(self, tx: AsyncConnection) -> list[str]:
        """Drop rows that the bus has confirmed; returns them in case the transaction fails."""
        confirmed, self._confirmed = self._confirmed, []
        if confirmed:
            await tx.execute(_FORGET, {"ids": confirmed})
        return confirmed

    def remember(self, confirmed: list[str]) -> None:
        """Take confirmed ids back after a rollback."""
        self._confirmed.extend(confirmed)

    async def relay(self, messages: Sequence[Message]) -> None:
        """Publish what a turn decided; what the bus will not take now is left to the sweeper."""
        delay, tries = 0.2, 0
        while messages and tries < RELAY_TRIES:
            confirmed = set(await self._publish_each_stream(messages))
            failpoints.reach(failpoints.AFTER_PUBLISH)
            self._confirmed.extend(confirmed)
            messages = [message for message in messages if message.id not in confirmed]
            if messages:
                tries += 1
                await asyncio.sleep(delay)
                delay = min(delay * 2, RETRY_SECONDS_MAX)

    async def sweep(self, *, age_seconds: float = 15.0) -> int:
        """Publish rows that a stopped process left behind; returns how many.

        Stream by stream, in a transaction each: one that is full keeps nobody else's rows waiting.
        """
        async with self._engine.connect() as connection:
            owners = (await connection.execute(_OWNERS)).scalars().all()
        return sum([await self._sweep(owner, age_seconds) for owner in owners])

    async def _sweep(self, owner: str, age_seconds: float) -> int:
        async with self._engine.begin() as tx:
            rows = (await tx.execute(_STALE, {"age": age_seconds, "owner": owner})).all()
            messages = [
                Message(row.id, row.source, row.subject, row.said, row.payload) for row in rows
            ]
            confirmed = await self._publish_each_stream(messages)
            if confirmed:
                await tx.execute(_FORGET, {"ids": confirmed})
        return len(confirmed)

    async def _publish_each_stream(self, messages: Sequence[Message]) -> list[str]:
        """Publish stream by stream; returns what was confirmed, also if one stream refuses."""
        confirmed: list[str] = []
        for stream in {message.stream for message in messages}:
            of_stream = [message for message in messages if message.stream == stream]
            try:
                await publish(self._nc, of_stream)
            except PublishError as error:
                logger().warning("outbox.stream_refuses", stream=stream, reason=str(error))
            else:
                confirmed += [message.id for message in of_stream]
        return confirmed

    async def keep_sweeping(self) -> None:
        """Sweep for ever: at once after a start, then every few seconds."""
        started = monotonic()
        first = True
        while True:
            try:
                # At first only what an earlier process left, not what this one is just relaying.
                while await self.sweep(age_seconds=monotonic() - started if first else 15.0):
                    pass
                first = False
                async with self._engine.begin() as tx:
                    await self.forget_confirmed(tx)
                    count, oldest = (await tx.execute(_LAG)).one()
                self._metrics.outbox_unsent.set(count)
                self._metrics.outbox_age.set(oldest)
            except Exception as error:  # noqa: BLE001  the sweeper must outlive any outage
                logger().warning("outbox.sweep_failed", reason=type(error).__name__)
            await asyncio.sleep(SWEEP_SECONDS)
