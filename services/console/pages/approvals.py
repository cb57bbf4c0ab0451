"""What one person of the bureau did and another one looks at: payments by hand, confirmed lists."""

from fastapi import APIRouter, Response

from services.console.visitor import Who, part, to

router = APIRouter(prefix="/approvals")
A_PAGE = 100


@router.get("")
async def show(who: Who, state: str = "open", offset: int = 0) -> Response:
    shown = "all" if state == "all" else "open"
    found = await who.door.get("/v1/approvals", state=shown, limit=A_PAGE, offset=offset)
    more = offset + A_PAGE if len(found) == A_PAGE else None
    return who.page("approvals.html", approvals=found, state=shown, next=more)


@router.post("/{proposal}/approval")
async def approve(proposal: str, who: Who) -> Response:
    await who.door.post(f"/v1/approvals/{part(proposal)}/approval")
    return to("/approvals", "复核通过，已生效")


@router.post("/{proposal}/return")
async def give_back(proposal: str, who: Who) -> Response:
    why = (await who.form()).get("why", "")
    await who.door.post(f"/v1/approvals/{part(proposal)}/return", json={"why": why})
    return to("/approvals", "已退回，未生效")
