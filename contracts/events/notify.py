"""The life of one SMS. No phone, no name, no identity number: only the message's own key."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from contracts.events.base import Event, Sealed, Text
from contracts.identity import PersonKey

MessageKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class SmsRequested(Event):
    """A message is to go out; its key is the same however often the fact behind it arrives."""

    NAME: ClassVar[str] = "SmsRequested"
    SUBJECT: ClassVar[str] = "notify.SmsRequested.v1"

    message: MessageKey
    person: PersonKey
    template: Text
    audience: Literal["family", "officer"]


class SmsSent(Event):
    """The gateway took the message."""

    NAME: ClassVar[str] = "SmsSent"
    SUBJECT: ClassVar[str] = "notify.SmsSent.v1"

    message: MessageKey
    parts: int = Field(ge=1)
    sent: datetime


class SmsDelivered(Event):
    """The phone has it."""

    NAME: ClassVar[str] = "SmsDelivered"
    SUBJECT: ClassVar[str] = "notify.SmsDelivered.v1"

    message: MessageKey
    delivered: datetime


class SmsFailed(Event):
    """The message will not be tried again; a person has to look."""

    NAME: ClassVar[str] = "SmsFailed"
    SUBJECT: ClassVar[str] = "notify.SmsFailed.v1"

    message: MessageKey
    reason: Text


class SmsReceived(Event):
    """A citizen wrote to us; the text stays sealed."""

    NAME: ClassVar[str] = "SmsReceived"
    SUBJECT: ClassVar[str] = "notify.SmsReceived.v1"

    message: MessageKey
    text_sealed: Sealed
    received: datetime


class CitizenAsked(Event):
    """Somebody wrote from a phone that these people may have; enrollment answers."""

    NAME: ClassVar[str] = "CitizenAsked"
    SUBJECT: ClassVar[str] = "notify.CitizenAsked.v1"

    message: MessageKey
    wish: Literal["filing", "standing"]
    persons: tuple[PersonKey, ...] = Field(max_length=500, description="Whose phone it is.")
    who_sealed: Sealed = Field(description="The name and last six of the number that were written.")
    place: Text = Field(default="", description="Of a filing: where to, begins with the province.")
    province: Text = Field(default="", description="First two digits of its code, GB/T 2260.")
    first: date | None = Field(default=None, description="Of a filing: from which day on.")
    received: datetime
