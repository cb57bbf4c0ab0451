"""Closes full lists: once all rows of a list are here, its silence about somebody is a removal.

The removals go out as facts of the list's own source and come back like every other fact, so they
are folded, kept and announced in one way only. A list that shrank too much, or of which rows had to
go back, is a question first: the people of those rows would seem absent.
"""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.bus import AT_A_TIME, Subscription
from chassis.jobs import Job
from chassis.listening import Kept
from chassis.runtime import Runtime, Turn
from chassis.telemetry import logger
from contracts.envelope import Message, enclose, event_id
from contracts.events.lists import RosterReceived
from contracts.events.partner import StatusReported
from contracts.vocabulary import Category, Source
from services.enrollment.lists import parts_store as list_parts
from services.enrollment.lists import store as list_store
from services.enrollment.lists.rules import Removal, ShrinkLimit, removals, usual
from services.enrollment.lists.store import Verdict, Whole
from services.enrollment.lists.withdrawing import replaced, settled, undo_stragglers

OPEN_STATES = ("waiting", "question")
LIMIT = ShrinkLimit()
UNKNOWN_PLACE = "未登记"


async def measure(runtime: Runtime) -> bool:
    """Show how many full lists wait for rows or for an answer, and since when."""
    lists = runtime.metrics.gauge("enrollment_full_lists", "Full lists not closed", ["state"])
    age = runtime.metrics.gauge(
        "enrollment_full_list_oldest_seconds", "Age of the oldest", ["state"]
    )
    async with runtime.look() as connection:
        found = await list_store.open_states(connection)
    for state in OPEN_STATES:
        number, seconds = found.get(state, (0, 0.0))
        lists.labels(state).set(number)
        age.labels(state).set(seconds)
    return False


async def close_next(runtime: Runtime) -> bool:
    """Close one list that is whole; False if there is none."""
    async with runtime.turn() as turn:
        whole = await list_store.next_whole(turn.tx)
        if whole is None:
            return False
        source, closing = whole.source, whole.closing
        await list_parts.name(turn.tx, source, closing)
        # A later list of the month may count already: then this one counts for the rest, or not at all.
        turn.pass_on(await replaced(turn.tx, runtime, source, closing.month, by=closing.batch))
        counting = await list_parts.counting_of(turn.tx, source, closing)
        if counting.names or not closing.names:
            turn.pass_on(await _close(turn.tx, runtime, replace(whole, closing=counting)))
    return True


async def note(turn: Turn, _: str, body: bytes) -> None:
    """Keep that a list came; a full one is closed once all its rows are here."""
    await list_store.note_list(turn.tx, RosterReceived.model_validate_json(body))


class DoubtError(Exception):
    """A list must not count before somebody was asked."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.asked)
        self.verdict = verdict


async def _close(tx: AsyncConnection, runtime: Runtime, whole: Whole) -> list[Message]:
    """Let a list count, or leave everything as it was and ask first."""
    try:
        async with tx.begin_nested():
            return await _count(tx, runtime, whole)
    except DoubtError as doubt:
        await list_store.settle_list(tx, whole.source, whole.closing, doubt.verdict)
        logger().info("lists.question", source=whole.source, absent=doubt.verdict.absent)
        return []


async def _count(tx: AsyncConnection, runtime: Runtime, whole: Whole) -> list[Message]:
    """Work out whom a list's silence removes; what earlier lists of its month said of the same is replaced.

    Raises DoubtError where so many would leave that somebody must be asked.
    """
    source, closing = whole.source, whole.closing
    messages = await replaced(
        tx, runtime, source, closing.month, by=closing.batch, counting=closing.batch
    )
    closed = await list_store.closed_lists(tx, source, closing.batch)
    rows = await list_store.candidates(tx, source, closing, closed)
    absent = list(removals(closing, closed, rows))
    standing = await list_store.standing_before(tx, source, closing)
    lost = await list_store.lost_before(tx, source, closing)
    asked = LIMIT.asks(standing, len(absent), lost) or (
        "rejected" if whole.rejected and absent else ""
    )
    if asked and not whole.confirmed:
        raise DoubtError(Verdict(list_store.QUESTION, standing, len(absent), asked, usual(lost)))
    verdict = Verdict(list_store.CLOSED, standing, len(absent), "", usual(lost))
    await list_store.settle_list(tx, source, closing, verdict)
    logger().info("lists.closed", source=source, absent=len(absent), standing=standing)
    opening = not any(closing.names & one.names for one in closed)
    messages.append(settled(runtime, source, closing.batch, "closed", opening=opening))
    return messages + await _announced(tx, runtime, source, absent)


async def _announced(
    tx: AsyncConnection, runtime: Runtime, source: str, absent: list[Removal]
) -> list[Message]:
    places = await list_store.places_of(tx, sorted({one.person for one in absent}))
    at = runtime.clock()
    messages = []
    for missing in absent:
        township, village = places.get(missing.person, (UNKNOWN_PLACE, ""))
        listing = missing.absent_from
        event = StatusReported(
            source=Source(source), received=listing.received + timedelta(microseconds=1),
            person=missing.person, category=Category(missing.category), action="removed",
            effective=listing.month, township=township, village=village, batch=listing.batch,
            listed=listing.month,
        )  # fmt: skip
        key = event_id("absent", source, listing.batch, missing.person, missing.category)
        messages.append(enclose(event, source="enrollment", id_=key, at=at))
    return messages


CLOSING = "closing"
KEEPS = (
    Kept(
        Subscription(
            "PARTNER", "enrollment-lists", (RosterReceived.SUBJECT,), "explicit", AT_A_TIME
        ),
        note,
        wakes=CLOSING,
    ),
)
JOBS = (
    Job(CLOSING, close_next, seconds=0.5),
    Job("undoing", undo_stragglers, seconds=3.0),
    Job("measuring", measure, seconds=15.0, alone=False),
)
