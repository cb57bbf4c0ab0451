"""Notify's tables: contacts, officers, and each message with its state."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import SmallInteger
from sqlmodel import Field, SQLModel

SCHEMA = {"schema": "notify"}


class SmsRow(SQLModel, table=True):
    """One message: (held →) created → sending → sent (or failed, no_recipient, unknown, withdrawn).

    ``batch``: the full list on whose word it rests; ``year``: of the bill that it is about, or 0.
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


class ContactRow(SQLModel, table=True):
    """Where a family is reached; ``sealed_for``: the person's key for which the phone was sealed."""

    __tablename__: ClassVar[str] = "contact"
    __table_args__ = SCHEMA

    person: str = Field(primary_key=True)
    revision: int
    township: str
    contact_sealed: str
    sealed_for: str = ""


class OfficerRow(SQLModel, table=True):
    """An officer of a township; ``tag`` tells two of one township apart."""

    __tablename__: ClassVar[str] = "officer"
    __table_args__ = SCHEMA

    township: str = Field(primary_key=True)
    contact_sealed: str
    tag: str = Field(primary_key=True)


class SettledListRow(SQLModel, table=True):
    """What became of a full list: messages that rest on it go out, or do not."""

    __tablename__: ClassVar[str] = "settled_list"
    __table_args__ = SCHEMA

    batch: str = Field(primary_key=True)
    state: str
    settled: datetime
