"""How far a service has applied each stream, kept with what it applied: a restored database knows its age.

The bus remembers what was acknowledged, and would never deliver it again to a database that is older. A
position is written every few seconds; everything up to it was committed before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_NOTE = text(
    "INSERT INTO position (durable, seq, made, noted) VALUES (:durable, :seq, :made, now())"
    " ON CONFLICT (durable) DO UPDATE SET seq = excluded.seq, made = excluded.made, noted = excluded.noted"
)
MARGIN = timedelta(seconds=60)
"""A position is written every five seconds; what came so much later belongs to another database."""


@dataclass(frozen=True, slots=True)
class Position:
    """Up to where a stream is applied, when that stream was made, and when this was written down."""

    seq: int
    made: datetime
    noted: datetime


async def note(engine: AsyncEngine, durable: str, seq: int, made: datetime) -> None:
    """Write down up to where everything of a stream is applied."""
    async with engine.begin() as tx:
        await tx.execute(_NOTE, {"durable": durable, "seq": seq, "made": made})


def place_in(known: Position | None, made: datetime) -> int:
    """Return up to where a stream is applied; 0 if it is another one than was written down."""
    return known.seq if known is not None and known.made == made else 0


def is_ahead(
    floor: int, published: datetime | None, known: Position | None, made: datetime
) -> bool:
    """Tell whether a consumer was acknowledged after the database's last word about it.

    ``floor``: up to where it was, and when the message there was published. What is a few seconds newer than
    the last word was applied and not written down any more, when the service ended.
    """
    if floor <= place_in(known, made) or published is None:
        return False
    return known is None or published > known.noted + MARGIN
