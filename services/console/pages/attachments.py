"""Pictures and pages that show something about a problem (佐证材料)."""

from typing import Any

from fastapi import APIRouter, Response
from starlette.datastructures import UploadFile

from contracts.vocabulary import PROBLEM_ZH
from services.console.visitor import Who, handed, part, to

router = APIRouter(prefix="/attachments")


@router.get("/{kind}/{person}")
async def show(kind: str, person: str, who: Who) -> Response:
    found = await who.door.get(_where(who, kind, person))
    return who.page(
        "attachments.html",
        files=found,
        kind=kind,
        person=person,
        problem=PROBLEM_ZH.get(kind, kind),
    )


@router.post("")
async def attach(who: Who) -> Response:
    said = await who.files()
    file, page = (
        said.get("file"),
        f"/attachments/{part(str(said['kind']))}/{part(str(said['person']))}",
    )
    if not isinstance(file, UploadFile) or not file.filename:
        return to(page, "请选择文件")
    content = (file.filename, await file.read())
    where = _where(who, str(said["kind"]), str(said["person"]))
    await who.door.post(where, files={"file": content})
    return to(page, "佐证材料已上传")


@router.get("/{kind}/{person}/{attachment}")
async def look(kind: str, person: str, attachment: str, who: Who) -> Response:
    """Hand a file on; that it was looked at is written down at the door."""
    listed: list[dict[str, Any]] = await who.door.get(_where(who, kind, person))
    name = next((one["name"] for one in listed if one["id"] == attachment), "佐证")
    return handed(await who.door.file(f"/v1/attachments/{part(attachment)}", why=who.purpose), name)


@router.post("/{kind}/{person}/{attachment}/removal")
async def take_away(kind: str, person: str, attachment: str, who: Who) -> Response:
    await who.door.post(f"/v1/attachments/{part(attachment)}/removal")
    return to(f"/attachments/{part(kind)}/{part(person)}", "已撤下，内容已清除")


def _where(who: Who, kind: str, person: str) -> str:
    return f"/v1/enrollment/{who.year}/issues/{part(kind)}/{part(person)}/attachments"
