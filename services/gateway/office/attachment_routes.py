"""Pictures and pages that show something about a problem: taken in, listed, looked at, taken away."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response, UploadFile

from contracts.identity import PersonKey
from contracts.questions import ENROLLMENT_ISSUES, ENROLLMENT_PERSON, AboutPerson, IssuePage
from contracts.vocabulary import ProblemKind
from services.gateway.answers import Accepted, Answer, says
from services.gateway.asking import ask_for
from services.gateway.attachments import BYTES_MAX, About
from services.gateway.caller import Caller, TheDoor, Who, purpose
from services.gateway.calling import file_of
from services.gateway.door import Door
from services.gateway.office.routes import Year
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import RefusedError

router = APIRouter()
OF_AN_ISSUE = "/v1/enrollment/{year}/issues/{kind}/{person}/attachments"
Id = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="材料编号")]
Why = Annotated[str, Query(min_length=2, max_length=100, description="查询用途，留痕")]


class AttachmentTaken(Answer):
    """A file was kept, under this number."""

    id: str


class AttachmentShown(Answer):
    """A file about a problem; ``removed``: when it was taken away, and with it its content."""

    id: str
    name: str
    type: str
    size: int
    holder: str
    added: datetime
    remover: str
    removed: datetime | None


@router.post(
    OF_AN_ISSUE,
    summary="上传佐证材料（JPG、PNG、PDF，4 MB 以内）",
    responses=REFUSALS | says(AttachmentTaken),
    response_model=None,
)
async def attach(
    year: Year, kind: ProblemKind, person: PersonKey, file: UploadFile, who: Who, door: TheDoor
) -> dict[str, str]:
    about = await _own_issue(who, door, About(year, kind, person))
    content = await file_of(file, BYTES_MAX)
    return {"id": await door.attachments.add(about, content, who.holder)}


@router.get(OF_AN_ISSUE, summary="一个问题的佐证材料", responses=REFUSALS)
async def listed(
    year: Year, kind: ProblemKind, person: PersonKey, who: Who, door: TheDoor
) -> list[AttachmentShown]:
    about = await _own_issue(who, door, About(year, kind, person))
    return [
        AttachmentShown(
            id=one.id, name=one.name, type=one.type, size=one.size, holder=one.holder, added=one.added,
            remover=one.remover, removed=one.removed,
        )
        for one in await door.attachments.of(about)
    ]  # fmt: skip


@router.get(
    "/v1/attachments/{attachment}",
    summary="查看一份佐证材料，留痕",
    responses=REFUSALS,
    response_class=Response,
)
async def opened(attachment: Id, why: Why, who: Who, door: TheDoor) -> Response:
    who.officer()
    found = await door.attachments.one(attachment)
    await _own_issue(who, door, found.about)
    asked = AboutPerson(person=found.person, holder=who.holder, why=purpose(why), what="attachment")
    await ask_for(who, door.nc, ENROLLMENT_PERSON, asked)  # where the reading is written down
    shown = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}"}
    return Response(found.content, media_type=found.type, headers=shown)


@router.post(
    "/v1/attachments/{attachment}/removal",
    summary="撤下传错的佐证材料，内容随即清除",
    responses=REFUSALS | says(Accepted),
    response_model=None,
)
async def take_away(attachment: Id, who: Who, door: TheDoor) -> dict[str, Any]:
    who.officer()
    found = await door.attachments.one(attachment)
    await _own_issue(who, door, found.about)
    await door.attachments.remove(attachment, who.holder)
    return {"accepted": True, "notes": []}


async def _own_issue(who: Caller, door: Door, about: About) -> About:
    """Return a problem of the caller's area. Raises RefusedError with 404, for another area's too."""
    asked = IssuePage(
        year=about.year, township=who.officer(), kind=about.kind, person=about.person, most=1
    )
    if not await ask_for(who, door.nc, ENROLLMENT_ISSUES, asked):
        raise RefusedError("unknown_issue", "person", 404)
    return about
