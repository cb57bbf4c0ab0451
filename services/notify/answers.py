"""What notify answers over request/reply: how many messages are in each state."""

from sqlalchemy import text

from chassis.service import Runtime
from contracts import questions
from contracts.questions import Everything, MessagesAnswer

QUEUE = "notify"
_STATES = text("SELECT state, count(*) FROM sms GROUP BY state ORDER BY state")


def answer_questions(runtime: Runtime) -> None:
    """Register the subscribers; they read, and change nothing."""

    @runtime.broker.subscriber(questions.NOTIFY_MESSAGES, queue=QUEUE)
    async def messages(_: Everything) -> MessagesAnswer:
        """Count the messages by state."""
        async with runtime.engine.connect() as connection:
            rows = (await connection.execute(_STATES)).all()
        return MessagesAnswer(states={row[0]: row[1] for row in rows})
