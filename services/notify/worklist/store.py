"""Open tasks: what officers were told of, until somebody did it or it is over; and people to call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

DAYS = 180
"""What nobody did by then is a matter of the next check, and not of a message of last year."""
_TASK = (
    "FROM sms WHERE audience = 'officer' AND template <> 'officer_morning' AND NOT over"
    " AND state NOT IN ('held', 'created', 'withdrawn')"
    f" AND created > CAST(:now AS timestamptz) - interval '{DAYS} days'"
    " AND NOT EXISTS (SELECT 1 FROM called WHERE called.message = sms.key AND called.kind = 'done')"
)
_TASKS = text(
    "SELECT key, person, township, words::jsonb ->> 'village' AS village, template,"
    f" words::jsonb ->> 'changes' AS changes, created, state {_TASK}"
    " AND (:township = '' OR township = :township)"
    " AND (:village = '' OR words::jsonb ->> 'village' = :village)"
    " AND key > :after ORDER BY key LIMIT :most"
)
_COUNTS = text(
    f"SELECT township, coalesce(words::jsonb ->> 'village', '') AS village, count(*) {_TASK}"
    " AND township = ANY(CAST(:townships AS text[])) GROUP BY 1, 2"
)
_BY_CODE = text(
    f"SELECT key, words::jsonb ->> 'changes' AS changes {_TASK} AND township = :township"
    " AND (:village = '' OR words::jsonb ->> 'village' = :village) AND left(key, :length) = :code"
)
_CALL = (
    # Told by one phone of several is told. A township without an officer's phone is a matter of settings, and
    # not a call about each of its people.
    "FROM (SELECT key FROM sms WHERE audience = 'family'"
    " AND state IN ('no_recipient', 'unreadable_contact', 'template_fault', 'unknown', 'sending')"
    " UNION SELECT message FROM delivery WHERE state IN ('failed', 'opted_out')) AS untold"
    " JOIN sms USING (key)"
    " LEFT JOIN contact ON contact.person = sms.person AND sms.audience <> 'officer'"
    " LEFT JOIN LATERAL (SELECT reason, state, changed FROM delivery WHERE delivery.message = sms.key"
    " AND state IN ('failed', 'opted_out') ORDER BY changed DESC LIMIT 1) AS tried ON true"
    " WHERE NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.message = sms.key"
    " AND state NOT IN ('failed', 'opted_out', 'withdrawn'))"
    " AND NOT EXISTS (SELECT 1 FROM called WHERE called.message = sms.key AND called.kind = 'told')"
    " AND (:township = '' OR coalesce(contact.township, sms.township) = :township)"
)
_CALLS = text(
    "SELECT sms.key, sms.person, coalesce(contact.township, sms.township) AS township, sms.audience,"
    " sms.template, CASE WHEN sms.state = 'addressed' THEN coalesce(nullif(tried.reason, ''), tried.state)"
    f" ELSE sms.state END AS reason, coalesce(tried.changed, sms.created) AS since {_CALL}"
    " AND sms.key > :after ORDER BY sms.key LIMIT :most"
)
_ABOUT = text(
    # A family may have several phones: what reached one of them reached the family.
    "SELECT key, template, audience, created, coalesce((SELECT state FROM delivery"
    " WHERE delivery.message = sms.key ORDER BY array_position("
    "ARRAY['delivered', 'sent', 'sending', 'created', 'unknown', 'failed', 'opted_out', 'withdrawn'], state)"
    " LIMIT 1), state) AS state FROM sms WHERE person = :person AND audience IN ('family', 'officer')"
    " ORDER BY created DESC, key LIMIT :most"
)
_SAID = "CAST(:holder AS text), CAST(:note AS text), CAST(:now AS timestamptz)"
_TOLD = text(
    "INSERT INTO called (message, kind, holder, note, told)"
    f" SELECT sms.key, 'told', {_SAID} {_CALL} AND sms.key = :message"
    " ON CONFLICT DO NOTHING RETURNING message"
)
_DONE = text(
    "INSERT INTO called (message, kind, holder, note, told)"
    f" SELECT sms.key, 'done', {_SAID} {_TASK} AND key = :message"
    " AND (:township = '' OR township = :township) ON CONFLICT DO NOTHING RETURNING message"
)


async def tasks(
    tx: AsyncConnection, now: datetime, township: str, village: str, after: str, most: int
) -> list[Any]:
    """Return open tasks of an area by key."""
    asked = {"now": now, "township": township, "village": village, "after": after, "most": most}
    return list(await tx.execute(_TASKS, asked))


async def about(tx: AsyncConnection, person: str, most: int) -> list[Any]:
    """Return what was said about somebody, the latest first."""
    return list(await tx.execute(_ABOUT, {"person": person, "most": most}))


async def open_counts(
    tx: AsyncConnection, now: datetime, townships: Sequence[str]
) -> dict[tuple[str, str], int]:
    """Return how many tasks are open, by township and village."""
    if not townships:
        return {}
    rows = await tx.execute(_COUNTS, {"now": now, "townships": list(townships)})
    return {(row[0], row[1]): row[2] for row in rows}


async def by_code(
    tx: AsyncConnection, now: datetime, township: str, village: str, code: str
) -> list[Any]:
    """Return the open tasks of an area whose key begins with a code."""
    asked = {
        "now": now, "township": township, "village": village, "code": code, "length": len(code)
    }  # fmt: skip
    return list(await tx.execute(_BY_CODE, asked))


async def calls(tx: AsyncConnection, township: str, after: str, most: int) -> list[Any]:
    """Return whom to call, by message."""
    asked = {"township": township, "after": after, "most": most}
    return list((await tx.execute(_CALLS, asked)).mappings())


async def told(
    tx: AsyncConnection, message: str, township: str, holder: str, note: str, now: datetime
) -> bool:
    """Write that somebody was told in person; False if there is no such call in the area."""
    return await _close(tx, _TOLD, message, township, holder, note, now)


async def done(
    tx: AsyncConnection, message: str, township: str, holder: str, note: str, now: datetime
) -> bool:
    """Write that a task was done; False if there is no such one in the area."""
    return await _close(tx, _DONE, message, township, holder, note, now)


async def _close(
    tx: AsyncConnection, how: TextClause, message: str, township: str, holder: str, note: str,
    now: datetime,
) -> bool:  # fmt: skip
    said = {"message": message, "township": township, "holder": holder, "note": note, "now": now}
    return (await tx.execute(how, said)).scalar_one_or_none() is not None
