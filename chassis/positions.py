"""How far a service has applied each stream, kept with what it applied: a restored database knows its age.

The bus remembers what was acknowledged, and would never deliver it again to a database that is older. A
position is written every few seconds; everything up to it was committed before.
"""

from datetime import UTC, datetime, timedelta

from nats.js.api import ConsumerInfo
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_NOTE = text(
    "INSERT INTO position (durable, seq, noted) VALUES (:durable, :seq, now())"
    " ON CONFLICT (durable) DO UPDATE SET seq = excluded.seq, noted = excluded.noted"
)
MARGIN = timedelta(seconds=60)
"""A position is written every five seconds; acknowledgements so much later belong to another database."""


async def note(engine: AsyncEngine, durable: str, seq: int) -> None:
    """Write down up to where everything is applied."""
    async with engine.begin() as tx:
        await tx.execute(_NOTE, {"durable": durable, "seq": seq})


def is_ahead(consumer: ConsumerInfo, seq: int | None, noted: datetime | None) -> bool:
    """Tell whether a consumer was acknowledged after the database's last word about it.

    ``seq``, ``noted``: the database's position and when it was written; None for an empty database.
    """
    floor = consumer.ack_floor
    if floor is None or floor.stream_seq <= (seq or 0):
        return False
    if noted is None or floor.last_active is None:
        return True
    active = floor.last_active
    active = active if active.tzinfo is not None else active.replace(tzinfo=UTC)
    return active > noted + MARGIN
