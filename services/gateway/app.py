"""The door over HTTP: partners' lists and reports, hospitals' bills. It stores nothing itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Annotated, Any

from fastapi import FastAPI, Header, Query, Request, Response, UploadFile
from fastapi import Path as PathParameter
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import make_asgi_app
from pydantic import ValidationError

from chassis import safety
from chassis.bus import provision_streams
from chassis.clock import Clock, monotonic, system_clock, today
from chassis.service import make_broker
from chassis.settings import Settings
from chassis.telemetry import Metrics
from contracts.vocabulary import Source
from services.gateway.claims import ClaimIn, ReversalIn, claim_ref
from services.gateway.door import Door, make_door, said
from services.gateway.ledger_routes import add_ledgers
from services.gateway.officers import add_officers
from services.gateway.openapi import LINES_OF_CLAIMS, REFUSALS, body_of_model
from services.gateway.over_nats import listen_on_nats
from services.gateway.refusals import RefusedError, RefuseNul, refused, refused_request
from services.gateway.reports import REPORTS
from services.gateway.settings import (
    BATCH_LINES_MAX,
    BODY_BYTES_MAX,
    FILE_BYTES_MAX,
    REGISTER_BYTES_MAX,
    PartnerKeys,
)
from services.gateway.waiting import BusUnavailableError, ask_claim

Key = Annotated[str, Header(alias="X-Yingbao-Key", description="The partner's or hospital's key.")]
STARTED_WITHIN_SECONDS = 30.0


def build(settings: Settings, clock: Clock = system_clock) -> FastAPI:
    """Build the door's application; it connects when its lifespan starts."""
    metrics = Metrics()
    keys = PartnerKeys(settings)
    broker = make_broker(settings, "gateway", metrics)
    doors: list[Door] = []

    def door() -> Door:
        if not doors:
            raise RefusedError("bus_unavailable", status=503)
        return doors[0]

    listen_on_nats(broker, door, keys)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await safety.check(settings, None)
        await asyncio.wait_for(broker.start(), STARTED_WITHIN_SECONDS)
        await provision_streams(broker.connection.jetstream(timeout=10), settings.nats_replicas)
        doors.append(make_door(settings, clock, metrics, broker.connection))
        yield
        doors.clear()
        await broker.stop()

    app = FastAPI(
        title="应保 Yingbao 接入网关",
        version="1",
        description="部门名册与事项上报、医院结算上传。金额一律为字符串形式的元。",
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from the Internet; /openapi.json is the contract
        redoc_url=None,
    )
    app.add_middleware(RefuseNul)
    app.mount("/metrics", make_asgi_app(metrics.registry))
    app.add_exception_handler(RefusedError, _say_refusal)
    app.add_exception_handler(RequestValidationError, _say_refusal)
    add_health(app, doors)
    add_claims(app, door, keys)
    add_partners(app, door, keys, clock)
    add_officers(app, door, keys)
    add_ledgers(app, door, keys)
    return app


