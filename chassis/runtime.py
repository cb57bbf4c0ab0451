"""What a service's parts are given once it is connected, and the one place that opens a transaction."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.clock import Clock
from chassis.outbox import Outbox
from chassis.settings import Settings
from chassis.telemetry import Metrics
from chassis.tracing import CURRENT
from chassis.work import Worker
from contracts.envelope import Message, enclose
from contracts.events.base import Event


@dataclass(slots=True)
class Turn:
    """A transaction, and what it announces: written with it, relayed after it."""

    tx: AsyncConnection
    service: str
    clock: Clock
    settings: Settings
    messages: list[Message] = field(default_factory=list)

    def say(self, event: Event, id_: str, trace: str = "") -> None:
        """Announce an event under the id that it always has; ``trace``: what it follows from."""
        trace = trace or CURRENT.get()
        message = enclose(event, source=self.service, id_=id_, at=self.clock(), trace=trace)
        self.messages.append(message)

    def pass_on(self, messages: Sequence[Message]) -> None:
        """Announce what was put into messages already."""
        self.messages.extend(messages)


@dataclass(slots=True, eq=False, weakref_slot=True)
class Runtime:
    """What a service's parts are given: never reached for, always passed. It exists only connected."""

    name: str
    settings: Settings
    clock: Clock
    metrics: Metrics
    engine: AsyncEngine
    nc: Client
    outbox: Outbox
    worker: Worker[Any, Any, Any]

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """Open a transaction: what happens in it, and what it says, becomes true together or not at all."""
        async with self.engine.begin() as tx:
            turn = Turn(tx, self.name, self.clock, self.settings)
            yield turn
            await self.outbox.write(tx, turn.messages)
        await self.outbox.relay(turn.messages)

    def look(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a connection to read from; what is written on it is rolled back."""
        return self.engine.connect()
