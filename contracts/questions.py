"""Questions over request/reply (core NATS, nothing stored): who asks what, and what is answered."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.events.base import ClaimId, Text
from contracts.events.claims import ClaimSubmitted
from contracts.events.enrollment import CoveredSpan, Identity
from contracts.identity import PersonKey

AreaLevel = Literal["county", "township", "village"]


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
    """Which coverage year, and how fine."""

    year: int
    level: AreaLevel = "township"


class Everything(Question):
    """No particular one."""


class ReviewOrder(Question):
    """Run a pass of the three-pass check (三步走) over a coverage year, as on a day."""

    year: int
    number: Literal[1, 2, 3]
    as_of: date


class IssuePage(Question):
    """Which issues: empty is any; a page of at most a thousand."""

    year: int
    township: str = ""
    kind: str = ""
    state: str = ""
    most: int = Field(default=200, ge=1, le=1000)
    offset: int = Field(default=0, ge=0, le=10_000_000)


class IssuePromise(Question):
    """Who mends an issue, until when, with what evidence."""

    person: PersonKey
    kind: str
    year: int
    officer: Text
    due: date
    evidence: Text = ""
    area: Text = Field(
        default="", description="The township that the officer may touch; empty: all."
    )


class ApplicationPage(Question):
    """Which applications for a flag of a year: empty is any; a page of at most a thousand."""

    year: int
    township: str = ""
    state: str = ""
    most: int = Field(default=200, ge=1, le=1000)
    offset: int = Field(default=0, ge=0, le=10_000_000)


class ApplicationAnswer(BaseModel):
    """An application: filed by 31 December of the year before, decided by the county."""

    person: str
    township: str
    village: str
    category: str
    flag_year: int
    state: Literal["pending", "approved", "refused"]
    filed_on: date
    decided_on: date | None
    reason: str


class CountLine(BaseModel):
    """People of a township and a category, each counted once, by the category that ranks first."""

    township: str
    category: str
    roster: int
    enrolled: int
    subsidised: int
    justified: int
    missing: int


class AboutPerson(Question):
    """Which person, and what was known at the end of which day; without a day, what is known now.

    ``holder`` and ``why``: who asks, and for what; a reading by somebody is written down.
    """

    person: PersonKey
    known_on: date | None = None
    holder: Text = ""
    why: Text = ""


class PremiumAnswer(BaseModel):
    """A coverage year's premium, amounts as decimal strings of yuan."""

    year: int
    full: str
    subsidy: str
    category: str
    paid: str
    refunded: str
    refund_due: str
    exempt: bool
    enrolled: bool


class HistoryLine(BaseModel):
    """What somebody said about a person, when it became known, and by which list."""

    known: datetime
    source: str
    event: str
    said: str
    batch: str = ""


class FlagAnswer(BaseModel):
    """An application for a flag: of which category and year, and where it stands."""

    category: str
    flag_year: int
    state: str


class PersonAnswer(BaseModel):
    """The three timelines of a person, as they were known: flag, premium, coverage."""

    person: str
    found: bool
    township: str = ""
    village: str = ""
    died: date | None = None
    identities: list[Identity] = []
    sub_levels: dict[str, str] = Field(default={}, description="Category → its class, such as A类.")
    premiums: list[PremiumAnswer] = []
    covered_years: list[int] = []
    covered: list[CoveredSpan] = []
    reasons: list[str] = []
    applications: list[FlagAnswer] = []
    merged_into: str = Field(default="", description="The right number's key.")
    formerly: list[str] = Field(default=[], description="The keys of earlier numbers.")
    history: list[HistoryLine] = Field(default=[], description="Who said what, the latest first.")


class Confirmed(BaseModel):
    """Whether there was such a thing."""

    found: bool


class ReviewAnswer(BaseModel):
    """What a pass found and changed. ``broken``: promised to be mended by now, and still there."""

    run: int
    roster: int
    opened: int
    closed: int
    reopened: int
    still_open: int
    promised: int
    broken: int
    kinds: dict[str, int]


class PastReview(BaseModel):
    """A pass that was run: what it found, changed, and which promises it found broken."""

    run: int
    number: int
    as_of: date
    roster: int
    opened: int
    closed: int
    reopened: int
    still_open: int
    promised: int
    broken: int


class IssueAnswer(BaseModel):
    """An issue of the problem desk."""

    person: str
    kind: str
    year: int
    township: str
    village: str
    detail: str
    state: str
    opened: date
    closed: date | None
    times: int
    officer: str
    due: date | None
    evidence: str
    follow_up: str


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
    """One line of the roster equation: a village, a township, or the county (both empty).

    ``enrolled`` + ``justified`` + ``missing`` = ``roster``; ``overlap``: those of the enrolled who stand
    in ledger 3 as well. ``holds``: nobody is missing, nobody overlaps. ``others``: on a roster with a
    category that need not be enrolled; the roster ledger has them too. ``fulfilled`` of the
    ``subsidised`` people, to whom a subsidy is owed, got it: 资助兑现率.
    """

    township: str
    village: str = ""
    roster: int
    enrolled: int
    justified: int
    missing: int
    overlap: int
    holds: bool = False
    duplicates: int = 0
    not_on_roster: int = 0
    others: int = 0
    completion: str
    causes: dict[str, int] = {}
    subsidised: int = 0
    fulfilled: int = 0
    fulfilment: str = "100.00%"
    note: str = Field(default="", description="Why a figure cannot be worked out; empty: it can.")


class MessagesAnswer(BaseModel):
    """How many messages are in each state."""

    states: dict[str, int]


SETTLEMENT_CLAIM = "query.settlement.claim"
SETTLEMENT_OPEN_CLAIMS = "query.settlement.open_claims"
SETTLEMENT_CLAIMS = "query.settlement.claims"
SETTLEMENT_EXPLAIN = "query.settlement.explain"
SETTLEMENT_LEDGER = "query.settlement.ledger"
SETTLEMENT_PROGRESS = "query.settlement.progress"
SETTLEMENT_AUDIT = "query.settlement.audit"
ASSISTANCE_EXPLAIN = "query.assistance.explain"
ASSISTANCE_LEDGER = "query.assistance.ledger"
ASSISTANCE_AUDIT = "query.assistance.audit"
ENROLLMENT_EQUATION = "query.enrollment.equation"
ENROLLMENT_APPLICATIONS = "query.enrollment.applications"
ENROLLMENT_COUNTS = "query.enrollment.counts"
ENROLLMENT_PERSON = "query.enrollment.person"
ENROLLMENT_REVIEW = "command.enrollment.review"
ENROLLMENT_REVIEWS = "query.enrollment.reviews"
ENROLLMENT_ISSUES = "query.enrollment.issues"
ENROLLMENT_PROMISE = "command.enrollment.promise"
NOTIFY_MESSAGES = "query.notify.messages"
