"""Contacts, officers, and each message with its state, as kept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from chassis.years import Years, asked_for, rows_of
from services.notify.rules import Contact, Wish
from services.notify.tables import ContactRow, OfficerRow, SmsRow

_REQUESTED = text(rows_of("sms", "key"))
_SAVE_CONTACTS = bulk.upsert(
    ContactRow, "person", "revision", "township", "contact_sealed", "sealed_for",
    where="contact.revision < excluded.revision",
)  # fmt: skip
_SAVE_SMS = bulk.insert(
    SmsRow, "key", "person", "audience", "template", "township", "words", "batch", "undoes", "year",
    "state",
)  # fmt: skip
_SAVE_OFFICERS = bulk.insert(OfficerRow, "township", "contact_sealed", "tag")
_CLAIM_OPEN = text(
    "UPDATE sms SET state = 'sending' WHERE key IN (SELECT key FROM sms"
    " WHERE state = 'created' ORDER BY created LIMIT :most FOR UPDATE SKIP LOCKED)"
    " RETURNING key, person, audience, template, township, words"
)
_CONTACTS = text(
    "SELECT person, contact_sealed, sealed_for FROM contact"
    " WHERE person = ANY(CAST(:persons AS text[])) AND contact_sealed <> ''"
)
_OFFICERS = text(
    "SELECT township, tag, contact_sealed FROM officer"
    " WHERE township = ANY(CAST(:townships AS text[])) ORDER BY township, tag"
)
_FINISH = bulk.update(SmsRow, "key", "state")
WAITING = ("created", "sending")
_WAITING = text(
    "SELECT state, count(*), extract(epoch FROM now() - min(created)) FROM sms"
    " WHERE state IN ('created', 'sending') GROUP BY state"
)
_SENDING = text("SELECT key FROM sms WHERE state = 'sending'")


@dataclass(frozen=True, slots=True)
class Written:
    """What is written of a person's difference: where to reach the family, and the new messages."""

    contact: Contact
    wishes: Sequence[Wish]


async def load_requested(tx: AsyncConnection, wanted: Mapping[str, Years]) -> dict[str, set[str]]:
    """Return the keys of the messages already requested about these years, by person."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for person, key in await tx.execute(_REQUESTED, asked_for(wanted)):
        found[person].add(key)
    return found


async def save(
    tx: AsyncConnection,
    contacts: Sequence[tuple[str, Contact]],
    wishes: Sequence[tuple[str, Wish]],
) -> None:
    """Write contacts (person, contact) and new messages (person, wish)."""
    reached = [
        (person, one.revision, one.township, one.contact_sealed, one.sealed_for)
        for person, one in contacts
    ]
    await _SAVE_CONTACTS.write(tx, reached)
    messages = [
        (
            wish.key, person, wish.audience, wish.template, wish.township,
            orjson.dumps(wish.words).decode(), wish.batch, wish.undoes, wish.year,
            "held" if wish.batch else "created",
        )
        for person, wish in wishes
    ]  # fmt: skip
    await _SAVE_SMS.write(tx, messages)


async def save_officers(tx: AsyncConnection, officers: Sequence[tuple[str, str, str]]) -> None:
    """Write officers: (township, sealed contact, tag that tells two officers apart)."""
    await _SAVE_OFFICERS.write(tx, officers)


async def take_open(tx: AsyncConnection, most: int) -> list[Any]:
    """Mark open messages as ``sending`` and return them; the mark is committed before the call."""
    return list(await tx.execute(_CLAIM_OPEN, {"most": most}))


async def recipients(
    tx: AsyncConnection, rows: Sequence[Any]
) -> tuple[dict[str, tuple[str, str]], dict[str, list[tuple[str, str]]]]:
    """Return (sealed contact, for whom) by person, and (tag, sealed contact) of officers by township."""
    persons = sorted({row.person for row in rows})
    townships = sorted({row.township for row in rows if row.township})
    found = await tx.execute(_CONTACTS, {"persons": persons})
    contacts = {row[0]: (row[1], row[2]) for row in found}
    officers: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for township, tag, sealed in await tx.execute(_OFFICERS, {"townships": townships}):
        officers[township].append((tag, sealed))
    return contacts, officers


async def finish(tx: AsyncConnection, states: dict[str, str]) -> None:
    """Write the states that messages ended in."""
    await _FINISH.write(tx, list(states.items()))


async def waiting(tx: AsyncConnection) -> dict[str, tuple[int, float]]:
    """Return how many messages wait and how old the oldest is, in seconds, by state."""
    return {row[0]: (row[1], float(row[2])) for row in await tx.execute(_WAITING)}


async def sending_keys(tx: AsyncConnection) -> list[str]:
    """Return the messages that a stopped process had handed, or was about to hand, over."""
    return [row[0] for row in await tx.execute(_SENDING)]
