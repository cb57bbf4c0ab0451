"""The door's routes for lists: rosters, registers, single reports, and words that are asked about."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response, UploadFile
from fastapi import Path as PathParameter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from chassis.clock import today
from chassis.language import tr
from contracts.events.base import Text
from contracts.lists import (
    ENROLLMENT_LISTS,
    ListAnswer,
    ListPage,
    WordsAnswer,
)
from contracts.vocabulary import RegisterKind, Source
from services.gateway.answers import Accepted, ListTaken, ReportTaken, WordTaken, says
from services.gateway.approvals import WAITS
from services.gateway.asking import ask_for
from services.gateway.caller import TheDoor, Who
from services.gateway.calling import body_of, file_of
from services.gateway.intake.answering import Answering
from services.gateway.intake.confirming import confirm, waits_for_another, withdraw
from services.gateway.intake.examples import WHO_MAY_SAY, body_of_reports
from services.gateway.intake.lists import Order
from services.gateway.intake.reading.cells import day_of
from services.gateway.intake.receipts import Receipt
from services.gateway.intake.register import RegisterReading
from services.gateway.intake.rejections import rejection_workbook
from services.gateway.intake.reports import REPORTS
from services.gateway.intake.taken import NothingTakenError, Roster
from services.gateway.openapi import REFUSALS
from services.gateway.progress import Tell, streamed, untold
from services.gateway.refusals import RefusedError, refuse_identity_in_text
from services.gateway.settings import (
    BODY_BYTES_MAX,
    FILE_BYTES_MAX,
    REGISTER_BYTES_MAX,
)

router = APIRouter()
SOURCES = sorted({source.value for _, _, sources in REPORTS.values() for source in sources})
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Month = Annotated[
    str,
    Query(
        description="名册月份，如 2023-05",
        pattern=r"^(\d{4}-\d{2}(-\d{2})?)?$",
    ),
]
RECEIPTS: dict[int | str, dict[str, Any]] = {
    200: {
        "model": ListTaken,
        "description": "回执；或进度与回执（逐行）；或退回清单",
        "content": {
            "application/x-ndjson": {"schema": {"type": "string"}},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
Answer = Annotated[
    Literal["json", "progress", "xlsx"],
    Query(
        description="json：回执；progress：逐行返回进度（NDJSON），最后一行为回执；"
        "xlsx：可盖章的退回清单，而不是回执"
    ),
]


Progress = Annotated[bool, Query(description="逐行返回进度（NDJSON），最后一行为答复")]


class MeaningIn(BaseModel):
    """Say what a word of a department's lists means."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    source: Source
    column: str = Field(max_length=30, description="category、action、state 等")
    word: str = Field(min_length=1, max_length=60)
    meaning: str = Field(max_length=60, description="代码表内的含义；空：不属于本名册范围，退回")


@router.post(
    "/v1/rosters/{source}",
    summary="上传部门名册（XLSX、XLS、CSV），返回回执；preview 只看不收",
    responses=REFUSALS | RECEIPTS,
)
async def roster(
    source: str,
    file: UploadFile,
    who: Who,
    door: TheDoor,
    month: Month = "",
    year: Annotated[int | None, Query(description="参保年度", ge=2003, le=2100)] = None,
    full: Annotated[bool, Query(description="全量名册：未列入的视为移出")] = False,
    preview: Annotated[bool, Query(description="只预览：谁将进入、谁将退出，不作任何改动")] = False,
    answer: Answer = "json",
    resend_by: Annotated[str, Query(max_length=40, description="重报期限")] = "",
) -> Response:
    known = who.hands_in(source)
    content = await file_of(file, FILE_BYTES_MAX)
    first = day_of(month, "month") if month else today(door.clock).replace(day=1)
    order = Order(known, first, year or first.year, full, preview, who.holder)

    def sheet(rows: list[dict[str, object]]) -> Response:
        name = (file.filename or "")[:80]
        out = rejection_workbook(known.value, name, rows, today(door.clock), resend_by)
        return Response(out, media_type=XLSX)

    async def job(tell: Tell) -> dict[str, Any]:
        return roster_answer(order, *await door.intake.roster(order, content, tell))

    if answer == "progress":
        return streamed(job)
    if answer == "json":
        return JSONResponse(await job(untold))
    try:
        return sheet((await job(untold))["rejected"])
    except NothingTakenError as error:
        return sheet([one.as_json() for one in error.rejected])


