"""Ledgers over HTTP: as a spreadsheet, for the caller's area only, and who read them."""

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import FastAPI, Query, Response

from chassis.clock import today
from chassis.telemetry import redact
from contracts.ledgers import ENROLLMENT_ACCESS, AccessLine, AccessPage, LedgerName
from services.gateway.asking import ask
from services.gateway.door import Door
from services.gateway.household_sheets import pdf_of
from services.gateway.ledger_desk import Asked, LedgerDesk
from services.gateway.ledgers import workbook
from services.gateway.officers import COUNTY, Key, Year, area_of, within
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import RefusedError
from services.gateway.settings import PartnerKeys

HOUSEHOLDS_MOST = 2_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Why = Annotated[str, Query(min_length=2, max_length=100, description="查询用途，留痕")]
Township = Annotated[str, Query(max_length=50)]
Village = Annotated[str, Query(max_length=50, description="村（社区），须同时给出乡镇")]


def purpose(why: str) -> str:
    """Return what a reading is for. Raises RefusedError if it names a number: it is written down."""
    if redact(why) != why:
        raise RefusedError("identity_in_text", "why")
    return why


def add_ledgers(app: FastAPI, door: Callable[[], Door], keys: PartnerKeys) -> None:
    """Add the ledgers as XLSX, and the record of who read them."""

    @app.get(
        "/v1/enrollment/{year}/ledgers/{ledger}",
        summary="台账（XLSX）",
        responses=REFUSALS,
        response_class=Response,
    )
    async def ledger(
        year: Year,
        ledger: LedgerName,
        why: Why,
        key: Key = "",
        township: Township = "",
        village: Village = "",
    ) -> Response:
        area = within(area_of(keys, key), township)
        asked = Asked(ledger, year, area, village, keys.holder(key), purpose(why))
        sheet = await LedgerDesk(door().nc, door().operators).sheet(asked)
        title = f"{area}{village}{sheet.title}（{year}年度）"
        day = today(door().clock)
        content, _ = await asyncio.to_thread(workbook, title, sheet.columns, sheet.rows, day)
        return Response(content, media_type=XLSX)

    @app.get(
        "/v1/enrollment/{year}/households",
        summary="连心袋：每户一页（PDF）",
        responses=REFUSALS,
        response_class=Response,
    )
    async def households(
        year: Year, why: Why, key: Key = "", township: Township = "", village: Village = ""
    ) -> Response:
        area = within(area_of(keys, key), township)
        asked = Asked("household_sheet", year, area, village, keys.holder(key), purpose(why))
        desk = LedgerDesk(door().nc, door().operators)
        homes = await desk.households(asked, HOUSEHOLDS_MOST)
        persons = [one.person for home in homes for one in home.members]
        bills = await desk.bills_of(year, persons)
        day = today(door().clock)
        content = await asyncio.to_thread(pdf_of, homes, bills, year, day)
        return Response(content, media_type="application/pdf")

    @app.get("/v1/access", summary="查询留痕", responses=REFUSALS)
    async def access(
        key: Key = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> list[AccessLine]:
        if area_of(keys, key) != COUNTY:
            raise RefusedError("outside_area", status=403)
        page = AccessPage(most=limit, offset=offset)
        return await ask(door().nc, ENROLLMENT_ACCESS, page, list[AccessLine])
