"""Closes full lists: once all rows of a list are here, its silence about somebody is a removal.

The removals go out as facts of the list's own source and come back like every other fact, so they
are folded, kept and announced in one way only. A list that shrank too much, or of which rows had to
go back, is a question first: the people of those rows would seem absent.
"""

import asyncio
from dataclasses import replace
from datetime import timedelta

from prometheus_client import Gauge
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.service import Runtime
from chassis.telemetry import logger
from contracts.envelope import Message, enclose, event_id
from contracts.events.partner import StatusReported
from contracts.vocabulary import Category, Source
from services.enrollment.lists import parts_store as list_parts
from services.enrollment.lists import store as list_store
from services.enrollment.lists.rules import Removal, ShrinkLimit, removals, usual
from services.enrollment.lists.store import Verdict, Whole
from services.enrollment.lists.withdrawing import replaced, settled, undo_stragglers

LOOK_SECONDS = 0.5
UNDO_SECONDS = 3.0
MEASURED_SECONDS = 15.0
OPEN_STATES = ("waiting", "question")
LIMIT = ShrinkLimit()
UNKNOWN_PLACE = "未登记"


async def keep_closing(runtime: Runtime) -> None:
    """Close lists as they become whole, for as long as the service runs."""
    while True:
        messages = await close_next(runtime)
        if messages is None:
            await asyncio.sleep(LOOK_SECONDS)
        elif messages and runtime.outbox is not None:
            await runtime.outbox.relay(messages)


async def keep_undoing(runtime: Runtime) -> None:
    """Take back what a withdrawn list said of people whose rows arrived after its withdrawal."""
    while True:
        await asyncio.sleep(UNDO_SECONDS)
        try:
            messages = await undo_stragglers(runtime)
        except DBAPIError as error:
            logger().warning("lists.undo_delayed", reason=type(error).__name__)
            continue
        if messages and runtime.outbox is not None:
            await runtime.outbox.relay(messages)


async def keep_measuring(runtime: Runtime) -> None:
    """Show how many full lists wait for rows or for an answer, and since when."""
    registry = runtime.metrics.registry
    lists = Gauge("enrollment_full_lists", "Full lists not closed", ["state"], registry=registry)
    age = Gauge(
        "enrollment_full_list_oldest_seconds", "Age of the oldest", ["state"], registry=registry
    )
    while True:
        try:
            async with runtime.engine.connect() as connection:
                found = await list_store.open_states(connection)
        except DBAPIError as error:
            logger().warning("lists.unmeasured", reason=type(error).__name__)
            found = {}
        for state in OPEN_STATES:
            number, seconds = found.get(state, (0, 0.0))
            lists.labels(state).set(number)
            age.labels(state).set(seconds)
        await asyncio.sleep(MEASURED_SECONDS)


async def close_next(runtime: Runtime) -> list[Message] | None:
    """Close one list and return what was announced; None if no list is whole."""
    if runtime.outbox is None:
        return None
    async with runtime.engine.begin() as tx:
        whole = await list_store.next_whole(tx)
        if whole is None:
            return None
        source, closing = whole.source, whole.closing
        await list_parts.name(tx, source, closing)
        # A later list of the month may count already: then this one counts for the rest, or not at all.
        messages = await replaced(tx, runtime, source, closing.month, by=closing.batch)
        counting = await list_parts.counting_of(tx, source, closing)
        if counting.names or not closing.names:
            messages += await _close(tx, runtime, replace(whole, closing=counting))
        await runtime.outbox.write(tx, messages)
    return messages


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
    for one in absent:
        township, village = places.get(one.person, (UNKNOWN_PLACE, ""))
        listing = one.absent_from
        event = StatusReported(
            source=Source(source), received=listing.received + timedelta(microseconds=1),
            person=one.person, category=Category(one.category), action="removed",
            effective=listing.month, township=township, village=village, batch=listing.batch,
            listed=listing.month,
        )  # fmt: skip
        key = event_id("absent", source, listing.batch, one.person, one.category)
        messages.append(enclose(event, source="enrollment", id_=key, at=at))
    return messages
