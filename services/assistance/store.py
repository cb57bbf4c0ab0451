"""The set-based load and save of decisions, and of who is above the monitoring line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import book, bulk
from chassis.years import Years, asked_for, rows_of
from services.assistance.high_cost import Alert, AlertChange
from services.assistance.rules import GrantChange, Position
from services.assistance.tables import ClaimRow, HighCostRow

PERSON = "person"


_LOAD = text(rows_of("claim", "claim, revision, settlement_revision, decided, pays"))
_SAVE = bulk.upsert(
    ClaimRow, "person", "claim", "year", "revision", "settlement_revision", "category", "pack",
    "decided", "pays",
)  # fmt: skip
_LOAD_ALERTS = text(rows_of("high_cost", "year, revision, above, self_paid, month"))
_ALERT = ("revision", "above", "self_paid", "month")
_SAVE_ALERTS = bulk.upsert(HighCostRow, "person", "year", *_ALERT)

Booked = book.Booked[GrantChange]
Positions = dict[str, Position]
"""Claim → what was announced about it."""


@dataclass(slots=True)
class Announced:
    """What was announced about a person: claims, and years (benefit year → alert)."""

    claims: Positions = field(default_factory=dict)
    alerts: dict[int, Alert] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """What is written of a person's difference."""

    booked: Booked
    alerts: Sequence[AlertChange]


async def load(tx: AsyncConnection, wanted: Mapping[str, Years]) -> dict[str, Announced]:
    """Return what was announced about these years, by person."""
    claims = await load_positions(tx, wanted)
    found = {person: Announced(of_person) for person, of_person in claims.items()}
    for row in await tx.execute(_LOAD_ALERTS, asked_for(wanted)):
        announced = found.setdefault(row[0], Announced())
        announced.alerts[row[1]] = Alert(row[2], row[3], row[4], row[5])
    return found


async def load_positions(tx: AsyncConnection, wanted: Mapping[str, Years]) -> dict[str, Positions]:
    """Return what was announced about these years, by person."""
    rows = (await tx.execute(_LOAD, asked_for(wanted))).all()
    return book.by_person(
        (row[0], row[1], Position(row[2], row[3], row[4], orjson.loads(row[5]))) for row in rows
    )


async def save(tx: AsyncConnection, written: Sequence[Written]) -> dict[str, str]:
    """Write decisions and alerts; return the new heads by person."""
    alerts = [
        (one.booked.person, new.year, *(getattr(new.after, name) for name in _ALERT))
        for one in written
        for new in one.alerts
    ]
    if alerts:
        await _SAVE_ALERTS.write(tx, alerts)
    return await save_changes(tx, [one.booked for one in written if one.booked.changes])


async def save_changes(tx: AsyncConnection, written: Sequence[Booked]) -> dict[str, str]:
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
