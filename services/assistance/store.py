"""The set-based load and save of decisions."""

from collections.abc import Mapping, Sequence

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import book, bulk
from chassis.years import Years, asked_for, rows_of
from services.assistance.rules import GrantChange, Position
from services.assistance.tables import ClaimRow

PERSON = "person"


_LOAD = text(rows_of("claim", "claim, revision, settlement_revision, decided, pays"))
_SAVE = bulk.upsert(
    ClaimRow, "person", "claim", "year", "revision", "settlement_revision", "category", "pack",
    "decided", "pays",
)  # fmt: skip


Written = book.Booked[GrantChange]
Positions = dict[str, Position]
"""Claim → what was announced about it."""


async def load_positions(tx: AsyncConnection, wanted: Mapping[str, Years]) -> dict[str, Positions]:
    """Return what was announced about these years, by person."""
    rows = (await tx.execute(_LOAD, asked_for(wanted))).all()
    return book.by_person(
        (row[0], row[1], Position(row[2], row[3], row[4], orjson.loads(row[5]))) for row in rows
    )


async def save_changes(tx: AsyncConnection, written: Sequence[Written]) -> dict[str, str]:
    """Write the decisions as they stand, and the postings between; return the new heads by person."""
    rows, entries = [], []
    for difference in written:
        postings: list[book.Posting] = []
        for change in difference.changes:
            before, after = change.before, change.after
            rows.append((
                difference.person, change.claim, change.year, after.revision, after.settlement_revision,
                change.category, change.pack, after.decided, orjson.dumps(after.pays).decode(),
            ))  # fmt: skip
            postings += book.postings(change.claim, after.revision, before.pays, after.pays, PERSON)
        if postings:
            entries.append((difference.person, difference.head, postings))
    await _SAVE.write(tx, rows)
    return await book.book(tx, entries)
