"""The hospitals' routes: bills, reversals, and bills that somebody has to look at."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.clock import monotonic
from contracts import questions
from contracts.events.base import Text
from contracts.questions import OpenClaim, OpenClaims
from contracts.vocabulary import Source
from services.gateway.answers import (
    BatchReceipt,
    ClaimStanding,
    OpenBills,
    Taken,
    says,
)
from services.gateway.asking import ask
from services.gateway.calling import Key, body_of, holder_of, lines_of, provider_of
from services.gateway.door import Door
from services.gateway.intake.claims import ClaimIn, ReversalIn
from services.gateway.intake.examples import EXAMPLE_BILL, EXAMPLE_REVERSAL
from services.gateway.openapi import LINES_OF_CLAIMS, REFUSALS, body_of_model
from services.gateway.refusals import ZH, RefusedError, refused
from services.gateway.settings import BODY_BYTES_MAX, FILE_BYTES_MAX, PartnerKeys


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
