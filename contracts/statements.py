"""What the insurance funds paid to whom in a month, as booked: hospital and bureau check it together."""

from pydantic import BaseModel, Field

from contracts.asking import Query, Question, Scope
from contracts.events.base import Text

MONTH = r"^20\d{2}-(0[1-9]|1[0-2])$"


class StatementMonth(Question):
    """A month such as 2023-05, by the day of booking in China; ``provider``: empty for all hospitals."""

    month: str = Field(pattern=MONTH)
    provider: Text = ""


class StatementLine(BaseModel):
    """One hospital's month. ``claims``: with a booking in it; ``funds``: in fen, below zero: taken back."""

    provider: str
    claims: int
    funds: dict[str, int]


SETTLEMENT_STATEMENTS = Query(
    "query.settlement.statements", StatementMonth, list[StatementLine], Scope.OWNER
)
