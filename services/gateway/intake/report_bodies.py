"""What a single report says, as it comes in: a body for each event."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.diseases import Disease
from contracts.events.base import ClaimId, Text
from contracts.money import Money
from contracts.vocabulary import Category, Justification
from services.gateway.intake.reading.bodies import Day


class ReportIn(BaseModel):
    """Common to single reports: whose it is."""

    NOT_PASSED_ON: ClassVar[frozenset[str]] = frozenset()

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    certno: str
    name: Text = ""
    phone: Text = ""


class IdentityIn(ReportIn):
    """A person's identity number was corrected, or the correction is taken back.

    ``certno`` is the number that was wrong, ``new_certno`` the right one; ``name`` goes with the right one.
    """

    name: Text = Field(min_length=1)
    new_certno: str
    effective: Day
    action: Literal["reported", "revoked"] = "reported"


class StatusIn(ReportIn):
    """An identity was granted or removed."""

    category: Category
    action: Literal["granted", "removed"] = "granted"
    sub_level: Text = Field(default="", max_length=20, description="类别内的档次，如 A类")
    effective: Day
    township: Text
    village: Text = ""
    household_head: Text = ""
    head_certno: Text = ""


class DeathIn(ReportIn):
    """A death was reported or revoked."""

    died: Day
    action: Literal["reported", "revoked"] = "reported"


class PremiumIn(ReportIn):
    """A premium was collected."""

    coverage_year: int = Field(ge=2003, le=2100)
    amount: Money
    paid_on: Day
    township: Text
    village: Text = ""


class ElsewhereIn(ReportIn):
    """A person is insured elsewhere."""

    reason: Literal["LOCAL_EMPLOYEE", "OTHER_AREA_EMPLOYEE", "OTHER_AREA_RESIDENT"]
    valid_from: Day
    valid_to: Day | None = None
    evidence: Text = ""


class RefundIn(ReportIn):
    """A premium went back."""

    coverage_year: int = Field(ge=2003, le=2100)
    amount: Money
    refunded_on: Day
    receipt: Text = ""


class ApplicationIn(ReportIn):
    """A township applies for a flag of the next year; ``flag_year``: which it means, to be sure."""

    NOT_PASSED_ON: ClassVar[frozenset[str]] = frozenset({"flag_year"})

    category: Category
    filed_on: Day
    flag_year: int | None = Field(default=None, ge=2003, le=2100)
    evidence: Text = ""
    township: Text
    village: Text = ""


class DecisionIn(ReportIn):
    """The county decides on an application."""

    category: Category
    flag_year: int = Field(ge=2003, le=2100)
    decision: Literal["approved", "refused"]
    decided_on: Day
    reason: Text = ""


class ChronicIn(ReportIn):
    """A chronic disease was assessed."""

    disease: Disease = ""
    applied_on: Day
    result: Literal["granted", "refused", "not_applied"]
    reason: Literal[
        "", "no_chronic_disease", "assessment_failed", "disease_not_covered", "no_need"
    ] = ""
    certificate_no: Text = ""
    valid_from: Day | None = None
    valid_to: Day | None = None


class OutOfAreaIn(ReportIn):
    """Treatment in another province is filed; revoked: what was filed for it from that day on."""

    place: Text = Field(
        min_length=2, max_length=30, description="就医地，以省份开头，如 上海市、江苏省苏州市"
    )
    valid_from: Day
    valid_to: Day | None = None
    action: Literal["reported", "revoked"] = "reported"


class ManualPaymentIn(ReportIn):
    """Assistance was paid by hand; ``claim`` as on the bill, with its hospital in front.

    ``action`` revoked: a payment of that day and amount is taken back.
    """

    claim: ClaimId
    amount: Money
    paid_on: Day
    card_last4: str = Field(default="", pattern=r"^(\d{4})?$")
    signed: bool = False
    action: Literal["paid", "revoked"] = "paid"


class JustificationIn(ReportIn):
    """Why a person on a roster is rightly not enrolled here; revoked: what was said of it is taken back."""

    reason: Justification
    action: Literal["reported", "revoked"] = "reported"
    evidence_type: Text = ""
    evidence_no: Text = ""
    valid_from: Day
    valid_to: Day | None = None
    verified_by: Text = ""
