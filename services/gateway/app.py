"""The door over HTTP: partners' lists and reports, hospitals' bills. It stores nothing itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import make_asgi_app
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis import safety
from chassis.bus import provision_streams
from chassis.clock import Clock, monotonic, system_clock
from chassis.service import make_broker
from chassis.settings import Settings
from chassis.telemetry import Metrics
from contracts import questions
from contracts.events.base import Text
from contracts.questions import OpenClaim, OpenClaims
from contracts.vocabulary import Source
from services.gateway.answers import (
    BatchReceipt,
    ClaimStanding,
    OpenBills,
    Readiness,
    Taken,
    says,
)
from services.gateway.asking import ask
from services.gateway.calling import Key, body_of, holder_of, lines_of, provider_of
from services.gateway.check_routes import add_checks_of_the_city
from services.gateway.claims import ClaimIn, ReversalIn
from services.gateway.codes import PackCodes, codes_of
from services.gateway.door import Door, make_door
from services.gateway.examples import EXAMPLE_BILL, EXAMPLE_REVERSAL
from services.gateway.explanations import add_explanations
from services.gateway.ledger_routes import add_ledgers
from services.gateway.list_routes import add_lists_in
from services.gateway.officers import add_officers
from services.gateway.openapi import LINES_OF_CLAIMS, REFUSALS, body_of_model
from services.gateway.over_nats import listen_on_nats
from services.gateway.refusals import ZH, RefusedError, RefuseNul, refused, refused_request
from services.gateway.settings import BODY_BYTES_MAX, FILE_BYTES_MAX, PartnerKeys

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
    add_open_claims(app, door, keys)
    add_explanations(app, door, keys)
    add_codes(app, door)
    add_lists_in(app, door, keys, clock)
    add_officers(app, door, keys)
    add_checks_of_the_city(app, door, keys)
    add_ledgers(app, door, keys)
    return app


async def _say_refusal(_: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        error = refused_request(error)
    if not isinstance(error, RefusedError):
        raise error
    return JSONResponse(error.body(), error.status)


def add_health(app: FastAPI, doors: list[Door]) -> None:
    """Add liveness and readiness."""

    @app.get("/healthz", summary="进程存活")
    async def health() -> dict[str, str]:
        return {"status": "up"}

    @app.get("/readyz", summary="可以接收请求", responses=says(Readiness) | says(Readiness, 503))
    async def ready() -> Response:
        good = bool(doors) and doors[0].nc.is_connected
        return JSONResponse({"status": "ready" if good else "not ready"}, 200 if good else 503)


class DismissalIn(BaseModel):
    """Say that a bill which seems sent twice is a stay of its own."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    why: Text = Field(min_length=2, description="认定依据，留痕")


def shown_claim(one: OpenClaim) -> dict[str, Any]:
    """Return a line of the list, with the reason in Chinese."""
    said = one.question or one.reason
    return one.model_dump(mode="json") | {"message": ZH.get(said, said)}


def add_claims(app: FastAPI, door: Callable[[], Door], keys: PartnerKeys) -> None:
    """Add the hospital's routes."""

    @app.post(
        "/v1/claims",
        summary="上传结算单并等待一单清",
        description="也接受国家结算接口的字段名（medfee_sumamt、inscp_scp_amt 等）。"
        "已结算返回 200；暂缓或尚在处理返回 202。",
        responses=REFUSALS | says(ClaimStanding) | says(ClaimStanding, 202),
        openapi_extra=body_of_model(ClaimIn, example=EXAMPLE_BILL),
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
        responses=REFUSALS | says(BatchReceipt),
        response_model=None,
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
        responses=REFUSALS | says(Taken, 202),
        openapi_extra=body_of_model(ReversalIn, example=EXAMPLE_REVERSAL),
    )
    async def reverse(claim: str, request: Request, key: Key = "") -> Response:
        provider = provider_of(keys, key)
        try:
            body = ReversalIn.model_validate_json(await body_of(request, BODY_BYTES_MAX))
            status, answer = await door().reverse(provider, claim, body)
        except ValidationError as error:
            raise refused(error) from None
        return JSONResponse(answer, status)


def add_codes(app: FastAPI, door: Callable[[], Door]) -> None:
    """Add the codes that a pack knows: what a hospital may write in a bill."""

    @app.get(
        "/v1/packs/{pack}/codes",
        summary="政策包的代码：级别、就医地、医疗类别、病种、人员类别及别名",
        responses=REFUSALS,
    )
    async def codes(pack: str) -> PackCodes:
        return codes_of(door().claims.packs, pack)


def add_open_claims(app: FastAPI, door: Callable[[], Door], keys: PartnerKeys) -> None:
    """Add the list of bills that somebody has to look at, and the bureau's word about one."""

    @app.get(
        "/v1/claims",
        summary="需要处理的结算单：暂缓、退回、疑似重复、住院重叠（分页）",
        responses=REFUSALS | says(OpenBills),
        response_model=None,
    )
    async def open_claims(
        key: Key = "",
        state: Literal["", "held", "refused", "questioned"] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> dict[str, Any]:
        holder = holder_of(keys, key)
        provider = "" if holder == Source.BUREAU.value else provider_of(keys, key)
        page = OpenClaims(provider=provider, state=state, most=limit, offset=offset)
        found = await ask(door().nc, questions.SETTLEMENT_OPEN_CLAIMS, page, list[OpenClaim])
        after = offset + limit if len(found) == limit else None
        return {"claims": [shown_claim(one) for one in found], "next_offset": after}

    @app.post(
        "/v1/claims/{claim}/dismissal",
        summary="县医保局认定不是重复上传，照常结算",
        status_code=202,
        responses=REFUSALS | says(Taken, 202),
        response_model=None,
    )
    async def dismiss(claim: str, body: DismissalIn, key: Key = "") -> dict[str, str]:
        if holder_of(keys, key) != Source.BUREAU.value:
            raise RefusedError("key_refused", "office", 403)
        return await door().dismiss(claim, body.why)
