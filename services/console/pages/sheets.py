"""Sheets (台账), household sheets and statements: made at the door, handed on as they are."""

from fastapi import APIRouter, Response

from services.console.visitor import Who, handed
from services.console.words import SHEET_ZH

router = APIRouter(prefix="/sheets")


@router.get("")
async def show(who: Who) -> Response:
    return who.page("sheets.html", sheets=SHEET_ZH, purpose=who.purpose)


@router.get("/chosen")
async def chosen(who: Who, ledger: str, township: str = "", village: str = "") -> Response:
    place = {"township": township, "village": village}
    if ledger == "households":
        return await households(who, **place)
    return await one_ledger(ledger, who, **place)


@router.get("/households")
async def households(who: Who, township: str = "", village: str = "") -> Response:
    place = {"township": township, "village": village}
    made = await who.door.file(f"/v1/enrollment/{who.year}/households", why=who.purpose, **place)
    return handed(made, f"{who.year}{township}{village}连心袋.pdf")


@router.get("/worklist")
async def worklist(who: Who, township: str = "", village: str = "") -> Response:
    place = {"township": township, "village": village}
    made = await who.door.file("/v1/worklist.xlsx", why=who.purpose, **place)
    return handed(made, f"{township}{village}待办清单.xlsx")


@router.get("/statements")
async def statements(who: Who, month: str) -> Response:
    made = await who.door.file("/v1/statements.xlsx", month=month)
    return handed(made, f"{month}医疗机构对账单.xlsx")


@router.get("/ledgers/{ledger}")
async def one_ledger(ledger: str, who: Who, township: str = "", village: str = "") -> Response:
    place = {"township": township, "village": village}
    path = f"/v1/enrollment/{who.year}/ledgers/{ledger}"
    made = await who.door.file(path, why=who.purpose, **place)
    return handed(made, f"{who.year}{township}{village}{SHEET_ZH.get(ledger, ledger)}.xlsx")
