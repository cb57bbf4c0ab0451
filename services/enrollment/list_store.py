"""Full lists as kept: which came in whole, who stands on them, what their absence removes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events.partner import RosterReceived
from services.enrollment.lists import FullList, Listing

CLOSED, QUESTION = "closed", "question"
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('full_list'))")
_NOTE = text(
    "INSERT INTO full_list (source, month, received, batch, accepted, rejected)"
    " SELECT * FROM unnest(CAST(:sources AS text[]), CAST(:months AS date[]),"
    " CAST(:received AS timestamptz[]), CAST(:batches AS text[]), CAST(:accepted AS int[]),"
    " CAST(:rejected AS int[]))"
    " ON CONFLICT DO NOTHING"
)
_WHOLE = text(
    "SELECT source, month, received, batch, rejected, confirmed, kept.rows, kept.names FROM full_list"
    " JOIN LATERAL (SELECT count(DISTINCT (person, category)) AS rows,"
    " array_agg(DISTINCT category) AS names FROM listing WHERE listing.batch = full_list.batch"
    " AND listing.source = full_list.source AND present) AS kept ON kept.rows >= accepted"
    " WHERE state = 'waiting' OR (state = 'question' AND confirmed)"
    " ORDER BY month, received LIMIT 1 FOR UPDATE OF full_list SKIP LOCKED"
)
_CLOSED = text(
    "SELECT month, received, batch, names FROM full_list"
    " WHERE source = :source AND state = 'closed' AND batch <> :batch"
)
_CANDIDATES = text(
    "SELECT DISTINCT person FROM listing AS one WHERE source = :source AND category = ANY(:names)"
    " AND NOT EXISTS (SELECT 1 FROM listing AS here WHERE here.source = one.source"
    " AND here.category = one.category AND here.person = one.person AND here.batch = :batch)"
)
_NOT_ON_THE_NEXT = text(
    "SELECT DISTINCT person FROM listing AS one WHERE batch = :batch AND present"
    " AND NOT EXISTS (SELECT 1 FROM listing AS there WHERE there.source = one.source"
    " AND there.category = one.category AND there.person = one.person AND there.batch = :next)"
)
_ROWS = text(
    "SELECT person, month, received, batch, source, category, present FROM listing"
    " WHERE source = :source AND person = ANY(CAST(:persons AS text[]))"
)
_STANDING = text(
    "SELECT count(DISTINCT (person, category)) FROM listing"
    " WHERE source = :source AND present AND batch ="
    " (SELECT batch FROM full_list WHERE source = :source AND state = 'closed' AND names && :names"
    " AND (month, received) < (:month, :received) ORDER BY month DESC, received DESC LIMIT 1)"
)
_SETTLE = text(
    "UPDATE full_list SET state = :state, names = :names, standing = :standing, absent = :absent"
    " WHERE source = :source AND month = :month AND batch = :batch"
)
_SUPERSEDE = text(
    "UPDATE full_list SET state = 'superseded' WHERE source = :source AND month = :month"
    " AND state = 'question' AND received < :received AND names <@ CAST(:names AS text[])"
)
_CONFIRM = text(
    "UPDATE full_list SET confirmed = true WHERE batch = :batch AND state = 'question' RETURNING source"
)
_STATES = text(
    "SELECT state, count(*), coalesce(extract(epoch FROM now() - min(received)), 0) FROM full_list"
    " WHERE state IN ('waiting', 'question') GROUP BY state"
)
_SHOWN = text(
    "SELECT source, month, received, batch, accepted, rejected, state, standing,"
    " absent FROM full_list"
    " ORDER BY received DESC, batch LIMIT :most OFFSET :offset"
)
_PLACES = text(
    "SELECT person, township, village FROM resident WHERE person = ANY(CAST(:persons AS text[]))"
)


async def note_lists(tx: AsyncConnection, notices: Sequence[RosterReceived]) -> None:
    """Keep that full lists were sent; each is closed once all its rows are here."""
    full = [one for one in notices if one.month is not None]
    if full:
        columns = {
            "sources": [one.source.value for one in full],
            "months": [one.month for one in full],
            "received": [one.received for one in full],
            "batches": [one.batch for one in full],
            "accepted": [one.accepted for one in full],
            "rejected": [one.rejected for one in full],
        }
        await tx.execute(_NOTE, columns)


@dataclass(frozen=True, slots=True)
class Whole:
    """A full list whose rows are all here. ``rejected``: rows sent back, whose people are unknown."""

    source: str
    closing: FullList
    rejected: int
    confirmed: bool


async def next_whole(tx: AsyncConnection) -> Whole | None:
    """Return the next list whose rows are all here. Lists are closed one at a time, by everybody."""
    await tx.execute(_ONE_AT_A_TIME)
    row = (await tx.execute(_WHOLE)).first()
    if row is None:
        return None
    whole = FullList(row.month, row.received, row.batch, frozenset(row.names))
    return Whole(row.source, whole, row.rejected, row.confirmed)


async def closed_lists(tx: AsyncConnection, source: str, batch: str) -> list[FullList]:
    """Return the other lists of a source that were closed before."""
    rows = await tx.execute(_CLOSED, {"source": source, "batch": batch})
    return [FullList(row[0], row[1], row[2], frozenset(row[3])) for row in rows]


async def candidates(
    tx: AsyncConnection, source: str, closing: FullList, closed: Iterable[FullList]
) -> dict[str, list[Listing]]:
    """Return the rows of everybody for whom a list could mean a removal: person → rows."""
    asked: dict[str, Any] = {
        "source": source, "batch": closing.batch, "names": sorted(closing.names),
    }  # fmt: skip
    persons = {row[0] for row in await tx.execute(_CANDIDATES, asked)}
    for following in {_next(closing, name, closed) for name in closing.names}:
        if following is not None:
            asked = {"batch": closing.batch, "next": following.batch}
            persons |= {row[0] for row in await tx.execute(_NOT_ON_THE_NEXT, asked)}
    found: dict[str, list[Listing]] = {}
    for row in await tx.execute(_ROWS, {"source": source, "persons": sorted(persons)}):
        found.setdefault(row[0], []).append(Listing(*row[1:]))
    return found


def _next(closing: FullList, name: str, closed: Iterable[FullList]) -> FullList | None:
    return min((one for one in closed if one > closing and name in one.names), default=None)


async def standing_before(tx: AsyncConnection, source: str, closing: FullList) -> int:
    """Return how many rows the list before had; 0 if there was none."""
    asked = {
        "source": source, "names": sorted(closing.names), "month": closing.month,
        "received": closing.received,
    }  # fmt: skip
    return int((await tx.execute(_STANDING, asked)).scalar_one())


async def settle_list(
    tx: AsyncConnection, source: str, closing: FullList, state: str, standing: int, absent: int
) -> None:
    """Write how a list ended: closed, or a question that somebody must answer."""
    await tx.execute(
        _SETTLE,
        {
            "source": source, "month": closing.month, "batch": closing.batch, "state": state,
            "names": sorted(closing.names), "standing": standing, "absent": absent,
        },
    )  # fmt: skip
    if state == CLOSED:
        asked = {"source": source, "month": closing.month, "received": closing.received,
                 "names": sorted(closing.names)}  # fmt: skip
        await tx.execute(_SUPERSEDE, asked)


async def confirm_list(tx: AsyncConnection, batch: str) -> bool:
    """Answer the question of a list that shrank: the absences are meant. False if none is asked."""
    return (await tx.execute(_CONFIRM, {"batch": batch})).first() is not None


async def shown_lists(tx: AsyncConnection, most: int, offset: int) -> list[dict[str, Any]]:
    """Return a page of full lists with their state and counts, the latest first."""
    asked = {"most": most, "offset": offset}
    return [dict(row) for row in (await tx.execute(_SHOWN, asked)).mappings()]


async def open_states(tx: AsyncConnection) -> dict[str, tuple[int, float]]:
    """Return (number, seconds since the oldest came in) of lists that are waiting or a question."""
    return {row[0]: (row[1], float(row[2])) for row in await tx.execute(_STATES)}


async def places_of(tx: AsyncConnection, persons: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return township and village by person."""
    rows = await tx.execute(_PLACES, {"persons": list(persons)})
    return {row[0]: (row[1], row[2]) for row in rows}
