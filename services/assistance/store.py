"""Assistance's tables, and the set-based load and save of decisions."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field, SQLModel

from chassis import book
from chassis.years import Years, asked_for, rows_of
from services.assistance.rules import GrantChange, Position

PERSON = "person"


class ClaimRow(SQLModel, table=True):
    """Assistance on a claim as it stands."""

    __tablename__: ClassVar[str] = "claim"
    __table_args__ = {"schema": "assistance"}

    person: str = Field(primary_key=True)
    claim: str = Field(primary_key=True, index=True)
    year: int
    revision: int
    settlement_revision: int
    category: str
    pack: str
    decided: str
    pays: str


_LOAD = text(rows_of("claim", "claim, revision, settlement_revision, decided, pays"))
_SAVE = text(
    "INSERT INTO claim (person, claim, year, revision, settlement_revision, category, pack, decided,"
    " pays) SELECT * FROM unnest(CAST(:person AS text[]), CAST(:claim AS text[]),"
    " CAST(:year AS smallint[]), CAST(:revision AS int[]), CAST(:settlement_revision AS int[]),"
    " CAST(:category AS text[]), CAST(:pack AS text[]), CAST(:decided AS text[]), CAST(:pays AS text[]))"
    " ON CONFLICT (person, claim) DO UPDATE SET year = excluded.year, revision = excluded.revision,"
    " settlement_revision = excluded.settlement_revision, category = excluded.category,"
    " pack = excluded.pack, decided = excluded.decided, pays = excluded.pays"
)


Written = book.Booked[GrantChange]
Positions = dict[str, Position]
"""Claim → what was announced about it."""


async def load_positions(tx: AsyncConnection, wanted: Mapping[str, Years]) -> dict[str, Positions]:
    """Return what was announced about these years, by person."""
    rows = await tx.execute(_LOAD, asked_for(wanted))
    return book.by_person(
        (row.person, row.claim, Position(row[2], row[3], row[4], orjson.loads(row[5])))
        for row in rows
    )


async def save_changes(tx: AsyncConnection, written: Sequence[Written]) -> dict[str, str]:
    """Write the decisions as they stand, and the postings between; return the new heads by person."""
    columns: dict[str, list[Any]] = {name: [] for name in ClaimRow.model_fields}
    entries = []
    for one in written:
        person = one.person
        postings: list[book.Posting] = []
        for change in one.changes:
            columns["person"].append(person)
            columns["claim"].append(change.claim)
            columns["year"].append(change.year)
            columns["revision"].append(change.after.revision)
            columns["settlement_revision"].append(change.after.settlement_revision)
            columns["category"].append(change.category)
            columns["pack"].append(change.pack)
            columns["decided"].append(change.after.decided)
            columns["pays"].append(orjson.dumps(change.after.pays).decode())
            postings += book.postings(
                change.claim, change.after.revision, change.before.pays, change.after.pays, PERSON
            )
        if postings:
            entries.append((person, one.head, postings))
    if columns["person"]:
        await tx.execute(_SAVE, columns)
    return await book.book(tx, entries)
