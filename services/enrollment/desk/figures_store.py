"""Figures over everybody as they were worked out last: the equation, the counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from services.enrollment.tables import FigureRow

_READ = text(
    "SELECT worked_out, took_ms, asked, lines FROM figure"
    " WHERE name = :name AND year = :year AND level = :level"
)
_KEEP = bulk.upsert(FigureRow, "name", "year", "level", "worked_out", "took_ms", "asked", "lines")
_ASK = text("UPDATE figure SET asked = :now WHERE name = :name AND year = :year AND level = :level")
_DUE = text(
    # Asked for; or looked at lately, and soon too old to be shown: the first page of the day need not wait.
    "SELECT name, year, level, asked FROM figure WHERE asked > worked_out"
    " OR (worked_out < :half_a_day_ago AND asked > :a_fortnight_ago) ORDER BY worked_out LIMIT :most"
)
HALF_A_DAY, FORTNIGHT = timedelta(hours=12), timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Key:
    """Which figure: ``equation`` or ``counts``, of a coverage year, how fine."""

    name: str
    year: int
    level: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it is kept. ``asked``: when somebody wanted a newer one."""

    worked_out: datetime
    took_ms: int
    asked: datetime
    lines: str


async def read(connection: AsyncConnection, key: Key) -> Figure | None:
    """Return a figure; None if it was never worked out."""
    row = (await connection.execute(_READ, _named(key))).first()
    return None if row is None else Figure(*row)


async def keep(tx: AsyncConnection, key: Key, figure: Figure) -> None:
    """Write a figure in the place of the one before."""
    row = (*_named(key).values(), figure.worked_out, figure.took_ms, figure.asked, figure.lines)
    await _KEEP.write(tx, [row])


async def ask(tx: AsyncConnection, key: Key, now: datetime) -> None:
    """Write down that somebody would like a newer one."""
    await tx.execute(_ASK, _named(key) | {"now": now})


async def due(connection: AsyncConnection, now: datetime, most: int) -> list[tuple[Key, datetime]]:
    """Return the figures that are to be worked out again, the oldest first, and when each was looked at."""
    asked = {"half_a_day_ago": now - HALF_A_DAY, "a_fortnight_ago": now - FORTNIGHT, "most": most}
    rows = await connection.execute(_DUE, asked)
    return [(Key(row.name, row.year, row.level), row.asked) for row in rows]


def _named(key: Key) -> dict[str, str | int]:
    return {"name": key.name, "year": key.year, "level": key.level}
