"""The record of what was accepted."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from contracts.envelope import Message
from services.gateway.tables import IntakeRow

_ACCEPT = bulk.insert(
    IntakeRow, "id", "subject", "said", "payload", "holder", "trace", returning="id"
)


async def save_accepted(tx: AsyncConnection, messages: Sequence[Message], holder: str) -> set[str]:
    """Write what was accepted; return the ids that are new: the same fact again is the same row."""
    rows = [(one.id, one.subject, one.at, one.payload, holder, one.trace) for one in messages]
    return {id_ for (id_,) in await _ACCEPT.write(tx, rows)}
