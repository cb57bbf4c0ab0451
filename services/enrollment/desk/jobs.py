"""Runs a pass of the three-pass check, by order or by itself at night, and says what it changed."""

from collections import Counter
from datetime import date, datetime, timedelta

from chassis.clock import CHINA
from chassis.jobs import Job
from chassis.runtime import Runtime
from chassis.telemetry import logger
from contracts.envelope import event_id
from contracts.events.base import Event
from contracts.events.enrollment import DiscrepancyClosed, DiscrepancyOpened, ReviewCompleted
from contracts.questions import ReviewAnswer, ReviewOrder
from policy.loader import load_packs
from services.enrollment.desk import case_store, figure_jobs
from services.enrollment.desk import store as desk_store
from services.enrollment.desk.reviews import Key, Outcome, review
from services.enrollment.person.jobs import under_way

EVERYTHING = 3


async def run_review(
    runtime: Runtime, order: ReviewOrder, *, unless_done: bool = False
) -> ReviewAnswer | None:
    """Run a pass in one transaction; None if ``unless_done`` and one was run as of that day."""
    async with runtime.turn() as turn:
        await desk_store.lock_year(turn.tx, order.year)
        if unless_done and await desk_store.reviewed(turn.tx, order.year, order.as_of):
            return None
        found, roster = await case_store.looked_through(
            turn.tx, case_store.on_day(runtime, order.year, order.as_of)
        )
        found += await desk_store.strangers(turn.tx, order.year)
        desk = await desk_store.desk(turn.tx, order.year)
        outcome = review(order.number, order.as_of, found, desk)
        run = await desk_store.save_outcome(
            turn.tx, order.year, order.number, order.as_of, roster, outcome
        )
        completed = _completed(run, order, roster, outcome)
        turn.say(completed, event_id(completed.NAME, order.year, run))
        times = {issue.key: issue.times for issue in desk}
        for id_, event in _announcements(outcome, order.as_of, times, runtime.clock()):
            turn.say(event, id_)
    return ReviewAnswer(
        run=run, roster=roster, opened=len(outcome.opened), closed=len(outcome.closed),
        reopened=len(outcome.reopened), still_open=len(outcome.still_open),
        promised=len(outcome.promised), broken=len(outcome.broken),
        kinds=dict(sorted(Counter(one.key.kind.value for one in found).items())),
    )  # fmt: skip


async def check_nightly(runtime: Runtime) -> bool:
    """Run the whole check once a night, so that evidence that expired opens its issue by itself."""
    years = {
        year
        for pack in load_packs(runtime.settings.packs)
        for year in range(pack.valid_from.year, pack.valid_to.year + 1)
    }
    now = runtime.clock().astimezone(CHINA)
    order = due_tonight(now.date(), years)
    if order is None or now.hour < runtime.settings.nightly_check_hour or await under_way(runtime):
        return False
    done = await run_review(runtime, order, unless_done=True)
    if done is not None:
        logger().info("review.nightly", year=order.year, opened=done.opened)
    return False


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


def _announcements(
    outcome: Outcome, day: date, times: dict[Key, int], found: datetime
) -> list[tuple[str, Event]]:
    said: list[tuple[str, Event]] = []
    for problem in (*outcome.opened, *outcome.reopened):
        key = problem.key
        number = times.get(key, 0) + 1
        event = DiscrepancyOpened(
            person=key.person, discrepancy=key.kind.value, township=problem.township,
            village=problem.village, opened=day, year=key.year, times=number,
            found=found,
        )  # fmt: skip
        said.append((event_id(event.NAME, key.person, key.kind.value, key.year, number), event))
    for key in outcome.closed:
        number = times.get(key, 1)
        gone = DiscrepancyClosed(
            person=key.person, discrepancy=key.kind.value, closed=day, year=key.year, times=number
        )  # fmt: skip
        said.append((event_id(gone.NAME, key.person, key.kind.value, key.year, number), gone))
    return said


JOBS = (Job("nightly check", check_nightly, seconds=60.0), *figure_jobs.JOBS)
