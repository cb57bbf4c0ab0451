"""Lists of departments: sent in, looked at before they count, confirmed or called untrue; words answered."""

from typing import Any

from fastapi import APIRouter, Response
from starlette.datastructures import UploadFile

from chassis.language import tr
from contracts.vocabulary import SOURCE_ZH
from services.console.visitor import Who, handed, to
from services.console.words import MEANINGS, REGISTER_ZH

router = APIRouter(prefix="/lists")
SHOWN, NOT_OURS = 200, "-"
REGISTER_SECONDS = 900.0
SAID = ("source", "column", "word", "meaning")


@router.get("")
async def show(who: Who, offset: int = 0) -> Response:
    found = await who.door.get("/v1/lists", limit=SHOWN, offset=offset)
    more = offset + SHOWN if len(found) == SHOWN else None
    words = await who.door.get("/v1/words")
    waiting = await who.door.get("/v1/approvals", limit=SHOWN)
    return who.page(
        "lists.html",
        lists=found,
        awaits={one["about"] for one in waiting},
        words=words,
        sources=SOURCE_ZH,
        meanings=MEANINGS,
        next=more,
        registers=REGISTER_ZH,
    )


@router.post("")
async def send(who: Who) -> Response:
    """Show what the list would change, write down what would go back, or send it in."""
    said = await who.files()
    file, preview = said.get("file"), said.get("what") != "send"
    if not isinstance(file, UploadFile) or not file.filename:
        return to("/lists", "请选择名册文件")
    params = {name: str(said[name]) for name in ("month", "full", "year") if said.get(name)}
    content = (file.filename, await file.read())
    where, params = f"/v1/rosters/{said['source']}", params | {"preview": str(preview).lower()}
    if said.get("what") == "back":
        made = await who.door.posted_file(
            where, params=params | {"answer": "xlsx"}, files={"file": content}
        )
        return handed(made, f"{SOURCE_ZH.get(str(said['source']), '')}退回清单.xlsx")
    found = await who.door.post(where, params=params, files={"file": content})
    return who.page("receipt.html", found=found, receipt=found["receipt"])


@router.post("/register")
async def send_register(who: Who) -> Response:
    """Send in whom the insurance system names; a million rows take minutes."""
    said = await who.files()
    file = said.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return to("/lists", "请选择名单文件")
    found = await who.door.post(
        f"/v1/registers/{who.year}", params={"kind": str(said.get("kind", "enrolled"))},
        files={"file": (file.filename, file.file)}, timeout=REGISTER_SECONDS,
    )  # fmt: skip
    return who.page("receipt.html", found=found, receipt=found["receipt"])


@router.post("/{batch}/confirmation")
async def confirm(batch: str, who: Who) -> Response:
    found = await who.door.post(f"/v1/lists/{batch}/confirmation")
    return to("/lists", tr("；").join(found.get("notes", [])) or "已确认，名册即将生效")


@router.post("/{batch}/withdrawal")
async def withdraw(batch: str, who: Who) -> Response:
    why = (await who.form()).get("why", "")
    found = await who.door.post(f"/v1/lists/{batch}/withdrawal", json={"why": why})
    return to("/lists", tr("；").join(found.get("notes", [])) or "已撤回，人员按原日期恢复")


@router.post("/words")
async def answer(who: Who) -> Response:
    said = await who.form()
    body: dict[str, Any] = {name: said.get(name, "") for name in SAID}
    body["meaning"] = "" if body["meaning"] == NOT_OURS else body["meaning"]
    await who.door.post("/v1/words", json=body)
    return to("/lists", tr("已答复“{word}”，等待的行随即读入", word=body["word"]))
