"""Streams, consumers and publishing, with the settings that do not lose messages."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from chassis.settings import Keeping
from chassis.telemetry import logger
from contracts.envelope import Message, event_id
from contracts.subjects import STREAMS, Stream

DUPLICATE_IN_BATCH = 10201
ATOMIC_BATCH_MAX = 500
AT_ONCE_READ = 500
IN_ORDER = 1
"""One message on its way at a time: what answers another comes after it, with any number of processes."""
AT_A_TIME = 100
"""How many messages of a set may be on their way: they are large, and kept one by one."""
PUBLISH_TIMEOUT_SECONDS = 10.0
FOR_EVER = Keeping()


class PublishError(Exception):
    """The bus did not confirm; the caller keeps the messages and tries again."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A durable pull consumer: what it reads and how it acknowledges. Nothing is left to a default.

    ``ack_policy`` is always explicit and happens after the commit; deliveries are unlimited,
    because money is never given up on.
    """

    stream: str
    durable: str
    subjects: tuple[str, ...]
    ack_policy: str
    max_ack_pending: int = 4_000


async def provision_streams(
    js: JetStreamContext, keeping: Keeping = FOR_EVER, streams: Sequence[Stream] = STREAMS
) -> None:
    """Create or bring up to date streams, as the operator. Running it twice changes nothing.

    A stream never loses copies or room that somebody gave it: an operator's word is not undone by
    a start.
    """
    for stream in streams:
        wanted = _stream_config(stream, keeping)
        try:
            standing = (await js.stream_info(stream.name)).config
        except NotFoundError:
            await js.add_stream(wanted)
        else:
            # What was forbidden once stays so: the server does not take that back.
            wanted.deny_delete = bool(standing.deny_delete) or not stream.closable
            wanted.num_replicas = max(keeping.replicas, standing.num_replicas or 1)
            wanted.max_bytes = max(wanted.max_bytes or 0, standing.max_bytes or 0)
            await js.update_stream(wanted)


async def make_missing(js: JetStreamContext, keeping: Keeping, streams: Sequence[Stream]) -> None:
    """Create the streams that are not there, as who speaks on them; changing one is the operator's."""
    for stream in streams:
        try:
            await js.stream_info(stream.name)
        except NotFoundError:
            await js.add_stream(_stream_config(stream, keeping))


def _stream_config(stream: Stream, keeping: Keeping) -> StreamConfig:
    return StreamConfig(
        name=stream.name,
        description=stream.description,
        subjects=list(stream.subjects),
        storage=StorageType.FILE,
        num_replicas=keeping.replicas,
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.NEW,
        max_bytes=int(stream.max_bytes * keeping.room),
        # The bus is never the record: what is so old has long been applied. A letter waits for somebody.
        max_age=0 if stream.closable else keeping.days * 86_400,
        duplicate_window=120,
        deny_delete=not stream.closable,
        deny_purge=True,
        allow_direct=True,
        allow_atomic=True,
    )


async def provision_consumer(
    js: JetStreamContext, subscription: Subscription, ack_wait_seconds: float, after: int = 0
) -> None:
    """Create a durable consumer or bring it up to date. Running it twice changes nothing.

    ``ack_wait_seconds`` is to be several times the slowest batch. A new one begins behind the place
    ``after``; where one began that is there stays.
    """
    config = ConsumerConfig(
        durable_name=subscription.durable,
        filter_subjects=list(subscription.subjects),
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE if after else DeliverPolicy.ALL,
        opt_start_seq=after + 1 if after else None,
        ack_policy=AckPolicy(subscription.ack_policy),
        ack_wait=ack_wait_seconds,
        max_deliver=-1,
        max_ack_pending=subscription.max_ack_pending,
    )
    with suppress(NotFoundError):
        standing = (await js.consumer_info(subscription.stream, subscription.durable)).config
        config.deliver_policy, config.opt_start_seq = (
            standing.deliver_policy,
            standing.opt_start_seq,
        )
    await js.add_consumer(subscription.stream, config)


