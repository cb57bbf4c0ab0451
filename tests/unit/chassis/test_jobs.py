"""What becomes of a job that fails: an outage is waited out, a bug is counted, the rest goes on."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
import structlog

from chassis import jobs
from chassis.jobs import Job, JobRunner
from chassis.runtime import Runtime
from chassis.telemetry import Metrics


def a_runtime() -> Runtime:
    """Return a runtime of which a job that is not alone sees the metrics only."""
    return cast("Runtime", SimpleNamespace(name="desk", metrics=Metrics(), engine=None))


def failing(*errors: Exception | None) -> tuple[Job, list[int]]:
    """Return a job that runs once it has failed so, and how often it was tried."""
    left, tried = list(errors), list[int]()

    async def work(_: Runtime) -> bool:
        tried.append(1)
        error = left.pop(0) if left else None
        if error is not None:
            raise error
        return False

    return Job("planted", work, seconds=None, alone=False), tried


def failures(runtime: Runtime, kind: str) -> float:
    """Return what an operator sees counted."""
    return runtime.metrics.job_failures.labels("planted", kind)._value.get()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait half a minute."""
    monkeypatch.setattr(jobs, "BUG_SECONDS", 0.01)
    monkeypatch.setattr(jobs, "OUTAGE_SECONDS_MAX", 0.01)
    monkeypatch.setattr(jobs, "LEASE_SECONDS", 0.01)


@pytest.mark.parametrize(
    ("errors", "outages", "bugs"),
    [
        ((), 0, 0),
        ((ConnectionError("away"), ConnectionError("away")), 2, 0),
        ((ZeroDivisionError("a share of nothing"),), 0, 1),
        ((ConnectionError("away"), KeyError("kind")), 1, 1),
    ],
    ids=["nothing", "an outage", "a bug", "both"],
)
async def test_a_job_is_tried_again_and_its_failures_are_told_apart(
    errors: tuple[Exception, ...], outages: int, bugs: int
) -> None:
    """Neither ends the process; a page is sent for a bug, not for a database that restarts."""
    runtime = a_runtime()
    job, tried = failing(*errors)

    async with asyncio.timeout(5):
        await JobRunner(job, runtime).run()

    assert len(tried) == len(errors) + 1
    assert (failures(runtime, "outage"), failures(runtime, "bug")) == (outages, bugs)


async def test_a_bug_is_loud_and_an_outage_is_not() -> None:
    """One line each: error with the trace, warning with how long it waits."""
    job, _ = failing(ConnectionError("away"), ZeroDivisionError("a share of nothing"))

    with structlog.testing.capture_logs() as lines:
        await JobRunner(job, a_runtime()).run()

    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("job.retry", "warning"), ("job.failed", "error"),
    ]  # fmt: skip


async def test_a_job_that_has_more_to_do_does_not_rest() -> None:
    """Lists that became whole together are closed one after the other, at once."""
    left = [True, True, False]

    async def work(_: Runtime) -> bool:
        return left.pop(0)

    running = asyncio.create_task(
        JobRunner(Job("planted", work, seconds=60, alone=False), a_runtime()).run()
    )
    async with asyncio.timeout(5):
        while left:
            await asyncio.sleep(0)
    running.cancel()


async def test_a_job_that_is_woken_does_not_wait_for_its_time() -> None:
    """A hospital's call waits a quarter of a second for the register, not five."""
    looked = asyncio.Event()

    async def work(_: Runtime) -> bool:
        looked.set()
        return False

    runner = JobRunner(Job("planted", work, seconds=60, alone=False), a_runtime())
    running = asyncio.create_task(runner.run())
    async with asyncio.timeout(5):
        await looked.wait()
        looked.clear()
        await asyncio.sleep(0)
        runner.wake()
        await looked.wait()
    running.cancel()


async def test_a_job_whose_lease_another_process_holds_is_left_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One process closes lists; the other one looks again later, and takes over when the first is gone."""
    held, done = [False, True], list[int]()

    class Planted:
        def __init__(self, *_: object) -> None: ...

        async def held(self) -> bool:
            return held.pop(0)

        async def give_up(self) -> None: ...

    async def work(_: Runtime) -> bool:
        done.append(1)
        return False

    monkeypatch.setattr(jobs, "Lease", Planted)
    async with asyncio.timeout(5):
        await JobRunner(Job("planted", work, seconds=None), a_runtime()).run()

    assert done == [1]
    assert held == []


async def test_a_job_with_a_bug_is_not_woken_before_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its log is to be read: a bill that wakes it a hundred times a second does not fill it."""
    monkeypatch.setattr(jobs, "BUG_SECONDS", 60)
    job, tried = failing(*[ZeroDivisionError("a share of nothing")] * 9)
    runner = JobRunner(job, a_runtime())

    running = asyncio.create_task(runner.run())
    for _ in range(20):
        runner.wake()
        await asyncio.sleep(0)
    running.cancel()

    assert len(tried) == 1
