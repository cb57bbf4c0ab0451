"""What partner departments report, after the door replaced the identity number by a person key."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import Field

from contracts.events.base import ClaimId, Event, Sealed, Text
from contracts.identity import PersonKey
from contracts.money import Money
from contracts.vocabulary import Category, Justification, Source


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
    office: Text = Field(
        default="", description="The township whose office says so; empty: county."
    )


class OutOfAreaFiled(PartnerEvent):
    """A person, or somebody for one, files treatment in another province (异地就医备案), or takes it back.

    Revoked: not filed for that province from that day on.
    """

    NAME: ClassVar[str] = "OutOfAreaFiled"
    SUBJECT: ClassVar[str] = "partner.*.OutOfAreaFiled.v1"

    person: PersonKey
    place: Text = Field(description="Where to, as written: begins with the province.")
    province: str = Field(pattern=r"^\d{2}$", description="Its code's first two digits, GB/T 2260.")
    valid_from: date
    valid_to: date | None = Field(default=None, description="Last day; absent: as the pack says.")
    action: Literal["reported", "revoked"] = "reported"
    channel: Literal["office", "sms"] = "office"


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
