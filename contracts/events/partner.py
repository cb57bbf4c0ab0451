"""What partner departments report, after the door replaced the identity number by a person key."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.events.base import ClaimId, Event, Sealed, Text
from contracts.identity import PersonKey
from contracts.money import Money
from contracts.vocabulary import Category, Justification, RegisterKind, Source


class PartnerEvent(Event):
    """Common to partner facts: who says it and when it became known here."""

    source: Source
    received: datetime = Field(description="When the door learnt of it, Asia/Shanghai offset.")


class StatusReported(PartnerEvent):
    """A department says that a person has, or no longer has, an identity from a day on."""

    NAME: ClassVar[str] = "StatusReported"
    SUBJECT: ClassVar[str] = "partner.*.StatusReported.v1"

    person: PersonKey
    category: Category
    action: Literal["granted", "removed"]
    effective: date = Field(description="First day of the identity, or first day without it.")
    sub_level: Text = ""
    township: Text
    village: Text = ""
    batch: Text = Field(default="", description="The list that carried the row.")
    listed: date | None = Field(
        default=None, description="Month (first day) of the full list that carried the row."
    )
    name_tag: Text = Field(
        default="", description="Keyed hash of the name: equal names, equal tag."
    )
    household: Text = Field(
        default="", description="Keyed hash of the head's number, or of the household's."
    )
    infant_born: date | None = Field(
        default=None, description="Day of birth, said of infants only: they are covered from birth."
    )
    holds: Text = Field(
        default="", description="What the sealed identity says besides number and name."
    )
    identity_sealed: Sealed = Field(default="", description="Number and name, for enrollment only.")
    contact_sealed: Sealed = Field(default="", description="Phone and surname, for notify only.")


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


class DeathReported(PartnerEvent):
    """A department says that a person died, or takes that back."""

    NAME: ClassVar[str] = "DeathReported"
    SUBJECT: ClassVar[str] = "partner.*.DeathReported.v1"

    person: PersonKey
    died: date
    action: Literal["reported", "revoked"] = "reported"


class IdentityChanged(PartnerEvent):
    """Two keys are one person: the number was corrected. Revoked: they are two people after all."""

    NAME: ClassVar[str] = "IdentityChanged"
    SUBJECT: ClassVar[str] = "partner.*.IdentityChanged.v1"

    person: PersonKey = Field(description="The key of the number that was wrong.")
    new_person: PersonKey
    effective: date
    action: Literal["reported", "revoked"] = "reported"
    infant_born: date | None = Field(default=None, description="By the right number, of infants.")
    identity_sealed: Sealed = Field(
        default="", description="The right number, for enrollment only."
    )


class PremiumPaid(PartnerEvent):
    """The tax office collected a resident's premium for a coverage year."""

    NAME: ClassVar[str] = "PremiumPaid"
    SUBJECT: ClassVar[str] = "partner.*.PremiumPaid.v1"

    person: PersonKey
    coverage_year: int = Field(ge=2003, le=2100)
    amount: Money
    paid_on: date
    township: Text
    village: Text = ""
    batch: Text = ""
    name_tag: Text = ""
    infant_born: date | None = Field(
        default=None, description="Day of birth, said of infants only: they are covered from birth."
    )
    holds: Text = ""
    identity_sealed: Sealed = ""
    contact_sealed: Sealed = ""


class PremiumRefunded(PartnerEvent):
    """A premium went back to the person who had paid it."""

    NAME: ClassVar[str] = "PremiumRefunded"
    SUBJECT: ClassVar[str] = "partner.*.PremiumRefunded.v1"

    person: PersonKey
    coverage_year: int = Field(ge=2003, le=2100)
    amount: Money
    refunded_on: date
    receipt: Text = ""


class JustificationReported(PartnerEvent):
    """Somebody verified why a person on a roster is rightly not enrolled here, with the evidence."""

    NAME: ClassVar[str] = "JustificationReported"
    SUBJECT: ClassVar[str] = "partner.*.JustificationReported.v1"

    person: PersonKey
    reason: Justification
    action: Literal["reported", "revoked"] = Field(
        default="reported", description="Revoked: what was said of this reason and first day."
    )
    evidence_type: Text = ""
    evidence_no: Text = ""
    valid_from: date
    valid_to: date | None = None
    verified_by: Text = Field(default="", description="The officer's post, not a name.")
    office: Text = Field(
        default="", description="The township whose office says so; empty: county."
    )


class FlagApplied(PartnerEvent):
    """A township applied for a person's flag of the next year, by 31 December (S1)."""

    NAME: ClassVar[str] = "FlagApplied"
    SUBJECT: ClassVar[str] = "partner.*.FlagApplied.v1"

    person: PersonKey
    category: Category
    filed_on: date
    evidence: Text = ""
    office: Text = ""
    township: Text
    village: Text = ""
    name_tag: Text = ""
    holds: Text = ""
    identity_sealed: Sealed = ""
    contact_sealed: Sealed = ""


class FlagDecided(PartnerEvent):
    """The county reviewed an application: the flag stands in its year, or not, and why not (S1)."""

    NAME: ClassVar[str] = "FlagDecided"
    SUBJECT: ClassVar[str] = "partner.*.FlagDecided.v1"

    person: PersonKey
    category: Category
    flag_year: int = Field(ge=2003, le=2100)
    decision: Literal["approved", "refused"]
    decided_on: date
    reason: Text = ""


class ChronicAssessmentReported(PartnerEvent):
    """A chronic disease was assessed (慢特病鉴定): granted with a certificate, or not, and why not (S1)."""

    NAME: ClassVar[str] = "ChronicAssessmentReported"
    SUBJECT: ClassVar[str] = "partner.*.ChronicAssessmentReported.v1"

    person: PersonKey
    disease: Text = ""
    applied_on: date
    result: Literal["granted", "refused", "not_applied"]
    reason: Literal[
        "", "no_chronic_disease", "assessment_failed", "disease_not_covered", "no_need"
    ] = ""
    certificate_no: Text = ""
    valid_from: date | None = None
    valid_to: date | None = None


class ManualAssistancePaid(PartnerEvent):
    """Assistance was paid by hand onto the social-security card, signed for by the person (S1).

    Revoked: a payment of that day and amount is taken back, because the bank returned it or it was
    written down by mistake.
    """

    NAME: ClassVar[str] = "ManualAssistancePaid"
    SUBJECT: ClassVar[str] = "partner.*.ManualAssistancePaid.v1"

    person: PersonKey
    claim: ClaimId
    amount: Money
    paid_on: date
    card_last4: Text = ""
    signed: bool = False
    action: Literal["paid", "revoked"] = "paid"


class CoverageElsewhereReported(PartnerEvent):
    """A person is insured as an employee or in another pooling area."""

    NAME: ClassVar[str] = "CoverageElsewhereReported"
    SUBJECT: ClassVar[str] = "partner.*.CoverageElsewhereReported.v1"

    person: PersonKey
    reason: Literal["LOCAL_EMPLOYEE", "OTHER_AREA_EMPLOYEE", "OTHER_AREA_RESIDENT"]
    valid_from: date
    valid_to: date | None = None
    evidence: Text = ""


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
