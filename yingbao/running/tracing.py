"""The way of a bill, a message or a list through the platform, from what each part wrote down and when.

Nothing is collected for it: the door's record, the facts of who heard what, and the outboxes have the times.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from contracts.envelope import event_id

KEY = re.compile(r"[0-9a-f]{32}")
"""A message's key, a call's trace or a list's batch; the number of a bill names its hospital."""
OUTBOXES = ("gateway", "enrollment", "settlement", "assistance", "notify")
_ACCEPTED = (
    "SELECT accepted AS at, 'gateway' AS place, 'accepted ' || split_part(subject, '.', 2) || ' from '"
    " || holder || coalesce(', trace ' || nullif(substr(trace, 4, 32), ''), '') AS what FROM gateway.intake"
    " WHERE subject LIKE 'claims.%' AND convert_from(payload, 'UTF8')::json->>'claim' = $1"
)
_HEARD = (
    "SELECT added AS at, '{0}' AS place, 'heard ' || event || coalesce(' ' || (j->>'{1}'), '') AS what"
    " FROM {0}.fact, LATERAL (SELECT convert_from(body, 'UTF8')::json AS j) AS read"
    " WHERE person = ANY($2::text[]) AND j->>'claim' = $1"
)
_STANDS = (
    "SELECT person, outcome || coalesce(' ' || nullif(reason, ''), '') AS outcome, revision, bill_revision"
    " FROM settlement.claim WHERE claim = $1"
)
_PERSONS = (
    "SELECT DISTINCT convert_from(payload, 'UTF8')::json->>'person' AS person FROM gateway.intake"
    " WHERE subject LIKE 'claims.%' AND convert_from(payload, 'UTF8')::json->>'claim' = $1"
)
_MESSAGES = (
    "SELECT created AS at, 'notify' AS place, 'message ' || key || ' ' || template || ': ' || state AS what"
    " FROM notify.sms WHERE key = ANY($1::text[])"
)
_DELIVERIES = (
    "SELECT changed AS at, 'notify' AS place, 'delivery ' || left(id, 8)"
    " || coalesce(' by ' || nullif(provider, ''), '') || ': ' || state"
    " || coalesce(' ' || nullif(reason, ''), '') || CASE WHEN state = 'created'"
    " THEN ', due ' || to_char(due AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') ELSE '' END AS what"
    " FROM notify.delivery WHERE message = ANY($1::text[])"
    " OR message IN (SELECT bundle FROM notify.sms WHERE key = ANY($1::text[]) AND bundle <> '')"
)
_UNSENT = (
    "SELECT created AS at, '{0}' AS place, subject || ' waits in the outbox' AS what FROM {0}.outbox"
    " WHERE seq IS NULL AND position(convert_to($1, 'UTF8') IN payload) > 0"
)
_LIST = (
    "SELECT min(accepted) AS at, 'gateway' AS place, count(*) || ' ' || split_part(subject, '.', 3)"
    " || ' accepted until ' || to_char(max(accepted), 'HH24:MI:SS') AS what FROM gateway.intake"
    " WHERE subject LIKE 'partner.%' AND convert_from(payload, 'UTF8')::json->>'batch' = $1"
    " GROUP BY split_part(subject, '.', 3)"
)
_CALL = (
    "SELECT DISTINCT CASE WHEN subject LIKE 'claims.%' THEN convert_from(payload, 'UTF8')::json->>'claim'"
    " ELSE nullif(convert_from(payload, 'UTF8')::json->>'batch', '') END AS what FROM gateway.intake"
    " WHERE substr(trace, 4, 32) = $1"
)
_OTHER_CALL = (
    "SELECT accepted AS at, 'gateway' AS place, 'accepted ' || split_part(subject, '.', 3) || ' from '"
    " || holder AS what FROM gateway.intake WHERE substr(trace, 4, 32) = $1 AND subject NOT LIKE 'claims.%'"
)
_FULL_LIST = (
    "SELECT received AS at, 'enrollment' AS place, 'list of ' || source || ' ' || to_char(month, 'YYYY-MM')"
    " || ': ' || state AS what FROM enrollment.full_list WHERE batch = $1"
)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened at a place, and when. No person stands in it."""

    at: datetime
    place: str
    what: str


async def way_of(database_url: str, what: str) -> list[Step]:
    """Return the way of a bill (its number), a message (its key), a list (its batch) or a call (its trace).

    Empty: nobody knows it.
    """
    database = await asyncpg.connect(database_url)
    try:
        for find in (_message, _call, _list) if KEY.fullmatch(what) else (_bill, _message, _list):
            steps = await find(database, what)
            if steps:
                return sorted(steps, key=lambda one: one.at)
        return []
    finally:
        await database.close()


async def _bill(database: asyncpg.Connection, claim: str) -> list[Step]:
    steps = _steps(await database.fetch(_ACCEPTED, claim))
    stands = await database.fetch(_STANDS, claim)
    persons = {row["person"] for row in (*stands, *await database.fetch(_PERSONS, claim))}
    if not persons:
        return []
    for schema, number in (
        ("settlement", "revision"), ("assistance", "revision"), ("notify", "bill_revision"),
    ):  # fmt: skip
        steps += _steps(await database.fetch(_HEARD.format(schema, number), claim, sorted(persons)))
    keys = [
        event_id("bill", row["person"], claim, number)
        for row in stands
        for number in range(1, row["bill_revision"] + 1)
    ]
    steps += await _told(database, keys)
    for schema in OUTBOXES:
        steps += _steps(await database.fetch(_UNSENT.format(schema), f'"{claim}"'))
    last = max(one.at for one in steps)
    return steps + [
        Step(
            last, "settlement",
            f"stands: {row['outcome']}, revision {row['revision']}, bill {row['bill_revision']}",
        )
        for row in stands
    ]  # fmt: skip


async def _message(database: asyncpg.Connection, key: str) -> list[Step]:
    """A message is known by its own key, and by that of a delivery, which a provider's receipt names."""
    message = await database.fetchval("SELECT message FROM notify.delivery WHERE id = $1", key)
    return await _told(database, [message or key])


async def _told(database: asyncpg.Connection, keys: list[str]) -> list[Step]:
    """Return messages and what became of them at each recipient."""
    found = [*await database.fetch(_MESSAGES, keys), *await database.fetch(_DELIVERIES, keys)]
    return _steps(found)


async def _list(database: asyncpg.Connection, batch: str) -> list[Step]:
    return _steps([*await database.fetch(_LIST, batch), *await database.fetch(_FULL_LIST, batch)])


async def _call(database: asyncpg.Connection, trace: str) -> list[Step]:
    """A call may have brought several bills, a list, or a report: of that there is only that it came."""
    found = {row["what"] for row in await database.fetch(_CALL, trace)} - {None}
    steps = [] if found else _steps(await database.fetch(_OTHER_CALL, trace))
    for what in sorted(found):
        steps += await _bill(database, what) or await _list(database, what)
    return steps


def _steps(rows: Iterable[asyncpg.Record]) -> list[Step]:
    return [Step(row["at"], row["place"], row["what"]) for row in rows]
