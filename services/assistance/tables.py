"""Assistance's own tables: claims as it decided about them, and years above the monitoring line."""

from typing import ClassVar

from sqlalchemy import BigInteger, SmallInteger
from sqlmodel import Field, SQLModel


class ClaimRow(SQLModel, table=True):
    """Assistance on a claim as it stands; ``pays`` by fund, in fen, as JSON."""

    __tablename__: ClassVar[str] = "claim"
    __table_args__ = {"schema": "assistance"}

    person: str = Field(primary_key=True)
    claim: str = Field(primary_key=True)
    year: int = Field(sa_type=SmallInteger)
    revision: int
    settlement_revision: int
    category: str
    pack: str
    decided: str
    pays: str


class HighCostRow(SQLModel, table=True):
    """What was last announced of a person's own payments of a year, in fen; ``month``: such as 2023-04."""

    __tablename__: ClassVar[str] = "high_cost"
    __table_args__ = {"schema": "assistance"}

    person: str = Field(primary_key=True)
    year: int = Field(primary_key=True, sa_type=SmallInteger)
    revision: int
    above: bool
    self_paid: int = Field(sa_type=BigInteger)
    month: str
