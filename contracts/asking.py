"""A question as one object: where it is asked, what is asked and answered, by whom, and how long it may take.

Asked over request/reply (core NATS, nothing stored). The answer is the answer model's JSON; a question
that cannot be answered gets a ``Refused`` with the header ``yingbao-refused``: at once, or when its
time is up.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

REFUSED_HEADER = "yingbao-refused"


class Question(BaseModel):
    """A question; unknown fields are refused, so that a typing slip is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


Asked = TypeVar("Asked", bound=Question)
Answer = TypeVar("Answer")


class Scope(StrEnum):
    """Who may have a question asked at the door; within it an officer sees the own area only."""

    INSIDE = "inside"
    """The platform's own parts: what they ask to take something in."""
    OPERATOR = "operator"
    """Who runs the platform, on its own machine; the door does not ask it."""
    COUNTY = "county"
    """The bureau."""
    OFFICER = "officer"
    """The bureau, and a township office about its own people."""
    OWNER = "owner"
    """The bureau, and who the thing belongs to: a hospital its bill, a department its list."""


class Refusal(StrEnum):
    """Why a question got no answer."""

    BAD_QUESTION = "bad_question"
    """It is not what the question's model says: the asker is of another version."""
    UNAVAILABLE = "unavailable"
    """The service starts, or its database does not answer: asking again helps."""
    TOO_SLOW = "too_slow"
    """It takes longer than its asker waits."""
    BUG = "bug"
    """An invariant failed; it is logged and counted, and asking again does not help."""


class Refused(BaseModel):
    """A question that was not answered, and why. ``detail``: a field's or an error's name, never a value."""

    reason: Refusal
    detail: str = ""


@dataclass(frozen=True)
class Query(Generic[Asked, Answer]):
    """One question that a service answers: ``query.<service>.<what>``; ``command.`` if it changes something.

    ``seconds``: so long the asker waits, and no longer does an answer that changes nothing work.
    """

    subject: str
    asked: type[Asked]
    answer: type[Answer]
    scope: Scope = Scope.INSIDE
    seconds: int = 60

    @cached_property
    def answers(self) -> TypeAdapter[Answer]:
        """Read and write the answer."""
        return TypeAdapter(self.answer)

    @property
    def changes(self) -> bool:
        """Tell whether it is a command, which changes something."""
        return self.subject.startswith("command.")

    @property
    def service(self) -> str:
        """Name the service that answers."""
        return self.subject.split(".")[1]


class Everything(Question):
    """No particular one."""


class Confirmed(BaseModel):
    """Whether there was such a thing."""

    found: bool
