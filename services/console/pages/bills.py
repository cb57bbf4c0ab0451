"""Bills: those that somebody has to look at, one with its explanation, and what was re-decided since."""

from fastapi import APIRouter, Response

from contracts.funds import FUND_ZH
from services.console.visitor import Who, to

router = APIRouter()
A_PAGE = 50


@router.get("/bills")
async def show(who: Who, claim: str = "", state: str = "", offset: int = 0) -> Response:
    if claim:
        return to(f"/bills/{claim.strip()}")
    found = await who.door.get("/v1/claims", state=state, limit=A_PAGE, offset=offset)
    return who.page(
        "bills.html", bills=found["claims"], next=found["next_offset"], state=state, offset=offset
    )


@router.get("/bills/{claim}")
async def one(claim: str, who: Who) -> Response:
    found = await who.door.standing(f"/v1/claims/{claim}")
    why = await who.door.get(f"/v1/claims/{claim}/explanation")
    return who.page("bill.html", found=found, bill=found.get("bill"), why=why, funds=FUND_ZH)


@router.post("/bills/{claim}/dismissal")
async def dismiss(claim: str, who: Who) -> Response:
    why = (await who.form()).get("why", "")
    await who.door.post(f"/v1/claims/{claim}/dismissal", json={"why": why})
    return to(f"/bills/{claim}", "已认定不是重复上传，照常结算")


@router.get("/adjustments")
async def adjustments(who: Who, after: str = "") -> Response:
    found = await who.door.get("/v1/adjustments", year=who.year, after=after, why=who.purpose)
    return who.page("adjustments.html", lines=found["adjustments"], next=found.get("next", ""))
