"""Enrollment's residents: the identity vault and the announced standing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

import orjson
from sqlalchemy import ARRAY, Column, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field, SQLModel

from services.enrollment.person.file import ResidentFile
from services.enrollment.person.listings import Listing
from services.enrollment.person.rules import ResidentChange, Standing


class ResidentRow(SQLModel, table=True):
    """A person as announced. ``identity_sealed`` is the vault; ``blind_index`` finds a row in it.

    ``file``: what the check of a year reads (premiums, reasons, rosters). ``identity_of``: the earlier
    number's key for which the identity was sealed; ``formerly``: the earlier numbers' keys.
    """

    __tablename__: ClassVar[str] = "resident"
    __table_args__ = {"schema": "enrollment"}

    person: str = Field(primary_key=True)
    revision: int
    registered: str
    status: str
    coverage: str
    flags: list[str] = Field(sa_column=Column(ARRAY(Text)))
    listed: list[str] = Field(sa_column=Column(ARRAY(Text)))
    township: str
    village: str
    covered_years: list[int] = Field(sa_column=Column(ARRAY(Integer)))
    died: date | None = None
    blind_index: bytes | None = Field(default=None, index=True)
    identity_sealed: str = ""
    identity_of: str = ""
    phone_sealed: str = ""
    phone_of: str = ""
    head_sealed: str = ""
    head_of: str = ""
    household: str = Field(default="", index=True)
    batch: str = ""
    updated: datetime | None = None
    formerly: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text)))
    file: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB))


_LOAD = text(
    "SELECT person, revision, registered, status, coverage, household, batch,"
    " flags, file FROM resident"
    " WHERE person = ANY(CAST(:persons AS text[]))"
)
_LISTINGS = text(
    "SELECT person, month, received, batch, source, category, present FROM listing"
    " WHERE person = ANY(CAST(:persons AS text[]))"
)
_SAVE = text(
    "INSERT INTO resident (person, revision, registered, status, coverage, flags, listed, township,"
    " village, covered_years, died, blind_index, identity_sealed, identity_of, formerly, household,"
    " batch, file, phone_sealed, phone_of, head_sealed, head_of)"
    " SELECT person, revision, registered, status, coverage, string_to_array(flags, ','),"
    " string_to_array(listed, ','), township, village, CAST(string_to_array(years, ',') AS int[]),"
    " died, blind_index, identity_sealed, identity_of, string_to_array(formerly, ','),"
    " household, batch, file, phone_sealed, phone_of, head_sealed, head_of"
    " FROM json_to_recordset(CAST(:rows AS json)) AS new (person text, revision int, registered text,"
    " status text, coverage text, flags text, listed text, township text, village text, years text,"
    " died date, blind_index bytea, identity_sealed text, identity_of text, formerly text,"
    " household text, batch text, file jsonb, phone_sealed text, phone_of text, head_sealed text,"
    " head_of text)"
    " ON CONFLICT (person) DO UPDATE SET revision = excluded.revision,"
    " registered = excluded.registered, status = excluded.status,"
    " coverage = excluded.coverage, flags = excluded.flags, listed = excluded.listed,"
    " township = excluded.township, village = excluded.village,"
    " covered_years = excluded.covered_years, died = excluded.died, file = excluded.file,"
    " formerly = excluded.formerly, household = excluded.household, batch = excluded.batch,"
    " updated = now(), phone_sealed = excluded.phone_sealed, phone_of = excluded.phone_of,"
    " head_sealed = excluded.head_sealed, head_of = excluded.head_of,"
    " identity_of = CASE WHEN excluded.identity_sealed = '' THEN resident.identity_of"
    " ELSE excluded.identity_of END,"
    " blind_index = coalesce(excluded.blind_index, resident.blind_index),"
    " identity_sealed = CASE WHEN excluded.identity_sealed = '' THEN resident.identity_sealed"
    " ELSE excluded.identity_sealed END"
)
_LIST = text(
    "INSERT INTO listing (person, month, received, batch, source, category, present)"
    " SELECT * FROM unnest(CAST(:persons AS text[]), CAST(:months AS date[]),"
    " CAST(:received AS timestamptz[]), CAST(:batches AS text[]), CAST(:sources AS text[]),"
    " CAST(:categories AS text[]), CAST(:present AS boolean[])) ON CONFLICT DO NOTHING"
)


async def load_standing(tx: AsyncConnection, persons: Sequence[str]) -> dict[str, Standing]:
    """Return what was announced, by person."""
    listed: dict[str, set[Listing]] = {}
    for row in await tx.execute(_LISTINGS, {"persons": persons}):
        listed.setdefault(row[0], set()).add(Listing(*row[1:]))
    found = {}
    for row in await tx.execute(_LOAD, {"persons": persons}):
        file = ResidentFile.model_validate(row.file)
        gone = {(one.source, one.batch): one.categories for one in file.withdrawn}
        rows = (one for one in listed.get(row.person, ()) if _stands(one, gone))
        found[row.person] = Standing(
            row.revision, row.registered, row.status, row.coverage, row.household, row.batch,
            tuple(row.flags or ()), file, frozenset(rows),
        )  # fmt: skip
    return found


def _stands(one: Listing, gone: Mapping[tuple[str, str], Sequence[str]]) -> bool:
    """Tell whether a row's list counts for it; ``gone``: list → of which categories not, empty: of none."""
    names = gone.get((one.source, one.batch))
    return names is None or bool(names and one.category not in names)


async def save_changes(
    tx: AsyncConnection, changes: Sequence[ResidentChange], indexes: dict[str, bytes]
) -> None:
    """Write residents as they now stand; ``indexes``: person → blind index, where known."""
    if not changes:
        return
    names = ("person", "revision", "registered", "status", "coverage", "flags", "listed",
             "township", "village", "years", "died", "blind_index", "identity_sealed",
             "identity_of", "formerly", "household", "batch", "file", "phone_sealed", "phone_of",
             "head_sealed", "head_of")  # fmt: skip
    rows = []
    for change in changes:
        now, after, index = change.now, change.after, indexes.get(change.person)
        row = (
            change.person, after.revision, after.registered, after.status, after.coverage,
            ",".join(after.flags), ",".join(now.listed), now.township, now.village,
            ",".join(map(str, now.covered_years)), now.died, index and f"\\x{index.hex()}",
            now.identity_sealed, now.identity_of, ",".join(now.formerly), now.household, now.batch,
            orjson.Fragment(after.file.model_dump_json(exclude_defaults=True)),
            now.phone_sealed, now.phone_of, now.head_sealed, now.head_of,
        )  # fmt: skip
        rows.append(dict(zip(names, row, strict=True)))
    await tx.execute(_SAVE, {"rows": orjson.dumps(rows).decode()})
    await _save_listings(tx, changes)


async def _save_listings(tx: AsyncConnection, changes: Sequence[ResidentChange]) -> None:
    rows = [(change.person, one) for change in changes for one in change.listings]
    if rows:
        columns = {
            "persons": [person for person, _ in rows],
            "months": [one.month for _, one in rows],
            "received": [one.received for _, one in rows],
            "batches": [one.batch for _, one in rows],
            "sources": [one.source for _, one in rows],
            "categories": [one.category for _, one in rows],
            "present": [one.present for _, one in rows],
        }
        await tx.execute(_LIST, columns)
