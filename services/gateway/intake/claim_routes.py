"""The hospitals' routes: bills, reversals, and bills that somebody has to look at."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.clock import monotonic
from chassis.language import tr
from contracts.bill_questions import SETTLEMENT_OPEN_CLAIMS, OpenClaim, OpenClaims
from contracts.events.base import Text
from services.gateway.answers import (
    BatchReceipt,
    ClaimStanding,
    OpenBills,
    Taken,
    says,
)
from services.gateway.asking import ask_for
from services.gateway.caller import TheDoor, Who
from services.gateway.calling import body_of, lines_of
from services.gateway.intake.claims import ClaimIn, ReversalIn
from services.gateway.intake.examples import EXAMPLE_BILL, EXAMPLE_REVERSAL
from services.gateway.openapi import LINES_OF_CLAIMS, REFUSALS, body_of_model
from services.gateway.refusals import ZH, RefusedError, refused
from services.gateway.settings import BODY_BYTES_MAX, FILE_BYTES_MAX

router = APIRouter()


class DismissalIn(BaseModel):
    """Say that a bill which seems sent twice is a stay of its own."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    why: Text = Field(min_length=2, description="认定依据，留痕")


def shown_claim(one: OpenClaim) -> dict[str, Any]:
    """Return a line of the list, with the reason in Chinese."""
    said = one.question or one.reason
    return one.model_dump(mode="json") | {"message": tr(ZH.get(said, said))}


@router.post(
    "/v1/claims",
    summary="上传结算单并等待一单清",
    description="也接受国家结算接口的字段名（medfee_sumamt、inscp_scp_amt 等）。"
    "已结算返回 200；暂缓或尚在处理返回 202。",
    responses=REFUSALS | says(ClaimStanding) | says(ClaimStanding, 202),
    openapi_extra=body_of_model(ClaimIn, example=EXAMPLE_BILL),
)
async def submit_claim(request: Request, who: Who, door: TheDoor) -> Response:
    started = monotonic()
    holder = who.holder
    body = await body_of(request, BODY_BYTES_MAX)
    status, answer = await door.submit(body, holder)
    door.metrics.latency.labels("claim").observe(monotonic() - started)
    return JSONResponse(answer, status)


@router.post(
    "/v1/claims/batch",
    summary="批量上传结算单，每行一个 JSON，不等待结算",
    responses=REFUSALS | says(BatchReceipt),
    response_model=None,
    openapi_extra=LINES_OF_CLAIMS,
)
async def submit_claims(request: Request, who: Who, door: TheDoor) -> dict[str, Any]:
    holder = who.holder
    body = await body_of(request, FILE_BYTES_MAX)
    receipts = await door.submit_many(lines_of(body), holder)
    accepted = sum(bool(receipt["accepted"]) for receipt in receipts)
    refusals = [receipt for receipt in receipts if not receipt["accepted"]]
    return {"accepted": accepted, "refused": refusals, "receipts": receipts}


@router.post(
    "/v1/claims/{claim}/reversal",
    summary="撤销结算单",
    status_code=202,
    responses=REFUSALS | says(Taken, 202),
    openapi_extra=body_of_model(ReversalIn, example=EXAMPLE_REVERSAL),
)
async def reverse_claim(claim: str, request: Request, who: Who, door: TheDoor) -> Response:
    provider = who.hospital()
    try:
        body = ReversalIn.model_validate_json(await body_of(request, BODY_BYTES_MAX))
        status, answer = await door.reverse(provider, claim, body)
    except ValidationError as error:
        raise refused(error) from None
    return JSONResponse(answer, status)


@router.get(
    "/v1/claims",
    summary="需要处理的结算单：暂缓、退回、疑似重复、住院重叠（分页）",
    responses=REFUSALS | says(OpenBills),
    response_model=None,
)
async def open_claims(
    who: Who,
    door: TheDoor,
    state: Literal["", "held", "refused", "questioned"] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> dict[str, Any]:
    provider = "" if who.role in {"bureau", "auditor"} else who.hospital()
    page = OpenClaims(provider=provider, state=state, most=limit, offset=offset)
    found = await ask_for(who, door.nc, SETTLEMENT_OPEN_CLAIMS, page)
    after = offset + limit if len(found) == limit else None
    return {"claims": [shown_claim(one) for one in found], "next_offset": after}


@router.post(
    "/v1/claims/{claim}/dismissal",
    summary="县医保局认定不是重复上传，照常结算",
    status_code=202,
    responses=REFUSALS | says(Taken, 202),
    response_model=None,
)
async def dismiss_duplicate(
    claim: str, body: DismissalIn, who: Who, door: TheDoor
) -> dict[str, str]:
    if who.role != "bureau":
        raise RefusedError("key_refused", "office", 403)
    return await door.dismiss(claim, body.why)