async def provision_consumer_when_there(
    js: JetStreamContext, subscription: Subscription, ack_wait_seconds: float
) -> None:
    """Provision a consumer once who speaks on its stream has made the stream."""
    while True:
        try:
            await provision_consumer(js, subscription, ack_wait_seconds)
        except NotFoundError:
            logger().info("bus.waits_for_stream", stream=subscription.stream)
            await asyncio.sleep(0.5)
        else:
            return


async def read_stream(
    js: JetStreamContext, stream: Stream, after: int = 0
) -> AsyncGenerator[Msg, None]:
    """Return what a stream holds behind a place, as its operator: nothing is acknowledged."""
    config = ConsumerConfig(
        ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after + 1, inactive_threshold=60,
    )  # fmt: skip
    reader = await js.pull_subscribe(stream.subjects[0], stream=stream.name, config=config)
    told = await reader.consumer_info()
    try:
        left = told.num_pending or 0
        while left > 0:
            for message in await reader.fetch(min(left, AT_ONCE_READ), timeout=10):
                yield message
                left -= 1
    finally:
        await reader.unsubscribe()
        with suppress(NotFoundError):
            await js.delete_consumer(stream.name, told.name)


async def publish(nc: Client, messages: Sequence[Message]) -> dict[str, int]:
    """Put messages on their streams, confirmed and on disk; returns where each stands, by its id.

    One atomic batch per stream: with ``sync_interval: always`` the server syncs it once. Raises
    PublishError if one is unconfirmed.
    """
    in_order = sorted(messages, key=lambda message: message.stream)
    placed: dict[str, int] = {}
    refused: PublishError | None = None
    for _, group in groupby(in_order, key=lambda message: message.stream):
        of_stream = list(group)
        for start in range(0, len(of_stream), ATOMIC_BATCH_MAX):
            try:
                placed |= await _publish_batch(nc, of_stream[start : start + ATOMIC_BATCH_MAX])
            except PublishError as error:  # one stream that is full must not silence the others
                refused = error
    if refused is not None:
        raise refused
    return placed


async def _publish_batch(nc: Client, batch: Sequence[Message]) -> dict[str, int]:
    if len(batch) == 1:
        return {batch[0].id: await _publish_one(nc, batch[0])}
    batch_id = event_id(*(message.id for message in batch))
    try:
        for number, message in enumerate(batch[:-1], start=1):
            headers = message.headers | {
                "Nats-Batch-Id": batch_id,
                "Nats-Batch-Sequence": str(number),
            }
            await nc.publish(message.subject, message.payload, headers=headers)
        last = batch[-1]
        headers = last.headers | {
            "Nats-Batch-Id": batch_id,
            "Nats-Batch-Sequence": str(len(batch)),
            "Nats-Batch-Commit": "1",
        }
        reply = await nc.request(
            last.subject, last.payload, timeout=PUBLISH_TIMEOUT_SECONDS, headers=headers
        )
    except (TimeoutError, NatsError, OSError) as error:
        raise PublishError(type(error).__name__) from error
    answer = orjson.loads(reply.data)
    refusal = answer.get("error")
    if refusal is None:
        first = (
            int(answer["seq"]) - len(batch) + 1
        )  # a batch stands together, the answer names its last
        return {message.id: first + number for number, message in enumerate(batch)}
    # A repeat inside the dedupe window refuses the whole batch, and a batch that the server
    # dropped half-way is refused too; one by one, repeats are confirmed as repeats.
    if refusal.get("err_code") != DUPLICATE_IN_BATCH:
        logger().warning("bus.batch_refused", err_code=refusal.get("err_code"), count=len(batch))
    placed = await asyncio.gather(*(_publish_one(nc, message) for message in batch))
    return {message.id: seq for message, seq in zip(batch, placed, strict=True)}


async def _publish_one(nc: Client, message: Message) -> int:
    try:
        reply = await nc.request(
            message.subject,
            message.payload,
            timeout=PUBLISH_TIMEOUT_SECONDS,
            headers=message.headers,
        )
    except (TimeoutError, NatsError, OSError) as error:
        raise PublishError(type(error).__name__) from error
    answer: dict[str, Any] = orjson.loads(reply.data)
    if "error" in answer:
        raise PublishError(f"the stream refused: {answer['error'].get('err_code')}")
    return int(answer["seq"])
