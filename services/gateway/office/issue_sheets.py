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
from services.gateway.caller import Caller, TheDoor, Who, within
from services.gateway.calling import file_of
from services.gateway.door import Door
from services.gateway.intake.promises import Promised, read_promises
from services.gateway.intake.reading.columns import words_of
from services.gateway.office.people import people_of, placed
from services.gateway.office.routes import Year, notes_on
from services.gateway.office.sheet_reader import Sheet
from services.gateway.office.sheet_routes import Township, Why, written
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import RefusedError

router = APIRouter()
AT_ONCE, MOST, SHEET_BYTES_MAX = 1_000, 20_000, 4 << 20
TITLE, NO_NUMBER = "问题整改清单", "（请在问题台账页落实）"
COLUMNS = (
    "身份证号", "姓名", "户主", "乡镇", "村（社区）", "联系电话", "问题", "整改要求", "发现日期", "状态",
    "责任人", "整改期限", "佐证",
)  # fmt: skip


class PromisesTaken(Answer):
    """What became of a sheet; ``unchanged``: lines that are not filled in, or as they stand already."""

    taken: int
    unchanged: int
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
    lines = [one for one in await _desk(who, door, year, area) if closed or one.state != "closed"]
    people = await people_of(who, door, "issues", (one.person for one in lines), area, why)
    rows = sorted(_row(one, people.get(one.person, {})) for one in lines)
    return await written(door, f"{area}{year}年度{TITLE}", Sheet(TITLE, COLUMNS, rows), area)


async def _desk(who: Caller, door: Door, year: int, area: str) -> list[IssueAnswer]:
    """Return every problem of an area. Raises RefusedError for more than a sheet holds."""
    page = IssuePage(year=year, township=area, most=AT_ONCE)
    lines: list[IssueAnswer] = []
    while len(lines) <= MOST:
        found = await ask_for(who, door.nc, ENROLLMENT_ISSUES, page)
        lines += found
        if len(found) < AT_ONCE:
            return lines
        page = page.model_copy(update={"offset": page.offset + AT_ONCE})
    raise RefusedError("too_many_rows", "township")


def _row(one: IssueAnswer, person: dict[str, str]) -> tuple[str, ...]:
    where = placed(person)
    return (
        person.get("身份证号", "") or NO_NUMBER, where["name"], where["head"], one.township,
        one.village, where["phone"], PROBLEM_ZH.get(one.kind, one.kind), one.follow_up,
        one.opened.isoformat(), ISSUE_STATE_ZH[one.state], one.officer,
        one.due.isoformat() if one.due else "", one.evidence,
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
    standing = {(one.person, one.kind): one for one in await _desk(who, door, year, area)}
    refused, unchanged, notes = list(read.rejected), read.empty, dict[str, None]()
    for one in read.taken:
        known = standing.get((one.person, one.kind))
        if known is not None and one.is_as(known.officer, known.due, known.evidence):
            unchanged += 1
        elif reason := await _promised(who, door, year, area, one):
            refused.append(one.refused(reason))
        else:
            notes |= dict.fromkeys(notes_on(one.due, today(door.clock)))
    refused.sort(key=lambda one: (one.sheet, one.row))
    taken = len(read.taken) + len(read.rejected) + read.empty - len(refused) - unchanged
    return {
        "taken": taken, "unchanged": unchanged, "rejected": [one.as_json() for one in refused],
        "notes": list(notes),
    }  # fmt: skip


async def _promised(who: Caller, door: Door, year: int, area: str, one: Promised) -> str:
    """Write a promise; returns why not, also while enrollment is away: the lines before it are taken."""
    said = Promise(
        person=one.person, kind=one.kind, year=year, officer=one.officer, due=one.due,
        evidence=one.evidence, area=area,
    )  # fmt: skip
    try:
        answer = await ask_for(who, door.nc, ENROLLMENT_PROMISE, said)
    except RefusedError as error:
        return error.reason
    return "" if answer.found else "unknown_issue"
