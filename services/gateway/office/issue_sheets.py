"""The problem desk as a sheet: with names to take along, and back with who mends what until when."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, UploadFile
from pydantic import Field

from chassis.clock import today
from contracts.questions import ENROLLMENT_ISSUES, ENROLLMENT_PROMISE, IssueAnswer, IssuePage
from contracts.questions import IssuePromise as Promise
from contracts.vocabulary import ISSUE_STATE_ZH, PROBLEM_ZH, Source
from services.gateway.answers import Answer, RefusedRow, says
from services.gateway.asking import ask_for
from services.gateway.caller import TheDoor, Who, within
from services.gateway.calling import file_of
from services.gateway.intake.promises import Promises, read_promises
from services.gateway.intake.reading.columns import words_of
from services.gateway.office.people import people_of, placed
from services.gateway.office.routes import Year, notes_on
from services.gateway.office.sheet_reader import Sheet
from services.gateway.office.sheet_routes import Township, Why, written
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import RefusedError

router = APIRouter()
AT_ONCE, MOST, SHEET_BYTES_MAX = 1_000, 20_000, 4 << 20
TITLE = "问题整改清单"
COLUMNS = (
    "身份证号", "姓名", "户主", "乡镇", "村（社区）", "联系电话", "问题", "整改要求", "发现日期", "状态",
    "责任人", "整改期限", "佐证",
)  # fmt: skip


class PromisesTaken(Answer):
    """What became of a sheet of promises; ``empty``: lines in which nothing was filled in."""

    taken: int
    empty: int
    rejected: list[RefusedRow]
    notes: list[str] = Field(default=[])


@router.get(
    "/v1/enrollment/{year}/issues.xlsx",
    summary="问题整改清单（XLSX），填写责任人、整改期限后可整表导入",
    responses=REFUSALS,
    response_class=Response,
)
async def workbook_of_issues(
    year: Year, why: Why, who: Who, door: TheDoor, township: Township = "",
    closed: Annotated[bool, Query(description="含已销号的")] = False,
) -> Response:  # fmt: skip
    area = within(who, township, door)
    page = IssuePage(year=year, township=area, most=AT_ONCE)
    lines: list[IssueAnswer] = []
    while len(found := await ask_for(who, door.nc, ENROLLMENT_ISSUES, page)) == AT_ONCE:
        lines += found
        if len(lines) > MOST:
            raise RefusedError("too_many_rows", "township")
        page = page.model_copy(update={"offset": page.offset + AT_ONCE})
    lines = [one for one in (*lines, *found) if closed or one.state != "closed"]
    people = await people_of(who, door, "issues", (one.person for one in lines), area, why)
    rows = sorted(_row(one, people.get(one.person, {})) for one in lines)
    return await written(door, f"{area}{year}年度{TITLE}", Sheet(TITLE, COLUMNS, rows), area)


def _row(one: IssueAnswer, person: dict[str, str]) -> tuple[str, ...]:
    where = placed(person)
    return (
        person.get("身份证号", ""), where["name"], where["head"], one.township, one.village, where["phone"],
        PROBLEM_ZH.get(one.kind, one.kind), one.follow_up, one.opened.isoformat(),
        ISSUE_STATE_ZH[one.state], one.officer, one.due.isoformat() if one.due else "", one.evidence,
    )  # fmt: skip


@router.post(
    "/v1/enrollment/{year}/issues/promises",
    summary="导入责任人和整改期限（问题整改清单填写后的 XLSX、CSV）",
    responses=REFUSALS | says(PromisesTaken),
    response_model=None,
)
async def promises(year: Year, file: UploadFile, who: Who, door: TheDoor) -> dict[str, Any]:
    area = who.officer()
    content = await file_of(file, SHEET_BYTES_MAX)
    words = words_of(Source.BUREAU.value, door.settings.county_dir)
    read = await asyncio.to_thread(read_promises, content, words, door.admit)
    refused, notes = list(read.rejected), dict[str, None]()
    for one in read.taken:
        said = Promise(
            person=one.person, kind=one.kind, year=year, officer=one.officer, due=one.due,
            evidence=one.evidence, area=area,
        )  # fmt: skip
        if (await ask_for(who, door.nc, ENROLLMENT_PROMISE, said)).found:
            notes |= dict.fromkeys(notes_on(one.due, today(door.clock)))
        else:
            refused.append(one.refused("unknown_issue"))
    return _taken(read, refused, list(notes))


def _taken(read: Promises, refused: list[Any], notes: list[str]) -> dict[str, Any]:
    refused.sort(key=lambda one: (one.sheet, one.row))
    taken = len(read.taken) + len(read.rejected) - len(refused)
    return {
        "taken": taken, "empty": read.empty, "rejected": [one.as_json() for one in refused],
        "notes": notes,
    }  # fmt: skip
