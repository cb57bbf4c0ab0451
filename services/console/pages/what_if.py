"""What the county would pay under another pack (政策测算)."""

from fastapi import APIRouter, Response

from chassis.language import tr
from services.console.visitor import Who, part, to

router = APIRouter(prefix="/what-if")


@router.get("")
async def show(who: Who) -> Response:
    packs, orders = await who.door.get("/v1/what-if/packs"), await who.door.get("/v1/what-if")
    titles = {one["pack"]: one["title"] for one in packs}
    running = any(not one["finished"] and not one["failed"] for one in orders)
    return who.page("what_if.html", packs=packs, orders=orders, titles=titles, running=running)


@router.post("")
async def order(who: Who) -> Response:
    said = await who.form()
    body = {"year": who.year, "pack": said.get("pack", ""), "against": said.get("against", "")}
    found = await who.door.post("/v1/what-if", json=body)
    return to("/what-if", tr("；").join(found["notes"]) or "已开始测算，完成后在下方查看结果")


@router.get("/{order}")
async def one(order: str, who: Who) -> Response:
    found = await who.door.get(f"/v1/what-if/{part(order)}")
    titles = {one["pack"]: one["title"] for one in await who.door.get("/v1/what-if/packs")}
    return who.page("what_if_result.html", order=found, result=found["result"], titles=titles)
