"""Orders to compare a year under two packs, and whose bills there are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.whatif import WhatIf, WhatIfResult

_SHOWN = "id, year, pack, against, holder, ordered, done, total, finished, failed"
_ORDER = text(
    "INSERT INTO what_if (id, year, pack, against, holder, ordered, done, total, failed, result)"
    " SELECT :id, CAST(:year AS int), CAST(:pack AS text), CAST(:against AS text), :holder, :ordered, 0,"
    " (SELECT count(DISTINCT person) FROM claim WHERE year = :year), '', ''"
    # The same question twice is one piece of work.
    " WHERE NOT EXISTS (SELECT FROM what_if WHERE finished IS NULL AND failed = ''"
    " AND (year, pack, against) = (CAST(:year AS int), CAST(:pack AS text), CAST(:against AS text)))"
    " RETURNING id"
)
_LATEST = text(f"SELECT {_SHOWN} FROM what_if ORDER BY ordered DESC, id LIMIT :most")
_ONE = text(f"SELECT {_SHOWN}, result FROM what_if WHERE id = :id")
_NEXT = text(
    f"SELECT {_SHOWN} FROM what_if WHERE finished IS NULL AND failed = '' ORDER BY ordered, id LIMIT 1"
)
_PERSONS = text(
    "SELECT DISTINCT person FROM claim WHERE year = :year AND person > :after ORDER BY person LIMIT :most"
)
_FAR = text("UPDATE what_if SET done = :done WHERE id = :id")
_FINISH = text("UPDATE what_if SET finished = :now, result = :result WHERE id = :id")
_FAIL = text("UPDATE what_if SET failed = :why WHERE id = :id")


async def order(tx: AsyncConnection, row: dict[str, Any]) -> bool:
    """Write an order down; False if the same is being worked out."""
    return (await tx.execute(_ORDER, row)).first() is not None


async def latest(connection: AsyncConnection, most: int) -> list[WhatIf]:
    """Return the orders, the latest first, without their results."""
    rows = await connection.execute(_LATEST, {"most": most})
    return [WhatIf(**row) for row in rows.mappings()]


async def one(connection: AsyncConnection, id_: str) -> WhatIf | None:
    """Return an order with its result."""
    row = (await connection.execute(_ONE, {"id": id_})).mappings().first()
    if row is None:
        return None
    known = dict(row)
    result = known.pop("result")
    return WhatIf(**known, result=WhatIfResult.model_validate_json(result) if result else None)


async def next_one(connection: AsyncConnection) -> WhatIf | None:
    """Return the order that waits longest."""
    row = (await connection.execute(_NEXT)).mappings().first()
    return None if row is None else WhatIf(**row)


async def persons(connection: AsyncConnection, year: int, after: str, most: int) -> Sequence[str]:
    """Return a page of the people who have bills in a year."""
    asked = {"year": year, "after": after, "most": most}
    return (await connection.execute(_PERSONS, asked)).scalars().all()


async def get_on(tx: AsyncConnection, id_: str, done: int) -> None:
    """Write down how many people are compared."""
    await tx.execute(_FAR, {"id": id_, "done": done})


async def finish(tx: AsyncConnection, id_: str, result: WhatIfResult, now: datetime) -> None:
    """Write down what came out."""
    await tx.execute(_FINISH, {"id": id_, "result": result.model_dump_json(), "now": now})


async def fail(tx: AsyncConnection, id_: str, why: str) -> None:
    """Write down that nothing comes out."""
    await tx.execute(_FAIL, {"id": id_, "why": why})
