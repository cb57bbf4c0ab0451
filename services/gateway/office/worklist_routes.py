"""What an office has to do: its open tasks with names, as data and as a sheet to take along."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from chassis.clock import CHINA
from contracts.messages import NOTIFY_TASKS, TaskLine, TaskPage
from services.gateway.answers import Accepted, says
from services.gateway.asking import ask_for
from services.gateway.caller import TheDoor, Who, within
from services.gateway.office.answers import Tasks
from services.gateway.office.message_routes import CalledIn, close
from services.gateway.office.people import people_of, shown
from services.gateway.office.sheet_reader import Sheet
from services.gateway.office.sheet_routes import Township, Village, Why, written
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import RefusedError

router = APIRouter()
AT_ONCE, MOST = 500, 20_000
TITLE = "待办清单"
COLUMNS = (
    "姓名", "身份证号后四位", "户主", "乡镇", "村（社区）", "联系电话", "事项", "内容", "提出日期", "办结码",
    "办理情况", "经办人签字",
)  # fmt: skip


@router.get(
    "/v1/worklist", summary="待办（分页）", responses=REFUSALS | says(Tasks), response_model=None
)
async def worklist(
    why: Why,
    who: Who,
    door: TheDoor,
    township: Township = "",
    village: Village = "",
    after: Annotated[str, Query(max_length=40, description="上一页的 next")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> dict[str, Any]:
    area = within(who, township, door)
    page = TaskPage(township=area, village=village, after=after, most=limit)
    answer = await ask_for(who, door.nc, NOTIFY_TASKS, page)
    people = await people_of(who, door, "worklist", (one.person for one in answer.lines), area, why)
    return {"tasks": [_shown(one, people) for one in answer.lines], "next": answer.next}


@router.get(
    "/v1/worklist.xlsx",
    summary="待办清单（XLSX），入户时带用",
    responses=REFUSALS,
    response_class=Response,
)
async def worklist_workbook(
    why: Why, who: Who, door: TheDoor, township: Township = "", village: Village = ""
) -> Response:
    area = within(who, township, door)
    lines: list[TaskLine] = []
    page = TaskPage(township=area, village=village, most=AT_ONCE)
    while True:
        answer = await ask_for(who, door.nc, NOTIFY_TASKS, page)
        lines += answer.lines
        if len(lines) > MOST:
            raise RefusedError("too_many_rows", "township")
        if not answer.next:
            break
        page = page.model_copy(update={"after": answer.next})
    people = await people_of(who, door, "worklist", (one.person for one in lines), area, why)
    named = sorted((_shown(one, people) for one in lines), key=_by_place)
    rows = [_row(one) for one in named]
    return await written(door, f"{area}{village}{TITLE}", Sheet(TITLE, COLUMNS, rows), area)


@router.post(
    "/v1/worklist/{message}/done",
    summary="待办办结",
    responses=REFUSALS | says(Accepted),
    response_model=None,
)
async def task_done(
    message: Annotated[str, Path(pattern="^[0-9a-f]{32}$")], body: CalledIn, who: Who, door: TheDoor
) -> dict[str, Any]:
    return await close("done", message, body, who, door)


def _shown(line: TaskLine, people: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Return a task with whose it is."""
    return shown(people.get(line.person, {})) | {
        "task": line.message, "code": line.code, "township": line.township, "village": line.village,
        "title": line.title, "what": line.what, "told": line.told,
        "since": line.since.astimezone(CHINA).isoformat(timespec="seconds"),
    }  # fmt: skip


def _by_place(one: dict[str, Any]) -> tuple[str, ...]:
    return one["township"], one["village"], one["head"], one["name"], one["since"]


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    since = datetime.fromisoformat(one["since"]).date().isoformat()
    return (
        one["name"], one["last4"], one["head"], one["township"], one["village"], one["phone"],
        one["title"], one["what"], since, one["code"], "", "",
    )  # fmt: skip
