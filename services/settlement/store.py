"""The set-based load and save of claim positions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import book, bulk
from chassis.years import Years, asked_for, rows_of
from contracts.events.settlement import ClaimsForwarded
from services.settlement.rules import ClaimChange, Position, Standing, content_of
from services.settlement.tables import ClaimRow, ForwardedRow

PROVIDER = "provider"


_LOAD = text(
    rows_of(
        "claim",
        "claim, revision, decided, pays, bill_revision, billed, question,"
        " question_revision, content",
    )
)
_SAVE = bulk.upsert(
    ClaimRow,
    "person", "claim", "provider", "kind", "discharge", "year", "outcome", "reason", "category", "pack",
    "revision", "decided", "pays", "bill_revision", "billed", "bill", "content", "question",
    "question_revision", "received", "submitted_for", "ever_poor",
    keep={"received"},
    own={
        "ever_poor": "claim.ever_poor OR excluded.ever_poor",
        "bill": "CASE WHEN excluded.bill = '' THEN claim.bill ELSE excluded.bill END",
    },
)  # fmt: skip
_SAVE_BILLS = bulk.update(ClaimRow, "person", "claim", "bill_revision", "billed", "bill")
_LOAD_FORWARDED = text(
    "SELECT person, target, content FROM forwarded WHERE person = ANY(CAST(:persons AS text[]))"
)
_SAVE_FORWARDED = bulk.upsert(ForwardedRow, "person", "target", "content")


@dataclass(slots=True)
class Written(book.Booked[ClaimChange]):
    """What is written of a person's difference; ``sent``: what went to a right number."""

    sent: Sequence[ClaimsForwarded]


async def load_positions(
    tx: AsyncConnection, wanted: Mapping[str, Years]
) -> dict[str, dict[str, Position]]:
    """Return what was announced about these years, person → claim → position."""
    rows = (await tx.execute(_LOAD, asked_for(wanted))).all()
    return book.by_person(
        (row[0], row[1], Position(row[2], row[3], orjson.loads(row[4]), *row[5:])) for row in rows
    )


async def load_standing(tx: AsyncConnection, wanted: Mapping[str, Years]) -> dict[str, Standing]:
    """Return what was announced: positions of these years, and what went to a right number."""
    found = {person: Standing(of) for person, of in (await load_positions(tx, wanted)).items()}
    for row in await tx.execute(_LOAD_FORWARDED, {"persons": list(wanted)}):
        found.setdefault(row[0], Standing()).sent[row[1]] = row[2]
    return found


async def save_forwarded(tx: AsyncConnection, sent: Sequence[ClaimsForwarded]) -> None:
    """Write what went to right numbers."""
    rows = [(one.formerly, one.person, content_of(one)) for one in sent]
    await _SAVE_FORWARDED.write(tx, rows)


async def save_changes(tx: AsyncConnection, written: Sequence[Written]) -> dict[str, str]:
    """Write the claims as they stand, and the postings between; return the new heads by person."""
    claims: list[tuple[Any, ...]] = []
    bills: list[tuple[Any, ...]] = []
    entries = []
    for difference in written:
        postings: list[book.Posting] = []
        for change in difference.changes:
            if change.event is None and change.questioned is None and change.bill is not None:
                bills.append(_bill(difference.person, change))
                continue
            claims.append(_row(difference.person, change))
            postings += book.postings(
                change.claim, change.after.revision, change.before.pays, change.after.pays, PROVIDER
            )
        if postings:
            entries.append((difference.person, difference.head, postings))
    await _SAVE.write(tx, claims)
    await _SAVE_BILLS.write(tx, bills)
    return await book.book(tx, entries)


def _bill(person: str, change: ClaimChange) -> tuple[Any, ...]:
    document = "" if change.bill is None else change.bill.model_dump_json()
    return (person, change.claim, change.after.bill_revision, change.after.billed, document)


def _row(person: str, change: ClaimChange) -> tuple[Any, ...]:
    """Return a row in the order of ``_SAVE``."""
    bill, after = change.submitted, change.after
    document = "" if change.bill is None else change.bill.model_dump_json()
    return (
        person, change.claim, bill.provider, bill.kind.value, bill.discharge, bill.discharge.year,
        change.outcome, change.reason, change.category, change.pack, after.revision, after.decided,
        orjson.dumps(after.pays).decode(), after.bill_revision, after.billed, document,
        change.content, after.question, after.question_revision, bill.received, bill.person,
        change.category not in {"", "NONE"},
    )  # fmt: skip
