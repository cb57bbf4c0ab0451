"""Assistance's own table: claims as it decided about them."""

from typing import ClassVar

from sqlalchemy import SmallInteger
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
