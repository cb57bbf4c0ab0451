"""Fills a stream again from what is recorded: the door's intake, the facts that services keep, or an archive.

Facts are a set, so whoever hears one again is not changed by it; a replay is harmless and needs no pause.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

import asyncpg
from nats.aio.client import Client

from chassis.bus import ATOMIC_BATCH_MAX, PublishError, publish
from chassis.language import tr
from contracts.envelope import Message, event_id
from contracts.subjects import BY_NAME, EVENTS, Stream, stream_of, subject_of
from yingbao.running.archiving import read_archive
from yingbao.running.bus_keys import ALL_SERVICES
from yingbao.running.recovering import COME_IN

_ACCEPTED = (
    "SELECT id, 'gateway' AS source, subject, said, payload, trace FROM gateway.intake"
    " WHERE split_part(subject, '.', 1) = $1 AND accepted >= $2"
)


def recorded_in(stream: Stream) -> str:
    """Return the SQL (owner, since) of everything recorded that belongs on a stream, the oldest first.

    What came in stands in the intake. What a service said stands, word for word, with those who heard it;
    so does what enrollment says on PARTNER itself, of people absent from a full list. Raises LookupError
    for a stream that nobody keeps facts of.
    """
    names = ", ".join(f"'{one.NAME}'" for one in EVENTS if stream_of(one.SUBJECT) == stream)
    heard = [
        f"SELECT event, body, added FROM {service.name}.fact WHERE event IN ({names})"
        for service in ALL_SERVICES
        if any(one.stream == stream.name for one in service.listens)
    ]
    if not heard:
        raise LookupError(
            tr("nobody keeps what is said on {name}; replay an archive of it", name=stream.name)
        )
    own = "" if stream not in COME_IN else (
        " AND NOT EXISTS (SELECT FROM gateway.intake i WHERE i.payload = body)"
    )  # fmt: skip
    said = (
        "SELECT '' AS id, $1::text AS source, event AS subject, min(added) AS said, body AS payload,"
        " '' AS trace"
        f" FROM ({' UNION ALL '.join(heard)}) AS heard WHERE true{own} GROUP BY event, body"
        " HAVING min(added) >= $2"
    )
    return f"{_ACCEPTED} UNION ALL {said} ORDER BY said" if own else f"{said} ORDER BY said"


async def unkept(database: asyncpg.Connection, stream: Stream) -> list[str]:
    """Return which events of a stream nobody keeps as they were said: a replay has none of them."""
    if stream in COME_IN:
        return []
    kept: set[str] = set()
    for service in ALL_SERVICES:
        rows = await database.fetch(f"SELECT DISTINCT event FROM {service.name}.fact")
        kept |= {row["event"] for row in rows}
    return [one.NAME for one in EVENTS if stream_of(one.SUBJECT) == stream and one.NAME not in kept]


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


def _message(
    id_: str, source: str, subject: str, said: datetime, payload: bytes, trace: str
) -> Message:
    if (
        subject in BY_NAME
    ):  # a fact knows its event, not its subject or the id under which it was said
        subject = subject_of(BY_NAME[subject].model_validate_json(payload))
        id_ = event_id(subject, payload)
    return Message(id_, source, subject, said, payload, trace)


def archived(files: Iterable[Path], stream: Stream) -> Iterator[list[Message]]:
    """Return what archives hold of a stream, in batches. Raises ValueError for one that is none, or cut."""
    for path in files:
        messages = read_archive(path, stream)
        while batch := list(islice(messages, ATOMIC_BATCH_MAX)):
            yield batch


async def say_again(nc: Client, messages: Sequence[Message]) -> int:
    """Publish a batch. Raises ValueError if the bus does not take it: it is full, or away."""
    try:
        return len(await publish(nc, messages))
    except PublishError as error:
        raise ValueError(
            tr("{stream} does not take it: {error}", stream=messages[0].stream, error=error)
        ) from error
