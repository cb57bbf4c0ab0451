"""Enrollment's tables: residents with the identity vault, and the roster equation's figures."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

import orjson
from sqlalchemy import ARRAY, Column, Integer, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field, SQLModel

from services.enrollment.domain import Change, Standing
from services.enrollment.equation import RosterMember


class ResidentRow(SQLModel, table=True):
    """A person as announced. ``identity_sealed`` is the vault; ``blind_index`` finds a row in it."""

    __tablename__: ClassVar[str] = "resident"
    __table_args__ = {"schema": "enrollment"}

    person: str = Field(primary_key=True)
    revision: int
    registered: str
    status: str
    coverage: str
    flags: list[str] = Field(sa_column=Column(ARRAY(Text)))
    township: str
    village: str
    covered_years: list[int] = Field(sa_column=Column(ARRAY(Integer)))
    elsewhere: str
    died: date | None = None
    blind_index: bytes | None = Field(default=None, index=True)
    identity_sealed: str = ""


_LOAD = text(
    "SELECT person, revision, registered, status, coverage, flags, elsewhere FROM resident"
    " WHERE person = ANY(CAST(:persons AS text[]))"
)
_SAVE = text(
    "INSERT INTO resident (person, revision, registered, status, coverage, flags, township,"
    " village, covered_years, elsewhere, died, blind_index, identity_sealed)"
    " SELECT person, revision, registered, status, coverage, string_to_array(flags, ','),"
    " township, village, CAST(string_to_array(years, ',') AS int[]), elsewhere, died,"
    " blind_index, identity_sealed"
    " FROM unnest(CAST(:person AS text[]), CAST(:revision AS int[]),"
    " CAST(:registered AS text[]), CAST(:status AS text[]), CAST(:coverage AS text[]),"
    " CAST(:flags AS text[]), CAST(:township AS text[]), CAST(:village AS text[]),"
    " CAST(:years AS text[]), CAST(:elsewhere AS text[]), CAST(:died AS date[]),"
    " CAST(:blind_index AS bytea[]), CAST(:identity_sealed AS text[]))"
    " AS new (person, revision, registered, status, coverage, flags, township, village, years,"
    " elsewhere, died, blind_index, identity_sealed)"
    " ON CONFLICT (person) DO UPDATE SET revision = excluded.revision,"
    " registered = excluded.registered, status = excluded.status,"
    " coverage = excluded.coverage, flags = excluded.flags, township = excluded.township,"
    " village = excluded.village, covered_years = excluded.covered_years,"
    " elsewhere = excluded.elsewhere, died = excluded.died,"
    " blind_index = coalesce(excluded.blind_index, resident.blind_index),"
    " identity_sealed = CASE WHEN excluded.identity_sealed = '' THEN resident.identity_sealed"
    " ELSE excluded.identity_sealed END"
)
_ROSTER = text(
    "SELECT person, township, :year = ANY(covered_years) AS enrolled, elsewhere, died"
    " FROM resident WHERE flags && CAST(:categories AS text[])"
)


async def load_standing(tx: AsyncConnection, persons: Sequence[str]) -> dict[str, Standing]:
    """Return what was announced, by person."""
    return {
        row[0]: Standing(row[1], row[2], row[3], row[4], tuple(row[5] or ()), row[6])
        for row in await tx.execute(_LOAD, {"persons": persons})
    }


async def save_changes(
    tx: AsyncConnection, changes: Sequence[Change], indexes: dict[str, bytes]
) -> None:
    """Write residents as they now stand; ``indexes``: person → blind index, where known."""
    if not changes:
        return
    names = ("person", "revision", "registered", "status", "coverage", "flags", "township",
             "village", "years", "elsewhere", "died", "blind_index", "identity_sealed")  # fmt: skip
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for change in changes:
        now, after = change.now, change.after
        row = (
            change.person, after.revision, after.registered, after.status, after.coverage,
            ",".join(after.flags), now.township, now.village,
            ",".join(map(str, now.covered_years)), after.elsewhere, now.died,
            indexes.get(change.person), now.identity_sealed,
        )  # fmt: skip
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    await tx.execute(_SAVE, columns)


async def roster_members(
    tx: AsyncConnection, categories: Sequence[str], year: int
) -> list[RosterMember]:
    """Return everybody whose flag stands, as the equation of a year sees them."""
    rows = await tx.execute(_ROSTER, {"categories": list(categories), "year": year})
    return [
        RosterMember(row.person, row.township, row.enrolled, _justified(row, year)) for row in rows
    ]


def _justified(row: Any, year: int) -> str:
    """Return the reason why a person need not be enrolled here that year, or an empty string."""
    if row.died is not None and row.died.year <= year:
        return "DEATH"
    for reason, start, end in orjson.loads(row.elsewhere):
        if start[:4] <= str(year) and (end is None or end[:4] >= str(year)):
            return str(reason)
    return ""
