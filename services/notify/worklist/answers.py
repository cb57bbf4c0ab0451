"""What officers have to do, and whom to call; and that it was done."""

from typing import Any

from chassis.asking import answers
from chassis.runtime import Runtime
from contracts.messages import (
    NOTIFY_CALLED,
    NOTIFY_CALLS,
    NOTIFY_MESSAGES_OF,
    NOTIFY_TASKS,
    Called,
    CalledAnswer,
    CallLine,
    CallPage,
    CallPageAnswer,
    MessagesOf,
    PersonMessage,
    TaskLine,
    TaskPage,
    TaskPageAnswer,
)
from services.notify.templates import TEMPLATES
from services.notify.wishes import CODE_LENGTH
from services.notify.worklist import store


async def tasks(runtime: Runtime, page: TaskPage) -> TaskPageAnswer:
    """Return what is open for officers, by message."""
    asked = page.township, page.village, page.after, page.most
    async with runtime.look() as connection:
        rows = await store.tasks(connection, runtime.clock(), *asked)
    lines = [_line(row) for row in rows]
    return TaskPageAnswer(lines=lines, next=lines[-1].message if len(lines) == page.most else "")


def _line(row: Any) -> TaskLine:
    return TaskLine(
        message=row.key, code=row.key[:CODE_LENGTH], person=row.person, township=row.township,
        village=row.village or "", title=_title(row.template), what=row.changes or "", since=row.created,
        told=row.state in {"addressed", "bundled"},
    )  # fmt: skip


def _title(template: str) -> str:
    return TEMPLATES[template].title if template in TEMPLATES else template


async def messages_of(runtime: Runtime, asked: MessagesOf) -> list[PersonMessage]:
    """Return what a family and its officers were told about a person."""
    async with runtime.look() as connection:
        rows = await store.about(connection, asked.person, asked.most)
    return [
        PersonMessage(
            message=row.key, title=_title(row.template), audience=row.audience, created=row.created,
            state=row.state,
        )
        for row in rows
    ]  # fmt: skip


async def calls(runtime: Runtime, page: CallPage) -> CallPageAnswer:
    """Return whom to call, by message, without those who were told in person."""
    async with runtime.look() as connection:
        rows = await store.calls(connection, page.township, page.after, page.most)
    lines = [
        CallLine(
            message=row["key"], title=_title(row["template"]),
            **{name: value for name, value in row.items() if name != "key"},
        )
        for row in rows
    ]  # fmt: skip
    return CallPageAnswer(lines=lines, next=lines[-1].message if len(lines) == page.most else "")


async def called(runtime: Runtime, done: Called) -> CalledAnswer:
    """Take a task or a call off its list, with who did it and what was said: one is not the other."""
    asked, close = (done.message, done.area, done.holder, done.note), store.told
    if done.kind == "done":
        close = store.done
    async with runtime.turn() as turn:
        found = await close(turn.tx, *asked, turn.clock())
    return CalledAnswer(found=found)


ANSWERS = (
    answers(NOTIFY_TASKS, tasks),
    answers(NOTIFY_CALLS, calls),
    answers(NOTIFY_MESSAGES_OF, messages_of),
    answers(NOTIFY_CALLED, called),
)
