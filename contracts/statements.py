"""What the insurance funds owe hospitals for a month's settlements: hospital and bureau check it together."""

from pydantic import BaseModel, Field

from contracts.asking import Query, Question, Scope
from contracts.events.base import Text
from contracts.funds import INSURANCE_FUNDS, Fund

MONTH = r"^20\d{2}-(0[1-9]|1[0-2])$"


CARRIED_FUNDS = tuple(one for one in INSURANCE_FUNDS if one != Fund.HOSPITAL_BORNE)
"""What a hospital carries for others: its own loss is nobody's to pay."""


INSURER_FUNDS = tuple(one for one in CARRIED_FUNDS if one != Fund.BMI)
"""What the insurer owes: critical-illness insurance and its supplement."""


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
