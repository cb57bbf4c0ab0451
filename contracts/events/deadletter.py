"""What could not be read or handled, with everything an operator needs to send it back."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from contracts.events.base import Event, Text


class DeadLettered(Event):
    """A message that was set aside. ``payload_sealed`` is the input, kept, readable by operators."""

    NAME: ClassVar[str] = "DeadLettered"
    SUBJECT: ClassVar[str] = "deadletter.*.v1"

    message: Text = Field(description="The message's own id.")
    service: Text
    handler: Text
    subject: Text
    reason: Text
    detail: Text = ""
    attempts: int = Field(ge=1)
    set_aside: datetime
    payload_sealed: str
