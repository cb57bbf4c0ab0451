"""Notices a consumer that was deleted or that stands still, which NATS itself keeps silent about."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import positions
from chassis.bus import Subscription, provision_consumer
from chassis.clock import monotonic
from chassis.telemetry import Metrics, logger

LOOK_SECONDS = 5.0
STALLED_SECONDS = 30.0


class Taker(Protocol):
    """Takes the messages of durable consumers: the loop, or who keeps sets.

    ``waits_out``: the database is away, which no restart mends.
    """

    subscriptions: tuple[Subscription, ...]
    handled: Counter[str]
    waits_out: bool


class Watchdog:
    """Compares what waits with what moves. ``healthy`` feeds readiness; ``stalled`` ends the process."""

    def __init__(
        self,
        js: JetStreamContext,
        takers: Sequence[Taker],
        metrics: Metrics,
        ack_wait_seconds: float,
        engine: AsyncEngine,
    ) -> None:
        self._js = js
        self._engine = engine
        self._takers = takers
        self._metrics = metrics
        self._ack_wait_seconds = ack_wait_seconds
        self._progress = {
            one.durable: ((0, 0), monotonic()) for taker in takers for one in taker.subscriptions
        }
        self.healthy = False
        self.stalled = asyncio.Event()

    async def run(self) -> None:
        """Look every few seconds, for ever."""
        while True:
            try:
                for taker in self._takers:
                    for subscription in taker.subscriptions:
                        await self._look(taker, subscription)
                self.healthy = True
            except (TimeoutError, NatsError, OSError, SQLAlchemyError) as error:
                self.healthy = False
                logger().warning("watchdog.unreachable", reason=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def _made(self, subscription: Subscription) -> datetime:
        """Return when the stream was made: a place on another one means nothing."""
        found = (await self._js.stream_info(subscription.stream)).created
        return found if found is not None else datetime.min.replace(tzinfo=UTC)

    async def _look(self, taker: Taker, subscription: Subscription) -> None:
        try:
            info = await self._js.consumer_info(subscription.stream, subscription.durable)
        except NotFoundError:
            logger().error("watchdog.consumer_missing", durable=subscription.durable)
            await provision_consumer(self._js, subscription, self._ack_wait_seconds)
            return
        waiting = (info.num_pending or 0) + (info.num_ack_pending or 0)
        self._metrics.pending.labels(subscription.durable).set(waiting)
        # What another process of the service acknowledges is progress too.
        floor = info.ack_floor.stream_seq if info.ack_floor else 0
        await positions.note(
            self._engine, subscription.durable, floor, await self._made(subscription)
        )
        handled = (taker.handled[subscription.durable], floor)
        before, since = self._progress[subscription.durable]
        if not waiting or handled != before or taker.waits_out:
            self._progress[subscription.durable] = (handled, monotonic())
            self._metrics.stalled.labels(subscription.durable).set(0)
        elif monotonic() - since > STALLED_SECONDS + self._ack_wait_seconds:
            self._metrics.stalled.labels(subscription.durable).set(1)
            logger().error("watchdog.stalled", durable=subscription.durable, waiting=waiting)
            self.stalled.set()
