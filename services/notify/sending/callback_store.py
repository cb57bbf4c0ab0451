"""What providers told: receipts, messages to us, and who wants no more."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from services.notify.tables import ReceivedRow

_ONE = text("SELECT message, state, parts FROM delivery WHERE id = :id FOR UPDATE")
_TELL = text("UPDATE delivery SET state = :state, reason = :reason, changed = :now WHERE id = :id")
_RECEIVED = bulk.insert(
    ReceivedRow, "id", "provider", "number", "sealed", "meaning", "received", returning="id"
)
_OPT_OUT = text(
    "INSERT INTO opted_out (number, since) VALUES (:number, :now) ON CONFLICT DO NOTHING"
)
_STOP = text(
    "UPDATE delivery SET state = 'opted_out', changed = :now WHERE number = :number AND state = 'created'"
)


async def known(tx: AsyncConnection, id_: str) -> Any | None:
    """Return a delivery's message, state and parts, to be changed; None if there is none."""
    return (await tx.execute(_ONE, {"id": id_})).one_or_none()


async def tell(tx: AsyncConnection, id_: str, state: str, reason: str, now: datetime) -> None:
    """Write what a receipt said."""
    await tx.execute(_TELL, {"id": id_, "state": state, "reason": reason, "now": now})


async def receive(tx: AsyncConnection, row: tuple[Any, ...]) -> bool:
    """Keep a message to us: (id, provider, number, sealed, meaning, when); False if it is kept already."""
    return bool(await _RECEIVED.write(tx, [row]))


async def opt_out(tx: AsyncConnection, number: str, now: datetime) -> None:
    """Tell a number nothing more, also not what waits."""
    await tx.execute(_OPT_OUT, {"number": number, "now": now})
    await tx.execute(_STOP, {"number": number, "now": now})
