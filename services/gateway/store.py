"""The record of what was accepted."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from contracts.envelope import Message
from services.gateway.tables import IntakeRow

_ACCEPT = bulk.insert(IntakeRow, "id", "subject", "said", "payload", "holder")


async def save_accepted(tx: AsyncConnection, messages: Sequence[Message], holder: str) -> None:
    """Write what was accepted; the same fact again is the same row."""
    await _ACCEPT.write(
        tx, [(one.id, one.subject, one.at, one.payload, holder) for one in messages]
    )
