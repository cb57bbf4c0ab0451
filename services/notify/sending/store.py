"""Deliveries as kept: who is to be told when, who tries, what providers said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from services.notify.tables import DeliveryRow, OfficerRow, ReceivedRow, SmsRow

_FAMILIES = text(
    "SELECT key, person, audience, template, township, words FROM sms WHERE state = 'created'"
    " AND audience = 'family' ORDER BY created LIMIT :most FOR UPDATE"
)
_OFFICERS_MORNING = text(
    "SELECT key, person, audience, template, township, words FROM sms WHERE state = 'created'"
    " AND audience = 'officer' AND created <= :cutoff ORDER BY township, created LIMIT :most FOR UPDATE"
)
_CONTACTS = text(
    "SELECT person, contact_sealed, sealed_for FROM contact"
    " WHERE person = ANY(CAST(:persons AS text[])) AND contact_sealed <> ''"
)
_OFFICERS = text(
    "SELECT township, contact_sealed FROM officer"
    " WHERE township = ANY(CAST(:townships AS text[])) ORDER BY township, tag"
)
_SAVE_OFFICERS = bulk.insert(OfficerRow, "township", "contact_sealed", "tag")
_SAVE_MORNINGS = bulk.insert(
    SmsRow, "key", "person", "audience", "template", "township", "words", "batch", "undoes", "year", "state",
)  # fmt: skip
_ADDRESSED = bulk.update(SmsRow, "key", "state", "bundle")
_SAVE = bulk.insert(
    DeliveryRow, "id", "message", "audience", "number", "sealed", "parts", "state", "due", "day", "attempts",
    "provider", "reference", "reason", "changed",
)  # fmt: skip
_TOLD = text(
    "SELECT number, day, count(*) FROM delivery WHERE number = ANY(CAST(:numbers AS text[]))"
    " AND day >= :today AND state <> 'withdrawn' GROUP BY number, day"
)
_OPTED_OUT = text("SELECT number FROM opted_out WHERE number = ANY(CAST(:numbers AS text[]))")
_WITHDRAW = text(
    # What waits for the morning and is not true any more is not said; what was tried may have been heard.
    "UPDATE delivery SET state = 'withdrawn', changed = :now WHERE message = ANY(CAST(:keys AS text[]))"
    " AND state = 'created' AND attempts = 0 AND due > :now"
)
_CLAIM = text(
    "UPDATE delivery SET state = 'sending', claimed = :now, changed = :now, attempts = attempts + 1,"
    " first_try = coalesce(first_try, :now),"
    " provider = (CAST(:names AS text[]))[attempts % cardinality(CAST(:names AS text[])) + 1]"
    " WHERE id IN (SELECT id FROM delivery WHERE state = 'created' AND due <= :now ORDER BY due"
    " LIMIT :most FOR UPDATE SKIP LOCKED)"
    " RETURNING id, message, sealed, parts, provider, attempts, first_try"
)
_FINISH = text(
    # A receipt may be faster than the answer to the call: what it said stays.
    "UPDATE delivery SET state = new.state, due = coalesce(new.due, delivery.due),"
    " reference = new.reference, reason = new.reason, changed = :now"
    " FROM unnest(CAST(:ids AS text[]), CAST(:states AS text[]), CAST(:dues AS timestamptz[]),"
    " CAST(:references AS text[]), CAST(:reasons AS text[])) AS new (id, state, due, reference, reason)"
    " WHERE delivery.id = new.id AND delivery.state IN ('sending', 'unknown') RETURNING delivery.id"
)
_UNSURE = text(
    "SELECT id, message, parts, provider, state, attempts, first_try FROM delivery"
    " WHERE (state = 'sending' AND claimed < :stale) OR state = 'unknown'"
    " ORDER BY changed LIMIT :most"
)
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
_WAITING = text(
    "SELECT state, count(*), extract(epoch FROM CAST(:now AS timestamptz) - min(least(due, :now)))"
    " FROM delivery WHERE state IN ('created', 'sending', 'unknown') GROUP BY state"
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A recipient of a message. ``number``: keyed hash of the phone; ``sealed``: phone and text."""

    id: str
    message: str
    audience: str
    number: str
    sealed: str
    parts: int
    due: datetime
    day: date
    state: str = "created"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a try; ``due``: when it is tried again, if it is."""

    id: str
    state: str
    due: datetime | None = None
    reference: str = ""
    reason: str = ""


async def take_open(tx: AsyncConnection, cutoff: datetime, most: int) -> list[Any]:
    """Return messages to be addressed: families' at once, officers' once their morning has come."""
    families = await tx.execute(_FAMILIES, {"most": most})
    officers = await tx.execute(_OFFICERS_MORNING, {"cutoff": cutoff, "most": most})
    return [*families, *officers]


async def recipients(
    tx: AsyncConnection, rows: Sequence[Any]
) -> tuple[dict[str, tuple[str, str]], dict[str, list[str]]]:
    """Return (sealed contact, for whom) by person, and sealed contacts of officers by township."""
    persons = sorted({row.person for row in rows})
    townships = sorted({row.township for row in rows if row.township})
    found = await tx.execute(_CONTACTS, {"persons": persons})
    contacts = {row[0]: (row[1], row[2]) for row in found}
    officers: defaultdict[str, list[str]] = defaultdict(list)
    for township, sealed in await tx.execute(_OFFICERS, {"townships": townships}):
        officers[township].append(sealed)
    return contacts, officers


async def save_officers(tx: AsyncConnection, officers: Sequence[tuple[str, str, str]]) -> None:
    """Write officers: (township, sealed contact, tag that tells two officers apart)."""
    await _SAVE_OFFICERS.write(tx, officers)


async def save_mornings(tx: AsyncConnection, mornings: Sequence[tuple[str, str, str]]) -> None:
    """Write officers' messages of a morning: (key, township, words as JSON)."""
    await _SAVE_MORNINGS.write(
        tx,
        [
            (key, "", "officer", "officer_morning", township, words, "", False, 0, "addressed")
            for key, township, words in mornings
        ],
    )


