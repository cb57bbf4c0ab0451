"""The list of people to call or to visit: messages that reached nobody, until somebody was told in person."""

from sqlalchemy import text

from chassis.asking import answers
from chassis.runtime import Runtime
from contracts.messages import (
    NOTIFY_CALLED,
    NOTIFY_CALLS,
    Called,
    CalledAnswer,
    CallLine,
    CallPage,
    CallPageAnswer,
)

_OPEN = (
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
    " AND NOT EXISTS (SELECT 1 FROM called WHERE called.message = sms.key)"
    " AND (:township = '' OR coalesce(contact.township, sms.township) = :township)"
)
_CALLS = text(
    "SELECT sms.key, sms.person, coalesce(contact.township, sms.township) AS township, sms.audience,"
    " sms.template, CASE WHEN sms.state = 'addressed' THEN coalesce(nullif(tried.reason, ''), tried.state)"
    f" ELSE sms.state END AS reason, coalesce(tried.changed, sms.created) AS since {_OPEN}"
    " AND sms.key > :after ORDER BY sms.key LIMIT :most"
)
_CALLED = text(
    "INSERT INTO called (message, holder, note, told)"
    f" SELECT sms.key, :holder, :note, :now {_OPEN} AND sms.key = :message"
    " ON CONFLICT DO NOTHING RETURNING message"
)


async def calls(runtime: Runtime, page: CallPage) -> CallPageAnswer:
    """Return whom to call, by message, without those who were told in person."""
    asked = {"township": page.township, "after": page.after, "most": page.most}
    async with runtime.look() as connection:
        rows = (await connection.execute(_CALLS, asked)).mappings().all()
    lines = [
        CallLine(message=row["key"], **{k: v for k, v in row.items() if k != "key"}) for row in rows
    ]
    return CallPageAnswer(lines=lines, next=lines[-1].message if len(lines) == page.most else "")


async def called(runtime: Runtime, done: Called) -> CalledAnswer:
    """Take a message off the list, with who told it and what was said."""
    asked = {
        "township": done.area, "message": done.message, "holder": done.holder, "note": done.note,
        "now": runtime.clock(),
    }  # fmt: skip
    async with runtime.turn() as turn:
        found = (await turn.tx.execute(_CALLED, asked)).scalar_one_or_none()
    return CalledAnswer(found=found is not None)


ANSWERS = (answers(NOTIFY_CALLS, calls), answers(NOTIFY_CALLED, called))
