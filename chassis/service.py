"""Puts a service together: FastStream broker and lifespan, workers, outbox, watchdog, health.

The composition root: the only place that knows all concrete parts.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from faststream import AckPolicy
from faststream.asgi import AsgiFastStream, AsgiResponse, get
from faststream.nats import NatsBroker
from faststream.nats.prometheus import NatsPrometheusMiddleware
from nats.aio.client import Client
from prometheus_client import make_asgi_app
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import bus, safety, store
from chassis.asking import Answers, answer_all
from chassis.clock import Clock, system_clock
from chassis.connecting import PING_SECONDS, PINGS_UNANSWERED, Refusals, bus_access
from chassis.jobs import Job, JobRunner
from chassis.listening import Keeper, Kept
from chassis.outbox import Outbox
from chassis.permissions import Permissions, of_service, streams_of
from chassis.privacy import vault
from chassis.release import VERSION
from chassis.room import Room
from chassis.routes import Route, asgi_of
from chassis.runtime import Runtime
from chassis.settings import OPERATOR_KEY, Settings
from chassis.streams import StreamKeeper
from chassis.telemetry import Metrics, logger
from chassis.watchdog import Taker, Watchdog
from chassis.work import Tools, Worker
from contracts.events.base import Event
from contracts.subjects import Stream, event_name

START_TIMEOUT_SECONDS = 30.0
WORKER, KEEPER = "worker", "keeper"


@dataclass(frozen=True, slots=True)
class Service:
    """A service as data: what it folds, what it keeps, what it says, answers and does by itself."""

    name: str
    listens: tuple[bus.Subscription, ...]
    says: tuple[type[Event], ...]
    room: Callable[[Settings], Room[Any, Any, Any]]
    keeps: tuple[Kept, ...] = ()
    answers: tuple[Answers, ...] = ()
    jobs: tuple[Job, ...] = ()
    routes: Callable[[Settings], Sequence[Route]] = lambda _: ()
    """What is called back at the service's own port."""
    keys: tuple[str, ...] = (OPERATOR_KEY,)
    """Names of the keys that the service's rooms need; the process is given no others."""

    @property
    def subscriptions(self) -> tuple[bus.Subscription, ...]:
        """Return every durable consumer of the service."""
        return (*self.listens, *(one.subscription for one in self.keeps))

    @property
    def permissions(self) -> Permissions:
        """Return what the service may say and hear on the bus: what it declares, and no more."""
        return of_service(
            self.name, says=self.says, reads=self.subscriptions,
            answers=[one.query.subject for one in self.answers],
        )  # fmt: skip

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Return the streams that the service speaks on, and so makes."""
        return streams_of(self.says)

    @property
    def kept_events(self) -> frozenset[str]:
        """Name the events that are kept as sets: the loop, which may see them too, leaves them alone."""
        kept = (subject for one in self.keeps for subject in one.subscription.subjects)
        return frozenset(event_name(subject) for subject in kept)


@dataclass(slots=True)
class _Running:
    """What runs while the service is up."""

    runtime: Runtime
    keepers: list[Keeper]
    watchdog: Watchdog
    streams: StreamKeeper
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def checks(self) -> dict[str, bool]:
        """Return whether the bus is there and its consumers move."""
        connected = self.runtime.nc.is_connected
        return {
            "bus": self.watchdog.healthy and self.streams.healthy and connected,
            "consumers": not self.watchdog.stalled.is_set(),
        }


def make_broker(settings: Settings, name: str, metrics: Metrics) -> NatsBroker:
    """Make a broker that reconnects for ever and states its ack policy."""
    access = bus_access(settings, name)
    return NatsBroker(
        access.servers,
        name=f"yingbao-{name}",
        security=access.security,
        inbox_prefix=access.inbox,
        error_cb=Refusals(metrics).note,
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        connect_timeout=5,
        ping_interval=PING_SECONDS,
        max_outstanding_pings=PINGS_UNANSWERED,
        pending_size=32 * 1024 * 1024,
        graceful_timeout=10.0,
        ack_policy=AckPolicy.NACK_ON_ERROR,
        logger=None,
        middlewares=[NatsPrometheusMiddleware(registry=metrics.registry, app_name=name)],
    )


def assemble(service: Service, settings: Settings, clock: Clock = system_clock) -> AsgiFastStream:
    """Build the ASGI application of a service; nothing connects before its lifespan starts."""
    metrics = Metrics()
    broker = make_broker(settings, service.name, metrics)
    engine = store.make_engine(settings, service.name)
    present: list[_Running] = []
    started = asyncio.Event()

    # The bus delivers questions as soon as it is connected, before the tables are ready: they wait here.
    async def runtime() -> Runtime:
        await started.wait()
        return present[0].runtime

    answer_all(broker, service.answers, runtime, metrics)

    async def before() -> None:
        await safety.check(settings, engine, service.keys)
        await store.require_migrated(engine, service.name)

    async def begin() -> None:
        nc = broker.connection
        present.append(await _begin(service, settings, clock, metrics, engine, nc))
        started.set()

    async def finish() -> None:
        if present:
            await _finish(present[0])
        await engine.dispose()

    async def readiness() -> tuple[bool, dict[str, bool]]:
        moving = present[0].checks() if present else {"bus": False, "consumers": False}
        checks = moving | {"database": await store.answers(engine)}
        return all(checks.values()), checks

    return AsgiFastStream(
        broker,
        logger=None,
        on_startup=[before],
        after_startup=[begin],
        on_shutdown=[finish],
        asgi_routes=[
            *(asgi_of(one, runtime) for one in service.routes(settings)),
            ("/metrics", make_asgi_app(metrics.registry)),
            ("/healthz", _health),
            ("/readyz", _readiness(readiness)),
        ],
    )


@get
async def _health(_: Any) -> AsgiResponse:
    body = orjson.dumps({"status": "up", "version": VERSION})
    return AsgiResponse(body, 200, headers={"content-type": "application/json"})


def _readiness(check: Callable[[], Awaitable[tuple[bool, dict[str, bool]]]]) -> Any:
    @get
    async def ready(_: Any) -> AsgiResponse:
        good, checks = await check()
        body = orjson.dumps({"status": "ready" if good else "not ready", "checks": checks})
        return AsgiResponse(body, 200 if good else 503, {"content-type": "application/json"})

    return ready


async def _begin(
    service: Service,
    settings: Settings,
    clock: Clock,
    metrics: Metrics,
    engine: AsyncEngine,
    nc: Client,
) -> _Running:
    """Provision, then start the loop, the keeper, the outbox sweeper, the watchdog and the jobs."""
    js = nc.jetstream(timeout=10)
    async with asyncio.timeout(START_TIMEOUT_SECONDS):
        await bus.make_missing(js, settings.keeping, service.streams)
        for subscription in service.subscriptions:
            await bus.provision_consumer_when_there(js, subscription, settings.ack_wait_seconds)
    outbox = Outbox(nc, engine, metrics)
    tools = Tools(
        nc=nc, engine=engine, outbox=outbox, clock=clock, metrics=metrics,
        vault=vault(settings.operator_key.get_secret_value(), settings.cipher_suite),
        batch_max=settings.batch_max, elsewhere=service.kept_events,
    )  # fmt: skip
    worker = Worker(service.room(settings), service.listens, tools)
    runtime = Runtime(service.name, settings, clock, metrics, engine, nc, outbox, worker)
    runners = {job.name: JobRunner(job, runtime) for job in service.jobs}
    keepers = [Keeper(one, runtime, lambda job: runners[job].wake()) for one in service.keeps]
    takers: list[Taker] = [worker, *keepers]
    streams = StreamKeeper(js, service.streams, outbox, metrics, settings)
    watchdog = Watchdog(js, takers, metrics, settings.ack_wait_seconds, engine)
    parts = [
        (worker.run(), WORKER), *((keeper.run(), KEEPER) for keeper in keepers),
        (outbox.keep_sweeping(), "outbox"),
        (watchdog.run(), "watchdog"), (streams.run(), "streams"), (streams.keep_receipts(), "receipts"),
        (_end_when_stalled(watchdog), "stall guard"),
        *((runner.run(), name) for name, runner in runners.items()),
    ]  # fmt: skip
    # A part that ends ends the process: the supervisor starts a whole one instead of half of one.
    running = _Running(runtime, keepers, watchdog, streams)
    running.tasks += [guarded(part, name) for part, name in parts]
    logger().info("service.started", listens=[one.durable for one in service.subscriptions])
    return running


def guarded(job: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """Run a job whose unexpected end must end the process: the supervisor starts it afresh."""

    async def run() -> None:
        try:
            await job
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001  whatever it is, the process must not go on without the job
            logger().exception("service.job_ended", job=name)
            os.kill(os.getpid(), signal.SIGTERM)

    return asyncio.create_task(run(), name=name)


async def _end_when_stalled(watchdog: Watchdog) -> None:
    await watchdog.stalled.wait()
    raise RuntimeError("a consumer stands still")


async def _finish(running: _Running) -> None:
    """Finish the present turns and relays, then let go."""
    running.runtime.worker.stop()
    for keeper in running.keepers:
        keeper.stop()
    takers = [task for task in running.tasks if task.get_name() in {WORKER, KEEPER}]
    await asyncio.wait(takers, timeout=10)
    for task in running.tasks:
        task.cancel()
    await asyncio.gather(*running.tasks, return_exceptions=True)
    logger().info("service.stopped")
