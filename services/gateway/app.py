"""The door over HTTP: partners' lists and reports, hospitals' bills. It stores nothing itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from faststream.nats import NatsBroker
from prometheus_client import make_asgi_app
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser

from chassis import safety, store
from chassis.bus import make_missing
from chassis.clock import Clock, system_clock
from chassis.outbox import Outbox
from chassis.permissions import streams_of
from chassis.release import VERSION
from chassis.service import guarded, make_broker
from chassis.settings import Settings
from chassis.streams import StreamKeeper
from chassis.telemetry import Metrics
from services.gateway.answers import (
    Readiness,
    says,
)
from services.gateway.call_lines import CallLines
from services.gateway.door import Door, make_door
from services.gateway.event_pages import add_event_pages
from services.gateway.intake import claim_routes, routes
from services.gateway.office import (
    approval_routes,
    attachment_routes,
    bill_routes,
    check_routes,
    codes,
    explanations,
    finding_routes,
    issue_sheets,
    letter_routes,
    message_routes,
    officer_routes,
    settings_routes,
    sheet_routes,
    statement_routes,
    what_if_routes,
    worklist_routes,
)
from services.gateway.office import routes as office_routes
from services.gateway.office.naming import hospitals_in
from services.gateway.over_nats import listen_on_nats
from services.gateway.partner_keys import PartnerKeys
from services.gateway.permitted import KEYS, SAYS
from services.gateway.refusals import RefusedError, RefuseNul, refused_request
from services.gateway.settings import REGISTER_BYTES_MAX
from services.gateway.speaking import Spoken
from services.gateway.threshold import Quotas, Threshold

STARTED_WITHIN_SECONDS = 30.0
OF_FRAMEWORK = {400: "unreadable_body", 404: "unknown_path", 405: "wrong_method"}
ROUTES = (
    (claim_routes, "医院结算"), (explanations, "医院结算"), (bill_routes, "医院结算"),
    (statement_routes, "医院结算"), (codes, "代码表"), (settings_routes, "代码表"), (routes, "部门报送"),
    (office_routes, "经办"), (approval_routes, "经办"), (issue_sheets, "经办"), (attachment_routes, "经办"),
    (what_if_routes, "经办"), (finding_routes, "经办"),
    (check_routes, "经办"), (letter_routes, "经办"), (sheet_routes, "台账"),
    (message_routes, "短信与待办"), (officer_routes, "短信与待办"), (worklist_routes, "短信与待办"),
)  # fmt: skip


def build(settings: Settings, clock: Clock = system_clock) -> FastAPI:
    """Build the door's application; it connects when its lifespan starts."""
    metrics = Metrics()
    hospitals_in(settings.county_dir)  # a mistake in it is said at the start, and not by a sheet
    keys = PartnerKeys(settings.partner_keys_file, clock)
    broker = make_broker(settings, "gateway", metrics)
    doors: list[Door] = []

    def door() -> Door:
        if not doors:
            raise RefusedError("bus_unavailable", status=503)
        return doors[0]

    quotas = Quotas.of(settings)
    listen_on_nats(broker, door, keys, quotas, metrics)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened(settings, clock, metrics, broker, quotas, keys) as (found, ready):
            app.state.ready = ready
            doors.append(found)
            yield
            doors.clear()

    # Its pages come with it: FastAPI's own load scripts from the Internet.
    app = FastAPIOffline(
        title="应保 Yingbao 接入网关",
        version=VERSION,
        description="部门名册与事项上报、医院结算上传。金额一律为字符串形式的元。",
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
        docs_url="/docs", redoc_url=None, static_url="/docs/static",
    )  # fmt: skip
    app.add_middleware(RefuseNul)
    app.add_middleware(Threshold, keys=keys, quotas=quotas, metrics=metrics)
    app.add_middleware(CallLines)
    app.add_middleware(Spoken)
    keep_uploads_in_memory()
    app.mount("/metrics", make_asgi_app(metrics.registry))
    for kind in (RefusedError, RequestValidationError):
        app.add_exception_handler(kind, _say_refusal)
    app.add_exception_handler(HTTPException, _say_cause)
    add_event_pages(app)
    app.state.keys = keys
    app.state.door = door
    add_health(app, doors)
    for room, tag in ROUTES:
        app.include_router(room.router, tags=[tag])
    return app


async def _say_refusal(_: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        error = refused_request(error)
    if not isinstance(error, RefusedError):
        raise error
    return JSONResponse(error.body(), error.status)


async def _say_cause(request: Request, error: Exception) -> Response:
    """What the framework refuses by itself is answered with a reason too, and not in its words."""
    if isinstance(error, HTTPException) and isinstance(error.__cause__, RefusedError):
        return await _say_refusal(request, error.__cause__)
    if not isinstance(error, HTTPException):
        raise error
    reason = OF_FRAMEWORK.get(error.status_code, "invalid_value")
    body = RefusedError(reason, status=error.status_code).body()
    return JSONResponse(body, error.status_code, error.headers)


def keep_uploads_in_memory() -> None:
    """A list of people is never written to a temporary file in clear, as forms above a megabyte were."""
    MultiPartParser.spool_max_size = REGISTER_BYTES_MAX + 1


@asynccontextmanager
async def opened(
    settings: Settings,
    clock: Clock,
    metrics: Metrics,
    broker: NatsBroker,
    quotas: Quotas,
    keys: PartnerKeys,
) -> AsyncIterator[tuple[Door, Callable[[], Awaitable[bool]]]]:
    """Connect, look after streams and outbox, and yield the door and whether it is ready."""
    engine = store.make_engine(settings, "gateway")
    await safety.check(settings, engine, KEYS)
    await store.require_migrated(engine, "gateway")
    await asyncio.wait_for(broker.start(), STARTED_WITHIN_SECONDS)
    js, own = broker.connection.jetstream(timeout=10), streams_of(SAYS)
    await make_missing(js, settings.keeping, own)
    outbox = Outbox(broker.connection, engine, metrics)
    streams = StreamKeeper(js, own, outbox, metrics, settings)
    keeping = [
        guarded(streams.run(), "streams"), guarded(streams.keep_receipts(), "receipts"),
        guarded(outbox.keep_sweeping(), "outbox"),
    ]  # fmt: skip
    door = make_door(settings, clock, metrics, outbox, broker.connection, quotas, engine, keys)
    yield door, partial(is_ready, streams, engine)
    if door.outlet.relays:
        await asyncio.wait(door.outlet.relays, timeout=5)
    for part in keeping:
        part.cancel()
    await broker.stop()
    await engine.dispose()


async def is_ready(streams: StreamKeeper, engine: AsyncEngine) -> bool:
    """Tell whether what comes in could really be committed and really pass."""
    return streams.healthy and await store.answers(engine)


def add_health(app: FastAPI, doors: list[Door]) -> None:
    """Add liveness and readiness."""

    @app.get("/healthz", summary="进程存活及版本", tags=["运行"])
    async def health() -> dict[str, str]:
        return {"status": "up", "version": VERSION}

    @app.get(
        "/readyz",
        summary="可以接收请求",
        tags=["运行"],
        responses=says(Readiness) | says(Readiness, 503),
    )
    async def ready() -> Response:
        good = bool(doors) and doors[0].nc.is_connected and await app.state.ready()
        return JSONResponse({"status": "ready" if good else "not ready"}, 200 if good else 503)
