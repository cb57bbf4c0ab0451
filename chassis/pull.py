"""A credit-based puller: keeps a request open, hands over what is there, never lingers.

FastStream's batch pull was measured to lose or strand messages (design §3), so the hot loop asks
for messages itself, on the broker's connection: an inbox with a callback, and pull requests that
are topped up before they run dry.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription as Inbox
from nats.errors import ConnectionClosedError
from nats.errors import Error as NatsError

from chassis.bus import Subscription
from chassis.clock import monotonic
from chassis.telemetry import logger

EXPIRES_SECONDS = 20.0
SILENCE_SECONDS = 2.0
EXPIRED = "408"


async def give_back(nc: Client, messages: Sequence[Msg]) -> None:
    """Let the server deliver messages again at once, instead of after the ack wait."""
    if nc.is_connected:
        for msg in messages:
            await nc.publish(msg.reply, b"-NAK")


class Puller:
    """Pulls one durable consumer into a buffer; ``arrived`` is set when there is something."""

    def __init__(
        self, nc: Client, subscription: Subscription, batch_max: int, arrived: asyncio.Event
    ) -> None:
        self._nc = nc
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{subscription.stream}.{subscription.durable}"
        self._batch_max = batch_max
        self._buffer: deque[Msg] = deque()
        self._arrived = arrived
        self._requested = 0
        self._request_ends = 0.0
        self._reconnects = 0
        self._inbox: Inbox | None = None
        self._inbox_subject = ""

    async def start(self) -> None:
        """Open the inbox. Requests begin with the first ``top_up``."""
        self._inbox_subject = self._nc.new_inbox()
        self._inbox = await self._nc.subscribe(self._inbox_subject, cb=self._receive)

    async def stop(self) -> None:
        """Close the inbox and give back what was delivered and not taken."""
        await give_back(self._nc, self.take())
        if self._inbox is not None and not self._nc.is_closed and not self._nc.is_reconnecting:
            await self._inbox.unsubscribe()
        self._inbox = None

    async def _receive(self, msg: Msg) -> None:
        if msg.reply:
            self._requested -= 1
            self._buffer.append(msg)
            self._arrived.set()
        elif msg.headers is not None:
            self._note_status(msg)

    def _note_status(self, msg: Msg) -> None:
        """A status ends a request (expired, consumer gone, leader moved): its credit is void.

        An expired one is asked for again at once; after any other the taker's second of patience
        keeps a missing consumer from being asked for in a circle.
        """
        headers = msg.headers or {}
        pending = headers.get("Nats-Pending-Messages")
        self._requested = max(0, self._requested - int(pending)) if pending else 0
        if headers.get("Status") == EXPIRED:
            self._arrived.set()

    async def top_up(self) -> None:
        """Ask for as much as there is room for.

        A request that went unanswered, or to a server that is gone, is void.
        """
        now = monotonic()
        reconnects = self._nc.stats["reconnects"]
        if reconnects != self._reconnects or now > self._request_ends + SILENCE_SECONDS:
            self._requested, self._reconnects = 0, reconnects
        room = self._batch_max - self._requested - len(self._buffer)
        if room <= 0 or (room < self._batch_max // 2 and self._requested > 0):
            return
        request = orjson.dumps({"batch": room, "expires": int(EXPIRES_SECONDS * 1e9)})
        await self._nc.publish(self._subject, request, reply=self._inbox_subject)
        self._requested += room
        self._request_ends = now + EXPIRES_SECONDS

    def take(self) -> list[Msg]:
        """Return what is there, at most a batch."""
        count = min(len(self._buffer), self._batch_max)
        return [self._buffer.popleft() for _ in range(count)]


class Intake:
    """All durable consumers of a service as one stream of batches."""

    def __init__(self, nc: Client, subscriptions: Sequence[Subscription], batch_max: int) -> None:
        self._arrived = asyncio.Event()
        self._pullers = {
            one.durable: Puller(nc, one, batch_max, self._arrived) for one in subscriptions
        }

    async def start(self) -> None:
        """Open every inbox."""
        for puller in self._pullers.values():
            await puller.start()

    async def stop(self) -> None:
        """Close every inbox."""
        for puller in self._pullers.values():
            await puller.stop()

    async def take(self) -> dict[str, list[Msg]]:
        """Return what is there, durable → messages, as soon as one came; {} after a second."""
        self._arrived.clear()
        try:
            for puller in self._pullers.values():
                await puller.top_up()
        except ConnectionClosedError:
            raise  # it never comes back: the process ends, and is started afresh
        except (NatsError, OSError) as error:
            # The bus is away for a while, and asking it again is all there is.
            logger().warning("pull.bus_unreachable", reason=type(error).__name__)
            await asyncio.sleep(1.0)
        found = self._take()
        if not found:
            try:
                await asyncio.wait_for(self._arrived.wait(), timeout=1.0)
            except TimeoutError:
                return {}
            found = self._take()
        return found

    def _take(self) -> dict[str, list[Msg]]:
        taken = {durable: puller.take() for durable, puller in self._pullers.items()}
        return {durable: messages for durable, messages in taken.items() if messages}
