"""The tables that every service shares, each in its own schema."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ARRAY, BigInteger, Column, SmallInteger, Text
from sqlmodel import Field, SQLModel


class PersonRow(SQLModel, table=True):
    """A person of whom a service knows something; its row is the lock of a turn.

    ``head``: of the chain of postings; ``version``: how often the set changed; ``whole``: all years are
    read; ``folded``: by which rules all years were decided last.
    """

    __tablename__: ClassVar[str] = "person"

    person: str = Field(primary_key=True)
    head: str = ""
    version: int = 0
    whole: bool = False
    folded: str = ""


class FactRow(SQLModel, table=True):
    """A fact as it came: never changed. ``year``: the benefit year that it is about (``contracts.reach``)."""

    __tablename__: ClassVar[str] = "fact"

    person: str = Field(primary_key=True)
    fact: str = Field(primary_key=True)
    event: str
    body: bytes
    added: datetime
    year: int = Field(default=0, sa_type=SmallInteger)


class OutboxRow(SQLModel, table=True):
    """An announcement that not everybody who reads it has taken yet.

    ``seq``: where it stands on its stream, once that was confirmed and written down; ``trace``: what it
    follows from, so that whoever publishes it later says so too.
    """

    __tablename__: ClassVar[str] = "outbox"

    id: str = Field(primary_key=True)
    source: str
    subject: str
    said: datetime
    payload: bytes
    created: datetime
    seq: int | None = Field(default=None, sa_type=BigInteger)
    trace: str = ""


class StreamSeenRow(SQLModel, table=True):
    """When a stream that the service speaks on was made, and the durable consumers that ever read it.

    One that was made again has lost its messages, and a reader that is missing has received nothing.
    """

    __tablename__: ClassVar[str] = "stream_seen"

    stream: str = Field(primary_key=True)
    created: datetime
    readers: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))


class PositionRow(SQLModel, table=True):
    """Up to where a durable consumer's stream is applied in this schema (``chassis.positions``)."""

    __tablename__: ClassVar[str] = "position"

    durable: str = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)
    made: datetime
    noted: datetime


class PostingRow(SQLModel, table=True):
    """An amount (fen) from a debited to a credited account; ``hash`` chains it to the one before."""

    __tablename__: ClassVar[str] = "posting"

    person: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    claim: str
    revision: int
    debit: str
    credit: str
    amount: int = Field(sa_type=BigInteger)
    hash: str
    booked: datetime
