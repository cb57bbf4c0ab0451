"""Bills: those that somebody has to look at, one with its explanation, and what was re-decided since."""

from typing import Any

from fastapi import APIRouter, Response

from services.console.knocking import DoorRefusedError
from services.console.visitor import Who, as_typed, handed, part, to

router = APIRouter()
A_PAGE = 50


@router.get("/bills")
async def show(
    who: Who, claim: str = "", code: str = "", state: str = "", offset: int = 0
) -> Response:
    if claim and code:
        asked = f"/v1/claims/{part(claim)}/verification"
        return who.page("verified.html", found=await who.door.get(asked, code=as_typed(code)))
    if claim:
        return to(f"/bills/{part(claim)}")
    found: dict[str, Any] = {"claims": [], "next_offset": None}
    if not who.session.area:  # what has to be done about bills is the bureau's
        found = await who.door.get("/v1/claims", state=state, limit=A_PAGE, offset=offset)
    return who.page(
        "bills.html", bills=found["claims"], next=found["next_offset"], state=state, offset=offset
    )


@router.get("/bills/{claim}")
async def one(claim: str, who: Who) -> Response:
    where = f"/v1/claims/{part(claim)}"
    found = await who.door.standing(where)
    why = await who.door.get(f"{where}/explanation")
    sheet, unprinted = None, ""
    if found["status"] == "settled":
        try:
            sheet = await who.door.get(f"{where}/sheet", why=who.purpose)
        except DoorRefusedError as error:
            unprinted = error.message
    return who.page("bill.html", found=found, sheet=sheet, unprinted=unprinted, why=why)


@router.get("/bills/{claim}/sheet")
async def printed(claim: str, who: Who) -> Response:
    made = await who.door.file(f"/v1/claims/{part(claim)}/sheet.pdf", why=who.purpose)
    return handed(made, f"一单清{claim.replace(':', '-')}.pdf")


@router.post("/bills/{claim}/dismissal")
async def dismiss(claim: str, who: Who) -> Response:
    why = (await who.form()).get("why", "")
    await who.door.post(f"/v1/claims/{part(claim)}/dismissal", json={"why": why})
    return to(f"/bills/{claim}", "已认定不是重复上传，照常结算")


@router.get("/adjustments")
async def adjustments(who: Who, after: str = "") -> Response:
    asked = {"year": who.year, "after": after, "why": who.purpose, "limit": A_PAGE}
    found = await who.door.get("/v1/adjustments", **asked)
    return who.page("adjustments.html", lines=found["adjustments"], next=found.get("next", ""))
