"""Notify's tables: contacts, officers, and each message with its state."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import ARRAY, Column, SmallInteger, Text
from sqlmodel import Field, SQLModel

SCHEMA = {"schema": "notify"}


class SmsRow(SQLModel, table=True):
    """One message: (held →) created → addressed, or bundled into a morning's, or no_recipient, withdrawn.

    Before 0.3: created → sending → sent.

    ``batch``: the full list on whose word it rests; ``year``: of the bill that it is about, or 0.
    ``over``: what it told of does not stand any more, whether or not it was said; ``trace``: of that.
    """

    __tablename__: ClassVar[str] = "sms"
    __table_args__ = SCHEMA

    key: str = Field(primary_key=True)
    person: str
    audience: str
    template: str
    township: str
    words: str
    state: str = "created"
    batch: str = ""
    undoes: bool = False
    year: int = Field(default=0, sa_type=SmallInteger)
    created: datetime
    bundle: str = ""
    over: bool = False
    trace: str = ""


class DeliveryRow(SQLModel, table=True):
    """A recipient: created → sending → sent → delivered, or failed, unknown, opted_out, withdrawn.

    ``number``: keyed hash of the phone; ``sealed``: phone and text; ``due``: not before; ``day``: of it.
    """

    __tablename__: ClassVar[str] = "delivery"
    __table_args__ = SCHEMA

    id: str = Field(primary_key=True)
    message: str
    audience: str
    number: str
    sealed: str
    parts: int = Field(sa_type=SmallInteger)
    state: str = "created"
    due: datetime
    day: date
    attempts: int = Field(default=0, sa_type=SmallInteger)
    first_try: datetime | None = None
    claimed: datetime | None = None
    provider: str = ""
    reference: str = ""
    reason: str = ""
    changed: datetime


class OptedOutRow(SQLModel, table=True):
    """A phone whose holder wrote R."""

    __tablename__: ClassVar[str] = "opted_out"
    __table_args__ = SCHEMA

    number: str = Field(primary_key=True)
    since: datetime


class CalledRow(SQLModel, table=True):
    """Who was told in person, or which task was ``done``; by which holder of a key, and what was said."""

    __tablename__: ClassVar[str] = "called"
    __table_args__ = SCHEMA

    message: str = Field(primary_key=True)
    kind: str = Field(default="told", primary_key=True)
    holder: str
    note: str
    told: datetime


class ReceivedRow(SQLModel, table=True):
    """What somebody wrote to us, sealed with the phone: open → asked → answered, or done at once.

    ``outcome``: what became of it; ``failed``: a bug, which is logged; ``unanswered``: the phone has had
    its answers of the day.
    """

    __tablename__: ClassVar[str] = "received"
    __table_args__ = SCHEMA

    id: str = Field(primary_key=True)
    provider: str
    number: str
    sealed: str
    meaning: str
    received: datetime
    state: str = "done"
    outcome: str = ""


class ContactRow(SQLModel, table=True):
    """Where a family is reached; ``sealed_for``: the person's key for which the phone was sealed.

    ``number``: keyed hash of the phone, none until a job has worked it out.
    """

    __tablename__: ClassVar[str] = "contact"
    __table_args__ = SCHEMA

    person: str = Field(primary_key=True)
    revision: int
    township: str
    contact_sealed: str
    sealed_for: str = ""
    number: str | None = None


class OfficerRow(SQLModel, table=True):
    """An officer as the version before knew them, from a file; goes with the next version."""

    __tablename__: ClassVar[str] = "officer"
    __table_args__ = SCHEMA

    township: str = Field(primary_key=True)
    contact_sealed: str
    tag: str = Field(primary_key=True)


class DutyRow(SQLModel, table=True):
    """Somebody looks after townships, or a village, on these days; ``number``: keyed hash of the phone.

    ``stands_in_for``: the duty whose holder is not told meanwhile.
    """

    __tablename__: ClassVar[str] = "duty"
    __table_args__ = SCHEMA

    id: str = Field(primary_key=True)
    townships: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    village: str = ""
    post: str
    duty_group: str = ""
    first: date
    last: date | None = None
    stands_in_for: str = ""
    contact_sealed: str
    number: str
    holder: str
    recorded: datetime
    ended_by: str = ""


class SettledListRow(SQLModel, table=True):
    """What became of a full list: messages that rest on it go out, or do not."""

    __tablename__: ClassVar[str] = "settled_list"
    __table_args__ = SCHEMA

    batch: str = Field(primary_key=True)
    state: str
    settled: datetime
