"""Questions about what people have to do: officers' tasks, whom to call, and that it was done."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from contracts.asking import Query, Question, Scope
from contracts.events.base import Text
from contracts.identity import PersonKey


class CallPage(Question):
    """Whom to call: a page of the county's or a township's list, after a message's key."""

    township: Text = ""
    after: Text = ""
    most: int = Field(default=200, ge=1, le=1_000)


class CallLine(BaseModel):
    """A message that reached nobody: about whom, what it was to say, why it did not, since when."""

    message: str
    person: str
    township: str
    audience: Literal["family", "officer", "sender", "desk"]
    template: str
    title: str = ""
    reason: str
    since: datetime


class CallPageAnswer(BaseModel):
    """A page, and where the next one begins; empty if there is none."""

    lines: list[CallLine]
    next: str = ""


class MessagesOf(Question):
    """What a family and its officers were told about a person, the latest first."""

    person: PersonKey
    most: int = Field(default=200, ge=1, le=1_000)


class PersonMessage(BaseModel):
    """A message about somebody: when it was made, for whom, and what became of it; never a phone or a text.

    ``state``: of several phones' the furthest (``delivered`` before ``sent``), else the message's own.
    """

    message: str
    title: str
    audience: str
    created: datetime
    state: str


class TaskPage(Question):
    """What officers have to do: a page of an area's list, after a message's key."""

    township: Text = ""
    village: Text = ""
    after: Text = ""
    most: int = Field(default=200, ge=1, le=1_000)


class TaskLine(BaseModel):
    """A task: about whom, what is to be done, since when; ``told``: whether an officer's phone heard of it.

    ``code``: by which an officer says by SMS that it was done.
    """

    message: str
    code: str
    person: str
    township: str
    village: str
    title: str
    what: str
    since: datetime
    told: bool


class TaskPageAnswer(BaseModel):
    """A page, and where the next one begins; empty if there is none."""

    lines: list[TaskLine]
    next: str = ""


class Called(Question):
    """Somebody was told in person, or a task was done. ``area``: of whose people only; empty: county."""

    message: Text
    kind: Literal["told", "done"] = "told"
    holder: Text
    note: Text = ""
    area: Text = ""


class CalledAnswer(BaseModel):
    """Whether such a message stood on the list."""

    found: bool


NOTIFY_CALLS = Query("query.notify.calls", CallPage, CallPageAnswer, Scope.OFFICER, seconds=10)
NOTIFY_MESSAGES_OF = Query(
    "query.notify.person", MessagesOf, list[PersonMessage], Scope.OFFICER, seconds=10
)
NOTIFY_TASKS = Query("query.notify.tasks", TaskPage, TaskPageAnswer, Scope.OFFICER, seconds=10)
NOTIFY_CALLED = Query("command.notify.called", Called, CalledAnswer, Scope.OFFICER, seconds=10)
