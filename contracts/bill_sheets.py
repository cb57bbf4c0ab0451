"""Questions about sheets of bills: stays, one-stop settlement, adjustments, payments by hand."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from contracts.asking import Query, Question, Scope
from contracts.events.base import ClaimId, Text
from contracts.identity import PersonKey

BillSheet = Literal["inpatient_claim", "one_stop", "major_disease"]
"""Sheets of bills, which settlement keeps: S0's 6, 7 and 8."""


class ClaimPage(Question):
    """A page of the bills of a year; of some people, or of everybody with a poverty category.

    ``every``: also those that are held, refused or taken back.
    """

    ledger: BillSheet
    every: bool = False
    year: int
    persons: list[PersonKey] = Field(default=[], max_length=2000)
    after: str = ""
    most: int = Field(default=500, ge=1, le=2000)


class ClaimLine(BaseModel):
    """A bill in a sheet; amounts are decimal strings of yuan, by fund."""

    person: PersonKey
    claim: ClaimId
    provider: str
    kind: str
    level: str
    admit: date | None
    discharge: date
    disease: str
    category: str
    one_stop: bool
    why_not: str
    statement: bool
    total_fee: str
    in_scope: str
    pays: dict[str, str]
    personal_burden: str
    outcome: str = "settled"
    reason: str = Field(default="", description="Why it is held or refused.")
    first: str = Field(default="", description="What all funds paid when it was settled first.")
    difference: str = Field(default="0.00", description="What they pay now beyond that; or less.")


class ClaimPageAnswer(BaseModel):
    """Bills, and where the next page begins (empty: this was the last)."""

    lines: list[ClaimLine]
    after: str


class AdjustmentPage(Question):
    """A page of bills of a year that were decided again: of a hospital, of people, of one claim."""

    year: int
    provider: Text = ""
    claim: Text = ""
    persons: list[PersonKey] = Field(default=[], max_length=2000)
    after: str = ""
    most: int = Field(default=500, ge=1, le=2000)


class AdjustmentStep(BaseModel):
    """One later decision on a layer: from what to what, when and why."""

    at: datetime
    before: str
    after: str
    why: str


class AdjustmentLine(BaseModel):
    """What a layer paid at first and pays now; amounts are decimal strings of yuan (C13).

    ``direction``: 应补 ``due``, 应退 ``refundable``, or ``even`` where later steps cancel each other.
    """

    person: PersonKey
    claim: ClaimId
    provider: str
    discharge: date
    fund: str
    first: str
    now: str
    delta: str
    direction: Literal["due", "refundable", "even"]
    steps: list[AdjustmentStep]


class AdjustmentAnswer(BaseModel):
    """Adjustments, and where the next page begins (empty: this was the last)."""

    lines: list[AdjustmentLine]
    after: str


class ManualPage(Question):
    """A page of assistance that is paid by hand (手工发放), for the bills of a year; or one bill."""

    year: int
    claim: Text = ""
    after: str = ""
    most: int = Field(default=500, ge=1, le=2000)


class PaidByHand(BaseModel):
    """One payment by hand; the amount is a decimal string of yuan."""

    paid_on: date
    amount: str
    card_last4: str = ""
    signed: bool = False


class ManualLine(BaseModel):
    """What a bill's assistance owes beyond the one-stop settlement, and what was paid of it.

    ``person``: under whose number the bill stands; an earlier one counts with it.
    """

    person: PersonKey
    claim: ClaimId
    discharge: date
    why: str
    due: str
    paid: str
    left: str
    card_last4: str
    paid_on: date | None
    signed: bool
    payments: list[PaidByHand] = []


class ManualPageAnswer(BaseModel):
    """Payments by hand, and where the next page begins."""

    lines: list[ManualLine]
    after: str


SETTLEMENT_ADJUSTMENTS = Query(
    "query.settlement.adjustments", AdjustmentPage, AdjustmentAnswer, Scope.OWNER
)


SETTLEMENT_CLAIM_PAGE = Query(
    "query.settlement.claim_page", ClaimPage, ClaimPageAnswer, Scope.OFFICER
)


ASSISTANCE_MANUAL_PAGE = Query(
    "query.assistance.manual_page", ManualPage, ManualPageAnswer, Scope.OFFICER
)
