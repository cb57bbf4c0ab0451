"""Announcements on their way: written with what decided them, published, kept until they are received.

The bus is never the record. A confirmed message can be lost with the bus's store, so a row stays until every
durable consumer of its stream has acknowledged it; a stream that was made again gets what it lost once more.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import bulk, failpoints
from chassis.bus import PublishError, publish
from chassis.clock import monotonic
from chassis.tables import OutboxRow
from chassis.telemetry import Metrics, logger
from contracts.envelope import Message
from contracts.subjects import stream_of

_COLUMNS = ("id", "source", "subject", "said", "payload", "trace")
_INSERT = bulk.insert(OutboxRow, *_COLUMNS)
_PLACED = text(
    # Only while the stream is the one on which the place is: another process may know of a new one first.
    "UPDATE outbox SET seq = new.seq"
    " FROM unnest(CAST(:ids AS text[]), CAST(:seqs AS bigint[])) AS new (id, seq)"
    " WHERE outbox.id = new.id AND EXISTS (SELECT FROM stream_seen"
    " WHERE stream = :stream AND created = :created)"
)
_FORGET = text("DELETE FROM outbox WHERE id = ANY(CAST(:ids AS text[]))")
_OWNER = "split_part(subject, '.', 1) = :owner"
_RECEIVED = text(f"DELETE FROM outbox WHERE seq <= :seq AND {_OWNER}")
_STALE = text(
    "SELECT id, source, subject, said, payload, trace FROM outbox"
    f" WHERE seq IS NULL AND created < now() - make_interval(secs => :age) AND {_OWNER}"
    " ORDER BY created LIMIT 2000 FOR UPDATE SKIP LOCKED"
)
_AGED = text(
    # Its message has left the stream by age: who was away so long has not read it, whatever the places say.
    "UPDATE outbox SET seq = NULL, created = now() WHERE seq IS NOT NULL"
    f" AND created < now() - make_interval(days => :days) AND {_OWNER}"
)
_OWNERS = text("SELECT DISTINCT split_part(subject, '.', 1) FROM outbox WHERE seq IS NULL")
_LAG = text(
    "SELECT count(*) FILTER (WHERE seq IS NULL), count(*),"
    " coalesce(extract(epoch FROM now() - min(created) FILTER (WHERE seq IS NULL)), 0) FROM outbox"
)
_AGAIN = text(f"UPDATE outbox SET seq = NULL WHERE {_OWNER}")
_SEEN = text("SELECT created FROM stream_seen WHERE stream = :stream")
_LAST_PLACE = text(f"SELECT coalesce(max(seq), 0) FROM outbox WHERE {_OWNER}")
_READ = text(
    "UPDATE stream_seen SET readers = (SELECT coalesce(array_agg(DISTINCT one ORDER BY one), '{}')"
    " FROM unnest(readers || CAST(:readers AS text[])) AS one) WHERE stream = :stream RETURNING readers"
)
_SEE = text(
    "INSERT INTO stream_seen (stream, created) VALUES (:stream, :created)"
    " ON CONFLICT (stream) DO UPDATE SET created = excluded.created"
)
SWEEP_SECONDS = 5.0
RETRY_SECONDS_MAX = 5.0
RELAY_TRIES = 6


class Outbox:
    """Writes announcements in the turn's transaction, relays them, and forgets what everybody has.

    Most rows are received within milliseconds and never written again. Those that wait longer get their
    place on the stream written down, so that any process can tell later whether they were received.
    """

    def __init__(self, nc: Client, engine: AsyncEngine, metrics: Metrics) -> None:
        self._nc = nc
        self._engine = engine
        self._metrics = metrics
        self._placed: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._received: list[str] = []
        self._made: dict[str, datetime] = {}
        self._readers: dict[str, set[str]] = {}
        self._refill: set[str] = set()
        self._wake = asyncio.Event()
        # Places are written down, or void, and never both at once.
        self._placing = asyncio.Lock()

    async def write(self, tx: AsyncConnection, messages: Sequence[Message]) -> None:
        """Keep messages in the transaction that decided them."""
        await _INSERT.write(tx, [_row(one) for one in messages])

    async def record(
        self, messages: Sequence[Message], keep: Callable[[AsyncConnection], Awaitable[set[str]]]
    ) -> list[Message]:
        """Keep messages for good and write them, in one transaction; returns what is to be relayed.

        ``keep`` returns the ids that were not kept before. What was kept has been said, or is on its way, as
        it was written first: the bus says what the record says, and never another word of it.
        """
        async with self._engine.begin() as tx:
            new = await keep(tx)
            fresh = [one for one in messages if one.id in new]
            await _INSERT.write(tx, [_row(one) for one in fresh])
        return fresh

    async def forget_received(self, tx: AsyncConnection) -> list[str]:
        """Drop rows that everybody has; returns them in case the transaction fails."""
        received, self._received = self._received, []
        if received:
            await tx.execute(_FORGET, {"ids": received})
        return received

    def remember(self, received: list[str]) -> None:
        """Take received ids back after a rollback."""
        self._received.extend(received)

    async def relay(self, messages: Sequence[Message]) -> None:
        """Publish what a turn decided; what the bus will not take now is left to the sweeper."""
        delay, tries = 0.2, 0
        while messages and tries < RELAY_TRIES:
            confirmed = await self._publish_each_stream(messages)
            failpoints.reach(failpoints.AFTER_PUBLISH)
            messages = [message for message in messages if message.id not in confirmed]
            if messages:
                tries += 1
                await asyncio.sleep(delay)
                delay = min(delay * 2, RETRY_SECONDS_MAX)

    @property
    def awaited(self) -> set[str]:
        """Name the owners of streams on which something was placed that is not received yet."""
        return {owner for owner, placed in self._placed.items() if placed}

    def received(self, owner: str, seq: int) -> None:
        """Note that everything of a stream up to a place is with everybody who reads it."""
        placed = self._placed[owner]
        done = [id_ for id_, place in placed.items() if place <= seq]
        for id_ in done:
            del placed[id_]
        self._received += done

    def is_of(self, stream: str, created: datetime | None) -> bool:
        """Tell whether places are known on this very stream, and not on one before it."""
        return created is not None and self._made.get(stream) == created

    async def last_place(self, owner: str) -> int:
        """Return the highest place that a stream confirmed, of what is not received yet."""
        async with self._engine.connect() as connection:
            written = (await connection.execute(_LAST_PLACE, {"owner": owner})).scalar_one()
        return max([int(written), *self._placed[owner].values()])

    async def stream_is(self, stream: str, owner: str, created: datetime, *, cut: bool) -> None:
        """Note when a stream was made; what it lost and nobody has is published again.

        It lost messages if it was made again, or if it is ``cut``: it ends before a place that it confirmed.
        """
        async with self._placing, self._engine.begin() as tx:
            seen = (await tx.execute(_SEEN, {"stream": stream})).scalar()
            lost = (
                cut or seen not in {None, created} or self._made.get(stream) not in {None, created}
            )
            if seen != created:
                await tx.execute(_SEE, {"stream": stream, "created": created})
            if lost:
                await tx.execute(_AGAIN, {"owner": owner})
                self._placed.pop(owner, None)
            self._made[stream] = created
        if lost:
            logger().error("outbox.stream_was_lost", stream=stream)
            self._metrics.streams_lost.labels(stream).inc()
            self._refill.add(owner)
            self._wake.set()

    async def readers(self, stream: str, present: set[str]) -> set[str]:
        """Return the durable consumers that ever read a stream, these among them.

        One that is missing has received nothing: after a loss each is made again by its own service.
        """
        known = self._readers.get(stream)
        if known is None or not present <= known:
            async with self._engine.begin() as tx:
                asked = {"stream": stream, "readers": sorted(present)}
                known = set((await tx.execute(_READ, asked)).scalar() or present)
            self._readers[stream] = known
        return known

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
                Message(row.id, row.source, row.subject, row.said, row.payload, row.trace)
                for row in rows
            ]
            confirmed = await self._publish_each_stream(messages)
        await self._write_down()
        return len(confirmed)

    async def _publish_each_stream(self, messages: Sequence[Message]) -> dict[str, int]:
        """Publish stream by stream; returns what was confirmed and where, also if one stream refuses."""
        confirmed: dict[str, int] = {}
        for stream in {message.stream for message in messages}:
            of_stream = [message for message in messages if message.stream == stream]
            try:
                placed = await publish(self._nc, of_stream)
            except PublishError as error:
                logger().warning("outbox.stream_refuses", stream=stream, reason=str(error))
            else:
                self._placed[of_stream[0].owner] |= placed
                confirmed |= placed
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
                while (
                    self._refill and await self._sweep(owner := next(iter(self._refill)), 0.0) == 0
                ):
                    self._refill.discard(owner)
                await self._write_down()
            except Exception as error:  # noqa: BLE001  the sweeper must outlive any outage
                logger().warning("outbox.sweep_failed", reason=type(error).__name__)
            self._wake.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), 0.0 if self._refill else SWEEP_SECONDS)

    async def _write_down(self) -> None:
        """Forget what was received, and write down the places of what is still awaited."""
        async with self._placing:
            awaited = {owner: dict(placed) for owner, placed in self._placed.items() if placed}
            async with self._engine.begin() as tx:
                await self.forget_received(tx)
                for owner, placed in awaited.items():
                    stream = stream_of(owner).name
                    if stream in self._made:
                        await tx.execute(_PLACED, _columns(placed, stream, self._made[stream]))
                unsent, kept, oldest = (await tx.execute(_LAG)).one()
            # From here on the table knows: memory does not grow while somebody is away.
            for owner, written in awaited.items():
                if stream_of(owner).name in self._made:
                    for id_ in written:
                        self._placed[owner].pop(id_, None)
        self._metrics.outbox_unsent.set(unsent)
        self._metrics.outbox_kept.set(kept)
        self._metrics.outbox_age.set(oldest)

    async def forget_up_to(self, owner: str, seq: int, days: int) -> None:
        """Drop the rows of a stream up to a place, also those that another process published.

        ``days``: after so many a message leaves the stream, read or not; what is older is published again.
        """
        async with self._engine.begin() as tx:
            if days:
                await tx.execute(_AGED, {"owner": owner, "days": days})
            await tx.execute(_RECEIVED, {"owner": owner, "seq": seq})


def _row(one: Message) -> tuple[Any, ...]:
    return (one.id, one.source, one.subject, one.at, one.payload, one.trace)


def _columns(placed: dict[str, int], stream: str, created: datetime) -> dict[str, Any]:
    ids = sorted(placed)
    return {"ids": ids, "seqs": [placed[one] for one in ids], "stream": stream, "created": created}
