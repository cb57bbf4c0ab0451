"""Full lists as kept: which came in whole, who stands on them, what their absence removes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events.lists import RosterReceived
from services.enrollment.lists.rules import FullList, openings
from services.enrollment.person.listings import Listing

CLOSED, QUESTION = "closed", "question"
_STANDS = (
    " AND NOT EXISTS (SELECT 1 FROM full_list AS off WHERE off.source = one.source"
    " AND off.batch = one.batch AND (off.state IN ('withdrawn', 'superseded')"
    " OR one.category = ANY(off.gone)))"
)
"""Rows of a list that was withdrawn or replaced say nothing, also before they are taken out."""
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('full_list'))")
_NOTE = text(
    "INSERT INTO full_list (source, month, received, batch, accepted, rejected, digest, expected,"
    " waiting, hiding)"
    " VALUES (:source, :month, :received, :batch, :accepted, :rejected, :digest, :expected,"
    " :waiting, :hiding) ON CONFLICT DO NOTHING"
)
_ANSWERED = (
    " AND (SELECT count(*) FROM waiting_row AS asked WHERE asked.source = full_list.source"
    " AND asked.batch = full_list.batch AND (asked.state = 'refused' OR asked.state = 'taken' AND"
    " (asked.person IS NULL OR EXISTS (SELECT 1 FROM listing AS here WHERE here.batch = asked.batch"
    " AND here.source = asked.source AND here.person = asked.person"
    " AND here.category = asked.category AND here.present)))) >= waiting"
)
"""Every row with a word that nobody had explained was answered, and stands on the list if it was taken."""
_WHOLE = text(
    # The oldest list of which every row is here and no word waits; one process takes it, another the next.
    "SELECT source, month, received, batch, coalesce(hiding, rejected) AS rejected, confirmed,"
    " kept.rows, kept.names,"
    " (SELECT count(*) FROM waiting_row AS back WHERE back.source = full_list.source"
    " AND back.batch = full_list.batch AND back.state = 'refused') AS refused FROM full_list"
    " JOIN LATERAL (SELECT count(DISTINCT (person, category)) AS rows,"
    " coalesce(array_agg(DISTINCT category), '{}') AS names FROM listing"
    " WHERE listing.batch = full_list.batch AND listing.source = full_list.source AND present)"
    " AS kept ON kept.rows >= coalesce(expected, accepted)"
    f" WHERE (state = 'waiting' OR (state = 'question' AND confirmed)){_ANSWERED}"
    " ORDER BY month, received LIMIT 1 FOR UPDATE OF full_list SKIP LOCKED"
)
_CLOSED = text(
    "SELECT month, received, batch, names FROM full_list"
    " WHERE source = :source AND state = 'closed' AND batch <> :batch"
)
_ALL_CLOSED = text(
    "SELECT source, month, names FROM full_list WHERE state = 'closed' ORDER BY month, received"
)
_CANDIDATES = text(
    f"SELECT DISTINCT person FROM listing AS one WHERE source = :source AND category = ANY(:names){_STANDS}"
    " AND NOT EXISTS (SELECT 1 FROM listing AS here WHERE here.source = one.source"
    " AND here.category = one.category AND here.person = one.person AND here.batch = :batch)"
)
_NOT_ON_THE_NEXT = text(
    "SELECT DISTINCT person FROM listing AS one WHERE batch = :batch AND present"
    " AND NOT EXISTS (SELECT 1 FROM listing AS there WHERE there.source = one.source"
    " AND there.category = one.category AND there.person = one.person AND there.batch = :next)"
)
_ROWS = text(
    "SELECT person, month, received, batch, source, category, present FROM listing AS one"
    f" WHERE source = :source AND person = ANY(CAST(:persons AS text[])){_STANDS}"
)
_STANDING = text(
    # Of each category the list before that counts for it.
    "WITH before AS (SELECT DISTINCT ON (name) name, batch FROM full_list"
    " CROSS JOIN LATERAL unnest(names) AS named (name) WHERE source = :source AND state = 'closed'"
    " AND name = ANY(:names) AND (month, received) < (:month, :received)"
    " ORDER BY name, month DESC, received DESC)"
    " SELECT count(DISTINCT (person, category)) FROM before JOIN listing ON listing.source = :source"
    " AND listing.batch = before.batch AND listing.category = before.name AND present"
)
_SETTLE = text(
    "UPDATE full_list SET state = :state, names = :names, standing = :standing, absent = :absent,"
    " asked = :asked, usual = :usual"
    " WHERE source = :source AND month = :month AND batch = :batch"
)
_LOST_BEFORE = text(
    "SELECT absent FROM full_list WHERE source = :source AND state = 'closed' AND batch <> :batch"
    " AND standing > 0 ORDER BY month DESC, received DESC LIMIT 12"
)
_WITHDRAW = text(
    "UPDATE full_list SET state = 'withdrawn', withdrawn_by = :holder, why = :why"
    " WHERE batch = :batch AND state IN ('waiting', 'question', 'closed')"
    " RETURNING source, month, received"
)
_CLOSE_AGAIN = text(
    "UPDATE full_list SET state = 'waiting', confirmed = true WHERE source = :source"
    " AND state = 'closed' AND (month, received) > (:month, :received)"
)
_ON_IT = text("SELECT DISTINCT person FROM listing WHERE source = :source AND batch = :batch")
_SAME_FILE = text(
    "SELECT digest = :digest AND state <> 'withdrawn' AS stands, count(*) FILTER (WHERE digest = :digest)"
    " OVER () AS times FROM full_list WHERE source = :source AND month = :month"
    " ORDER BY received DESC LIMIT 1"
)
_CONFIRM = text(
    "UPDATE full_list SET confirmed = true WHERE batch = :batch AND state = 'question' RETURNING source"
)
_STATES = text(
    "SELECT state, count(*), coalesce(extract(epoch FROM now() - min(received)), 0) FROM full_list"
    " WHERE state IN ('waiting', 'question') GROUP BY state"
)
_SHOWN = text(
    "SELECT source, month, received, batch, accepted, rejected, state, gone AS replaced, standing,"
    " absent, asked, usual, (SELECT count(*) FROM waiting_row AS row WHERE row.batch = full_list.batch"
    " AND row.source = full_list.source AND row.state = 'waiting') AS waiting FROM full_list"
    " ORDER BY received DESC, batch LIMIT :most OFFSET :offset"
)
_PLACES = text(
    "SELECT person, township, village FROM resident WHERE person = ANY(CAST(:persons AS text[]))"
)


async def note_list(tx: AsyncConnection, notice: RosterReceived) -> None:
    """Keep that a full list was sent; it is closed once all its rows are here."""
    if notice.month is None:
        return
    told = notice.model_dump(
        include={"month", "received", "batch", "accepted", "rejected", "digest", "waiting"}
    )
    hiding = notice.rejected if notice.hiding is None else notice.hiding
    told |= {"source": notice.source.value, "expected": notice.standing, "hiding": hiding}
    await tx.execute(_NOTE, told)


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
    return Whole(row.source, whole, row.rejected + row.refused, row.confirmed)


async def closed_lists(tx: AsyncConnection, source: str, batch: str) -> list[FullList]:
    """Return the other lists of a source that were closed before."""
    rows = await tx.execute(_CLOSED, {"source": source, "batch": batch})
    return [FullList(row[0], row[1], row[2], frozenset(row[3])) for row in rows]


async def opening_lists(tx: AsyncConnection) -> dict[tuple[str, str], date]:
    """Return (source, category) → month of the list with which a register began."""
    return openings((row[0], row[1], row[2]) for row in await tx.execute(_ALL_CLOSED))


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


async def lost_before(tx: AsyncConnection, source: str, closing: FullList) -> list[int]:
    """Return how many each of a source's last lists lost."""
    rows = await tx.execute(_LOST_BEFORE, {"source": source, "batch": closing.batch})
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a list ends for now: its state, how many stood before, how many are absent, why it asks."""

    state: str
    standing: int
    absent: int
    asked: str = ""
    usual: int | None = None


async def settle_list(
    tx: AsyncConnection, source: str, closing: FullList, verdict: Verdict
) -> None:
    """Write how a list ended: closed, or a question that somebody must answer."""
    where = {"source": source, "month": closing.month, "batch": closing.batch}
    said = {
        "state": verdict.state, "names": sorted(closing.names), "standing": verdict.standing,
        "absent": verdict.absent, "asked": verdict.asked, "usual": verdict.usual,
    }  # fmt: skip
    await tx.execute(_SETTLE, where | said)


async def withdraw_list(
    tx: AsyncConnection, batch: str, holder: str, why: str
) -> tuple[str, date, datetime] | None:
    """Withdraw a list, whatever its state; (source, month, received), or None if there is no such one.

    Lists after it are closed again: who was on the one before and is not on the next leaves there.
    """
    asked = {"batch": batch, "holder": holder, "why": why}
    await tx.execute(_ONE_AT_A_TIME)
    row = (await tx.execute(_WITHDRAW, asked)).first()
    if row is None:
        return None
    about = {"source": row.source, "month": row.month, "received": row.received}
    await tx.execute(_CLOSE_AGAIN, about)
    return row.source, row.month, row.received


async def people_on(tx: AsyncConnection, source: str, batch: str) -> list[str]:
    """Return everybody of whom a list says something, also by its silence."""
    asked = {"source": source, "batch": batch}
    return sorted(row[0] for row in await tx.execute(_ON_IT, asked))


async def times_before(tx: AsyncConnection, source: str, month: date, digest: str) -> int:
    """Return how often a file counted before it was replaced or withdrawn; 0: it is new, or stands."""
    asked = {"source": source, "month": month, "digest": digest}
    row = (await tx.execute(_SAME_FILE, asked)).first()
    if row is None or not row.times:
        return 0
    return int(row.times) - 1 if row.stands else int(row.times)


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
