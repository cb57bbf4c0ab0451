"""A figure over a million people is shown as it was worked out last, and a newer one follows behind."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from chassis.runtime import Runtime
from chassis.settings import Settings
from chassis.store import make_engine, migrate
from chassis.telemetry import Metrics
from contracts.questions import AboutFigure, CountLine
from services.enrollment.desk import figure_answers, figure_jobs
from tests.integration.platform import Platform

SLOW = figure_answers.QUICK_MS * 0.0015
PAGE, ANEW = AboutFigure(year=2023, kept=True), AboutFigure(year=2023)


class Silent:
    """Says nothing to anybody."""

    async def write(self, *_: Any) -> None:
        """Write nothing."""

    async def relay(self, *_: Any) -> None:
        """Relay nothing."""


class Desk:
    """Enrollment's desk on a database of its own, where counting everybody takes as long as is said."""

    def __init__(self, engine: Any, settings: Settings) -> None:
        self.now, self.people, self.seconds = datetime(2023, 5, 8, 9, tzinfo=UTC), 0, 0.0
        self.runtime = Runtime(
            "enrollment",
            settings,
            lambda: self.now,
            Metrics(),
            engine,
            None,
            Silent(),
            None,  # type: ignore[arg-type]
        )

    async def count(self, *_: Any) -> list[CountLine]:
        """Count: one more each time."""
        self.people += 1
        await asyncio.sleep(self.seconds)
        figures = dict.fromkeys(
            ("roster", "enrolled", "subsidised", "justified", "missing"), self.people
        )
        return [CountLine(township="城关镇", category="SUBSISTENCE", **figures)]

    async def shown(self, asked: AboutFigure) -> tuple[int, datetime | None]:
        """Return how many a page shows, and as of when."""
        (line,) = await figure_answers.counts(self.runtime, asked)
        return line.roster, line.as_of


@pytest.fixture
async def desk(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """A desk that has counted nobody yet."""
    server = platform.stack.database_url
    connection = await asyncpg.connect(server)
    await connection.execute("DROP DATABASE IF EXISTS figures")
    await connection.execute("CREATE DATABASE figures")
    await connection.close()
    settings = Settings(database_url=f"{server.rpartition('/')[0]}/figures")
    await migrate(settings, "enrollment")
    engine = make_engine(settings, "enrollment", as_owner=True)
    found = Desk(engine, settings)
    monkeypatch.setattr(figure_answers, "WORKED_OUT", {figure_answers.COUNTS: found.count})
    yield found
    await engine.dispose()


async def test_what_takes_a_blink_is_counted_each_time(desk: Desk) -> None:
    """In a small county nobody looks at an old figure."""
    assert [await desk.shown(PAGE) for _ in range(3)] == [(1, None), (2, None), (3, None)]


async def test_what_takes_long_is_shown_with_its_time_and_counted_again_behind(desk: Desk) -> None:
    """The page does not wait; who asks for it anew waits and gets it; a job makes the kept one newer."""
    desk.seconds = SLOW
    first_at = desk.now

    first, second = await desk.shown(PAGE), await desk.shown(PAGE)
    assert await figure_jobs.work_out(desk.runtime) is False
    desk.now += timedelta(minutes=5)
    old = await desk.shown(PAGE)
    await figure_jobs.work_out(desk.runtime)
    newer = await desk.shown(PAGE)

    assert (first, second, old) == ((1, None), (1, first_at), (1, first_at))
    assert newer == (2, desk.now)
    assert await desk.shown(ANEW) == (3, None)
    assert await desk.shown(PAGE) == (3, desk.now)


async def test_a_figure_that_has_become_quick_is_no_longer_kept(desk: Desk) -> None:
    """The first count of a cold night does not make a page old for ever."""
    desk.seconds = SLOW
    await desk.shown(PAGE)
    desk.seconds, desk.now = 0.0, desk.now + timedelta(minutes=5)
    await desk.shown(PAGE)
    await figure_jobs.work_out(desk.runtime)

    assert await desk.shown(PAGE) == (3, None)


async def test_nobody_is_shown_a_figure_of_the_day_before_and_no_morning_waits(desk: Desk) -> None:
    """What was looked at lately is worked out again by itself; after a quiet month the page waits once."""
    desk.seconds = SLOW
    await desk.shown(PAGE)
    desk.now += timedelta(hours=13)
    await figure_jobs.work_out(desk.runtime)
    assert await desk.shown(PAGE) == (2, desk.now)

    desk.now += timedelta(days=30)
    await figure_jobs.work_out(desk.runtime)
    assert desk.people == 2, "nobody looked for a fortnight"
    assert await desk.shown(PAGE) == (3, None)
