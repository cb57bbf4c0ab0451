"""How a year goes, month by month: what each fund paid, and for how many bills."""

from fastapi import APIRouter, Response

from chassis.clock import system_clock
from chassis.clock import today as day_of
from services.console.visitor import Who

router = APIRouter(prefix="/trends")
DECEMBER = 12


@router.get("")
async def show(who: Who) -> Response:
    """Draw the months of a year up to this one; a chart stands above the same figures as a table."""
    await who.door.get("/v1/approvals", limit=1)  # the bureau's own: months are of the whole county
    today = day_of(system_clock)
    last = {today.year: today.month}.get(who.year, DECEMBER if who.year < today.year else 0)
    months = [f"{who.year}-{month:02}" for month in range(1, last + 1)]
    lines = await who.request.app.state.months.of(who.door, months, f"{today:%Y-%m}")
    funds = sorted({fund for line in lines for fund in line["funds"]})
    return who.page("trends.html", lines=lines, funds=funds)
