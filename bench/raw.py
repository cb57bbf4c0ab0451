"""The limits of bus and database alone, measured beside ours in the same run."""

import os
import time

import asyncpg
import orjson

from bench.load import AT
from chassis.bus import publish
from chassis.connecting import BusAccess
from contracts.envelope import Message, event_id

BATCH = 500
PAYLOAD = orjson.dumps({f"field_{number}": "x" * 20 for number in range(15)})


async def publish_limit(bus: BusAccess, batches: int = 30) -> int:
    """Return messages a second that atomic batches of 500 put on a synced stream."""
    nc = await bus.connect()
    mark = os.urandom(4).hex()
    started = time.monotonic()
    for batch in range(batches):
        messages = [
            Message(event_id(mark, batch, number), "bench", "deadletter.bench.v1", AT, PAYLOAD)
            for number in range(BATCH)
        ]  # fmt: skip
        await publish(nc, messages)
    seconds = time.monotonic() - started
    await nc.close()
    return round(batches * BATCH / seconds)


async def commit_limit(database_url: str, batches: int = 30) -> int:
    """Return messages a second that PostgreSQL commits: three rows each, one transaction a batch."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "DROP TABLE IF EXISTS public.bench_limit;"
        "CREATE TABLE public.bench_limit (id text PRIMARY KEY, kind int, body bytea)"
    )
    insert = (
        "INSERT INTO public.bench_limit SELECT * FROM unnest($1::text[], $2::int[], $3::bytea[])"
    )
    started = time.monotonic()
    for batch in range(batches):
        async with connection.transaction():
            for kind in range(3):
                ids = [f"{kind}-{batch}-{number}" for number in range(BATCH)]
                await connection.execute(insert, ids, [kind] * BATCH, [PAYLOAD] * BATCH)
    seconds = time.monotonic() - started
    await connection.execute("DROP TABLE public.bench_limit")
    await connection.close()
    return round(batches * BATCH / seconds)
