"""Settlement's own tables: claims as they stand, and what went to a right number."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import SmallInteger
from sqlmodel import Field, SQLModel

SCHEMA = {"schema": "settlement"}


class ClaimRow(SQLModel, table=True):
    """A claim as it stands: the last decision and the last bill.

    ``submitted_for``: the number's key under which the hospital sent it; corrected since, if another.
    """

    __tablename__: ClassVar[str] = "claim"
    __table_args__ = SCHEMA

    person: str = Field(primary_key=True)
    claim: str = Field(primary_key=True)
    provider: str
    kind: str
    discharge: date
    year: int = Field(sa_type=SmallInteger)
    outcome: str
    reason: str
    category: str
    pack: str
    revision: int
    decided: str
    pays: str
    bill_revision: int
    billed: str
    bill: str
    content: str
    question: str = ""
    question_revision: int = 0
    received: datetime
    submitted_for: str
    ever_poor: bool = False


class ForwardedRow(SQLModel, table=True):
    """What a wrong number forwarded to the right one, as one comparable text; empty: taken back."""

    __tablename__: ClassVar[str] = "forwarded"
    __table_args__ = SCHEMA

    person: str = Field(primary_key=True)
    target: str = Field(primary_key=True)
    content: str


class WhatIfRow(SQLModel, table=True):
    """A county's year under two packs, as it was ordered. ``result``: JSON once it is finished."""

    __tablename__: ClassVar[str] = "what_if"
    __table_args__ = SCHEMA

    id: str = Field(primary_key=True)
    year: int
    pack: str
    against: str
    holder: str
    ordered: datetime
    done: int = 0
    total: int = 0
    finished: datetime | None = None
    failed: str = ""
    result: str = ""
