"""The loop that every service shares: a batch in, one transaction, the difference out.

take → decode → one transaction {lock, add facts, fold each person once, save, outbox} → ack →
relay, overlapping the next turn. The service brings only the meaning: what a fact is, and what
follows from all facts of a person. It never sees the bus, the transaction, the clock or an ack.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import factset
from chassis.bus import Subscription
from chassis.clock import Clock, monotonic
from chassis.deadletters import dead_letter
from chassis.factset import ADAPTERS, Fact, Known
from chassis.outbox import Outbox
from chassis.privacy import Vault
from chassis.pull import Puller
from chassis.store import is_world_broken
from chassis.telemetry import Metrics, logger
from contracts.envelope import Message, enclose
from contracts.events.base import Event
from contracts.subjects import event_name

RETRY_SECONDS_MAX = 10.0


@dataclass(slots=True)
class Announcement:
    """An event to go out, and the id that stays the same however often it is decided."""

    id: str
    event: Event


@dataclass(slots=True)
class Effect:
    """The difference for one person: what to announce, and what the store has to write."""

    person: str
    announce: list[Announcement] = field(default_factory=list)
    rows: Any = None


class Room(Protocol):
    """What a service brings to the loop."""

    name: str

    def fact_of(self, event: Event) -> tuple[str, str] | None:
        """Return whose fact an event is and its id in the set; None if it is not about a person."""

    async def load(self, tx: AsyncConnection, persons: Sequence[str]) -> dict[str, Any]:
        """Return what was announced so far, by person."""

    def decide(self, known: Known, announced: Any) -> Effect:
        """Fold all facts of a person and return the difference to what was announced. Pure."""

    async def save(self, tx: AsyncConnection, effects: Sequence[Effect]) -> None:
        """Write the differences, set-based."""


@dataclass(slots=True)
class _Item:
    msg: Msg
    fact: Fact


class Worker:
    """Runs one durable consumer of a service."""

    def __init__(
        self,
        room: Room,
        subscription: Subscription,
        *,
        nc: Client,
        engine: AsyncEngine,
        outbox: Outbox,
        vault: Vault,
        clock: Clock,
        metrics: Metrics,
        batch_max: int = 500,
    ) -> None:
        self._room = room
        self._engine = engine
        self._nc = nc
        self._outbox = outbox
        self._vault = vault
        self._clock = clock
        self._metrics = metrics
        self._puller = Puller(nc, subscription, batch_max)
        self._relay: asyncio.Task[None] | None = None
        self._stopping = False
        self.subscription = subscription
        self.turns = 0

    async def run(self) -> None:
        """Take and handle batches until stopped; then finish the turn and the relay."""
        await self._puller.start()
        try:
            while not self._stopping:
                messages = await self._puller.take()
                if messages:
                    await self._turn(messages)
        finally:
            await self._puller.stop()
            if self._relay is not None:
                await self._relay

    def stop(self) -> None:
        """Ask the loop to end after the present turn."""
        self._stopping = True

    async def _turn(self, messages: list[Msg]) -> None:
        started = monotonic()
        items, bad = self._decode(messages)
        announced = await self._commit(items, bad)
        if self._relay is not None:
            await self._relay
        self._relay = asyncio.create_task(self._outbox.relay(announced)) if announced else None
        await self._ack(messages)
        self.turns += 1
        self._metrics.batch.labels(self.subscription.durable).observe(monotonic() - started)

    def _decode(self, messages: list[Msg]) -> tuple[list[_Item], list[Message]]:
        items: list[_Item] = []
        bad: list[Message] = []
        for msg in messages:
            name = event_name(msg.subject)
            try:
                event = ADAPTERS[name].validate_json(msg.data)
            except (ValidationError, KeyError) as error:
                bad.append(self._set_aside(msg, *_why(error)))
                continue
            fact = self._room.fact_of(event)
            if fact is not None:
                items.append(_Item(msg, Fact(fact[0], fact[1], event, msg.data)))
        return items, bad

    def _set_aside(self, msg: Msg, reason: str, detail: str = "") -> Message:
        self._metrics.deadletters.labels(reason).inc()
        logger().warning("work.set_aside", reason=reason, subject=msg.subject)
        return dead_letter(
            self._vault, self._clock, service=self._room.name,
            handler=self.subscription.durable, subject=msg.subject, payload=msg.data,
            reason=reason, detail=detail,
        )  # fmt: skip

    async def _commit(self, items: list[_Item], bad: list[Message]) -> list[Message]:
        """Commit the batch; wait out an outage; corner and set aside what can never be written."""
        delay = 0.2
        while True:
            try:
                return await self._transaction(items, bad)
            except Exception as error:
                if is_world_broken(error):
                    self._metrics.retries.labels(self.subscription.durable).inc()
                    logger().warning("work.retry", reason=type(error).__name__)
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, RETRY_SECONDS_MAX)
                    continue
                logger().error("work.batch_failed", reason=type(error).__name__, count=len(items))
                if not items:
                    raise
                if len(items) == 1:
                    set_aside = self._set_aside(items[0].msg, "unwritable", type(error).__name__)
                    return await self._commit([], [*bad, set_aside])
                half = len(items) // 2
                first = await self._commit(items[:half], bad)
                return first + await self._commit(items[half:], [])

    async def _transaction(self, items: list[_Item], bad: list[Message]) -> list[Message]:
        confirmed: list[str] = []
        try:
            async with self._engine.begin() as tx:
                confirmed = await self._outbox.forget_confirmed(tx)
                effects, broken = await self._fold(tx, items) if items else ([], [])
                await self._room.save(tx, effects)
                messages = [*self._enclose(effects), *bad, *broken]
                await self._outbox.write(tx, messages)
        except BaseException:
            self._outbox.remember(confirmed)
            raise
        for item in items:
            self._metrics.messages.labels(item.fact.event.NAME, "handled").inc()
        return messages

    async def _fold(
        self, tx: AsyncConnection, items: list[_Item]
    ) -> tuple[list[Effect], list[Message]]:
        """Fold each person once. A person whose fold breaks an invariant stops alone, loudly."""
        known = await factset.add(tx, [item.fact for item in items])
        announced = await self._room.load(tx, list(known))
        effects: list[Effect] = []
        broken: list[Message] = []
        for person, facts in known.items():
            try:
                effects.append(self._room.decide(facts, announced.get(person)))
            except Exception as error:  # noqa: BLE001  a bug in one person must not stop the rest
                logger().exception("work.invariant_broken", person=person)
                broken += [
                    self._set_aside(item.msg, "bug", type(error).__name__)
                    for item in items
                    if item.fact.person == person
                ]
        return effects, broken

    def _enclose(self, effects: list[Effect]) -> list[Message]:
        at = self._clock()
        messages = [
            enclose(one.event, source=self._room.name, id_=one.id, at=at)
            for effect in effects
            for one in effect.announce
        ]
        for effect in effects:
            for one in effect.announce:
                self._metrics.announced.labels(one.event.NAME).inc()
        return messages

    async def _ack(self, messages: list[Msg]) -> None:
        """Acknowledge after the commit. A lost ack means a redelivery, which changes nothing."""
        try:
            for msg in messages:
                await self._nc.publish(msg.reply, b"+ACK")
        except (NatsError, OSError) as error:
            logger().warning("work.ack_lost", reason=type(error).__name__, count=len(messages))


def _why(error: Exception) -> tuple[str, str]:
    """Return a stable reason code and where it was found, never the value itself."""
    if isinstance(error, KeyError):
        return "unknown_event", ""
    if not isinstance(error, ValidationError):
        return "unreadable", type(error).__name__
    first = error.errors(include_input=False, include_url=False)[0]
    if first["type"] == "json_invalid":
        return "broken_json", ""
    cause = first.get("ctx", {}).get("error")
    reason = getattr(cause, "reason", None) or f"invalid_{first['type']}"
    return reason, ".".join(str(part) for part in first["loc"])
