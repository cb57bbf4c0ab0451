"""What the county's bills of a year would cost under another pack: ordered, followed, read."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from chassis.language import tr
from contracts.money import format_yuan
from contracts.whatif import (
    SETTLEMENT_WHAT_IF,
    SETTLEMENT_WHAT_IFS,
    WhatIf,
    WhatIfAmount,
    WhatIfGroup,
    WhatIfOrder,
    WhatIfPage,
    WhatIfResult,
)
from policy.loader import load_pack, load_packs, pack_names
from services.gateway.answers import Accepted, Yuan, says
from services.gateway.asking import ask_for
from services.gateway.caller import TheDoor, Who
from services.gateway.office.settings_routes import PackTitle
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import ZH, RefusedError

router = APIRouter()
NO_PACK = "template"
"""A pack to copy from, of no county."""


class WhatIfIn(BaseModel):
    """Which year's bills, under which two packs."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    year: int = Field(ge=2003, le=2100, description="待遇年度")
    pack: str = Field(max_length=60, description="现行政策包")
    against: str = Field(max_length=60, description="对照政策包")


class Amount(BaseModel):
    """What is paid under the first pack, under the second, and the difference."""

    before: Yuan
    after: Yuan
    change: Yuan


class People(BaseModel):
    """How many pay less and more under the second pack, and how much altogether."""

    people: int
    winners: int
    won: Yuan
    losers: int
    lost: Yuan


class Loser(BaseModel):
    """Somebody who would pay more, by key."""

    person: str
    change: Yuan


class Uncompared(BaseModel):
    """So many bills are not settled under both packs, and why."""

    reason: str
    message: str
    claims: int


class Result(BaseModel):
    """What the change does; ``uncompared``: bills that are not settled under both."""

    versions: tuple[str, str]
    years_moved: int
    claims: int
    everybody: People
    burden: Amount
    funds: dict[str, Amount]
    categories: dict[str, People]
    uncompared: list[Uncompared]
    line: Yuan | None
    over_line: int
    off_line: int
    hardest: list[Loser]


class Order(BaseModel):
    """An order: ``done`` of ``total`` people are compared; ``failed``: why there will be no result."""

    id: str
    year: int
    pack: str
    against: str
    holder: str
    ordered: datetime
    done: int
    total: int
    finished: datetime | None
    failed: str
    result: Result | None


@router.get("/v1/what-if/packs", summary="可对照的政策包", responses=REFUSALS)
async def comparable(who: Who, door: TheDoor) -> list[PackTitle]:
    who.county()
    own = {one.name: one for one in load_packs(door.settings.packs)}
    every = own | {name: load_pack(name) for name in pack_names() if name not in {*own, NO_PACK}}
    return [
        PackTitle(
            pack=one.name, version=one.version, title=one.title,
            valid_from=one.valid_from.isoformat(), valid_to=one.valid_to.isoformat(),
        )
        for one in every.values()
    ]  # fmt: skip


@router.post(
    "/v1/what-if",
    summary="政策测算：全县一个年度的结算单按两个政策包各算一遍，后台进行",
    status_code=202,
    responses=REFUSALS | says(Accepted, 202),
    response_model=None,
)
async def order(body: WhatIfIn, who: Who, door: TheDoor) -> dict[str, Any]:
    who.county()
    if not {body.pack, body.against} <= {one.pack for one in await comparable(who, door)}:
        raise RefusedError("unknown_pack", "pack", 404)
    asked = WhatIfOrder(**body.model_dump(), holder=who.holder)
    answer = await ask_for(who, door.nc, SETTLEMENT_WHAT_IF, asked)
    return {"accepted": True, "notes": [] if answer.found else [tr("同样的测算正在进行")]}


@router.get("/v1/what-if", summary="政策测算及其进度，最近的在前", responses=REFUSALS)
async def orders(who: Who, door: TheDoor) -> list[Order]:
    found = await ask_for(who, door.nc, SETTLEMENT_WHAT_IFS, WhatIfPage())
    return [_order(one) for one in found]


@router.get("/v1/what-if/{id}", summary="一次政策测算的结果", responses=REFUSALS)
async def result(
    id: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")],  # noqa: A002  the address names it
    who: Who,
    door: TheDoor,
) -> Order:
    found = await ask_for(who, door.nc, SETTLEMENT_WHAT_IFS, WhatIfPage(id=id))
    if not found:
        raise RefusedError("unknown_what_if", "id", 404)
    return _order(found[0])


def _order(one: WhatIf) -> Order:
    return Order(
        id=one.id, year=one.year, pack=one.pack, against=one.against, holder=one.holder,
        ordered=one.ordered, done=one.done, total=one.total, finished=one.finished, failed=one.failed,
        result=None if one.result is None else _result(one.result),
    )  # fmt: skip


def _result(one: WhatIfResult) -> Result:
    return Result(
        versions=one.versions, years_moved=one.years_moved, claims=one.claims,
        everybody=_people(one.everybody), burden=_amount(one.burden),
        funds={fund: _amount(amount) for fund, amount in one.funds.items()},
        categories={name: _people(group) for name, group in one.categories.items()},
        uncompared=[
            Uncompared(reason=reason, message=tr(ZH.get(reason, reason)), claims=claims)
            for reason, claims in one.uncompared.items()
        ],
        over_line=one.over_line, off_line=one.off_line,
        line=None if one.line is None else format_yuan(one.line),
        hardest=[Loser(person=person, change=format_yuan(fen)) for person, fen in one.hardest],
    )  # fmt: skip


def _amount(one: WhatIfAmount) -> Amount:
    before, after = format_yuan(one.before), format_yuan(one.after)
    return Amount(before=before, after=after, change=format_yuan(one.after - one.before))


def _people(one: WhatIfGroup) -> People:
    won, lost = format_yuan(one.won), format_yuan(one.lost)
    return People(people=one.people, winners=one.winners, won=won, losers=one.losers, lost=lost)
