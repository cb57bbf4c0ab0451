"""What a service does by itself: a function, a period, and one policy for what goes wrong.

An outage is waited out, longer each time; a bug is logged, counted, and tried again at the job's next
time, while everything else goes on. Where only one process may run a job, it holds a lease.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.clock import monotonic
from chassis.runtime import Runtime
from chassis.store import is_world_broken
from chassis.telemetry import logger

OUTAGE_SECONDS_MAX = 30.0
BUG_SECONDS = 30.0
"""A job with a bug is not tried more often than this: its log is to be read, not to be filled."""
RESTS = 10
"""A look that found nothing is followed by a rest of so many times as long: no job fills the database."""
LEASE_SECONDS = 3.0
"""How often a process that has not the lease asks for it: so long nobody works after its holder died."""
_LEASE = text("SELECT pg_try_advisory_lock(hashtextextended(:job, 7433253))")
_HELD = text("SELECT 1")


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
        self._lease = Lease(runtime.engine, f"{runtime.name}/{job.name}") if job.alone else None
        for kind in ("outage", "bug"):  # from the start, so that the first failure is an increase
            runtime.metrics.job_failures.labels(job.name, kind)

    def wake(self) -> None:
        """Ask the job to look at once."""
        self._woken.set()

    async def run(self) -> None:
        """Run the job for ever, or until it succeeded if it runs once."""
        try:
            await self._run()
        finally:
            if self._lease is not None:
                await self._lease.give_up()

    async def _run(self) -> None:
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
            mine = self._lease is None or await self._lease.held()
            started = monotonic()
            more = mine and await job.work(self._runtime)
        except Exception as error:  # noqa: BLE001  the one place that says what becomes of a failure
            return self._failed(error)
        self._failures = 0
        if not mine:
            return max(rest or 0.0, LEASE_SECONDS)
        if more or rest is None:
            return 0.0 if more else None
        return max(rest, RESTS * (monotonic() - started))

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


class Lease:
    """The right to run a job, held by one process of a service for as long as its connection lives.

    The database gives it free with the connection, so there is no clock to disagree about.
    """

    def __init__(self, engine: AsyncEngine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._connection: AsyncConnection | None = None

    async def held(self) -> bool:
        """Tell whether this process has the lease, asking for it if nobody has. Raises in an outage."""
        if self._connection is None:
            return await self._asked_for()
        try:
            await self._connection.execute(_HELD)
            await self._connection.commit()
        except BaseException:
            await self.give_up()
            raise
        return True

    async def _asked_for(self) -> bool:
        connection = await self._engine.connect()
        try:
            found = (await connection.execute(_LEASE, {"job": self._name})).scalar_one()
            await connection.commit()
        except BaseException:
            await connection.close()
            raise
        if not found:
            await connection.close()
            return False
        self._connection = connection
        return True

    async def give_up(self) -> None:
        """Let another process have it: the lock goes with the connection, which is not used again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()