async def _say_refusal(_: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        error = refused_request(error)
    if not isinstance(error, RefusedError):
        raise error
    return JSONResponse(error.body(), error.status)


async def body_of(request: Request, most: int, reason: str = "body_too_large") -> bytes:
    """Read a request's body, stopping as soon as it is larger than allowed."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise RefusedError(reason, status=413)
        chunks.append(chunk)
    return b"".join(chunks)


def lines_of(body: bytes) -> list[bytes]:
    """Return the lines of a batch. Raises RefusedError for none, or for too many."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    if not lines:
        raise RefusedError("no_valid_row")
    if len(lines) > BATCH_LINES_MAX:
        raise RefusedError("too_many_rows", status=413)
    return lines


def holder_of(keys: PartnerKeys, key: str) -> str:
    """Return whose key this is. Raises RefusedError with 401."""
    holder = keys.holder(key)
    if not holder:
        raise RefusedError("key_refused", status=401)
    return holder


def provider_of(keys: PartnerKeys, key: str) -> str:
    """Return the hospital whose key this is. Raises RefusedError with 401 or 403."""
    holder = holder_of(keys, key)
    if not holder.startswith("hospital/"):
        raise RefusedError("key_refused", "provider", 403)
    return holder.removeprefix("hospital/")


def source_of(keys: PartnerKeys, key: str, source: str) -> Source:
    """Return the source, if the key is its own. Raises RefusedError with 401, 403 or 404."""
    holder = holder_of(keys, key)
    try:
        known = Source(source)
    except ValueError:
        raise RefusedError("unknown_source", "source", 404) from None
    if holder.partition("/")[0] != known.value:
        raise RefusedError("key_refused", "source", 403)
    return known


def add_health(app: FastAPI, doors: list[Door]) -> None:
    """Add liveness and readiness."""

    @app.get("/healthz", summary="进程存活")
    async def health() -> dict[str, str]:
        return {"status": "up"}

    @app.get("/readyz", summary="可以接收请求")
    async def ready() -> Response:
        good = bool(doors) and doors[0].nc.is_connected
        return JSONResponse({"status": "ready" if good else "not ready"}, 200 if good else 503)


def add_claims(app: FastAPI, door: Callable[[], Door], keys: PartnerKeys) -> None:
    """Add the hospital's routes."""

    @app.post(
        "/v1/claims",
        summary="上传结算单并等待一单清",
        description="也接受国家结算接口的字段名（medfee_sumamt、inscp_scp_amt 等）。",
        responses=REFUSALS,
        openapi_extra=body_of_model(ClaimIn),
    )
    async def submit(request: Request, key: Key = "") -> Response:
        started = monotonic()
        holder = holder_of(keys, key)
        body = await body_of(request, BODY_BYTES_MAX)
        status, answer = await door().submit(body, holder)
        door().metrics.latency.labels("claim").observe(monotonic() - started)
        return JSONResponse(answer, status)

    @app.post(
        "/v1/claims/batch",
        summary="批量上传结算单，每行一个 JSON，不等待结算",
        responses=REFUSALS,
        openapi_extra=LINES_OF_CLAIMS,
    )
    async def submit_many(request: Request, key: Key = "") -> dict[str, Any]:
        holder = holder_of(keys, key)
        body = await body_of(request, FILE_BYTES_MAX)
        receipts = await door().submit_many(lines_of(body), holder)
        accepted = sum(bool(receipt["accepted"]) for receipt in receipts)
        refusals = [receipt for receipt in receipts if not receipt["accepted"]]
        return {"accepted": accepted, "refused": refusals, "receipts": receipts}

    @app.post(
        "/v1/claims/{claim}/reversal",
        summary="撤销结算单",
        status_code=202,
        responses=REFUSALS,
        openapi_extra=body_of_model(ReversalIn),
    )
    async def reverse(claim: str, request: Request, key: Key = "") -> Response:
        provider = provider_of(keys, key)
        try:
            body = ReversalIn.model_validate_json(await body_of(request, BODY_BYTES_MAX))
            status, answer = await door().reverse(provider, claim, body)
        except ValidationError as error:
            raise refused(error) from None
        return JSONResponse(answer, status)

    @app.get("/v1/claims/{claim}", summary="查询结算单", responses=REFUSALS)
    async def read(claim: str, key: Key = "") -> Response:
        provider = provider_of(keys, key)
        ref = claim if claim.startswith(f"{provider}:") else claim_ref(provider, claim)
        try:
            answer = await ask_claim(door().nc, ref)
        except BusUnavailableError as error:
            raise RefusedError("bus_unavailable", status=503) from error
        except ValidationError:
            raise RefusedError("unknown_claim", "claim", 404) from None
        if answer.outcome == "unknown":
            raise RefusedError("unknown_claim", "claim", 404)
        status, body = said(ref, answer)
        return JSONResponse(body, status)


def add_partners(app: FastAPI, door: Callable[[], Door], keys: PartnerKeys, clock: Clock) -> None:
    """Add the departments' routes."""

    @app.post("/v1/rosters/{source}", summary="上传部门名册（CSV 或 XLSX）", responses=REFUSALS)
    async def roster(
        source: str,
        file: UploadFile,
        key: Key = "",
        month: Annotated[date | None, Query(description="名册月份首日")] = None,
        year: Annotated[int | None, Query(description="参保年度", ge=2003, le=2100)] = None,
        full: Annotated[bool, Query(description="全量名册：未列入的视为移出")] = False,
    ) -> dict[str, Any]:
        known = source_of(keys, key, source)
        content = await file.read(FILE_BYTES_MAX + 1)
        if len(content) > FILE_BYTES_MAX:
            raise RefusedError("file_too_large", "file", 413)
        first = month or today(clock).replace(day=1)
        found = await door().roster(known, content, first, year or first.year, full=full)
        return {
            "source": known.value,
            "batch": found.received.batch if found.received else "",
            "rows": len(found.facts) + len(found.rejected),
            "accepted": len(found.facts),
            "rejected": [one.as_json() for one in found.rejected],
        }

    @app.post("/v1/registers/{year}", summary="上传系统内参保名单（CSV）", responses=REFUSALS)
    async def register(
        year: Annotated[int, PathParameter(ge=2003, le=2100)], file: UploadFile, key: Key = ""
    ) -> dict[str, Any]:
        known = source_of(keys, key, Source.BUREAU.value)
        if (file.size or 0) > REGISTER_BYTES_MAX:
            raise RefusedError("file_too_large", "file", 413)
        found = await door().register(known, file.file, year)
        return {
            "source": known.value,
            "batch": found.batch,
            "rows": found.rows,
            "accepted": found.accepted,
            "rejected": [one.as_json() for one in found.rejected],
        }

    @app.post(
        "/v1/reports/{source}/{name}",
        summary="上报单个事项",
        status_code=202,
        responses=REFUSALS,
        openapi_extra=body_of_model(*(incoming for incoming, _, _ in REPORTS.values())),
    )
    async def report(source: str, name: str, request: Request, key: Key = "") -> dict[str, str]:
        known = source_of(keys, key, source)
        body = await body_of(request, BODY_BYTES_MAX)
        office = holder_of(keys, key).partition("/")[2]
        return {"event": await door().report(known, name, body, office), "status": "accepted"}
