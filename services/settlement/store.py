"""Settlement's tables, and the set-based load and save of claim positions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field, SQLModel

from chassis import book
from chassis.years import Years, asked_for, rows_of
from contracts.events.settlement import ClaimsForwarded
from services.settlement.rules import ClaimChange, Position, Standing, content_of

PROVIDER = "provider"


class ClaimRow(SQLModel, table=True):
    """A claim as it stands: the last decision and the last bill.

    ``submitted_for``: the number's key under which the hospital sent it; corrected since, if another.
    """

    __tablename__: ClassVar[str] = "claim"
    __table_args__ = {"schema": "settlement"}

    person: str = Field(primary_key=True)
    claim: str = Field(primary_key=True, index=True)
    provider: str
    kind: str
    discharge: date
    year: int
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


_LOAD = text(
    rows_of(
        "claim",
        "claim, revision, decided, pays, bill_revision, billed, question,"
        " question_revision, content",
    )
)
_SAVE = text(
    "INSERT INTO claim (person, claim, provider, kind, discharge, year, outcome, reason, category,"
    " pack, revision, decided, pays, bill_revision, billed, bill, content, received,"
    " submitted_for, question, question_revision, ever_poor)"
    " SELECT * FROM unnest(CAST(:person AS text[]), CAST(:claim AS text[]),"
    " CAST(:provider AS text[]), CAST(:kind AS text[]), CAST(:discharge AS date[]),"
    " CAST(:year AS smallint[]), CAST(:outcome AS text[]), CAST(:reason AS text[]),"
    " CAST(:category AS text[]), CAST(:pack AS text[]), CAST(:revision AS int[]), CAST(:decided AS text[]),"
    " CAST(:pays AS text[]), CAST(:bill_revision AS int[]), CAST(:billed AS text[]),"
    " CAST(:bill AS text[]), CAST(:content AS text[]), CAST(:received AS timestamptz[]),"
    " CAST(:submitted_for AS text[]), CAST(:question AS text[]),"
    " CAST(:question_revision AS int[]), CAST(:ever_poor AS boolean[]))"
    " ON CONFLICT (person, claim) DO UPDATE SET discharge = excluded.discharge,"
    " year = excluded.year, outcome = excluded.outcome,"
    " reason = excluded.reason, category = excluded.category, pack = excluded.pack,"
    " revision = excluded.revision, decided = excluded.decided, pays = excluded.pays,"
    " ever_poor = claim.ever_poor OR excluded.ever_poor,"
    " question = excluded.question, question_revision = excluded.question_revision,"
    " content = excluded.content, submitted_for = excluded.submitted_for,"
    " bill_revision = excluded.bill_revision, billed = excluded.billed,"
    " bill = CASE WHEN excluded.bill = '' THEN claim.bill ELSE excluded.bill END"
)


_SAVE_BILLS = text(
    "UPDATE claim SET bill_revision = new.bill_revision, billed = new.billed, bill = new.bill"
    " FROM unnest(CAST(:person AS text[]), CAST(:claim AS text[]),"
    " CAST(:bill_revision AS int[]), CAST(:billed AS text[]), CAST(:bill AS text[]))"
    " AS new (person, claim, bill_revision, billed, bill)"
    " WHERE claim.person = new.person AND claim.claim = new.claim"
)
_LOAD_FORWARDED = text(
    "SELECT person, target, content FROM forwarded WHERE person = ANY(CAST(:persons AS text[]))"
)
_SAVE_FORWARDED = text(
    "INSERT INTO forwarded (person, target, content) SELECT * FROM unnest("
    "CAST(:persons AS text[]), CAST(:targets AS text[]), CAST(:contents AS text[]))"
    " ON CONFLICT (person, target) DO UPDATE SET content = excluded.content"
)
_BILL_COLUMNS = ("person", "claim", "bill_revision", "billed", "bill")


@dataclass(slots=True)
class Written(book.Booked[ClaimChange]):
    """What is written of a person's difference; ``sent``: what went to a right number."""

    sent: Sequence[ClaimsForwarded]


async def load_positions(
    tx: AsyncConnection, wanted: Mapping[str, Years]
) -> dict[str, dict[str, Position]]:
    """Return what was announced about these years, person → claim → position."""
    rows = await tx.execute(_LOAD, asked_for(wanted))
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
    if sent:
        columns = {
            "persons": [one.formerly for one in sent],
            "targets": [one.person for one in sent],
            "contents": [content_of(one) for one in sent],
        }
        await tx.execute(_SAVE_FORWARDED, columns)


async def save_changes(tx: AsyncConnection, written: Sequence[Written]) -> dict[str, str]:
    """Write the claims as they stand, and the postings between; return the new heads by person."""
    columns: dict[str, list[Any]] = {name: [] for name in ClaimRow.model_fields}
    bills: dict[str, list[Any]] = {name: [] for name in _BILL_COLUMNS}
    entries = []
    for one in written:
        person = one.person
        postings: list[book.Posting] = []
        for change in one.changes:
            if change.event is None and change.questioned is None and change.bill is not None:
                for name, value in zip(_BILL_COLUMNS, _bill(person, change), strict=True):
                    bills[name].append(value)
                continue
            for name, value in _row(person, change).items():
                columns[name].append(value)
            postings += book.postings(
                change.claim, change.after.revision, change.before.pays, change.after.pays, PROVIDER
            )
        if postings:
            entries.append((person, one.head, postings))
    if columns["person"]:
        await tx.execute(_SAVE, columns)
    if bills["person"]:
        await tx.execute(_SAVE_BILLS, bills)
    return await book.book(tx, entries)


def _bill(person: str, change: ClaimChange) -> tuple[str, str, int, str, str]:
    document = "" if change.bill is None else change.bill.model_dump_json()
    return (person, change.claim, change.after.bill_revision, change.after.billed, document)


def _row(person: str, change: ClaimChange) -> dict[str, Any]:
    bill = change.submitted
    return {
        "person": person,
        "claim": change.claim,
        "provider": bill.provider,
        "kind": bill.kind.value,
        "discharge": bill.discharge,
        "year": bill.discharge.year,
        "outcome": change.outcome,
        "reason": change.reason,
        "category": change.category,
        "pack": change.pack,
        "revision": change.after.revision,
        "decided": change.after.decided,
        "pays": orjson.dumps(change.after.pays).decode(),
        "bill_revision": change.after.bill_revision,
        "billed": change.after.billed,
        "bill": "" if change.bill is None else change.bill.model_dump_json(),
        "content": change.content,
        "question": change.after.question,
        "question_revision": change.after.question_revision,
        "received": bill.received,
        "submitted_for": bill.person,
        "ever_poor": change.category not in {"", "NONE"},
    }
