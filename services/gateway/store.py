"""The record of what was accepted, and how the door writes what it keeps besides."""

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from chassis.outbox import Outbox
from contracts.envelope import Message
from services.gateway.tables import IntakeRow

_ACCEPT = bulk.insert(
    IntakeRow, "id", "subject", "said", "payload", "holder", "trace", returning="id"
)


async def save_accepted(tx: AsyncConnection, messages: Sequence[Message], holder: str) -> set[str]:
    """Write what was accepted; return the ids that are new: the same fact again is the same row."""
    rows = [(one.id, one.subject, one.at, one.payload, holder, one.trace) for one in messages]
    return {id_ for (id_,) in await _ACCEPT.write(tx, rows)}


async def written(outbox: Outbox, write: Callable[[AsyncConnection], Awaitable[None]]) -> None:
    """Write something in a transaction of its own; nothing of it is announced."""

    async def alone(tx: AsyncConnection) -> set[str]:
        await write(tx)
        return set()

    await outbox.record([], alone)
