"""Who is told of which township and village, and who sits at a desk."""

from typing import Any

from fastapi import APIRouter, Response

from chassis.clock import system_clock
from chassis.clock import today as day_of
from chassis.language import tr
from contracts.officers import POST_ZH
from services.console.visitor import Who, to

router = APIRouter(prefix="/officers")
A_PAGE = 200
SAID = ("post", "name", "phone", "village", "group", "first", "hospital", "last")


@router.get("")
async def show(
    who: Who,
    township: str = "",
    every: bool = False,
    after: str = "",
) -> Response:
    day = day_of(system_clock)
    asked = {} if every else {"on": f"{day}"}
    found = await who.door.get(
        "/v1/officers", township=township, limit=A_PAGE, after=after, **asked
    )
    return who.page(
        "officers.html", officers=found["officers"], posts=POST_ZH, day=day, every=every,
        township=township, next=found["next"],
    )  # fmt: skip


@router.post("")
async def begin(who: Who) -> Response:
    said = await who.form()
    body: dict[str, Any] = {name: said[name] for name in SAID if said.get(name)}
    body["townships"] = said.get("townships", "").replace("，", "、").split("、")
    body["townships"] = [one.strip() for one in body["townships"] if one.strip()]
    await who.door.post("/v1/officers", json=body)
    return to("/officers", tr("已登记{name}", name=body.get("name", "")))


@router.post("/{duty}/end")
async def end(duty: str, who: Who) -> Response:
    last = (await who.form()).get("last", "")
    await who.door.post(f"/v1/officers/{duty}/end", json={"last": last})
    return to("/officers", "任期已结束，历史保留")
