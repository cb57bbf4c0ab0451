"""Fills a stream again from what is recorded: the door's intake, the facts that services keep, or an archive.

Facts are a set, so whoever hears one again is not changed by it; a replay is harmless and needs no pause.
"""

import gzip
import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import asyncpg
from nats.aio.client import Client

from chassis.bus import ATOMIC_BATCH_MAX, PublishError, publish
from contracts.envelope import Message, event_id
from contracts.subjects import BY_NAME, CLAIMS, EVENTS, PARTNER, Stream, stream_of
from yingbao.running.bus_keys import ALL_SERVICES

COME_IN = (PARTNER, CLAIMS)
_ACCEPTED = (
    "SELECT id, 'gateway' AS source, subject, said, payload FROM gateway.intake"
    " WHERE split_part(subject, '.', 1) = $1 AND accepted >= $2 ORDER BY accepted, id"
)


def recorded_in(stream: Stream) -> str:
    """Return the SQL (owner, since) of everything recorded that belongs on a stream, the oldest first.

    What came in stands in the intake. What a service said stands, word for word, with those who heard it.
    Raises LookupError for a stream that nobody keeps facts of.
    """
    if stream in COME_IN:
        return _ACCEPTED
    names = ", ".join(f"'{one.NAME}'" for one in EVENTS if stream_of(one.SUBJECT) == stream)
    heard = [
        f"SELECT event, body, added FROM {service.name}.fact WHERE event IN ({names})"
        for service in ALL_SERVICES
        if any(one.stream == stream.name for one in service.subscriptions)
    ]
    if not heard:
        raise LookupError(f"nobody keeps what is said on {stream.name}; replay an archive of it")
    return (
        "SELECT '' AS id, $1::text AS source, event AS subject, min(added) AS said, body AS payload"
        f" FROM ({' UNION ALL '.join(heard)}) AS heard GROUP BY event, body"
        " HAVING min(added) >= $2 ORDER BY min(added)"
    )


async def recorded(
    database: asyncpg.Connection, stream: Stream, since: datetime
) -> AsyncIterator[list[Message]]:
    """Return what is recorded of a stream, in batches as they are published."""
    batch: list[Message] = []
    async with database.transaction(isolation="repeatable_read", readonly=True):
        async for row in database.cursor(recorded_in(stream), stream.owner, since):
            batch.append(_message(*row.values()))
            if len(batch) == ATOMIC_BATCH_MAX:
                yield batch
                batch = []
    if batch:
        yield batch


def _message(id_: str, source: str, subject: str, said: datetime, payload: bytes) -> Message:
    if (
        subject in BY_NAME
    ):  # a fact knows its event, not its subject or the id under which it was said
        subject = BY_NAME[subject].SUBJECT
        id_ = event_id(subject, payload)
    return Message(id_, source, subject, said, payload)


def archived(files: Iterable[Path], stream: Stream) -> Iterator[list[Message]]:
    """Return what archives hold of a stream, in batches. Raises ValueError for one that is none, or cut."""
    for path in files:
        yield from _batches(_read(path, stream))


def _read(path: Path, stream: Stream) -> list[Message]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            head, *rest = [json.loads(line) for line in lines]
        if head["stream"] != stream.name or head["messages"] != len(rest):
            raise ValueError(f"{path} is no whole archive of {stream.name}")
        return [
            Message(
                one["id"], one["source"], one["subject"], datetime.fromisoformat(one["said"]),
                one["payload"].encode(),
            )
            for one in rest
        ]  # fmt: skip
    except (EOFError, OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no archive: {type(error).__name__}") from None


def _batches(messages: Sequence[Message]) -> Iterator[list[Message]]:
    for start in range(0, len(messages), ATOMIC_BATCH_MAX):
        yield list(messages[start : start + ATOMIC_BATCH_MAX])


async def say_again(nc: Client, messages: Sequence[Message]) -> int:
    """Publish a batch. Raises ValueError if the bus does not take it: it is full, or away."""
    try:
        return len(await publish(nc, messages))
    except PublishError as error:
        raise ValueError(f"{messages[0].stream} does not take it: {error}") from error
