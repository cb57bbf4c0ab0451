"""Bills: those that somebody has to look at, one with its explanation, and what was re-decided since."""

from fastapi import APIRouter, Response

from services.console.visitor import Who, handed, to

router = APIRouter()
A_PAGE = 50


@router.get("/bills")
async def show(
    who: Who, claim: str = "", code: str = "", state: str = "", offset: int = 0
) -> Response:
    if claim and code:
        return await verify(claim.strip(), code, who)
    if claim:
        return to(f"/bills/{claim.strip()}")
    found = await who.door.get("/v1/claims", state=state, limit=A_PAGE, offset=offset)
    return who.page(
        "bills.html", bills=found["claims"], next=found["next_offset"], state=state, offset=offset
    )


async def verify(claim: str, code: str, who: Who) -> Response:
    found = await who.door.get(f"/v1/claims/{claim}/verification", code=code)
    return who.page("verified.html", found=found)


@router.get("/bills/{claim}")
async def one(claim: str, who: Who) -> Response:
    found = await who.door.standing(f"/v1/claims/{claim}")
    why = await who.door.get(f"/v1/claims/{claim}/explanation")
    sheet = {}
    if found.get("bill"):
        sheet = await who.door.get(f"/v1/claims/{claim}/sheet", why=who.purpose)
    return who.page("bill.html", found=found, sheet=sheet, why=why)


@router.get("/bills/{claim}/sheet")
async def printed(claim: str, who: Who) -> Response:
    made = await who.door.file(f"/v1/claims/{claim}/sheet.pdf", why=who.purpose)
    return handed(made, f"一单清{claim.replace(':', '-')}.pdf")


@router.post("/bills/{claim}/dismissal")
async def dismiss(claim: str, who: Who) -> Response:
    why = (await who.form()).get("why", "")
    await who.door.post(f"/v1/claims/{claim}/dismissal", json={"why": why})
    return to(f"/bills/{claim}", "已认定不是重复上传，照常结算")


@router.get("/adjustments")
async def adjustments(who: Who, after: str = "") -> Response:
    found = await who.door.get("/v1/adjustments", year=who.year, after=after, why=who.purpose)
    return who.page("adjustments.html", lines=found["adjustments"], next=found.get("next", ""))
