"""Questions about bills, books and messages: what settlement, assistance and notify are asked."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from contracts.asking import Everything, Query, Question, Scope
from contracts.events.base import ClaimId, Text
from contracts.events.claims import ClaimSubmitted


class AboutClaim(Question):
    """Which claim."""

    claim: ClaimId


class AboutClaims(Question):
    """Which claims, at most a batch of them."""

    claims: list[ClaimId]


class ClaimAnswer(BaseModel):
    """Where a claim stands. ``bill`` is the BillIssued payload, once issued.

    ``person``: under whose number it came; ``holder``: whose it is, if the number was corrected.
    """

    claim: str
    person: str = ""
    holder: str = ""
    outcome: Literal["unknown", "settled", "reversed", "refused", "held"] = "unknown"
    reason: str = ""
    revision: int = 0
    content: str = ""
    submitted: ClaimSubmitted | None = Field(
        default=None, description="The bill that stands under the number, as it was sent."
    )
    bill: dict[str, object] | None = None
    first_paid: dict[str, int] | None = Field(
        default=None, description="Fen that each fund paid at first, if it was decided again since."
    )


class OpenClaims(Question):
    """Bills that somebody has to look at: held, refused, or questioned; a page, by discharge."""

    provider: Text = Field(default="", description="The hospital whose bills; empty: everybody's.")
    state: Literal["", "held", "refused", "questioned"] = ""
    most: int = Field(default=200, ge=1, le=1000)
    offset: int = Field(default=0, ge=0, le=10_000_000)


class OpenClaim(BaseModel):
    """A bill that somebody has to look at; ``other``: the claim that it seems to repeat or overlap."""

    claim: str
    provider: str
    kind: str
    discharge: date
    outcome: str
    reason: str
    question: str
    other: str
    received: datetime


class ExplainAnswer(BaseModel):
    """Why a claim's amounts are what they are: one line a layer, in Chinese and English."""

    claim: str
    zh: list[str]
    en: list[str]
    family: list[str] = Field(default=[], description="The same in words of a family.")
    added: list[str] = Field(
        default=[], description="What the person's category added to each layer (C17)."
    )
    history: list[str] = []


class BookAnswer(BaseModel):
    """What each account has paid, in fen, and how many postings say so."""

    accounts: dict[str, int]
    postings: int


class ProgressAnswer(BaseModel):
    """How many claims are known, how many have a standing bill, and the others by outcome."""

    claims: int
    billed: int
    outcomes: dict[str, int]


class AuditAnswer(BaseModel):
    """All facts folded from scratch, compared with what was booked."""

    claims: int
    differences: list[str]
    digest: str
    chain_breaks: int


class MessagesAnswer(BaseModel):
    """How many messages are in each state."""

    states: dict[str, int]


SETTLEMENT_CLAIM = Query("query.settlement.claim", AboutClaim, ClaimAnswer, Scope.OWNER, seconds=2)
SETTLEMENT_CLAIMS = Query("query.settlement.claims", AboutClaims, list[ClaimAnswer], seconds=10)
SETTLEMENT_OPEN_CLAIMS = Query(
    "query.settlement.open_claims", OpenClaims, list[OpenClaim], Scope.OWNER
)
SETTLEMENT_EXPLAIN = Query("query.settlement.explain", AboutClaim, ExplainAnswer, Scope.OWNER)
SETTLEMENT_BOOK = Query("query.settlement.ledger", Everything, BookAnswer, Scope.OPERATOR)
SETTLEMENT_PROGRESS = Query("query.settlement.progress", Everything, ProgressAnswer, Scope.OPERATOR)
SETTLEMENT_AUDIT = Query(
    "query.settlement.audit", Everything, AuditAnswer, Scope.OPERATOR, seconds=300
)
ASSISTANCE_EXPLAIN = Query("query.assistance.explain", AboutClaim, ExplainAnswer, Scope.OWNER)
ASSISTANCE_BOOK = Query("query.assistance.ledger", Everything, BookAnswer, Scope.OPERATOR)
ASSISTANCE_AUDIT = Query(
    "query.assistance.audit", Everything, AuditAnswer, Scope.OPERATOR, seconds=300
)
NOTIFY_MESSAGES = Query("query.notify.messages", Everything, MessagesAnswer, Scope.OPERATOR)
