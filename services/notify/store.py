"""Contacts, officers, and each message with its state, as kept."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from chassis.years import Years, asked_for, rows_of
from services.notify.rules import Contact, Facts
from services.notify.sending.store import address_anew, withdraw
from services.notify.tables import ContactRow, SmsRow
from services.notify.wishes import Wish

_REQUESTED = text(rows_of("sms", "key"))
_SAVE_CONTACTS = bulk.upsert(
    ContactRow, "person", "revision", "township", "contact_sealed", "sealed_for",
    where="contact.revision < excluded.revision", own={"number": "NULL"},
)  # fmt: skip
_UNDONE = text(
    # What a list said that is taken back is nobody's task any more; that it is taken back is one.
    "UPDATE sms SET over = true FROM unnest(CAST(:persons AS text[]), CAST(:batches AS text[]))"
    " AS gone (person, batch) WHERE sms.person = gone.person AND sms.batch = gone.batch"
    " AND NOT sms.undoes AND NOT sms.over"
)
_SAVE_SMS = bulk.insert(
    SmsRow, "key", "person", "audience", "template", "township", "words", "batch", "undoes", "year",
    "state", "trace",
)  # fmt: skip


NEWS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Written:
    """What is written of a person's difference: the family's contact, new messages, those not to be said."""

    contact: Contact
    wishes: Sequence[Wish]
    voided: Sequence[str]


def written(facts: Facts, wishes: Sequence[Wish], requested: Collection[str]) -> Written:
    """Return what is to be written of a person's facts; what was never requested need not be taken back."""
    return Written(facts.contact, wishes, [key for key in facts.voided if key in requested])


async def load_requested(tx: AsyncConnection, wanted: Mapping[str, Years]) -> dict[str, set[str]]:
    """Return the keys of the messages already requested about these years, by person."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for person, key in await tx.execute(_REQUESTED, asked_for(wanted)):
        found[person].add(key)
    return found


async def save(
    tx: AsyncConnection,
    contacts: Sequence[tuple[str, Contact]],
    wishes: Sequence[tuple[str, Wish, str]],
    voided: Sequence[str],
    now: datetime,
) -> None:
    """Write contacts (person, contact) and messages (person, wish, trace); take back what they replace."""
    reached = [
        (person, one.revision, one.township, one.contact_sealed, one.sealed_for)
        for person, one in contacts
    ]
    await _SAVE_CONTACTS.write(tx, reached)
    messages = [
        (
            wish.key, person, wish.audience, wish.template, wish.township,
            orjson.dumps(wish.words).decode(), wish.batch, wish.undoes, wish.year,
            _first_state(wish, now), trace,
        )
        for person, wish, trace in wishes
    ]  # fmt: skip
    await _SAVE_SMS.write(tx, messages)
    undone = [(person, wish.batch) for person, wish, _ in wishes if wish.undoes]
    if undone:
        persons, batches = zip(*undone, strict=True)
        await tx.execute(_UNDONE, {"persons": list(persons), "batches": list(batches)})
    await withdraw(tx, [*voided, *(key for _, wish, _ in wishes for key in wish.instead_of)], now)
    await address_anew(tx, [person for person, one in contacts if one.revision > 1], now)


def _first_state(wish: Wish, now: datetime) -> str:
    """Return how a message begins: old news, as after an upgrade or a replay, are not told."""
    if wish.known is not None and now - wish.known > NEWS:
        return "withdrawn"
    return "held" if wish.batch else "created"
