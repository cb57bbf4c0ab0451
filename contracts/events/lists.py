"""What is said about lists as wholes: that one came, which rows wait, what words mean, what is withdrawn."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.events.base import Sealed, Text
from contracts.events.partner import PartnerEvent
from contracts.identity import PersonKey
from contracts.vocabulary import Category, RegisterKind, Source


class RosterReceived(PartnerEvent):
    """A list arrived whole: what was in it and what was sent back."""

    NAME: ClassVar[str] = "RosterReceived"
    SUBJECT: ClassVar[str] = "partner.*.RosterReceived.v1"

    batch: Text
    digest: Text = Field(description="SHA-256 of the file's bytes.")
    rows: int = Field(ge=0)
    accepted: int = Field(ge=0)
    rejected: int = Field(ge=0)
    month: date | None = Field(
        default=None, description="Month of a full list; absence from it is a removal."
    )
    standing: int | None = Field(
        default=None, ge=0, description="Of a full list: people on it, by category."
    )
    hiding: int | None = Field(
        default=None, ge=0, description="Of the rejected rows those whose people would seem absent."
    )
    waiting: int = Field(
        default=0, ge=0, description="Rows with a word that nobody has explained yet."
    )


class WaitingRow(BaseModel):
    """A row with a word that nobody has explained yet: it is kept, sealed, until somebody does."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    row: int = Field(ge=1)
    sheet: Text = ""
    column: Text = Field(description="The column whose word is not understood.")
    word: Text
    cells_sealed: Sealed = Field(description="The row's cells, for the door only.")


class RowsWaiting(PartnerEvent):
    """Rows of a list wait until somebody says what a word of theirs means."""

    NAME: ClassVar[str] = "RowsWaiting"
    SUBJECT: ClassVar[str] = "partner.*.RowsWaiting.v1"

    batch: Text
    month: date = Field(description="First day of the list's month.")
    year: int = Field(ge=2003, le=2100, description="Coverage year of a row that names none.")
    full: bool = False
    rows: tuple[WaitingRow, ...]


class WordLearned(PartnerEvent):
    """The bureau says what a word of a department's lists means; empty: it is none of ours."""

    NAME: ClassVar[str] = "WordLearned"
    SUBJECT: ClassVar[str] = "partner.*.WordLearned.v1"

    about: Source = Field(description="Whose lists write the word.")
    column: Text
    word: Text
    meaning: Text = ""


class AnsweredRow(BaseModel):
    """How a waiting row ended. ``reason`` empty: it was taken."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    row: int = Field(ge=1)
    sheet: Text = ""
    reason: Text = ""
    person: PersonKey | None = Field(default=None, description="Who stands on a full list by it.")
    category: Category | None = None


class RowsAnswered(PartnerEvent):
    """Rows that had waited were read again: taken, or sent back."""

    NAME: ClassVar[str] = "RowsAnswered"
    SUBJECT: ClassVar[str] = "partner.*.RowsAnswered.v1"

    batch: Text
    rows: tuple[AnsweredRow, ...]


class ListingWithdrawn(PartnerEvent):
    """A list was withdrawn or replaced: nothing that it said of this person is a fact any more.

    Reinstated: the list that had replaced it was withdrawn in its turn. The last word about a list holds.
    """

    NAME: ClassVar[str] = "ListingWithdrawn"
    SUBJECT: ClassVar[str] = "partner.*.ListingWithdrawn.v1"

    person: PersonKey
    batch: Text
    action: Literal["withdrawn", "reinstated"] = "withdrawn"
    categories: tuple[Category, ...] = Field(
        default=(), description="Only what it said of these, because a corrected list names them."
    )
    by: Text = Field(default="", description="The list that changed it.")


class RegisterPage(PartnerEvent):
    """A page of the register of enrolled residents (系统内参保名单); the fields are parallel lists."""

    NAME: ClassVar[str] = "RegisterPage"
    SUBJECT: ClassVar[str] = "partner.*.RegisterPage.v1"

    coverage_year: int = Field(ge=2003, le=2100)
    kind: RegisterKind = RegisterKind.ENROLLED
    batch: Text
    page: int = Field(ge=1)
    persons: tuple[PersonKey, ...]
    townships: tuple[Text, ...]
    name_tags: tuple[Text, ...]


class RegisterReceived(PartnerEvent):
    """A register came in whole: it counts once all its pages are here."""

    NAME: ClassVar[str] = "RegisterReceived"
    SUBJECT: ClassVar[str] = "partner.*.RegisterReceived.v1"

    coverage_year: int = Field(ge=2003, le=2100)
    kind: RegisterKind = RegisterKind.ENROLLED
    batch: Text
    digest: Text
    pages: int = Field(ge=1)
    rows: int = Field(ge=0)
    accepted: int = Field(ge=0)
    rejected: int = Field(ge=0)
