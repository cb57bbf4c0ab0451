"""What of a full list counts: a later list of its month replaces it for the categories that it names.

Nothing of this is decided once and kept: it follows from which lists of the month count, in whatever
order they came, and each change is announced as the difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.enrollment.lists.rules import FullList

SUPERSEDED = "superseded"
_NAME = text(
    "UPDATE full_list SET names = ARRAY(SELECT unnest(CAST(:names AS text[]))"
    " EXCEPT SELECT unnest(gone) ORDER BY 1) WHERE source = :source AND month = :month AND batch = :batch"
)
_COUNTS = text(
    "SELECT names FROM full_list WHERE source = :source AND month = :month AND batch = :batch"
)
_REPLACE = text(
    # A list that a question keeps waiting replaces nothing; one that is confirmed does, before it is
    # closed again. Of a list for which some categories count again, those must be closed again.
    "WITH counting AS (SELECT batch, received, names || gone AS said FROM full_list"
    " WHERE source = :source AND month = :month AND (state = 'closed' OR batch = :counting"
    " OR (confirmed AND state IN ('waiting', 'question')))),"
    " part AS (SELECT one.batch, name, EXISTS (SELECT 1 FROM counting AS later WHERE"
    " (later.received, later.batch) > (one.received, one.batch) AND name = ANY(later.said)) AS replaced"
    " FROM full_list AS one CROSS JOIN LATERAL unnest(one.names || one.gone) AS said (name)"
    " WHERE source = :source AND month = :month AND state <> 'withdrawn'),"
    " now AS (SELECT batch,"
    " coalesce(array_agg(name ORDER BY name COLLATE \"C\") FILTER (WHERE NOT replaced), '{}') AS names,"
    " coalesce(array_agg(name ORDER BY name COLLATE \"C\") FILTER (WHERE replaced), '{}') AS gone"
    " FROM part GROUP BY batch)"
    " UPDATE full_list SET names = now.names, gone = now.gone,"
    " confirmed = confirmed OR state IN ('closed', 'superseded'),"
    " state = CASE WHEN now.names = '{}' THEN 'superseded'"
    " WHEN state = 'closed' AND full_list.gone <@ now.gone THEN 'closed' ELSE 'waiting' END"
    " FROM now WHERE full_list.source = :source AND full_list.month = :month"
    " AND full_list.batch = now.batch AND full_list.gone <> now.gone"
    " RETURNING full_list.batch, full_list.gone, full_list.state"
)
_STRAGGLERS = text(
    # Whose row, or absence, arrived after its list had ceased to count for it: what is wanted of the
    # person's file is not in it yet.
    "WITH gone AS (SELECT source, batch, state IN ('withdrawn', 'superseded') AS whole,"
    " CASE WHEN state IN ('withdrawn', 'superseded') THEN '{}' ELSE gone END AS gone FROM full_list"
    " WHERE state IN ('withdrawn', 'superseded') OR gone <> '{}')"
    " SELECT gone.source, gone.batch, gone.gone, one.person FROM gone JOIN listing AS one"
    " ON one.source = gone.source AND one.batch = gone.batch"
    " AND (whole OR one.category = ANY(gone.gone)) JOIN resident USING (person)"
    " WHERE NOT EXISTS (SELECT 1 FROM jsonb_array_elements(coalesce(resident.file->'withdrawn', '[]'))"
    " AS known (word) WHERE word->>'source' = gone.source AND word->>'batch' = gone.batch"
    " AND coalesce(word->'categories', '[]') @> to_jsonb(gone.gone)"
    " AND coalesce(word->'categories', '[]') <@ to_jsonb(gone.gone))"
    " GROUP BY gone.source, gone.batch, gone.gone, one.person LIMIT 500"
)


@dataclass(frozen=True, slots=True)
class Part:
    """What of a list counts no longer: these categories, or all that it said (``whole``)."""

    source: str
    batch: str
    gone: tuple[str, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class Straggler:
    """Somebody whose row arrived after its list had ceased to count for it."""

    part: Part
    person: str


async def name(tx: AsyncConnection, source: str, whole: FullList) -> None:
    """Keep of which categories a list speaks, once all its rows are here."""
    await tx.execute(_NAME, _about(source, whole) | {"names": sorted(whole.names)})


async def counting_of(tx: AsyncConnection, source: str, whole: FullList) -> FullList:
    """Return a list with the categories for which it counts."""
    names = (await tx.execute(_COUNTS, _about(source, whole))).scalar_one()
    return FullList(whole.month, whole.received, whole.batch, frozenset(names))


async def replace_parts(
    tx: AsyncConnection, source: str, month: date, counting: str = ""
) -> list[Part]:
    """Work out anew what of a month's lists counts; return what changed. ``counting``: is about to count."""
    asked = {"source": source, "month": month, "counting": counting}
    return [
        Part(source, row.batch, *_gone(row.gone, whole=row.state == SUPERSEDED))
        for row in await tx.execute(_REPLACE, asked)
    ]


async def stragglers(tx: AsyncConnection) -> list[Straggler]:
    """Return whose rows arrived after their list had ceased to count for them."""
    return [
        Straggler(Part(row.source, row.batch, *_gone(row.gone, whole=not row.gone)), row.person)
        for row in await tx.execute(_STRAGGLERS)
    ]


def _gone(names: Sequence[str], *, whole: bool) -> tuple[tuple[str, ...], bool]:
    return (() if whole else tuple(names)), whole


def _about(source: str, whole: FullList) -> dict[str, object]:
    return {"source": source, "month": whole.month, "batch": whole.batch}
