"""The record of what was accepted, and how the door writes what it keeps besides."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import bulk
from chassis.outbox import Outbox
from chassis.store import is_world_broken
from contracts.envelope import Message
from services.gateway.refusals import RefusedError
from services.gateway.tables import IntakeRow

_ACCEPT = bulk.insert(
    IntakeRow, "id", "subject", "said", "payload", "holder", "trace", returning="id"
)


async def save_accepted(tx: AsyncConnection, messages: Sequence[Message], holder: str) -> set[str]:
    """Write what was accepted; return the ids that are new: the same fact again is the same row."""
    rows = [(one.id, one.subject, one.at, one.payload, holder, one.trace) for one in messages]
    return {id_ for (id_,) in await _ACCEPT.write(tx, rows)}


async def written(outbox: Outbox, write: Callable[[AsyncConnection], Awaitable[None]]) -> None:
    """Write something in a transaction of its own; nothing of it is announced.

    Raises RefusedError with 503 while the database does not answer: nothing is written then.
    """

    async def alone(tx: AsyncConnection) -> set[str]:
        await write(tx)
        return set()

    with reachable():
        await outbox.record([], alone)


@asynccontextmanager
async def looking(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Read what the door keeps. Raises RefusedError with 503 while the database does not answer."""
    with reachable():
        async with engine.connect() as connection:
            yield connection


@contextmanager
def reachable() -> Iterator[None]:
    """Turn an outage of the database into what the door says of it. Raises RefusedError with 503."""
    try:
        yield
    except Exception as error:
        if is_world_broken(error):
            raise RefusedError("intake_unavailable", status=503) from error
        raise
