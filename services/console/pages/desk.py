"""The problem desk: what is wrong, who mends it until when, and the three passes that find it."""

import re
from typing import Any

from fastapi import APIRouter, Response
from starlette.datastructures import UploadFile

from chassis.clock import system_clock
from chassis.clock import today as day_of
from chassis.language import tr
from contracts.vocabulary import ISSUE_STATE_ZH, PROBLEM_ZH
from services.console.knocking import DoorRefusedError
from services.console.visitor import Who, handed, to

router = APIRouter(prefix="/desk")
A_PAGE, SHEET_SECONDS = 50, 900.0
ISSUE = re.compile(r"[a-z_]+/[a-z0-9]+")
OVERDUE = "overdue"
"""Not a state of its own: an open issue whose promise was not kept."""


@router.get("")
async def show(
    who: Who, township: str = "", kind: str = "", state: str = "", offset: int = 0
) -> Response:
    chosen = {"township": township, "kind": kind, "state": state}
    asked: dict[str, Any] = {name: value for name, value in chosen.items() if value}
    if asked.get("state") == OVERDUE:
        asked |= {"overdue": True, "state": ""}
    found = await who.door.get(
        f"/v1/enrollment/{who.year}/issues", **asked, limit=A_PAGE, offset=offset
    )
    passes = [] if who.session.area else await who.door.get(f"/v1/enrollment/{who.year}/reviews")
    return who.page(
        "desk.html", issues=found["issues"], next=found["next_offset"], offset=offset, chosen=chosen,
        kinds=PROBLEM_ZH, states=ISSUE_STATE_ZH | {OVERDUE: "承诺逾期"}, passes=passes,
        day=day_of(system_clock),
    )  # fmt: skip


@router.post("/pass")
async def check(who: Who) -> Response:
    said = await who.form()
    order = {"number": int(said.get("number", "1")), "as_of": said.get("as_of", "")}
    found = await who.door.post(f"/v1/enrollment/{who.year}/reviews", json=order)
    kinds = tr("，").join(
        tr("{problem}{count}件", problem=tr(PROBLEM_ZH.get(one, one)), count=count)
        for one, count in found["kinds"].items()
    )
    done = tr(
        "第{number}遍比对完成：{kinds}", number=order["number"], kinds=kinds or tr("未发现问题")
    )
    return to("/desk", done)


@router.post("/promises")
async def promise_all(who: Who) -> Response:
    """One officer and one day for every issue that was ticked; each is told by itself where it is refused."""
    said = await who.form()
    named = [str(one) for one in (await who.files()).getlist("issue")]
    ticked = [one for one in named if ISSUE.fullmatch(one)][:A_PAGE]
    if not ticked:
        return to(await who.back("/desk"), "未勾选任何问题")
    body = {"officer": said.get("officer", ""), "due": said.get("due", ""), "evidence": ""}
    refused: list[str] = []
    for one in ticked:
        try:
            await who.door.post(f"/v1/enrollment/{who.year}/issues/{one}", json=body)
        except DoorRefusedError as error:
            refused.append(error.message)
    told = tr("已落实{count}件", count=len(ticked) - len(refused))
    if refused:
        why = tr("；").join(dict.fromkeys(refused))
        told += tr("，{count}件未落实：{why}", count=len(refused), why=why)
    return to(await who.back("/desk"), told)


@router.get("/sheet")
async def sheet(who: Who, township: str = "") -> Response:
    """Hand on the desk with names, to be filled in and sent back."""
    where = f"/v1/enrollment/{who.year}/issues.xlsx"
    made = await who.door.file(where, why=who.purpose, township=township)
    return handed(made, f"{who.session.area or township}{who.year}年度问题整改清单.xlsx")


@router.post("/sheet")
async def take_sheet(who: Who) -> Response:
    """Take a sheet that was filled in; each line that goes back is named."""
    file = (await who.files()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return to("/desk", "请选择填写好的问题整改清单")
    found = await who.door.post(
        f"/v1/enrollment/{who.year}/issues/promises",
        files={"file": (file.filename, await file.read())},
        timeout=SHEET_SECONDS,
    )
    return who.page("promises.html", found=found)


@router.post("/{kind}/{person}")
async def promise(kind: str, person: str, who: Who) -> Response:
    said = await who.form()
    body = {
        "officer": said.get("officer", ""),
        "due": said.get("due", ""),
        "evidence": said.get("evidence", ""),
    }
    found = await who.door.post(f"/v1/enrollment/{who.year}/issues/{kind}/{person}", json=body)
    return to(
        await who.back("/desk"), tr("；").join([tr("已落实责任人和期限"), *found.get("notes", [])])
    )
