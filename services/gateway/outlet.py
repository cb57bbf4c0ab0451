"""What leaves the door: facts onto their streams, and what was refused to where operators find it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import Clock
from chassis.deadletters import dead_letter
from chassis.outbox import Outbox
from chassis.privacy import Vault
from chassis.store import is_world_broken
from chassis.telemetry import Metrics, logger
from chassis.tracing import CURRENT
from contracts.envelope import Message, enclose
from contracts.events.base import Event
from services.gateway.approvals import Also
from services.gateway.refusals import RefusedError
from services.gateway.store import save_accepted
from services.gateway.threshold import CALLER, Quotas

SOURCE = "gateway"
RELAY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Outlet:
    """Publishes for the door. ``operators``: who may open what was set aside."""

    nc: Client
    clock: Clock
    metrics: Metrics
    operators: Vault
    quotas: Quotas
    outbox: Outbox
    relays: set[asyncio.Task[None]] = field(default_factory=set)

    async def publish(self, events: Sequence[tuple[str, Event]], also: Also | None = None) -> None:
        """Accept facts (id, event): committed first, then put on their streams as soon as the bus takes them.

        ``also``: what is written in the same transaction. Once this returns they are safe, whatever becomes
        of the bus. Raises RefusedError with 503 if they could not be committed; nothing is accepted then.
        """
        at = self.clock()
        trace, holder = CURRENT.get(), CALLER.get()
        messages = [
            enclose(event, source=SOURCE, id_=id_, at=at, trace=trace) for id_, event in events
        ]

        async def keep(tx: AsyncConnection) -> set[str]:
            if also is not None:
                await also(tx)
            return await save_accepted(tx, messages, holder)

        try:
            fresh = await self.outbox.record(messages, keep)
        except Exception as error:
            if not is_world_broken(error):
                raise
            logger().warning("door.not_recorded", reason=type(error).__name__, count=len(messages))
            raise RefusedError("intake_unavailable", status=503) from error
        await self._relay(fresh)
        for _, event in events:
            self.metrics.messages.labels(event.NAME, "accepted").inc()

    async def keep(self, handler: str, payload: bytes, error: RefusedError) -> None:
        """Keep what was refused, sealed, where an operator can find it."""
        await self.keep_all(handler, [(payload, error)])

    async def keep_all(self, handler: str, refused: Sequence[tuple[bytes, RefusedError]]) -> None:
        """Keep what was refused, committed first: a bus that is away loses none of it.

        Of a sender that fills the hour with refusals no more are kept: it is told all the same, and one
        broken program leaves room for the others.
        """
        letters = [
            letter
            for payload, error in refused
            if (letter := self._letter(handler, payload, error)) is not None
        ]
        if not letters:
            return

        async def keep(_: AsyncConnection) -> set[str]:
            return {one.id for one in letters}

        try:
            kept = await self.outbox.record(letters, keep)
        except Exception as error:
            if not is_world_broken(error):
                raise
            logger().warning("door.refusal_not_kept", count=len(letters))
            return
        await self._relay(kept)

    async def _relay(self, messages: Sequence[Message]) -> None:
        """Put on the bus what is committed; while it is away nobody waits: it goes out when it is back."""
        relay = asyncio.create_task(self.outbox.relay(messages))
        self.relays.add(relay)
        relay.add_done_callback(self.relays.discard)
        await asyncio.wait([relay], timeout=RELAY_SECONDS)

    def _letter(self, handler: str, payload: bytes, error: RefusedError) -> Message | None:
        self.metrics.messages.labels(handler.split(".", 1)[0], error.reason).inc()
        if not self.quotas.refusal(CALLER.get()):
            self.metrics.security_events.labels("over_quota").inc()
            return None
        return dead_letter(
            self.operators, self.clock, service=SOURCE, handler=handler, subject=f"door.{handler}",
            payload=payload, reason=error.reason, detail=error.field, trace=CURRENT.get(),
        )  # fmt: skip
