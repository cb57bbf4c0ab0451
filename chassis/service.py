"""Puts a service together: FastStream broker and lifespan, workers, outbox, watchdog, health.

The composition root: the only place that knows all concrete parts.
"""

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn
from faststream import AckPolicy
from faststream.asgi import AsgiFastStream, AsgiResponse, get
from faststream.nats import NatsBroker
from faststream.nats.prometheus import NatsPrometheusMiddleware
from nats.aio.client import Client
from nats.errors import Error as NatsError
from prometheus_client import make_asgi_app
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import bus, safety, store
from chassis.clock import Clock, system_clock
from chassis.outbox import Outbox
from chassis.privacy import vault
from chassis.settings import Settings
from chassis.telemetry import Metrics, configure_logs, logger
from chassis.watchdog import Watchdog
from chassis.work import Room, Tools, Worker
from contracts.events.base import Event

START_TIMEOUT_SECONDS = 30.0


@dataclass(slots=True)
class Runtime:
    """What a service's parts are given: never reached for, always passed."""

    name: str
    settings: Settings
    clock: Clock
    metrics: Metrics
    engine: AsyncEngine
    broker: NatsBroker
    outbox: Outbox | None = None
    worker: Worker | None = None
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    @property
    def nc(self) -> Client:
        """The broker's own connection, which the hot loop shares."""
        return self.broker.connection


@dataclass(frozen=True, slots=True)
class Service:
    """A service as data: what it listens to, what it says, what it answers."""

    name: str
    listens: tuple[bus.Subscription, ...]
    says: tuple[type[Event], ...]
    room: Callable[[Runtime], Room]
    answers: Sequence[Callable[[Runtime], None]] = ()
    background: Sequence[Callable[[Runtime], Awaitable[None]]] = ()


def make_broker(settings: Settings, name: str, metrics: Metrics) -> NatsBroker:
    """Make a broker that reconnects for ever and states its ack policy."""
    return NatsBroker(
        settings.nats_servers,
        name=f"yingbao-{name}",
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        connect_timeout=5,
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
    runtime = Runtime(service.name, settings, clock, metrics, engine, broker)
    watchdog: list[Watchdog] = []
    for answer in service.answers:
        answer(runtime)

    async def before() -> None:
        owner = store.make_engine(settings, service.name, as_owner=True)
        try:
            await safety.check(settings, owner)
        finally:
            await owner.dispose()
        await store.migrate(settings, service.name)

    async def begin() -> None:
        watchdog.append(await _begin(service, runtime))

    async def finish() -> None:
        await _finish(runtime)

    async def readiness() -> tuple[bool, dict[str, bool]]:
        checks = {
            "bus": bool(watchdog) and watchdog[0].healthy and broker.connection.is_connected,
            "consumers": bool(watchdog) and not watchdog[0].stalled.is_set(),
            "database": await _database_answers(engine),
        }
        return all(checks.values()), checks

    return AsgiFastStream(
        broker,
        logger=None,
        on_startup=[before],
        after_startup=[begin],
        on_shutdown=[finish],
        asgi_routes=[
            ("/metrics", make_asgi_app(metrics.registry)),
            ("/healthz", _health),
            ("/readyz", _readiness(readiness)),
        ],
    )


@get
async def _health(_: Any) -> AsgiResponse:
    return AsgiResponse(b'{"status":"up"}', 200, headers={"content-type": "application/json"})


def _readiness(check: Callable[[], Awaitable[tuple[bool, dict[str, bool]]]]) -> Any:
    @get
    async def ready(_: Any) -> AsgiResponse:
        good, checks = await check()
        body = orjson.dumps({"status": "ready" if good else "not ready", "checks": checks})
        return AsgiResponse(body, 200 if good else 503, {"content-type": "application/json"})

    return ready


async def _database_answers(engine: AsyncEngine) -> bool:
    try:
        async with asyncio.timeout(2), engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception:  # noqa: BLE001  whatever it is, the database does not answer
        return False
    return True


async def _begin(service: Service, runtime: Runtime) -> Watchdog:
    """Provision, then start the worker, the outbox sweeper and the watchdog."""
    js = runtime.nc.jetstream(timeout=10)
    async with asyncio.timeout(START_TIMEOUT_SECONDS):
        await bus.provision_streams(js, runtime.settings.nats_replicas)
        for subscription in service.listens:
            await bus.provision_consumer(js, subscription, runtime.settings.ack_wait_seconds)
    settings = runtime.settings
    runtime.outbox = Outbox(runtime.nc, runtime.engine, runtime.metrics)
    operators = vault(settings.operator_key.get_secret_value(), settings.cipher_suite)
    tools = Tools(
        nc=runtime.nc, engine=runtime.engine, outbox=runtime.outbox, vault=operators,
        clock=runtime.clock, metrics=runtime.metrics, batch_max=settings.batch_max,
    )  # fmt: skip
    worker = runtime.worker = Worker(service.room(runtime), service.listens, tools)
    runtime.tasks.append(_guarded(worker.run(), "worker"))
    watchdog = Watchdog(js, worker, runtime.metrics, settings.ack_wait_seconds)
    runtime.tasks.append(_guarded(runtime.outbox.keep_sweeping(), "outbox"))
    runtime.tasks.append(_guarded(watchdog.run(), "watchdog"))
    runtime.tasks.append(_guarded(_end_when_stalled(watchdog), "stall guard"))
    for job in service.background if settings.jobs else ():
        runtime.tasks.append(_guarded(job(runtime), getattr(job, "__name__", "job")))
    logger().info("service.started", listens=[one.durable for one in service.listens])
    return watchdog


def _guarded(job: Awaitable[None], name: str) -> asyncio.Task[None]:
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


async def _finish(runtime: Runtime) -> None:
    """Finish the present turns and relays, then let go."""
    if runtime.worker is not None:
        runtime.worker.stop()
    workers = [task for task in runtime.tasks if task.get_name() == "worker"]
    if workers:
        await asyncio.wait(workers, timeout=10)
    for task in runtime.tasks:
        task.cancel()
    await asyncio.gather(*runtime.tasks, return_exceptions=True)
    await runtime.engine.dispose()
    logger().info("service.stopped")


def _calm_collector() -> None:
    """Look for cycles rarely: events make none, and remembered persons are long-lived."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def run(app: Any, settings: Settings, name: str) -> None:
    """Serve an ASGI application until a signal ends it."""
    configure_logs(name, settings.log_level)
    _calm_collector()
    config = uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        loop="auto",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=15,
    )
    with suppress(KeyboardInterrupt, NatsError):
        uvicorn.Server(config).run()
