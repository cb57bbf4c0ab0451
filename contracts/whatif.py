"""What a county would have paid under another pack: ordered, worked out behind, read when it is done."""

from datetime import datetime

from pydantic import BaseModel, Field

from contracts.asking import Confirmed, Query, Question, Scope
from contracts.events.base import Text


class WhatIfOrder(Question):
    """Settle a year's bills under two packs. ``holder``: who wants to know."""

    year: int = Field(ge=2003, le=2100)
    pack: str = Field(max_length=60)
    against: str = Field(max_length=60)
    holder: Text = ""


class WhatIfPage(Question):
    """The orders, the latest first; ``id``: only this one, with its result."""

    id: str = ""
    most: int = Field(default=50, ge=1, le=200)


class WhatIfGroup(BaseModel):
    """People of a category, or everybody; amounts in fen. A winner pays less under the second pack."""

    people: int
    winners: int
    won: int
    losers: int
    lost: int


class WhatIfAmount(BaseModel):
    """What a fund, or the people, pay under the first pack and under the second, in fen."""

    before: int
    after: int


class WhatIfResult(BaseModel):
    """What the change does. Amounts in fen; ``line``: of high cost, None where neither pack has one.

    ``uncompared``: why bills are not settled under both → number; ``over_line``, ``off_line``: people whom
    the change brings above the line, or back; ``hardest``: those who lose most, person and amount.
    """

    versions: tuple[str, str]
    years_moved: int
    claims: int
    everybody: WhatIfGroup
    burden: WhatIfAmount
    funds: dict[str, WhatIfAmount]
    categories: dict[str, WhatIfGroup]
    uncompared: dict[str, int]
    line: int | None
    over_line: int
    off_line: int
    hardest: list[tuple[str, int]]


class WhatIf(BaseModel):
    """An order. ``done`` of ``total`` people are compared; ``failed``: why there will be no result."""

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
    result: WhatIfResult | None = None


SETTLEMENT_WHAT_IF = Query("command.settlement.what_if", WhatIfOrder, Confirmed, Scope.COUNTY)
SETTLEMENT_WHAT_IFS = Query("query.settlement.what_ifs", WhatIfPage, list[WhatIf], Scope.COUNTY)
