"""What providers told us, as kept: receipts, who wants no more, what people wrote and what became of it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from services.notify.receiving.rules import Reply
from services.notify.sending.store import TRACE
from services.notify.tables import ContactRow, ReceivedRow

SENDER = "sender"
"""The audience of an answer: whoever wrote, on the phone that it came from."""
_ONE = text(
    f"SELECT id, message, state, parts, {TRACE} FROM delivery WHERE (:id <> '' AND id = :id) OR (:id = ''"
    " AND :reference <> '' AND reference = :reference AND reference <> '' AND provider <> 'phone_log')"
    " FOR UPDATE"
)
_TELL = text("UPDATE delivery SET state = :state, reason = :reason, changed = :now WHERE id = :id")
_RECEIVED = bulk.insert(
    ReceivedRow,
    "id",
    "provider",
    "number",
    "sealed",
    "meaning",
    "received",
    "state",
    returning="id",
)
_OPT_OUT = text(
    "INSERT INTO opted_out (number, since) VALUES (:number, :now) ON CONFLICT DO NOTHING"
)
_STOP = text(
    "UPDATE delivery SET state = 'opted_out', changed = :now WHERE number = :number"
    f" AND state = 'created' AND audience <> '{SENDER}'"
)
_OPEN = text(
    "SELECT id, number, sealed, received FROM received WHERE state = 'open'"
    " ORDER BY received LIMIT :most FOR UPDATE SKIP LOCKED"
)
_ASKED = text(
    "SELECT id, number, sealed FROM received WHERE id = :id AND state = 'asked' FOR UPDATE"
)
_CLOSE = text("UPDATE received SET state = :state, outcome = :outcome WHERE id = :id")
_PERSONS = text(
    "SELECT person FROM contact WHERE number = :number AND number <> '' ORDER BY person LIMIT :most"
)
_UNINDEXED = text(
    "SELECT person, contact_sealed, sealed_for FROM contact WHERE number IS NULL"
    " LIMIT :most FOR UPDATE SKIP LOCKED"
)
_INDEX = bulk.update(ContactRow, "person", "number")
_SOME_UNINDEXED = text("SELECT EXISTS (SELECT 1 FROM contact WHERE number IS NULL)")
_REPLIES = text(
    f"SELECT count(*) FROM delivery WHERE number = :number AND day = :day AND audience = '{SENDER}'"
)
_MESSAGE = text(
    "INSERT INTO sms (key, person, audience, template, township, words, state)"
    f" VALUES (:key, :person, '{SENDER}', :template, '', :words, 'addressed') ON CONFLICT DO NOTHING"
)


async def known(tx: AsyncConnection, id_: str, reference: str = "") -> Any | None:
    """Return a delivery to be changed, by our id or the provider's reference; None if there is none."""
    return (await tx.execute(_ONE, {"id": id_, "reference": reference})).one_or_none()


async def tell(tx: AsyncConnection, id_: str, state: str, reason: str, now: datetime) -> None:
    """Write what a receipt said."""
    await tx.execute(_TELL, {"id": id_, "state": state, "reason": reason, "now": now})


async def receive(tx: AsyncConnection, row: tuple[Any, ...]) -> bool:
    """Keep a message: (id, provider, number, sealed, meaning, when, state); False if it is kept already."""
    return bool(await _RECEIVED.write(tx, [row]))


async def opt_out(tx: AsyncConnection, number: str, now: datetime) -> None:
    """Tell a number nothing more, also not what waits; what its holder asks is answered."""
    await tx.execute(_OPT_OUT, {"number": number, "now": now})
    await tx.execute(_STOP, {"number": number, "now": now})


async def open_messages(tx: AsyncConnection, most: int) -> list[Any]:
    """Return messages that wait for an answer, the oldest first."""
    return list(await tx.execute(_OPEN, {"most": most}))


async def asked(tx: AsyncConnection, id_: str) -> Any | None:
    """Return a message whose answer is awaited; None if it has one."""
    return (await tx.execute(_ASKED, {"id": id_})).one_or_none()


async def close(tx: AsyncConnection, id_: str, state: str, outcome: str) -> None:
    """Write where a message stands, and what became of it."""
    await tx.execute(_CLOSE, {"id": id_, "state": state, "outcome": outcome})


async def persons_of(tx: AsyncConnection, number: str, most: int) -> list[str]:
    """Return the people of whom a register says that this is their phone."""
    return [row[0] for row in await tx.execute(_PERSONS, {"number": number, "most": most})]


async def unindexed(tx: AsyncConnection, most: int) -> list[Any]:
    """Return contacts that cannot be found by their phone yet."""
    return list(await tx.execute(_UNINDEXED, {"most": most}))


async def some_unindexed(tx: AsyncConnection) -> bool:
    """Tell whether there are such contacts."""
    return bool((await tx.execute(_SOME_UNINDEXED)).scalar_one())


async def index(tx: AsyncConnection, numbers: Sequence[tuple[str, str]]) -> None:
    """Write (person, keyed hash of the phone); an empty one for a contact that cannot be opened."""
    await _INDEX.write(tx, numbers)


async def replies(tx: AsyncConnection, number: str, day: date) -> int:
    """Return how many answers a phone got on a day."""
    return int((await tx.execute(_REPLIES, {"number": number, "day": day})).scalar_one())


async def save_message(tx: AsyncConnection, key: str, person: str, reply: Reply) -> None:
    """Write the message that an answer is."""
    words = orjson.dumps(reply.words).decode()
    said = {"key": key, "person": person, "template": reply.template, "words": words}
    await tx.execute(_MESSAGE, said)
