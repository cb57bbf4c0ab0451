"""Duties as kept: one row each, ended and never taken away."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from services.notify.officers.rules import Duty
from services.notify.tables import DutyRow

_INSERT = text(
    # Said again it is the same duty; one that was ended meanwhile stays so.
    "INSERT INTO duty (id, townships, village, post, duty_group, first, last, stands_in_for,"
    " contact_sealed, number, holder, recorded) VALUES (:id, CAST(:townships AS text[]), :village, :post,"
    " :duty_group, :first, :last, :stands_in_for, :contact_sealed, :number, :holder, :recorded)"
    " ON CONFLICT DO NOTHING"
)
_END = text(
    "UPDATE duty SET last = :last, ended_by = :holder WHERE id = :id AND first <= :last RETURNING id"
)
_ONE = text("SELECT * FROM duty WHERE id = :id")
_UNNUMBERED = text("SELECT id, contact_sealed FROM duty WHERE number = '' LIMIT :most FOR UPDATE")
_NUMBER = bulk.update(DutyRow, "id", "number")
_RUNNING = text(
    "SELECT id, townships, village, first, last, stands_in_for, contact_sealed, number FROM duty"
    " WHERE first <= :day AND (last IS NULL OR last >= :day) ORDER BY id"
)
_PAGE = text(
    "SELECT * FROM duty WHERE id > :after AND (:township = '' OR :township = ANY(townships))"
    " AND (CAST(:on AS date) IS NULL OR (first <= :on AND (last IS NULL OR last >= :on)))"
    " ORDER BY id LIMIT :most"
)


async def insert(tx: AsyncConnection, row: dict[str, Any]) -> None:
    """Write a duty that begins."""
    await tx.execute(_INSERT, row)


async def end(tx: AsyncConnection, id_: str, last: date, holder: str) -> bool:
    """Write the last day of a duty; False if there is none, or it begins later."""
    found = await tx.execute(_END, {"id": id_, "last": last, "holder": holder})
    return found.scalar_one_or_none() is not None


async def known(tx: AsyncConnection, id_: str) -> Any | None:
    """Return a duty as it is kept; None if there is none."""
    return (await tx.execute(_ONE, {"id": id_})).one_or_none()


async def unnumbered(tx: AsyncConnection, most: int) -> list[Any]:
    """Return duties whose phone's keyed hash was not worked out yet."""
    return list(await tx.execute(_UNNUMBERED, {"most": most}))


async def number(tx: AsyncConnection, numbers: Sequence[tuple[str, str]]) -> None:
    """Write (duty, keyed hash of the phone)."""
    await _NUMBER.write(tx, numbers)


async def running(tx: AsyncConnection, day: date) -> list[Duty]:
    """Return the duties of a day, of the whole county."""
    rows = await tx.execute(_RUNNING, {"day": day})
    return [
        Duty(row.id, tuple(row.townships), row.village, row.first, row.last, row.stands_in_for,
             row.contact_sealed, row.number)
        for row in rows
    ]  # fmt: skip


async def page(
    tx: AsyncConnection, township: str, on: date | None, after: str, most: int
) -> list[Any]:
    """Return duties by id."""
    asked = {"township": township, "on": on, "after": after, "most": most}
    return list((await tx.execute(_PAGE, asked)).mappings())
