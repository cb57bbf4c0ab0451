"""Runs a pass of the three-pass check, by order or by itself at night, and says what it changed."""

import asyncio
from collections import Counter
from datetime import date, timedelta

from sqlalchemy.exc import DBAPIError

from chassis.clock import CHINA
from chassis.service import Runtime
from chassis.telemetry import logger
from contracts.envelope import enclose, event_id
from contracts.events.base import Event
from contracts.events.enrollment import DiscrepancyClosed, DiscrepancyOpened, ReviewCompleted
from contracts.questions import ReviewAnswer, ReviewOrder
from services.enrollment.desk import store as desk_store
from services.enrollment.desk.reviews import Key, Outcome, review
from services.enrollment.person.jobs import under_way
from services.enrollment.settings import packs_of

EVERYTHING = 3
LOOK_SECONDS = 60.0


async def run_review(
    runtime: Runtime, order: ReviewOrder, *, unless_done: bool = False
) -> ReviewAnswer | None:
    """Run a pass in one transaction; None if ``unless_done`` and one was run as of that day."""
    if runtime.outbox is None:
        raise RuntimeError("the service has not started")
    async with runtime.engine.begin() as tx:
        await desk_store.lock_year(tx, order.year)
        if unless_done and await desk_store.reviewed(tx, order.year, order.as_of):
            return None
        found, roster = await desk_store.looked_through(tx, order.year, order.as_of)
        found += await desk_store.strangers(tx, order.year)
        desk = await desk_store.desk(tx, order.year)
        outcome = review(order.number, order.as_of, found, desk)
        run = await desk_store.save_outcome(
            tx, order.year, order.number, order.as_of, roster, outcome
        )
        completed = _completed(run, order, roster, outcome)
        said = [
            (event_id(completed.NAME, order.year, run), completed),
            *_announcements(outcome, order.as_of, {issue.key: issue.times for issue in desk}),
        ]
        at = runtime.clock()
        messages = [enclose(event, source="enrollment", id_=id_, at=at) for id_, event in said]
        await runtime.outbox.write(tx, messages)
    await runtime.outbox.relay(messages)
    return ReviewAnswer(
        run=run, roster=roster, opened=len(outcome.opened), closed=len(outcome.closed),
        reopened=len(outcome.reopened), still_open=len(outcome.still_open),
        promised=len(outcome.promised), broken=len(outcome.broken),
        kinds=dict(sorted(Counter(one.key.kind.value for one in found).items())),
    )  # fmt: skip


async def keep_checking(runtime: Runtime) -> None:
    """Run the whole check once a night, so that evidence that expired opens its issue by itself."""
    years = {
        year
        for pack in packs_of(runtime.settings)
        for year in range(pack.valid_from.year, pack.valid_to.year + 1)
    }
    while True:
        order = due_tonight(runtime.clock().astimezone(CHINA).date(), years)
        if order and runtime.clock().astimezone(CHINA).hour >= runtime.settings.nightly_check_hour:
            try:
                if await under_way(runtime):
                    await asyncio.sleep(LOOK_SECONDS)
                    continue
                done = await run_review(runtime, order, unless_done=True)
            except (DBAPIError, OSError) as error:
                logger().warning("review.retry", reason=type(error).__name__)
            else:
                if done is not None:
                    logger().info("review.nightly", year=order.year, opened=done.opened)
        await asyncio.sleep(LOOK_SECONDS)


def due_tonight(day: date, years: set[int]) -> ReviewOrder | None:
    """Return the pass of a night: everything of the year, as of the day that has just ended.

    None for a year for which the county has no pack.
    """
    as_of = day - timedelta(days=1)
    if as_of.year not in years:
        return None
    return ReviewOrder(year=as_of.year, number=EVERYTHING, as_of=as_of)


def _completed(run: int, order: ReviewOrder, roster: int, outcome: Outcome) -> ReviewCompleted:
    return ReviewCompleted(
        run=run, year=order.year, number=order.number, as_of=order.as_of, roster=roster,
        opened=len(outcome.opened), closed=len(outcome.closed), reopened=len(outcome.reopened),
        still_open=len(outcome.still_open), broken=len(outcome.broken),
    )  # fmt: skip


def _announcements(outcome: Outcome, day: date, times: dict[Key, int]) -> list[tuple[str, Event]]:
    said: list[tuple[str, Event]] = []
    for one in (*outcome.opened, *outcome.reopened):
        key = one.key
        number = times.get(key, 0) + 1
        event = DiscrepancyOpened(
            person=key.person, discrepancy=key.kind.value, township=one.township,
            village=one.village, opened=day,
        )  # fmt: skip
        said.append((event_id(event.NAME, key.person, key.kind.value, key.year, number), event))
    for key in outcome.closed:
        gone = DiscrepancyClosed(person=key.person, discrepancy=key.kind.value, closed=day)
        number = times.get(key, 1)
        said.append((event_id(gone.NAME, key.person, key.kind.value, key.year, number), gone))
    return said
