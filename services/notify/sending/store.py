"""Deliveries as kept: who is to be told when, who tries, what providers said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from services.notify.sending.rules import RETRY
from services.notify.tables import DeliveryRow, SmsRow

TOWNSHIPS = 5
TRACE = "coalesce((SELECT trace FROM sms WHERE sms.key = delivery.message), '') AS trace"
"""Of what a delivery tells."""
_FAMILIES = text(
    "SELECT key, person, audience, template, township, words FROM sms WHERE state = 'created'"
    " AND audience IN ('family', 'desk') ORDER BY created LIMIT :most FOR UPDATE"
)
_OFFICERS_MORNING = text(
    "SELECT key, person, audience, template, township, words FROM sms WHERE state = 'created'"
    " AND audience = 'officer' AND created <= :cutoff AND township IN ("
    # Whole townships: a part of one would be a second message of the same morning.
    "SELECT DISTINCT township FROM sms WHERE state = 'created' AND audience = 'officer'"
    " AND created <= :cutoff ORDER BY township LIMIT :townships) ORDER BY township, created FOR UPDATE"
)
_CONTACTS = text(
    "SELECT person, contact_sealed, sealed_for FROM contact"
    " WHERE person = ANY(CAST(:persons AS text[])) AND contact_sealed <> ''"
)
_BUNDLED = text(
    "SELECT key, bundle FROM sms WHERE bundle = ANY(CAST(:keys AS text[])) AND bundle <> ''"
)
_SAVE_MORNINGS = bulk.insert(
    SmsRow, "key", "person", "audience", "template", "township", "words", "batch", "undoes", "year", "state",
)  # fmt: skip
_ADDRESSED = bulk.update(SmsRow, "key", "state", "bundle")
_SAVE = bulk.upsert(
    DeliveryRow, "id", "message", "audience", "number", "sealed", "parts", "state", "due", "day", "attempts",
    "provider", "reference", "reason", "changed",
    where="delivery.state = 'withdrawn'",
)  # fmt: skip
_TOLD = text(
    # What was due yesterday and still waits will be one of today's.
    "SELECT number, greatest(day, :today) AS day, count(*) FROM delivery"
    " WHERE number = ANY(CAST(:numbers AS text[])) AND audience <> 'sender' AND state <> 'withdrawn'"
    " AND (day >= :today OR state IN ('created', 'sending', 'unknown')) GROUP BY 1, 2"
)
_OPTED_OUT = text("SELECT number FROM opted_out WHERE number = ANY(CAST(:numbers AS text[]))")
_WITHDRAW_OPEN = text(
    "UPDATE sms SET state = 'withdrawn' WHERE key = ANY(CAST(:keys AS text[])) AND state = 'created'"
)
_OVER = text("UPDATE sms SET over = true WHERE key = ANY(CAST(:keys AS text[])) AND NOT over")
_WITHDRAW = text(
    # What waits and is not true any more is not said, also after tries that surely reached nobody.
    "UPDATE delivery SET state = 'withdrawn', changed = :now WHERE message = ANY(CAST(:keys AS text[]))"
    " AND state = 'created'"
)
_ANEW = text(
    # A family whose phone changed is told what still waits there; the old number is not told of its bills.
    "WITH gone AS (UPDATE delivery SET state = 'withdrawn', changed = :now FROM sms"
    " WHERE delivery.message = sms.key AND sms.person = ANY(CAST(:persons AS text[]))"
    " AND sms.audience = 'family' AND sms.state = 'addressed'"
    " AND delivery.state = 'created' RETURNING delivery.message)"
    " UPDATE sms SET state = 'created' WHERE key IN (SELECT message FROM gone)"
)
_CLAIM = text(
    "UPDATE delivery SET state = 'sending', claimed = :now, changed = :now, attempts = attempts + 1,"
    " day = (CAST(:now AS timestamptz) AT TIME ZONE 'Asia/Shanghai')::date,"
    # The four hours are of one day: nobody was to be told in the night.
    " first_try = CASE WHEN (first_try AT TIME ZONE 'Asia/Shanghai')::date"
    " = (CAST(:now AS timestamptz) AT TIME ZONE 'Asia/Shanghai')::date THEN first_try ELSE :now END,"
    # The next one behind who was asked last; who was asked by nobody yet begins where things work.
    " provider = (CAST(:names AS text[]))[coalesce(array_position(CAST(:names AS text[]), provider)"
    " % cardinality(CAST(:names AS text[])) + 1, :start)]"
    # Whoever wrote R meanwhile is told nothing, also not what was on its way and comes back.
    " WHERE id IN (SELECT id FROM delivery WHERE state = 'created' AND due <= :now"
    " AND CASE WHEN :answers THEN audience = 'sender' ELSE audience <> 'sender'"
    " AND NOT EXISTS (SELECT 1 FROM opted_out WHERE opted_out.number = delivery.number) END"
    " ORDER BY due LIMIT :most FOR UPDATE SKIP LOCKED)"
    " RETURNING id, message, audience, sealed, parts, provider, attempts, first_try,"
    f" {TRACE}"
)
_FINISH = text(
    # A receipt may be faster than the answer to the call: what it said stays. So does a newer try.
    # What does not stand any more by then is not tried again.
    "UPDATE delivery SET state = CASE WHEN new.state = 'created' AND EXISTS (SELECT 1 FROM sms"
    " WHERE sms.key = delivery.message AND sms.over) THEN 'withdrawn' ELSE new.state END,"
    " due = coalesce(new.due, delivery.due), day = CASE WHEN new.due IS NULL THEN delivery.day"
    " ELSE (new.due AT TIME ZONE 'Asia/Shanghai')::date END,"
    " reference = new.reference, reason = new.reason, changed = :now"
    " FROM unnest(CAST(:ids AS text[]), CAST(:attempts AS int[]), CAST(:states AS text[]),"
    " CAST(:dues AS timestamptz[]), CAST(:references AS text[]), CAST(:reasons AS text[]))"
    " AS new (id, attempts, state, due, reference, reason)"
    " WHERE delivery.id = new.id AND delivery.attempts = new.attempts"
    " AND delivery.state IN ('sending', 'unknown') RETURNING delivery.id"
)
_UNSURE = text(
    # Of those that nobody can be asked about only what has waited long enough is of interest.
    "SELECT id, message, audience, sealed, parts, provider, state, attempts, first_try, claimed,"
    f" {TRACE} FROM delivery"
    " WHERE state IN ('sending', 'unknown') AND changed < :stale AND (state = 'sending'"
    " OR provider = ANY(CAST(:askable AS text[])) OR claimed < :given_up) ORDER BY changed LIMIT :most"
)
_FORGET = text(
    # What a phone was told is known by its template and words; phone and text are of no use any more.
    "UPDATE delivery SET sealed = '' WHERE id IN (SELECT id FROM delivery WHERE sealed <> ''"
    " AND state IN ('sent', 'delivered', 'failed', 'opted_out', 'withdrawn') AND changed < :before"
    " LIMIT :most FOR UPDATE SKIP LOCKED)"
)
_FORGET_RECEIVED = text(
    "UPDATE received SET sealed = '' WHERE id IN (SELECT id FROM received WHERE sealed <> ''"
    " AND state NOT IN ('open', 'asked') AND received < :before LIMIT :most FOR UPDATE SKIP LOCKED)"
)
_STOP_ALL = text(
    "UPDATE delivery SET state = 'opted_out', changed = :now WHERE state = 'created' AND due <= :now"
    " AND audience <> 'sender' AND EXISTS (SELECT 1 FROM opted_out WHERE opted_out.number = delivery.number)"
)
_WAITING = text(
    # Each part reads an index of its own: the table has every delivery of many years.
    # One that providers refused waits since it was tried first, though it is due again later each time;
    # one that waits for the morning does not count.
    "SELECT 'created', count(*), extract(epoch FROM CAST(:now AS timestamptz) - min(CASE WHEN attempts > 0"
    " AND due <= CAST(:now AS timestamptz) + CAST(:retry AS interval)"
    " AND (first_try AT TIME ZONE 'Asia/Shanghai')::date"
    " = (CAST(:now AS timestamptz) AT TIME ZONE 'Asia/Shanghai')::date THEN least(due, first_try)"
    " ELSE least(due, :now) END)) FROM delivery WHERE state = 'created'"
    " UNION ALL SELECT state, count(*), extract(epoch FROM CAST(:now AS timestamptz) - min(changed))"
    " FROM delivery WHERE state IN ('sending', 'unknown') GROUP BY state"
    " UNION ALL SELECT 'unaddressed', count(*), extract(epoch FROM CAST(:now AS timestamptz) - min(created))"
    " FROM sms WHERE state = 'created' AND audience = 'family'"
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
    """What became of a try, the ``attempts``-th; ``due``: when it is tried again, if it is."""

    id: str
    attempts: int
    state: str
    due: datetime | None = None
    reference: str = ""
    reason: str = ""


async def take_open(tx: AsyncConnection, cutoff: datetime, most: int) -> list[Any]:
    """Return messages to be addressed: families' at once, officers' once their morning has come."""
    families = await tx.execute(_FAMILIES, {"most": most})
    officers = await tx.execute(_OFFICERS_MORNING, {"cutoff": cutoff, "townships": TOWNSHIPS})
    return [*families, *officers]


async def families(tx: AsyncConnection, rows: Sequence[Any]) -> dict[str, tuple[str, str]]:
    """Return (sealed contact, for whom) by person."""
    persons = sorted({row.person for row in rows})
    found = await tx.execute(_CONTACTS, {"persons": persons})
    return {row[0]: (row[1], row[2]) for row in found}


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
    """Write new deliveries; one that is there already stays, unless it was taken back before it left."""
    await _SAVE.write(
        tx,
        [
            (one.id, one.message, one.audience, one.number, one.sealed, one.parts, one.state, one.due,
             one.day, 0, "", "", "", now)
            for one in deliveries
        ],
    )  # fmt: skip


async def withdraw(tx: AsyncConnection, keys: Sequence[str], now: datetime) -> None:
    """Take back what was not said yet, of messages that others take the place of.

    A message that is just being addressed is locked: it is waited for, and then its delivery is there.
    """
    if keys:
        await tx.execute(_WITHDRAW_OPEN, {"keys": list(keys)})
        await tx.execute(_OVER, {"keys": list(keys)})
        await tx.execute(_WITHDRAW, {"keys": list(keys), "now": now})


async def address_anew(tx: AsyncConnection, persons: Sequence[str], now: datetime) -> None:
    """Have what waits for these families find them again: their phone is another one."""
    if persons:
        await tx.execute(_ANEW, {"persons": list(persons), "now": now})


async def stop_opted_out(tx: AsyncConnection, now: datetime) -> None:
    """Set aside what is due to phones whose holder wrote R."""
    await tx.execute(_STOP_ALL, {"now": now})


async def bundled(tx: AsyncConnection, keys: Sequence[str]) -> list[tuple[str, str]]:
    """Return (message, the morning message that it is in) of morning messages."""
    return [(row[0], row[1]) for row in await tx.execute(_BUNDLED, {"keys": list(keys)})]


async def claim(
    tx: AsyncConnection, names: Sequence[str], most: int, now: datetime, start: int = 0,
    *, answers: bool = False,
) -> list[Any]:  # fmt: skip
    """Mark due deliveries as ``sending`` and return them; the mark is committed before the call.

    ``start``: which of the providers is asked first; ``answers``: to what people wrote, nothing else.
    """
    asked = {"names": list(names), "start": start + 1, "most": most, "now": now, "answers": answers}
    return list(await tx.execute(_CLAIM, asked))


async def finish(tx: AsyncConnection, results: Sequence[Result], now: datetime) -> set[str]:
    """Write what became of tries; returns the ids of those of which nothing was known meanwhile."""
    if not results:
        return set()
    found = await tx.execute(
        _FINISH,
        {
            "ids": [one.id for one in results], "attempts": [one.attempts for one in results],
            "states": [one.state for one in results],
            "dues": [one.due for one in results], "references": [one.reference for one in results],
            "reasons": [one.reason for one in results], "now": now,
        },
    )  # fmt: skip
    return {row[0] for row in found}


async def unsure(
    tx: AsyncConnection, stale: datetime, given_up: datetime, askable: Sequence[str], most: int
) -> list[Any]:
    """Return tries whose outcome nobody knows: their process is gone, or the line broke."""
    asked = {"stale": stale, "given_up": given_up, "askable": list(askable), "most": most}
    return list(await tx.execute(_UNSURE, asked))


async def forget(tx: AsyncConnection, before: datetime, most: int) -> int:
    """Clear phones and texts of what came to its end before a moment; returns how many."""
    asked = {"before": before, "most": most}
    found = [await tx.execute(one, asked) for one in (_FORGET, _FORGET_RECEIVED)]
    return sum(one.rowcount for one in found)


async def waiting(tx: AsyncConnection, now: datetime) -> dict[str, tuple[int, float]]:
    """Return how many deliveries wait, and for how long the oldest has been due, in seconds, by state."""
    rows = await tx.execute(_WAITING, {"now": now, "retry": RETRY})
    return {state: (count, float(age or 0)) for state, count, age in rows}
