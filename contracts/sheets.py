"""Questions about sheets (台账): pages of rows; numbers and names cross the bus sealed only."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import BaseModel, Field, StringConstraints, WithJsonSchema

from contracts.asking import Confirmed, Query, Question, Scope
from contracts.bill_sheets import BillSheet
from contracts.events.base import Text
from contracts.identity import PersonKey
from contracts.vocabulary import PEOPLE_SHEETS

PEOPLE = ("enrolment_change", "chronic", *PEOPLE_SHEETS)
"""Sheets that enrollment keeps: S0's 1, 2, 3 and 5, S3's premium sheet, the sides of the equation; and those
that a county adds."""
OTHERS = (*get_args(BillSheet), "manual_assistance", "adjustment")


def _one_of(names: Sequence[str]) -> Any:
    """Return the type of a name among these: which there are is data, so no Literal can say it."""
    return Annotated[
        str,
        StringConstraints(pattern=f"^({'|'.join(names)})$"),
        WithJsonSchema({"type": "string", "enum": list(names)}),
    ]


if TYPE_CHECKING:
    PeopleSheet = str
    SheetName = str
else:
    PeopleSheet = _one_of(PEOPLE)
    SheetName = _one_of((*PEOPLE, *OTHERS))


class SheetPage(Question):
    """A page of a sheet. ``holder`` and ``why``: who asks, and for what; it is written down."""

    ledger: PeopleSheet
    year: int
    township: str = ""
    village: str = ""
    after: str = ""
    most: int = Field(
        default=400, ge=1, le=2000, description="A page fits a message of a megabyte."
    )
    holder: Text
    why: Text


class SheetPageAnswer(BaseModel):
    """Rows of a sheet, sealed for the door."""

    title: str
    columns: list[str]
    sealed: str
    after: str


class PeopleQuestion(Question):
    """The common columns of people, as far as they live in an area (empty: anywhere)."""

    persons: list[PersonKey] = Field(max_length=2000)
    year: int
    township: str = ""
    village: str = ""
    ledger: Text
    holder: Text
    why: Text


class CheckQuestion(Question):
    """What is known of people whom city or province asks about (核查名单), in a coverage year."""

    persons: list[PersonKey] = Field(max_length=2000)
    year: int
    holder: Text
    why: Text
    township: str = ""
    village: str = ""


class Checked(BaseModel):
    """What is known of a person; amounts are decimal strings of yuan, reasons are codes."""

    person: PersonKey
    township: str
    village: str
    categories: list[str]
    enrolled: bool
    exempt: bool
    paid: str
    subsidy: str
    reason: str
    died: date | None
    must_enrol: bool
    name_tag: str


class PeopleAnswer(BaseModel):
    """Sealed for the door: person key → common columns."""

    columns: list[str]
    sealed: str


BY_NAME, BY_INITIALS, BY_PHONE = "name", "initials", "phone"
"""By what kind of word somebody is looked for."""


class FindQuestion(Question):
    """Who is called so, or lives with somebody; a page by person key. Empty township: the whole county.

    ``sealed``: (kind, word) for enrollment, where the word is a name, initials or a phone: no name is
    asked for in clear. ``household_of``: everybody of this person's household, the person among them.
    """

    sealed: str = Field(default="", max_length=1000)
    household_of: PersonKey | None = None
    year: int
    township: str = ""
    village: str = ""
    after: str = ""
    most: int = Field(default=50, ge=1, le=500)
    holder: Text
    why: Text


class FindAnswer(BaseModel):
    """Sealed for the door: person key → common columns; ``after`` empty: the last page."""

    columns: list[str]
    sealed: str
    after: str


class HouseholdPage(Question):
    """A page of households with somebody on a roster, for the sheets in their pouches (连心袋)."""

    year: int
    township: str = ""
    village: str = ""
    after: str = ""
    most: int = Field(default=100, ge=1, le=1000)
    holder: Text
    why: Text


class HouseholdPageAnswer(BaseModel):
    """Households, sealed for the door as a list of ``Household``."""

    sealed: str
    after: str


class Member(BaseModel):
    """A member of a household on its sheet; amounts are decimal strings of yuan."""

    person: PersonKey
    id_number: str
    name: str
    categories: str
    enrolled: bool
    reason: str
    paid: str
    subsidy: str
    exempt: bool
    chronic: list[str]


class Household(BaseModel):
    """A household on its sheet."""

    head: str
    township: str
    village: str
    phone: str
    members: list[Member]


class ResultPage(Question):
    """A page of a pass's result for a roster owner (its source's name), or for everybody (empty)."""

    run: int = Field(ge=1, le=2_000_000_000)
    source: str = ""
    after: str = ""
    most: int = Field(default=1000, ge=1, le=2000)
    holder: Text
    why: Text
    year: int
    township: str = ""
    village: str = ""


class Reading(Question):
    """Somebody reads what the door keeps itself: who, what, which, why; it is written down as any reading."""

    holder: Text
    what: Text
    area: Text
    why: Text


class AccessPage(Question):
    """Who read people's data: the latest first."""

    most: int = Field(default=200, ge=1, le=1000)
    offset: int = Field(default=0, ge=0, le=10_000_000)


class AccessLine(BaseModel):
    """One reading: who, what, why, how many people."""

    at: str
    holder: str
    what: str
    area: str
    why: str
    people: int


ENROLLMENT_SHEET = Query("query.enrollment.ledger", SheetPage, SheetPageAnswer, Scope.OFFICER)
ENROLLMENT_PEOPLE = Query("query.enrollment.people", PeopleQuestion, PeopleAnswer, Scope.OFFICER)
ENROLLMENT_FIND = Query("query.enrollment.find", FindQuestion, FindAnswer, Scope.OFFICER)
ENROLLMENT_CHECK = Query("query.enrollment.check", CheckQuestion, list[Checked], Scope.COUNTY)
ENROLLMENT_HOUSEHOLDS = Query(
    "query.enrollment.households", HouseholdPage, HouseholdPageAnswer, Scope.OFFICER
)
ENROLLMENT_RESULT = Query("query.enrollment.result", ResultPage, SheetPageAnswer, Scope.OWNER)
ENROLLMENT_READING = Query("command.enrollment.reading", Reading, Confirmed, Scope.COUNTY)
ENROLLMENT_ACCESS = Query("query.enrollment.access", AccessPage, list[AccessLine], Scope.COUNTY)
