"""Takes messages that are no facts about a person: sets of their own, kept message by message.

The loop of ``chassis.work`` folds people; a reference of a million rows, or a list of who waits, needs
only to be written. A message twice must change nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.deadletters import dead_letter
from chassis.privacy import vault
from chassis.service import Runtime
from chassis.store import is_world_broken
from chassis.telemetry import logger

AT_ONCE = 8
FETCH_SECONDS = 5
RETRY_SECONDS = 2.0

Keep = Callable[[AsyncConnection, str, bytes], Awaitable[None]]
"""(transaction, subject, body) → written. Raises ValidationError for a body that cannot be read."""


async def keep_listening(
    runtime: Runtime, stream: str, durable: str, subjects: Sequence[str], keep: Keep
) -> None:
    """Take messages for as long as the service runs, one transaction each, ack after commit."""
    js = runtime.nc.jetstream(timeout=10)
    config = ConsumerConfig(
        durable_name=durable, filter_subjects=list(subjects), ack_policy=AckPolicy.EXPLICIT,
        ack_wait=runtime.settings.ack_wait_seconds, max_ack_pending=100,
    )  # fmt: skip
    await js.add_consumer(stream, config)
    waiting = await js.pull_subscribe_bind(durable, stream)
    while True:
        try:
            for message in await waiting.fetch(AT_ONCE, timeout=FETCH_SECONDS):
                await _take(runtime, durable, message.subject, message.data, keep)
                await message.ack()
        except TimeoutError:
            continue
        except (NatsError, OSError) as error:
            logger().warning("listening.retry", durable=durable, reason=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)


async def _take(runtime: Runtime, durable: str, subject: str, body: bytes, keep: Keep) -> None:
    """Keep one message, waiting out an outage; what cannot be read is set aside."""
    while True:
        try:
            async with runtime.engine.begin() as tx:
                await keep(tx, subject, body)
        except ValidationError:
            await _set_aside(runtime, durable, subject, body)
        except Exception as error:
            if not is_world_broken(error):
                raise
            logger().warning("listening.retry", durable=durable, reason=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
            continue
        return


async def _set_aside(runtime: Runtime, durable: str, subject: str, body: bytes) -> None:
    settings = runtime.settings
    letter = dead_letter(
        vault(settings.operator_key.get_secret_value(), settings.cipher_suite), runtime.clock,
        service=runtime.name, handler=durable, subject=subject, payload=body, reason="unreadable",
        detail="",
    )  # fmt: skip
    if runtime.outbox is not None:
        async with runtime.engine.begin() as tx:
            await runtime.outbox.write(tx, [letter])
        await runtime.outbox.relay([letter])
