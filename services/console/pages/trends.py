"""How a year goes, month by month: what each fund paid, and for how many bills."""

import asyncio
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, Response

from chassis.clock import system_clock
from chassis.clock import today as day_of
from services.console.visitor import Who

router = APIRouter(prefix="/trends")


@router.get("")
async def show(who: Who) -> Response:
    """Draw the months of a year up to this one; a chart stands above the same figures as a table."""
    today = day_of(system_clock)
    last = today.month if who.year == today.year else 12
    months = (
        [f"{who.year}-{month:02}" for month in range(1, last + 1)] if who.year <= today.year else []
    )
    found = await asyncio.gather(*(who.door.get("/v1/statements", month=one) for one in months))
    lines = [_month(one["month"], one["statements"]) for one in found]
    funds = sorted({fund for line in lines for fund in line["funds"]})
    return who.page("trends.html", lines=lines, funds=funds)


def _month(month: str, statements: list[dict[str, Any]]) -> dict[str, Any]:
    """Add a month's hospitals up. Amounts are yuan."""
    funds: dict[str, Decimal] = {}
    for one in statements:
        for fund, said in one["funds"].items():
            funds[fund] = funds.get(fund, Decimal(0)) + Decimal(said)
    claims = sum(one["claims"] for one in statements)
    return {
        "month": month,
        "claims": claims,
        "funds": funds,
        "total": sum(funds.values(), Decimal(0)),
    }
