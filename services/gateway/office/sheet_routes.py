"""Sheets over HTTP: as a spreadsheet, for the caller's area only, and who read them."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi import Path as PathParameter

from chassis.clock import today
from contracts.sheets import ENROLLMENT_ACCESS, AccessLine, AccessPage, SheetName
from contracts.vocabulary import SOURCE_ZH
from services.gateway.asking import ask_for
from services.gateway.caller import COUNTY, Caller, TheDoor, Who, purpose, within
from services.gateway.door import Door
from services.gateway.intake.rows import KINDS
from services.gateway.office.household_sheets import pdf_of
from services.gateway.office.naming import names_of, office_of
from services.gateway.office.routes import Year
from services.gateway.office.sheet_reader import Asked, Sheet, SheetReader
from services.gateway.office.workbooks import in_words, workbook
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import RefusedError

router = APIRouter()
OWNERS = frozenset(source.value for source, kind in KINDS.items() if kind.may_be_full)
HOUSEHOLDS_MOST = 2_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Why = Annotated[str, Query(min_length=2, max_length=100, description="查询用途，留痕")]
Township = Annotated[str, Query(max_length=50)]
Village = Annotated[str, Query(max_length=50, description="村（社区），须同时给出乡镇")]


def roster_owner(who: Caller, source: str) -> str:
    """Return whose part of a result may be read: a roster owner its own, the bureau any.

    Raises RefusedError with 403, or 404 for a department that owns no roster.
    """
    if source and source not in OWNERS:
        raise RefusedError("unknown_source", "source", 404)
    if who.role in {"bureau", "auditor"}:
        return source
    if who.holder in OWNERS and source in {"", who.holder}:
        return who.holder
    raise RefusedError("outside_area", "source", 403)


@router.get(
    "/v1/enrollment/{year}/ledgers/{ledger}",
    summary="台账（XLSX）",
    responses=REFUSALS,
    response_class=Response,
)
async def ledger(
    year: Year,
    ledger: SheetName,
    why: Why,
    who: Who,
    door: TheDoor,
    township: Township = "",
    village: Village = "",
) -> Response:
    area = within(who, township, door)
    asked = Asked(ledger, year, area, village, who.holder, purpose(why))
    sheet = await SheetReader(who, door.nc, door.operators).sheet(asked)
    title = f"{area}{village}{sheet.title}（{year}年度）"
    return await written(door, title, sheet, area)


@router.get(
    "/v1/enrollment/{year}/households",
    summary="连心袋：每户一页（PDF）",
    responses=REFUSALS,
    response_class=Response,
)
async def households(
    year: Year, why: Why, who: Who, door: TheDoor, township: Township = "", village: Village = ""
) -> Response:
    area = within(who, township, door)
    asked = Asked("household_sheet", year, area, village, who.holder, purpose(why))
    desk = SheetReader(who, door.nc, door.operators)
    homes = await desk.households(asked, HOUSEHOLDS_MOST)
    persons = [one.person for home in homes for one in home.members]
    bills = await desk.bills_of(year, persons)
    day = today(door.clock)
    content = await asyncio.to_thread(pdf_of, homes, bills, year, day)
    return Response(content, media_type="application/pdf")


@router.get(
    "/v1/enrollment/{year}/reviews/{run}/result",
    summary="比对结果反馈单（XLSX），县医保局或名册单位取用",
    responses=REFUSALS,
    response_class=Response,
)
async def review_result(
    year: Year,
    run: Annotated[int, PathParameter(ge=1, le=2_000_000_000, description="比对批次")],
    why: Why,
    who: Who,
    door: TheDoor,
    source: Annotated[str, Query(max_length=50, description="名册单位；县局不填为全部")] = "",
) -> Response:
    owner = roster_owner(who, source)
    desk = SheetReader(who, door.nc, door.operators)
    sheet = await desk.result(run, owner, year, who.holder, purpose(why))
    title = f"{SOURCE_ZH.get(owner, '')}{sheet.title}（{year}年度第{run}次）"
    return await written(door, title, sheet, COUNTY)


async def written(door: Door, title: str, sheet: Sheet, area: str) -> Response:
    """Return a sheet as a spreadsheet: codes in words, with totals, seal and signatures."""
    rows = in_words(sheet.columns, sheet.rows, names_of(door.settings))
    office, day = office_of(door.settings, area), today(door.clock)
    content, _ = await asyncio.to_thread(workbook, title, sheet.columns, rows, day, office)
    return Response(content, media_type=XLSX)


@router.get("/v1/access", summary="查询留痕", responses=REFUSALS)
async def access(
    who: Who,
    door: TheDoor,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> list[AccessLine]:
    page = AccessPage(most=limit, offset=offset)
    return await ask_for(who, door.nc, ENROLLMENT_ACCESS, page)
