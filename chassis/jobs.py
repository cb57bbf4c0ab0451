"""What a service does by itself: a function, a period, and one policy for what goes wrong.

An outage is waited out, longer each time; a bug is logged, counted, and tried again at the job's next
time, while everything else goes on. Where only one process may run a job, it holds a lease meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import text

from chassis.runtime import Runtime
from chassis.store import is_world_broken
from chassis.telemetry import logger

OUTAGE_SECONDS_MAX = 30.0
BUG_SECONDS = 30.0
"""A job with a bug is not tried more often than this: its log is to be read, not to be filled."""
_LEASE = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:job, 7433253))")


@dataclass(frozen=True, slots=True)
class Job:
    """A background job, as data.

    ``seconds``: how long it rests; None: it runs once, until it succeeded. ``alone``: one process of the
    service at a time. ``work`` returns True if there may be more to do at once.
    """

    name: str
    work: Callable[[Runtime], Awaitable[bool]]
    seconds: float | None
    alone: bool = True


class JobRunner:
    """Runs one job for as long as its task lives; ``wake`` makes it look now."""

    def __init__(self, job: Job, runtime: Runtime) -> None:
        self.job = job
        self._runtime = runtime
        self._woken = asyncio.Event()
        self._failures = 0
        for kind in ("outage", "bug"):  # from the start, so that the first failure is an increase
            runtime.metrics.job_failures.labels(job.name, kind)

    def wake(self) -> None:
        """Ask the job to look at once."""
        self._woken.set()

    async def run(self) -> None:
        """Run the job for ever, or until it succeeded if it runs once."""
        while True:
            self._woken.clear()
            pause = await self._once()
            if pause is None:
                return
            if self._failures:  # whatever wakes it now, it would fail again
                await asyncio.sleep(pause)
            elif pause:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), pause)

    async def _once(self) -> float | None:
        """Run the job one time; return how long to rest, None if it is done for good."""
        job, rest = self.job, self.job.seconds
        try:
            async with lease(self._runtime, job) as mine:
                more = mine and await job.work(self._runtime)
        except Exception as error:  # noqa: BLE001  the one place that says what becomes of a failure
            return self._failed(error)
        self._failures = 0
        if not mine:
            return rest or OUTAGE_SECONDS_MAX
        return 0.0 if more else rest

    def _failed(self, error: Exception) -> float:
        name, metrics = self.job.name, self._runtime.metrics
        self._failures += 1
        if is_world_broken(error):
            metrics.job_failures.labels(name, "outage").inc()
            pause = min(0.5 * 2.0**self._failures, OUTAGE_SECONDS_MAX)
            logger().warning("job.retry", job=name, reason=type(error).__name__, seconds=pause)
            return pause
        metrics.job_failures.labels(name, "bug").inc()
        logger().error("job.failed", job=name, exc_info=error)
        return max(self.job.seconds or 0.0, BUG_SECONDS)


@asynccontextmanager
async def lease(runtime: Runtime, job: Job) -> AsyncIterator[bool]:
    """Hold a job's lease; False if another process holds it. The database frees it with the connection."""
    if not job.alone:
        yield True
        return
    async with runtime.engine.begin() as tx:
        found = await tx.execute(_LEASE, {"job": f"{runtime.name}/{job.name}"})
        yield bool(found.scalar_one())
