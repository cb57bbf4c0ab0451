"""Questions over request/reply (core NATS, nothing stored): who asks what, and what is answered."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from contracts.events.base import ClaimId


class Question(BaseModel):
    """A question; unknown fields are refused, so that a typing slip is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class AboutClaim(Question):
    """Which claim."""

    claim: ClaimId


class AboutClaims(Question):
    """Which claims, at most a batch of them."""

    claims: list[ClaimId]


class AboutYear(Question):
    """Which coverage year."""

    year: int


class Everything(Question):
    """No particular one."""


class ClaimAnswer(BaseModel):
    """Where a claim stands. ``bill`` is the BillIssued payload, once issued."""

    claim: str
    person: str = ""
    outcome: Literal["unknown", "settled", "reversed", "refused", "held"] = "unknown"
    reason: str = ""
    revision: int = 0
    content: str = ""
    bill: dict[str, object] | None = None


class ExplainAnswer(BaseModel):
    """Why a claim's amounts are what they are: one line a layer, in Chinese and English."""

    claim: str
    zh: list[str]
    en: list[str]
    history: list[str] = []


class LedgerAnswer(BaseModel):
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


class TownshipAnswer(BaseModel):
    """One township's line of the roster equation."""

    township: str
    roster: int
    enrolled: int
    justified: int
    missing: int
    overlap: int
    completion: str


class MessagesAnswer(BaseModel):
    """How many messages are in each state."""

    states: dict[str, int]


SETTLEMENT_CLAIM = "query.settlement.claim"
SETTLEMENT_CLAIMS = "query.settlement.claims"
SETTLEMENT_EXPLAIN = "query.settlement.explain"
SETTLEMENT_LEDGER = "query.settlement.ledger"
SETTLEMENT_PROGRESS = "query.settlement.progress"
SETTLEMENT_AUDIT = "query.settlement.audit"
ASSISTANCE_EXPLAIN = "query.assistance.explain"
ASSISTANCE_LEDGER = "query.assistance.ledger"
ASSISTANCE_AUDIT = "query.assistance.audit"
ENROLLMENT_EQUATION = "query.enrollment.equation"
NOTIFY_MESSAGES = "query.notify.messages"
