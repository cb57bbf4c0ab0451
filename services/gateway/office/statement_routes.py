"""Monthly statements: a hospital fetches its own, the insurer its funds', the bureau all of it."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from contracts.funds import FUND_ZH
from contracts.money import format_yuan
from contracts.statements import (
    CARRIED_FUNDS,
    INSURER_FUNDS,
    MONTH,
    SETTLEMENT_STATEMENTS,
    StatementLine,
    StatementMonth,
)
from services.gateway.answers import says
from services.gateway.asking import ask_for
from services.gateway.caller import COUNTY, Caller, TheDoor, Who
from services.gateway.door import Door
from services.gateway.office.answers import Statements
from services.gateway.office.sheet_reader import Sheet
from services.gateway.office.sheet_routes import written
from services.gateway.openapi import REFUSALS

router = APIRouter()
Month = Annotated[str, Query(pattern=MONTH, description="记账月份，如 2023-05")]
MONEY = "（元）"


@router.get(
    "/v1/statements",
    summary="医疗机构月度对账单（按记账日期）",
    responses=REFUSALS | says(Statements),
    response_model=None,
)
async def statements(month: Month, who: Who, door: TheDoor) -> dict[str, Any]:
    lines = await _lines(month, who, door)
    return {"month": month, "statements": [_shown(one) for one in lines]}


@router.get(
    "/v1/statements.xlsx",
    summary="医疗机构月度对账单（XLSX）",
    responses=REFUSALS,
    response_class=Response,
)
async def statements_workbook(month: Month, who: Who, door: TheDoor) -> Response:
    lines = await _lines(month, who, door)
    funds = _funds_of(who)
    columns = [
        "医疗机构编号", "医疗机构", "结算笔数", *(f"{FUND_ZH[one]}{MONEY}" for one in funds), f"合计{MONEY}",
    ]  # fmt: skip
    rows = [_row(one, funds) for one in lines]
    title = f"{month[:4]}年{int(month[5:])}月医疗机构结算对账单（不含医疗救助）"
    return await written(door, title, Sheet(title, columns, rows), COUNTY)


def _funds_of(who: Caller) -> tuple[str, ...]:
    return INSURER_FUNDS if who.role == "insurer" else CARRIED_FUNDS


async def _lines(month: str, who: Caller, door: Door) -> list[StatementLine]:
    """Return a hospital's own line, the insurer's part of all, or all. Raises RefusedError with 403."""
    own = who.hospital() if who.role == "hospital" else ""
    if who.role not in {"hospital", "insurer"}:
        who.county()
    asked = StatementMonth(month=month, provider=own)
    lines = await ask_for(who, door.nc, SETTLEMENT_STATEMENTS, asked)
    funds = _funds_of(who)
    for one in lines:
        one.funds = {fund: fen for fund, fen in one.funds.items() if fund in funds}
    return [one for one in lines if one.funds]


def _shown(line: StatementLine) -> dict[str, Any]:
    funds = {name: format_yuan(fen) for name, fen in line.funds.items()}
    total = format_yuan(sum(line.funds.values()))
    return {"provider": line.provider, "claims": line.claims, "funds": funds, "total": total}


def _row(line: StatementLine, funds: Sequence[str]) -> tuple[str, ...]:
    shares = [format_yuan(line.funds.get(fund, 0)) for fund in funds]
    total = format_yuan(sum(line.funds.values()))
    return (line.provider, line.provider, str(line.claims), *shares, total)
