"""What notify answers over request/reply: how many messages are in each state."""

from sqlalchemy import text

from chassis.asking import answers
from chassis.runtime import Runtime
from contracts.asking import Everything
from contracts.bill_questions import NOTIFY_MESSAGES, MessagesAnswer

_STATES = text(
    # A message that has recipients is counted by them, and one in a morning's message by that one.
    "SELECT state, sum(n)::bigint FROM ("
    "SELECT state, count(*) AS n FROM sms WHERE state NOT IN ('addressed', 'bundled') GROUP BY state"
    " UNION ALL SELECT state, count(*) FROM delivery GROUP BY state) AS counted"
    " GROUP BY state ORDER BY state"
)


async def messages(runtime: Runtime, _: Everything) -> MessagesAnswer:
    """Count the messages by state."""
    async with runtime.look() as connection:
        rows = (await connection.execute(_STATES)).all()
    return MessagesAnswer(states={row[0]: row[1] for row in rows})


ANSWERS = (answers(NOTIFY_MESSAGES, messages),)
