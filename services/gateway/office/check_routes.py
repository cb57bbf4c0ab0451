"""The city's check list over HTTP: in, and back with its answers."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response, UploadFile

from contracts.sheets import ENROLLMENT_CHECK, Checked, CheckQuestion
from contracts.vocabulary import Source
from services.gateway.asking import ask_for
from services.gateway.caller import Caller, TheDoor, Who, purpose
from services.gateway.calling import file_of
from services.gateway.door import Door
from services.gateway.intake.reading.columns import words_of
from services.gateway.office.check_lists import answer_of, filled, persons_of, read_checks
from services.gateway.office.routes import Year
from services.gateway.office.sheet_routes import XLSX
from services.gateway.openapi import REFUSALS
from services.gateway.settings import FILE_BYTES_MAX

CHECKED_A_TIME = 1_000
router = APIRouter()


async def answered(door: Door, content: bytes, year: int, who: Caller, why: str) -> bytes:
    """Return a check list with its answers, in its own form. Raises RefusedError."""
    words = words_of(Source.BUREAU.value, door.settings.county_dir)
    asked = await asyncio.to_thread(read_checks, content, words, door.admit)
    persons = persons_of(asked)
    known: dict[str, Checked] = {}
    for start in range(0, len(persons), CHECKED_A_TIME):
        page = CheckQuestion(
            persons=persons[start : start + CHECKED_A_TIME], year=year, holder=who.holder, why=why
        )
        found = await ask_for(who, door.nc, ENROLLMENT_CHECK, page)
        known |= {one.person: one for one in found}
    answers = {(one.sheet, one.row): answer_of(one, known.get(one.person)) for one in asked}
    return await asyncio.to_thread(filled, content, words, answers)


@router.post(
    "/v1/enrollment/{year}/check-lists",
    summary="市局核查名单：按本县所知逐人答复，原表返回（XLSX）",
    responses=REFUSALS,
    response_class=Response,
)
async def check_list(
    year: Year,
    file: UploadFile,
    why: Annotated[str, Query(min_length=2, max_length=100, description="查询用途，留痕")],
    who: Who,
    door: TheDoor,
) -> Response:
    who.county()
    content = await file_of(file, FILE_BYTES_MAX)
    out = await answered(door, content, year, who, purpose(why))
    return Response(out, media_type=XLSX)
