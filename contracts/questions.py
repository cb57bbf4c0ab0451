"""Questions about people: what enrollment is asked by officers and by the door."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from contracts.asking import Confirmed, Query, Question, Scope
from contracts.events.base import Text
from contracts.events.enrollment import CoveredSpan, Identity
from contracts.identity import PersonKey

AreaLevel = Literal["county", "township", "village"]


class AboutYear(Question):
    """Which coverage year, and how fine."""

    year: int
    level: AreaLevel = "township"


class AboutFigure(AboutYear):
    """The same; ``kept``: a figure that takes its time as it was worked out last, and ``as_of`` says when."""

    kept: bool = False


class ReviewOrder(Question):
    """Run a pass of the three-pass check (三步走) over a coverage year, as on a day."""

    year: int
    number: Literal[1, 2, 3]
    as_of: date


class IssuePage(Question):
    """Which issues: empty is any; a page of at most a thousand.

    ``person``: only this one's; ``overdue``: only those that somebody promised to have mended before this
    day, and that are still open.
    """

    year: int
    township: str = ""
    kind: str = ""
    state: str = ""
    overdue: date | None = None
    person: str = ""
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
    as_of: datetime | None = Field(
        default=None, description="When it was worked out, if not just now."
    )


class AboutPerson(Question):
    """Which person, and what was known at the end of which day; without a day, what is known now.

    ``holder`` and ``why``: who asks, and for what; a reading by somebody is written down, as ``what``.
    """

    person: PersonKey
    known_on: date | None = None
    holder: Text = ""
    why: Text = ""
    what: Text = "person"


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
    as_of: datetime | None = Field(
        default=None, description="When it was worked out, if not just now."
    )
    note: str = Field(default="", description="Why a figure cannot be worked out; empty: it can.")


ENROLLMENT_EQUATION = Query(
    "query.enrollment.equation", AboutFigure, list[TownshipAnswer], Scope.OFFICER
)
ENROLLMENT_APPLICATIONS = Query(
    "query.enrollment.applications", ApplicationPage, list[ApplicationAnswer], Scope.OFFICER
)
ENROLLMENT_COUNTS = Query("query.enrollment.counts", AboutFigure, list[CountLine], Scope.OFFICER)
ENROLLMENT_PERSON = Query("query.enrollment.person", AboutPerson, PersonAnswer, Scope.OFFICER)
ENROLLMENT_REVIEW = Query("command.enrollment.review", ReviewOrder, ReviewAnswer, Scope.COUNTY)
ENROLLMENT_REVIEWS = Query("query.enrollment.reviews", AboutYear, list[PastReview], Scope.COUNTY)
ENROLLMENT_ISSUES = Query("query.enrollment.issues", IssuePage, list[IssueAnswer], Scope.OFFICER)
ENROLLMENT_PROMISE = Query("command.enrollment.promise", IssuePromise, Confirmed, Scope.OFFICER)
