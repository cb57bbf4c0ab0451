"""Keeps a service's own streams: one that is gone is made again, one that is full is not ready."""

import asyncio
from collections.abc import Sequence

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis.bus import provision_streams
from chassis.telemetry import Metrics, logger
from contracts.subjects import Stream

LOOK_SECONDS = 5.0
FULL = 0.999
"""From this share on the next message may be refused."""


class StreamKeeper:
    """Looks after the streams that a process speaks on. ``healthy``: all are there and have room."""

    def __init__(
        self, js: JetStreamContext, streams: Sequence[Stream], metrics: Metrics, replicas: int
    ) -> None:
        self._js = js
        self._streams = streams
        self._metrics = metrics
        self._replicas = replicas
        self.healthy = True
        for stream in streams:
            metrics.streams_remade.labels(stream.name)

    async def run(self) -> None:
        """Look every few seconds, for ever."""
        while True:
            try:
                self.healthy = all([await self._look(stream) for stream in self._streams])
            except (TimeoutError, NatsError, OSError) as error:
                self.healthy = False
                logger().warning("streams.bus_unreachable", reason=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, stream: Stream) -> bool:
        """Make a stream again that is gone; tell whether it has room."""
        try:
            found = await self._js.stream_info(stream.name)
        except NotFoundError:
            logger().error("streams.missing", stream=stream.name)
            await provision_streams(self._js, self._replicas, [stream])
            self._metrics.streams_remade.labels(stream.name).inc()
            return True
        most = found.config.max_bytes or 0
        used = found.state.bytes / most if most > 0 else 0.0
        self._metrics.stream_used.labels(stream.name).set(used)
        return used < FULL
