"""Why a bill is what it is, and what was re-decided since: for its hospital, the bureau and the township."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError

from contracts.bill_questions import (
    ASSISTANCE_EXPLAIN,
    SETTLEMENT_CLAIM,
    SETTLEMENT_EXPLAIN,
    AboutClaim,
    ClaimAnswer,
)
from contracts.bill_sheets import SETTLEMENT_ADJUSTMENTS, AdjustmentLine, AdjustmentPage
from contracts.questions import ENROLLMENT_PERSON, AboutPerson
from services.gateway.answers import ClaimStanding, says
from services.gateway.asking import ask_for
from services.gateway.caller import COUNTY, Caller, TheDoor, Who, purpose
from services.gateway.door import Door
from services.gateway.intake.claim_standing import said
from services.gateway.intake.claims import claim_ref
from services.gateway.office.sheet_reader import Asked, SheetReader
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import RefusedError

router = APIRouter()
BILLS = says(ClaimStanding) | says(ClaimStanding, 202) | says(ClaimStanding, 422)
PAGE = 500
CURSOR = "adjustments"


class ClaimExplanation(BaseModel):
    """How a bill came about: ``family`` in plain words, ``zh`` with rates and clauses, then the postings.

    ``added``: what the person's category added to each layer; ``adjustments``: what each layer paid at
    first and pays now, if it was decided again.
    """

    claim: str
    outcome: str
    family: list[str]
    added: list[str]
    zh: list[str]
    en: list[str]
    history: list[str]
    adjustments: list[dict[str, Any]]


class Adjustments(BaseModel):
    """A page of adjustments; ``next`` empty: this was the last."""

    adjustments: list[dict[str, Any]]
    next: str


async def seen_claim(door: Door, who: Caller, claim: str) -> tuple[str, ClaimAnswer]:
    """Return a claim that the caller may see: a hospital its own, a township its people's, the bureau all.

    Raises RefusedError, with 404 for what is not there and for what is somebody else's.
    """
    hospital = who.role == "hospital"
    area, provider = (COUNTY, who.name) if hospital else (who.officer(), "")
    ref = claim_ref(provider, claim.removeprefix(f"{provider}:")) if provider else claim
    answer = await claim_of(door, who, ref)
    if answer.outcome == "unknown" or (area != COUNTY and await _town(door, who, answer) != area):
        raise RefusedError("unknown_claim", "claim", 404)
    return ref, answer


async def claim_of(door: Door, who: Caller, ref: str) -> ClaimAnswer:
    """Return where a claim stands, whoever may see it. Raises RefusedError for what is no claim's number."""
    try:
        about = AboutClaim(claim=ref)
    except ValidationError:
        raise RefusedError("unknown_claim", "claim", 404) from None
    return await ask_for(who, door.nc, SETTLEMENT_CLAIM, about)


async def _town(door: Door, who: Caller, answer: ClaimAnswer) -> str:
    about = AboutPerson(person=answer.holder or answer.person)
    return (await ask_for(who, door.nc, ENROLLMENT_PERSON, about)).township


def shown(line: AdjustmentLine, *, with_person: bool) -> dict[str, Any]:
    """Return an adjustment as JSON; a hospital does not learn the person's key."""
    return line.model_dump(mode="json", exclude=set() if with_person else {"person"})


@router.get("/v1/claims/{claim}", summary="查询结算单", responses=REFUSALS | BILLS)
async def claim_standing(claim: str, who: Who, door: TheDoor) -> JSONResponse:
    ref, answer = await seen_claim(door, who, claim)
    status, body = said(ref, answer)
    return JSONResponse(body, status)


@router.get(
    "/v1/claims/{claim}/explanation",
    summary="结算单的计算说明、账目和重新核定经过",
    responses=REFUSALS,
)
async def explanation(claim: str, who: Who, door: TheDoor) -> ClaimExplanation:
    ref, answer = await seen_claim(door, who, claim)
    return await explained(door, who, ref, answer)


@router.get(
    "/v1/adjustments",
    summary="应补应退：重新核定后各资金渠道的差额（分页）",
    responses=REFUSALS,
)
async def adjustments(
    year: Annotated[int, Query(ge=2003, le=2100, description="待遇年度")],
    who: Who,
    door: TheDoor,
    after: Annotated[str, Query(max_length=400, description="上一页的 next")] = "",
    why: Annotated[str, Query(max_length=100, description="查询用途，留痕；乡镇必填")] = "",
    limit: Annotated[int, Query(ge=1, le=1_000, description="每页结算单数")] = PAGE,
) -> Adjustments:
    return await adjusted(door, who, AdjustmentPage(year=year, after=after, most=limit), why)


async def explained(door: Door, who: Caller, ref: str, answer: ClaimAnswer) -> ClaimExplanation:
    """Put the explanation of a bill together from both money services."""
    about = AboutClaim(claim=ref)
    parts = [
        await ask_for(who, door.nc, subject, about)
        for subject in (SETTLEMENT_EXPLAIN, ASSISTANCE_EXPLAIN)
    ]
    lines: list[AdjustmentLine] = []
    if answer.submitted is not None:
        page = AdjustmentPage(year=answer.submitted.discharge.year, claim=ref)
        lines = (await ask_for(who, door.nc, SETTLEMENT_ADJUSTMENTS, page)).lines
    return ClaimExplanation(
        claim=ref, outcome=answer.outcome, family=[one for part in parts for one in part.family],
        added=[one for part in parts for one in part.added],
        zh=[one for part in parts for one in part.zh], en=[one for part in parts for one in part.en],
        history=[one for part in parts for one in part.history],
        adjustments=[shown(one, with_person=who.role != "hospital") for one in lines],
    )  # fmt: skip


async def adjusted(door: Door, who: Caller, page: AdjustmentPage, why: str) -> Adjustments:
    """Return a page of adjustments: a hospital's bills, a township's people, or the county's."""
    hospital = who.role == "hospital"
    area, provider = (COUNTY, who.name) if hospital else (who.officer(), "")
    asked = page.model_copy(update={"provider": provider, "after": opened(door, page.after)})
    answer = await ask_for(who, door.nc, SETTLEMENT_ADJUSTMENTS, asked)
    lines = answer.lines
    if area != COUNTY:
        if not why:
            raise RefusedError("missing_field", "why")
        whose = Asked("adjustment", page.year, area, "", who.holder, purpose(why))
        desk = SheetReader(who, door.nc, door.operators)
        _, people = await desk.common(whose, [line.person for line in lines])
        lines = [line for line in lines if line.person in people]
    found = [shown(line, with_person=not hospital) for line in lines]
    return Adjustments(
        adjustments=found, next=answer.after and door.operators.seal(answer.after, CURSOR)
    )


def opened(door: Door, after: str) -> str:
    """Return where a page begins: a person's key, which nobody outside may read. Raises RefusedError."""
    try:
        return after and door.operators.open(after, CURSOR)
    except Exception:  # noqa: BLE001  whatever is wrong with it, it is not ours
        raise RefusedError("invalid_value", "after") from None
