"""What notify answers over request/reply: how many messages are in each state."""

from sqlalchemy import text

from chassis.asking import answers
from chassis.runtime import Runtime
from contracts.asking import Everything
from contracts.bill_questions import NOTIFY_MESSAGES, MessagesAnswer

_STATES = text("SELECT state, count(*) FROM sms GROUP BY state ORDER BY state")


async def messages(runtime: Runtime, _: Everything) -> MessagesAnswer:
    """Count the messages by state."""
    async with runtime.look() as connection:
        rows = (await connection.execute(_STATES)).all()
    return MessagesAnswer(states={row[0]: row[1] for row in rows})


ANSWERS = (answers(NOTIFY_MESSAGES, messages),)
