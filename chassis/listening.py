"""Takes messages that are no facts about a person: sets of their own, kept message by message.

The loop of ``chassis.work`` folds people; a reference of a million rows, or a list of who waits, needs
only to be written. A message twice must change nothing. What is kept is declared, provisioned, pulled
and watched like what is folded.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from pydantic import ValidationError

from chassis.bus import Subscription
from chassis.clock import monotonic
from chassis.deadletters import dead_letter
from chassis.privacy import vault
from chassis.pull import Intake, give_back
from chassis.runtime import Runtime, Turn
from chassis.store import is_pool_exhausted, is_world_broken
from chassis.telemetry import logger, turn_line
from chassis.tracing import received, within
from contracts.subjects import event_name

AT_ONCE = 8
RETRY_SECONDS, RETRY_SECONDS_MAX = 0.5, 10.0

Keep = Callable[[Turn, str, bytes], Awaitable[None]]
"""(turn, subject, body) → written. Raises ValidationError for a body that cannot be read."""
Wake = Callable[[str], None]
"""Wakes a job by its name."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Subjects whose messages are kept as a set of their own; ``wakes``: a job that has to look then."""

    subscription: Subscription
    keep: Keep
    wakes: str = ""


class Keeper:
    """Takes what is kept as one set, a transaction a message, and acknowledges after its commit.

    One a set: a register of a million rows must not keep a bill waiting.
    """

    def __init__(self, kept: Kept, runtime: Runtime, wake: Wake) -> None:
        self._kept = kept
        self._runtime = runtime
        self._wake = wake
        self._stopping = False
        self.subscriptions: tuple[Subscription, ...] = (kept.subscription,)
        self.handled: Counter[str] = Counter()
        self.waits_out = False

    def stop(self) -> None:
        """Ask the keeper to end after the present message."""
        self._stopping = True

    async def run(self) -> None:
        """Take messages until stopped; those not yet kept go back."""
        intake = Intake(self._runtime.nc, self.subscriptions, AT_ONCE)
        await intake.start()
        try:
            while not self._stopping:
                for messages in (await intake.take()).values():
                    await self._keep_all(messages)
        finally:
            await intake.stop()

    async def _keep_all(self, messages: list[Msg]) -> None:
        for number, message in enumerate(messages):
            if self._stopping:
                await give_back(self._runtime.nc, messages[number:])
                return
            await self._take(message)
            self.handled[self._kept.subscription.durable] += 1
            await self._ack(message)
        if self._kept.wakes:
            self._wake(self._kept.wakes)

    async def _take(self, message: Msg) -> None:
        """Keep one message, waiting out an outage; what cannot be read or kept is set aside."""
        delay, subject, name = RETRY_SECONDS, message.subject, event_name(message.subject)
        while True:
            begun = monotonic()
            try:
                with within(f"keep {name}", "consumer", received(message.headers), subject=subject):
                    async with self._runtime.turn() as turn:
                        await self._kept.keep(turn, subject, message.data)
                    turn_line(
                        {self._kept.subscription.durable: 1}, turn.messages, monotonic() - begun
                    )
            except ValidationError:
                await self._set_aside(message, "unreadable")
            except Exception as error:  # noqa: BLE001  one message must not stop those behind it
                if not is_world_broken(error):
                    durable = self._kept.subscription.durable
                    logger().exception("listening.failed", durable=durable)
                    await self._set_aside(message, "bug", type(error).__name__)
                    return
                self.waits_out = not is_pool_exhausted(error)
                self._runtime.metrics.retries.inc()
                logger().warning("listening.retry", reason=type(error).__name__, seconds=delay)
                await asyncio.sleep(delay)
                delay = min(delay * 2, RETRY_SECONDS_MAX)
                continue
            self.waits_out = False
            return

    async def _set_aside(self, message: Msg, reason: str, detail: str = "") -> None:
        runtime, settings = self._runtime, self._runtime.settings
        runtime.metrics.deadletters.labels(reason).inc()
        letter = dead_letter(
            vault(settings.operator_key.get_secret_value(), settings.cipher_suite), runtime.clock,
            service=runtime.name, handler=self._kept.subscription.durable, subject=message.subject,
            payload=message.data, reason=reason, detail=detail, trace=received(message.headers),
        )  # fmt: skip
        while True:
            try:
                async with runtime.turn() as turn:
                    turn.pass_on([letter])
            except Exception as error:
                if not is_world_broken(error):
                    raise
                self.waits_out = True
                await asyncio.sleep(RETRY_SECONDS)
            else:
                self.waits_out = False
                return

    async def _ack(self, message: Msg) -> None:
        """Acknowledge after the commit. A lost ack means a redelivery, which changes nothing."""
        try:
            await self._runtime.nc.publish(message.reply, b"+ACK")
        except (NatsError, OSError) as error:
            logger().warning("listening.ack_lost", reason=type(error).__name__)
