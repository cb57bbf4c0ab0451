"""Questions about lists: full lists and their state, words that are asked about, who stood before."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from contracts.asking import Confirmed, Query, Question, Scope
from contracts.events.base import Text
from contracts.vocabulary import Source


class ListPage(Question):
    """Which full lists: the latest first."""

    most: int = Field(default=200, ge=1, le=1000)
    offset: int = Field(default=0, ge=0, le=10_000_000)


class Confirmation(Question):
    """Which full list is right although it shrank."""

    batch: str


class Withdrawal(Question):
    """Which full list is not so, also one that was confirmed or counted before."""

    batch: str
    why: Text = ""
    holder: Text = ""


class AboutDigest(Question):
    """A full list that is about to come in: whether the same file came in before, and counts still."""

    source: Source
    month: date
    digest: str


class Again(BaseModel):
    """How often the same file counted before it was replaced or withdrawn; 0: it is new, or a repeat."""

    again: int


class AboutWords(Question):
    """The words of which source's lists; empty: everybody's."""

    source: str = ""


class LearnedWord(BaseModel):
    """What the bureau said that a word means; an empty meaning: it is none of ours."""

    source: str
    column: str
    word: str
    meaning: str


class OpenWord(BaseModel):
    """A word that nobody has explained yet, and how many rows wait for it."""

    source: str
    column: str
    word: str
    rows: int
    since: datetime


class WordsAnswer(BaseModel):
    """What is known of the words of lists beyond the files of words."""

    learned: list[LearnedWord]
    open: list[OpenWord]


class WaitingPage(Question):
    """Which waiting rows: those with a word, a page of at most a thousand."""

    source: Source
    column: str
    word: str
    most: int = Field(default=500, ge=1, le=1000)
    after: tuple[str, str, int] = Field(
        default=("", "", 0), description="Batch, sheet and row of the last one that was seen."
    )


class WaitingRowAnswer(BaseModel):
    """A row that waits, with what its list said of all rows; its cells are sealed for the door."""

    batch: str
    received: datetime
    month: date
    year: int
    full: bool
    row: int
    sheet: str
    cells_sealed: str


class StandingPage(Question):
    """Who stands on the full list before a month's, of these categories; a page by person.

    ``holder`` and ``why``: who asks, and for what; it is written down.
    """

    source: Source
    month: date
    categories: list[str]
    after: str = ""
    most: int = Field(default=2000, ge=1, le=4000)
    holder: Text = ""
    why: Text = ""


class StandingAnswer(BaseModel):
    """People of a page: JSON of [person, category, name, township, village], sealed for the door."""

    sealed: str
    after: str = ""
    not_named: list[str] = Field(
        default=[], description="Categories of the month's lists that this one says nothing about."
    )


class ListAnswer(BaseModel):
    """A full list: waiting for its rows, a question (it shrank, or rows went back), or closed."""

    source: str
    month: date
    received: datetime
    batch: str
    accepted: int
    rejected: int
    state: Literal["waiting", "question", "closed", "superseded", "withdrawn"]
    replaced: list[str] = Field(
        default=[], description="Categories for which a corrected list of the month counts instead."
    )
    standing: int | None
    absent: int | None
    asked: str = Field(default="", description="Why a question is asked: share, number, rejected.")
    usual: int | None = Field(
        default=None, description="How many this source's lists usually lose."
    )
    waiting: int = 0


ENROLLMENT_LISTS = Query("query.enrollment.lists", ListPage, list[ListAnswer], Scope.COUNTY)
ENROLLMENT_CONFIRM_LIST = Query(
    "command.enrollment.confirm_list", Confirmation, Confirmed, Scope.COUNTY
)
ENROLLMENT_WITHDRAW_LIST = Query(
    "command.enrollment.withdraw_list", Withdrawal, Confirmed, Scope.COUNTY
)
ENROLLMENT_LIST_BATCH = Query("query.enrollment.list_batch", AboutDigest, Again, seconds=5)
ENROLLMENT_STANDING = Query("query.enrollment.standing", StandingPage, StandingAnswer, seconds=20)
ENROLLMENT_WORDS = Query("query.enrollment.words", AboutWords, WordsAnswer, seconds=10)
ENROLLMENT_WAITING_ROWS = Query(
    "query.enrollment.waiting_rows", WaitingPage, list[WaitingRowAnswer]
)
