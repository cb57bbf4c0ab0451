"""Keeps a service's own streams: one that is gone is made again, and what was received is known.

A message counts as received once every durable consumer of its stream has acknowledged it, or has nothing
left to take.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import timedelta

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo, StreamInfo
from nats.js.errors import NotFoundError
from sqlalchemy.exc import SQLAlchemyError

from chassis.bus import make_missing
from chassis.bus_health import trouble_of
from chassis.clock import system_clock
from chassis.filling import Held, days_until_full
from chassis.outbox import Outbox
from chassis.settings import Settings
from chassis.telemetry import Metrics, logger
from contracts.subjects import Stream

LOOK_SECONDS = 5.0
RECEIPT_SECONDS = 0.5
FULL = 0.999
"""From this share on the next message may be refused."""


class StreamKeeper:
    """Looks after the streams that a process speaks on. ``healthy``: all are there and have room."""

    def __init__(
        self,
        js: JetStreamContext,
        streams: Sequence[Stream],
        outbox: Outbox,
        metrics: Metrics,
        settings: Settings,
    ) -> None:
        self._js = js
        self._streams = {stream.owner: stream for stream in streams}
        self._outbox = outbox
        self._metrics = metrics
        self._keeping = settings.keeping
        self._monitor_url = settings.nats_monitor_url
        self.healthy = True
        for stream in streams:
            metrics.streams_remade.labels(stream.name)
            metrics.streams_lost.labels(stream.name)

    async def run(self) -> None:
        """Look every few seconds, for ever."""
        while True:
            found = await self._try(self._look_at_all())
            self.healthy = bool(found)
            await asyncio.sleep(LOOK_SECONDS)

    async def keep_receipts(self) -> None:
        """Note twice a second what was received of what this process placed, for ever."""
        while True:
            for owner in self._outbox.awaited & self._streams.keys():
                await self._try(self._receive(owner))
            await asyncio.sleep(RECEIPT_SECONDS)

    async def _try(self, looking: Awaitable[bool]) -> bool:
        try:
            return await looking
        except (TimeoutError, NatsError, OSError, SQLAlchemyError) as error:
            logger().warning("streams.unreachable", reason=type(error).__name__)
            return False

    async def _look_at_all(self) -> bool:
        found = all([await self._look(owner) for owner in self._streams])
        trouble = await asyncio.to_thread(trouble_of, self._monitor_url)
        if trouble:
            logger().error("streams.bus_in_trouble", said=trouble[:200])
        return found and not trouble

    async def _look(self, owner: str) -> bool:
        """Make a stream again that is gone, have it refilled, and tell whether it has room."""
        stream = self._streams[owner]
        placed = await self._outbox.last_place(owner)  # before the stream is asked where it ends
        try:
            found = await self._js.stream_info(stream.name)
        except NotFoundError:
            logger().error("streams.missing", stream=stream.name)
            await make_missing(self._js, self._keeping, [stream])
            self._metrics.streams_remade.labels(stream.name).inc()
            found = await self._js.stream_info(stream.name)
        if found.created is not None:
            cut = placed > found.state.last_seq
            await self._outbox.stream_is(stream.name, owner, found.created, cut=cut)
        received = await self._received_up_to(found)
        await self._outbox.forget_up_to(owner, received, self._keeping.days)
        return self._fills(found) < FULL

    def _fills(self, found: StreamInfo) -> float:
        """Note and return how much of its room a stream uses, and in how many days it will be full."""
        name, now = found.config.name or "", system_clock()
        age = timedelta(seconds=found.config.max_age) if found.config.max_age else None
        held = Held(found.state.bytes, found.config.max_bytes or 0, found.created or now, age)
        used = held.bytes / held.most if held.most > 0 else 0.0
        self._metrics.stream_used.labels(name).set(used)
        self._metrics.stream_days_left.labels(name).set(days_until_full(held, now))
        return used

    async def _receive(self, owner: str) -> bool:
        found = await self._js.stream_info(self._streams[owner].name)
        if self._outbox.is_of(self._streams[owner].name, found.created):
            self._outbox.received(owner, await self._received_up_to(found))
        return True

    async def _received_up_to(self, stream: StreamInfo) -> int:
        """Return up to which place everybody has everything.

        The stream was asked first: what came since then is not counted as received.
        """
        name, last = stream.config.name or "", stream.state.last_seq
        consumers = await self._js.consumers_info(name)
        present = {one.config.durable_name for one in consumers if one.config.durable_name}
        if not await self._outbox.readers(name, present) <= present:
            return 0
        return min([_floor(one, last) for one in consumers], default=last)


def _floor(consumer: ConsumerInfo, last: int) -> int:
    if not consumer.config.durable_name or (
        not consumer.num_pending and not consumer.num_ack_pending
    ):
        return last
    return consumer.ack_floor.stream_seq if consumer.ack_floor else 0
