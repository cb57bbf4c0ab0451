"""Notify's tables: contacts, officers, and each message with its state."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field, SQLModel

from chassis.years import Years, asked_for, rows_of
from services.notify.rules import Contact, Wish


class SmsRow(SQLModel, table=True):
    """One message: (held →) created → sending → sent (or failed, no_recipient, unknown, withdrawn)."""

    __tablename__: ClassVar[str] = "sms"
    __table_args__ = {"schema": "notify"}

    key: str = Field(primary_key=True)
    person: str = Field(index=True)
    audience: str
    template: str
    township: str
    words: str
    state: str = "created"
    batch: str = ""
    undoes: bool = False
    year: int = 0
    created: datetime | None = None


_REQUESTED = text(rows_of("sms", "key"))
_SAVE_CONTACTS = text(
    "INSERT INTO contact (person, revision, township, contact_sealed, sealed_for)"
    " SELECT * FROM unnest(CAST(:persons AS text[]), CAST(:revisions AS int[]),"
    " CAST(:townships AS text[]), CAST(:sealed AS text[]), CAST(:sealed_for AS text[]))"
    " ON CONFLICT (person) DO UPDATE SET revision = excluded.revision,"
    " township = excluded.township, contact_sealed = excluded.contact_sealed,"
    " sealed_for = excluded.sealed_for"
    " WHERE contact.revision < excluded.revision"
)
_SAVE_SMS = text(
    "INSERT INTO sms (key, person, audience, template, township, words, batch, undoes, year, state)"
    " SELECT new.*, CASE WHEN new.batch = '' THEN 'created' ELSE 'held' END"
    " FROM unnest(CAST(:key AS text[]), CAST(:person AS text[]),"
    " CAST(:audience AS text[]), CAST(:template AS text[]), CAST(:township AS text[]),"
    " CAST(:words AS text[]), CAST(:batch AS text[]), CAST(:undoes AS boolean[]), CAST(:year AS smallint[]))"
    " AS new (key, person, audience, template, township, words, batch, undoes, year)"
    " ON CONFLICT (key) DO NOTHING"
)
_SAVE_OFFICERS = text(
    "INSERT INTO officer (township, contact_sealed, tag)"
    " SELECT * FROM unnest(CAST(:townships AS text[]), CAST(:sealed AS text[]),"
    " CAST(:tags AS text[])) ON CONFLICT (township, tag) DO NOTHING"
)
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
_FINISH = text(
    "UPDATE sms SET state = done.state FROM unnest(CAST(:keys AS text[]),"
    " CAST(:states AS text[])) AS done (key, state) WHERE sms.key = done.key"
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
    if contacts:
        columns = {
            "persons": [person for person, _ in contacts],
            "revisions": [contact.revision for _, contact in contacts],
            "townships": [contact.township for _, contact in contacts],
            "sealed": [contact.contact_sealed for _, contact in contacts],
            "sealed_for": [contact.sealed_for for _, contact in contacts],
        }
        await tx.execute(_SAVE_CONTACTS, columns)
    if wishes:
        rows = {
            "key": [wish.key for _, wish in wishes],
            "person": [person for person, _ in wishes],
            "audience": [wish.audience for _, wish in wishes],
            "template": [wish.template for _, wish in wishes],
            "township": [wish.township for _, wish in wishes],
            "words": [orjson.dumps(wish.words).decode() for _, wish in wishes],
            "batch": [wish.batch for _, wish in wishes],
            "undoes": [wish.undoes for _, wish in wishes],
            "year": [wish.year for _, wish in wishes],
        }
        await tx.execute(_SAVE_SMS, rows)


async def save_officers(tx: AsyncConnection, officers: Sequence[tuple[str, str, str]]) -> None:
    """Write officers: (township, sealed contact, tag that tells two officers apart)."""
    columns = {
        "townships": [one[0] for one in officers],
        "sealed": [one[1] for one in officers],
        "tags": [one[2] for one in officers],
    }
    await tx.execute(_SAVE_OFFICERS, columns)


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
    await tx.execute(_FINISH, {"keys": list(states), "states": list(states.values())})


async def sending_keys(tx: AsyncConnection) -> list[str]:
    """Return the messages that a stopped process had handed, or was about to hand, over."""
    return [row[0] for row in await tx.execute(_SENDING)]