def roster_answer(order: Order, found: Roster, receipt: Receipt) -> dict[str, Any]:
    """Return what a sender is told of a list."""
    return {
        "source": order.source.value,
        "batch": found.received.batch if found.received and not order.preview else "",
        "preview": order.preview,
        "rows": found.table.count,
        "accepted": found.accepted,
        "rejected": [one.as_json() for one in found.rejected],
        "receipt": receipt.as_json(),
    }


@router.post(
    "/v1/registers/{year}",
    summary="上传系统内参保名单、免缴费名单、标识名单（XLSX、CSV）",
    responses=REFUSALS | RECEIPTS,
)
async def register(
    year: Annotated[int, PathParameter(ge=2003, le=2100)],
    file: UploadFile,
    who: Who,
    door: TheDoor,
    answer: Literal["json", "progress"] = "json",
    kind: RegisterKind = RegisterKind.ENROLLED,
) -> Response:
    who.speaks_for(Source.BUREAU.value)
    if (file.size or 0) > REGISTER_BYTES_MAX:
        raise RefusedError("file_too_large", "file", 413)

    async def job(tell: Tell) -> dict[str, Any]:
        return register_answer(*await door.intake.register(file.file, year, tell, kind))

    return streamed(job) if answer == "progress" else JSONResponse(await job(untold))


def register_answer(found: RegisterReading, receipt: Receipt) -> dict[str, Any]:
    """Return what the bureau is told of a register."""
    return {
        "source": found.source.value,
        "batch": found.batch,
        "rows": found.rows,
        "accepted": found.accepted,
        "rejected": [one.as_json() for one in found.rejected],
        "receipt": receipt.as_json(),
    }


@router.post(
    "/v1/reports/{source}/{name}",
    summary="上报单个事项",
    status_code=202,
    description="各来源可以上报的事项：\n\n" + WHO_MAY_SAY,
    responses=REFUSALS | says(ReportTaken, 202),
    response_model=None,
    openapi_extra=body_of_reports(),
)
async def report(
    source: Annotated[str, PathParameter(json_schema_extra={"enum": SOURCES})],
    name: Annotated[str, PathParameter(json_schema_extra={"enum": [*REPORTS]})],
    request: Request,
    who: Who,
    door: TheDoor,
) -> dict[str, Any]:
    known = who.speaks_for(source)
    body = await body_of(request, BODY_BYTES_MAX)
    return asdict(await door.reporting.take(known, name, body, who.area))


@router.get("/v1/words", summary="待答复和已答复的名册用词", responses=REFUSALS)
async def words(who: Who, door: TheDoor) -> WordsAnswer:
    who.county()
    return await Answering(door.intake).words()


@router.post(
    "/v1/words",
    summary="答复一个词的含义，等待的行随即读入",
    responses=REFUSALS | says(WordTaken),
    response_model=None,
)
async def answer_word(body: MeaningIn, who: Who, door: TheDoor) -> dict[str, int]:
    who.county()
    desk = Answering(door.intake)
    found = await desk.answer(body.source, body.column, body.word, body.meaning)
    return {"taken": found.taken, "rejected": found.rejected, "waiting": found.waiting}


class WithdrawalIn(BaseModel):
    """Say that a full list is not so."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    why: Text = Field(min_length=2, description="撤回原因，留痕")


@router.get("/v1/lists", summary="全量名册及其状态", responses=REFUSALS)
async def full_lists(
    who: Who,
    door: TheDoor,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> list[ListAnswer]:
    page = ListPage(most=limit, offset=offset)
    return await ask_for(who, door.nc, ENROLLMENT_LISTS, page)


@router.post(
    "/v1/lists/{batch}/confirmation",
    summary="确认名册减少属实",
    responses=REFUSALS | says(Accepted),
    response_model=None,
)
async def confirm_list(batch: str, who: Who, door: TheDoor) -> dict[str, Any]:
    who.county()
    if await waits_for_another(who, door, "list", batch[:64]):
        return {"accepted": True, "notes": [tr(WAITS)]}
    await confirm(who, door, batch[:64])
    return {"accepted": True}


@router.post(
    "/v1/lists/{batch}/withdrawal",
    summary="名册不实，撤回；已确认的也可撤回，人员按原日期恢复",
    responses=REFUSALS | says(Accepted),
    response_model=None,
)
async def withdraw_list(batch: str, body: WithdrawalIn, who: Who, door: TheDoor) -> dict[str, Any]:
    who.county()
    refuse_identity_in_text(body)
    if await waits_for_another(who, door, "withdrawal", batch[:64], body.why):
        return {"accepted": True, "notes": [tr(WAITS)]}
    await withdraw(who, door, batch[:64], body.why)
    return {"accepted": True}