async def addressed(tx: AsyncConnection, states: Mapping[str, tuple[str, str]]) -> None:
    """Write what became of messages: key → (state, the morning message that they are in)."""
    await _ADDRESSED.write(tx, [(key, *said) for key, said in states.items()])


async def told(
    tx: AsyncConnection, numbers: Sequence[str], today: date
) -> dict[str, dict[date, int]]:
    """Return day → messages of it, from today on, by number."""
    found: defaultdict[str, dict[date, int]] = defaultdict(dict)
    for number, day, count in await tx.execute(_TOLD, {"numbers": list(numbers), "today": today}):
        found[number][day] = count
    return found


async def opted_out(tx: AsyncConnection, numbers: Sequence[str]) -> set[str]:
    """Return whose holder wants no messages."""
    return {row[0] for row in await tx.execute(_OPTED_OUT, {"numbers": list(numbers)})}


async def save(tx: AsyncConnection, deliveries: Sequence[Delivery], now: datetime) -> None:
    """Write new deliveries; one that is there already stays."""
    await _SAVE.write(
        tx,
        [
            (one.id, one.message, one.audience, one.number, one.sealed, one.parts, one.state, one.due,
             one.day, 0, "", "", "", now)
            for one in deliveries
        ],
    )  # fmt: skip


async def withdraw(tx: AsyncConnection, keys: Sequence[str], now: datetime) -> None:
    """Take back what was not said yet, of messages that others take the place of."""
    if keys:
        await tx.execute(_WITHDRAW, {"keys": list(keys), "now": now})


async def claim(tx: AsyncConnection, names: Sequence[str], most: int, now: datetime) -> list[Any]:
    """Mark due deliveries as ``sending`` and return them; the mark is committed before the call."""
    asked = {"names": list(names), "most": most, "now": now}
    return list(await tx.execute(_CLAIM, asked))


async def finish(tx: AsyncConnection, results: Sequence[Result], now: datetime) -> set[str]:
    """Write what became of tries; returns the ids of those of which nothing was known meanwhile."""
    if not results:
        return set()
    found = await tx.execute(
        _FINISH,
        {
            "ids": [one.id for one in results], "states": [one.state for one in results],
            "dues": [one.due for one in results], "references": [one.reference for one in results],
            "reasons": [one.reason for one in results], "now": now,
        },
    )  # fmt: skip
    return {row[0] for row in found}


async def unsure(tx: AsyncConnection, stale: datetime, most: int) -> list[Any]:
    """Return tries whose outcome nobody knows: their process is gone, or the line broke."""
    return list(await tx.execute(_UNSURE, {"stale": stale, "most": most}))


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


async def waiting(tx: AsyncConnection, now: datetime) -> dict[str, tuple[int, float]]:
    """Return how many deliveries wait, and for how long the oldest has been due, in seconds, by state."""
    return {row[0]: (row[1], float(row[2])) for row in await tx.execute(_WAITING, {"now": now})}
