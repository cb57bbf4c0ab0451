"""What enrollment announces about a person: the whole state with a revision, so the last word wins."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.events.base import Event, Sealed, Text
from contracts.events.forwarding import Forwarded
from contracts.identity import PersonKey
from contracts.money import Money
from contracts.vocabulary import Category


class Identity(BaseModel):
    """A category that holds from a day to a day, both included."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    category: Category
    valid_from: date
    valid_to: date | None = Field(default=None, description="Last day with it, or open.")


class PersonRegistered(Event):
    """A person became known here, or moved, or has another phone."""

    NAME: ClassVar[str] = "PersonRegistered"
    SUBJECT: ClassVar[str] = "enrollment.PersonRegistered.v1"

    person: PersonKey
    revision: int = Field(ge=1)
    township: Text
    village: Text = ""
    contact_sealed: Sealed = ""
    contact_of: PersonKey | None = Field(
        default=None, description="The earlier number's key for which the contact was sealed."
    )


class StatusChanged(Event):
    """The identities of a person and the day of death, all of them, as they now stand."""

    NAME: ClassVar[str] = "StatusChanged"
    SUBJECT: ClassVar[str] = "enrollment.StatusChanged.v1"

    person: PersonKey
    revision: int = Field(ge=1)
    township: Text
    village: Text = ""
    identities: tuple[Identity, ...] = ()
    died: date | None = None
    raised: tuple[Category, ...] = Field(default=(), description="Flags that now stand.")
    stopped: tuple[Category, ...] = Field(default=(), description="Flags that no longer stand.")
    merged_into: PersonKey | None = Field(
        default=None, description="The right number's key, if this number was a wrong one."
    )
    batch: Text = Field(
        default="",
        description="Source and key of the full list that says so; it may be a question yet.",
    )
    undoes: bool = Field(
        default=False, description="The list was withdrawn: what it had changed is changed back."
    )


class FullListSettled(Event):
    """A full list counts (closed), or it counts no longer: replaced by a corrected one, or withdrawn."""

    NAME: ClassVar[str] = "FullListSettled"
    SUBJECT: ClassVar[str] = "enrollment.FullListSettled.v1"

    batch: Text = Field(description="Source and key of the list.")
    state: Literal["closed", "superseded", "withdrawn"]
    settled: datetime
    opening: bool = Field(
        default=False,
        description="The first list of a register: an opening balance, of which nobody is told.",
    )


class Link(BaseModel):
    """That a number was said to be wrong, which is the right one, and when it was said."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    person: PersonKey
    new_person: PersonKey
    said: datetime


class HistoryForwarded(Forwarded):
    """What departments reported under an earlier number, for enrollment itself."""

    NAME: ClassVar[str] = "HistoryForwarded"
    SUBJECT: ClassVar[str] = "enrollment.HistoryForwarded.v1"

    known: datetime = Field(description="When the last of it became known.")
    links: tuple[Link, ...] = Field(default=(), description="The links by which it came.")
    infant_born: date | None = None
    identity_sealed: Sealed = ""


class CoveredSpan(BaseModel):
    """Days on which the resident system pays, both included."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    first: date
    last: date


class CoverageChanged(Event):
    """The years in which a person is covered as a resident here."""

    NAME: ClassVar[str] = "CoverageChanged"
    SUBJECT: ClassVar[str] = "enrollment.CoverageChanged.v1"

    person: PersonKey
    revision: int = Field(ge=1)
    years: tuple[int, ...] = ()
    spans: tuple[CoveredSpan, ...] | None = Field(
        default=None, description="The days on which benefits are paid; absent: all of the years."
    )


class Filing(BaseModel):
    """Days on which treatment in another province is filed, both included."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    place: Text
    province: Text = Field(description="First two digits of its code, GB/T 2260.")
    first: date
    last: date


class FilingsChanged(Event):
    """A person's filings of treatment elsewhere (异地就医备案), all of them, as they now stand."""

    NAME: ClassVar[str] = "FilingsChanged"
    SUBJECT: ClassVar[str] = "enrollment.FilingsChanged.v1"

    person: PersonKey
    revision: int = Field(ge=1)
    filings: tuple[Filing, ...] = ()


class CitizenAnswered(Event):
    """What became of what somebody wrote: filed, or why not; or where the person's coverage stands."""

    NAME: ClassVar[str] = "CitizenAnswered"
    SUBJECT: ClassVar[str] = "enrollment.CitizenAnswered.v1"

    message: str = Field(pattern=r"^[0-9a-f]{32}$", description="The key of what was written.")
    outcome: Literal[
        "filed", "standing", "no_match", "ambiguous", "died", "not_covered", "not_needed", "bad_date",
        "no_rule",
    ]  # fmt: skip
    person: PersonKey | None = None
    filings: tuple[Filing, ...] = Field(
        default=(), description="The one that was filed; of a standing, those of today and later."
    )
    covered_years: tuple[int, ...] = ()


class EnrolmentConfirmed(Event):
    """The register of enrolled residents names somebody whose bill waits, or names them no longer.

    For enrollment itself.
    """

    NAME: ClassVar[str] = "EnrolmentConfirmed"
    SUBJECT: ClassVar[str] = "enrollment.EnrolmentConfirmed.v1"

    person: PersonKey
    coverage_year: int
    batch: Text = Field(description="The register that says so.")
    known: datetime
    stands: bool = Field(
        default=True, description="False: a newer register no longer has the name."
    )


class ExemptionGranted(Event):
    """A person need not pay the premium of a year, or only a part."""

    NAME: ClassVar[str] = "ExemptionGranted"
    SUBJECT: ClassVar[str] = "enrollment.ExemptionGranted.v1"

    person: PersonKey
    coverage_year: int
    category: Category
    subsidy: Money
    revision: int = Field(default=1, ge=1)


class RefundDue(Event):
    """A premium was paid that the person did not owe; amount zero: nothing is due any longer."""

    NAME: ClassVar[str] = "RefundDue"
    SUBJECT: ClassVar[str] = "enrollment.RefundDue.v1"

    person: PersonKey
    coverage_year: int
    amount: Money
    rule: Text
    revision: int = Field(default=1, ge=1)


class ReviewCompleted(Event):
    """A pass of the three-pass check was run; roster owners fetch their part of its result."""

    NAME: ClassVar[str] = "ReviewCompleted"
    SUBJECT: ClassVar[str] = "enrollment.ReviewCompleted.v1"

    run: int = Field(ge=1)
    year: int
    number: int = Field(ge=1, le=3)
    as_of: date
    roster: int
    opened: int
    closed: int
    reopened: int
    still_open: int
    broken: int = Field(description="Promised to be mended by now, and still there.")


class DiscrepancyOpened(Event):
    """Two lists do not agree about a person."""

    NAME: ClassVar[str] = "DiscrepancyOpened"
    SUBJECT: ClassVar[str] = "enrollment.DiscrepancyOpened.v1"

    person: PersonKey
    discrepancy: Text
    township: Text
    village: Text = ""
    opened: date
    year: int | None = Field(default=None, description="Of which year's check.")
    times: int = Field(default=0, ge=0, description="How often it was opened; 0: not said.")
    found: datetime | None = Field(default=None, description="When that was found out.")


class DiscrepancyClosed(Event):
    """The lists agree again (销号)."""

    NAME: ClassVar[str] = "DiscrepancyClosed"
    SUBJECT: ClassVar[str] = "enrollment.DiscrepancyClosed.v1"

    person: PersonKey
    discrepancy: Text
    closed: date
    year: int | None = None
    times: int = Field(default=0, ge=0, description="Which opening is closed; 0: not said.")
