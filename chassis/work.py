"""The loop that every service shares: a batch in, one transaction, the difference out.

take → decode → one transaction {lock, add facts, fold each person once, save, outbox} → ack →
relay, overlapping the next turn. The service brings only the meaning: what a fact is, and what
follows from all facts of a person. It never sees the bus, the transaction, the clock or an ack.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import failpoints, tracing
from chassis.batch import Batch, Item, lanes, traced, traces_of
from chassis.bus import Subscription
from chassis.clock import Clock, monotonic
from chassis.deadletters import dead_letter, reason_of
from chassis.factset import ADAPTERS, NEVER, F, Fact, FactSet, Known, S
from chassis.outbox import Outbox
from chassis.privacy import Vault
from chassis.pull import Intake, give_back
from chassis.room import Effect, R, Room
from chassis.store import is_pool_exhausted, is_world_broken
from chassis.telemetry import Metrics, logger, turn_line
from contracts.envelope import Message, enclose
from contracts.subjects import event_name
from contracts.traceparent import trace_of

RETRY_SECONDS_MAX = 10.0


@dataclass(slots=True)
class Tools:
    """What the loop works with, put together by ``chassis.service``.

    ``elsewhere``: events of its subjects that the service keeps as sets.
    """

    nc: Client
    engine: AsyncEngine
    outbox: Outbox
    vault: Vault
    clock: Clock
    metrics: Metrics
    batch_max: int = 2_000
    elsewhere: frozenset[str] = frozenset()


class Worker(Generic[F, S, R]):
    """Runs the loop of a service over all its durable consumers.

    One loop, not one a consumer: two would wait for each other's person locks.
    """

    def __init__(
        self, room: Room[F, S, R], subscriptions: Sequence[Subscription], tools: Tools
    ) -> None:
        self._room = room
        self._engine = tools.engine
        self._nc = tools.nc
        self._outbox = tools.outbox
        self._facts: FactSet[F, S] = FactSet(room.no_facts, linked=room.linked, rules=room.rules)
        self._vault = tools.vault
        self._clock = tools.clock
        self._metrics = tools.metrics
        self._elsewhere = tools.elsewhere
        self._intake = Intake(tools.nc, subscriptions, tools.batch_max)
        self._relay: asyncio.Task[None] | None = None
        self._stopping = False
        self.subscriptions = tuple(subscriptions)
        self.handled: Counter[str] = Counter()
        self.waits_out = False

    async def run(self) -> None:
        """Take and handle batches until stopped; then finish the turn and the relay."""
        await self._intake.start()
        upcoming = asyncio.create_task(self._collect())
        try:
            while not self._stopping:
                batch = await upcoming
                upcoming = asyncio.create_task(self._collect())
                if batch.messages:
                    await self._turn(batch)
        finally:
            await self._give_up(upcoming)
            await self._intake.stop()
            if self._relay is not None:
                await self._relay

    async def _give_up(self, upcoming: "asyncio.Task[Batch]") -> None:
        """Give the batch that will not be handled back to the server."""
        (batch,) = await asyncio.gather(upcoming, return_exceptions=True)
        if isinstance(batch, Batch):
            await give_back(self._nc, batch.messages)

    async def fold_again(self, persons: Sequence[str]) -> None:
        """Decide about persons of whom nothing is new: the rules, or what is kept, have changed since."""
        async with self._engine.begin() as tx:
            known = await self._facts.again(tx, persons)
            effects, _ = await self._fold(tx, [], known)
            messages = self._enclose(effects, {})
            await self._outbox.write(tx, messages)
        self._facts.remember(known.values())
        await self._outbox.relay(messages)

    def stop(self) -> None:
        """Ask the loop to end after the present turn."""
        self._stopping = True

    async def _collect(self) -> Batch:
        taken = await self._intake.take()
        durables = Counter({durable: len(messages) for durable, messages in taken.items()})
        batch = Batch([], durables, [], [])
        for durable, messages in taken.items():
            batch.messages += messages
            self._decode(durable, messages, batch)
        return batch

    async def _turn(self, batch: Batch) -> None:
        started = monotonic()
        failpoints.reach(failpoints.BEFORE_TRANSACTION)
        one, other = lanes(batch.items)
        first, second = await asyncio.gather(self._commit(one, batch.bad), self._commit(other, []))
        announced = first + second
        failpoints.reach(failpoints.AFTER_COMMIT)
        if self._relay is not None:
            await self._relay
        self._relay = asyncio.create_task(self._outbox.relay(announced)) if announced else None
        await self._ack(batch.messages)
        self.handled.update(batch.durables)
        seconds = monotonic() - started
        self._metrics.batch.observe(seconds)
        turn_line(
            batch.durables,
            announced,
            seconds,
            [one.trace for one in batch.items],
            bad=len(batch.bad),
        )
        for item in batch.items:
            if item.span:
                item.span.end()

    def _decode(self, durable: str, messages: list[Msg], batch: Batch) -> None:
        for msg in messages:
            name = event_name(msg.subject)
            if name in self._elsewhere:
                continue
            try:
                event = ADAPTERS[name].validate_json(msg.data)
            except (ValidationError, KeyError) as error:
                batch.bad.append(self._set_aside(msg, durable, *reason_of(error)))
                continue
            fact = self._room.fact_of(event)
            if fact is not None:
                reach = self._room.reach_of(event)
                batch.items.append(traced(msg, durable, Fact(*fact, event, msg.data, reach)))

    def _set_aside(self, msg: Msg, durable: str, reason: str, detail: str = "") -> Message:
        self._metrics.deadletters.labels(reason).inc()
        trace = tracing.received(msg.headers)
        logger().warning(
            "work.set_aside", reason=reason, subject=msg.subject, trace=trace_of(trace)
        )
        return dead_letter(
            self._vault, self._clock, service=self._room.name,
            handler=durable, subject=msg.subject, payload=msg.data,
            reason=reason, detail=detail, trace=trace,
        )  # fmt: skip

    async def _commit(self, items: list[Item], bad: list[Message]) -> list[Message]:
        """Commit messages; wait out an outage; corner and set aside what can never be written."""
        if not items and not bad:
            return []
        delay = 0.2
        while True:
            try:
                done = await self._transaction(items, bad)
            except Exception as error:
                if is_world_broken(error):
                    self.waits_out = not is_pool_exhausted(error)
                    self._metrics.retries.inc()
                    logger().warning("work.retry", reason=type(error).__name__)
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, RETRY_SECONDS_MAX)
                    continue
                logger().error("work.batch_failed", reason=type(error).__name__, count=len(items))
                if not items:
                    raise
                if len(items) == 1:
                    set_aside = self._set_aside(
                        items[0].msg, items[0].durable, "unwritable", type(error).__name__
                    )
                    return await self._commit([], [*bad, set_aside])
                half = len(items) // 2
                first = await self._commit(items[:half], bad)
                return first + await self._commit(items[half:], [])
            self.waits_out = False
            return done

    async def _transaction(self, items: list[Item], bad: list[Message]) -> list[Message]:
        received: list[str] = []
        known: dict[str, Known[F, S]] = {}
        try:
            async with self._engine.begin() as tx:
                received = await self._outbox.forget_received(tx)
                effects: list[Effect[S, R]] = []
                broken: list[Message] = []
                if items:
                    known = await self._facts.add(tx, [item.fact for item in items])
                    effects, broken = await self._fold(tx, items, known)
                messages = [*self._enclose(effects, traces_of(items)), *bad, *broken]
                await self._outbox.write(tx, messages)
                failpoints.reach(failpoints.IN_TRANSACTION)
        except BaseException:
            self._outbox.remember(received)
            raise
        self._facts.remember(known.values())
        for name, count in Counter(item.fact.event.NAME for item in items).items():
            self._metrics.messages.labels(name, "handled").inc(count)
        return messages

    async def _fold(
        self, tx: AsyncConnection, items: list[Item], known: dict[str, Known[F, S]]
    ) -> tuple[list[Effect[S, R]], list[Message]]:
        """Fold each person once. A person whose fold breaks an invariant stops alone, loudly."""
        unread = {person: one.years for person, one in known.items() if one.announced is None}
        announced = await self._room.load(tx, unread) if unread else {}
        for person in unread:
            known[person].announced = announced.get(person)
        effects: list[Effect[S, R]] = []
        broken: list[Message] = []
        traces = traces_of(items)
        for person, state in known.items():
            try:
                effect = self._room.decide(state)
            except Exception as error:  # noqa: BLE001  a bug in one person must not stop the rest
                logger().exception("work.invariant_broken", person=person)
                # Whatever comes next about the person, all years are decided anew then.
                state.folded, state.changed = NEVER, True
                broken += [
                    self._set_aside(item.msg, item.durable, "bug", type(error).__name__)
                    for item in items
                    if item.fact.person == person
                ]
                continue
            effect.trace = traces.get(person, "")
            effects.append(effect)
            state.announced = effect.announced
        heads = await self._room.save(tx, effects)
        for person, head in heads.items():
            known[person].head = head
            known[person].changed = True
        await self._facts.close(tx, known.values())
        return effects, broken

    def _enclose(self, effects: list[Effect[S, R]], traces: dict[str, str]) -> list[Message]:
        """Put announcements into messages; one about a bill goes on with that bill's own trace."""
        at, name = self._clock(), self._room.name
        messages = [
            enclose(
                one.event, source=name, id_=one.id, at=at,
                trace=traces.get(getattr(one.event, "claim", "")) or effect.trace,
            )
            for effect in effects
            for one in effect.announce
        ]  # fmt: skip
        names = Counter(one.event.NAME for effect in effects for one in effect.announce)
        for name, count in names.items():
            self._metrics.announced.labels(name).inc(count)
        return messages

    async def _ack(self, messages: list[Msg]) -> None:
        """Acknowledge after the commit. A lost ack means a redelivery, which changes nothing."""
        try:
            for msg in messages:
                await self._nc.publish(msg.reply, b"+ACK")
        except (NatsError, OSError) as error:
            logger().warning("work.ack_lost", reason=type(error).__name__, count=len(messages))
