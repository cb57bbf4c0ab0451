"""What settlement announces about a claim; the highest revision is the one that holds."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import Field

from contracts.events.base import ClaimId, Event, Text
from contracts.events.forwarding import Forwarded
from contracts.identity import PersonKey
from contracts.money import Money
from contracts.vocabulary import Kind


class ClaimOutcome(Event):
    """Common to the three outcomes: which claim, and which revision of the decision."""

    claim: ClaimId
    person: PersonKey
    revision: int = Field(ge=1)


class ClaimSettled(ClaimOutcome):
    """The insurance layers of a bill as they now stand; ``reversed`` means every amount is zero."""

    NAME: ClassVar[str] = "ClaimSettled"
    SUBJECT: ClassVar[str] = "settlement.ClaimSettled.v1"

    outcome: Literal["settled", "reversed"] = "settled"
    provider: Text
    kind: Kind
    level: Text = ""
    area: Text = "local"
    discharge: date
    settled: datetime | None = None
    category: Text
    pack: Text
    total_fee: Money
    in_scope: Money
    bmi: Money
    cii: Money
    supplement: Money = 0
    hospital_borne: Money = 0
    in_scope_paid: Money | None = Field(
        default=None,
        description="What these layers took off the in-scope part, whichever fund paid.",
    )
    hospital_reduction: Money = 0
    commercial_supplement: Money = 0
    compliant: bool = True
    referred: bool = True
    one_stop: bool = True
    moved: bool = Field(
        default=False,
        description="The number was corrected after the bill: withdrawn there, here anew.",
    )


class ClaimHeld(ClaimOutcome):
    """The claim waits for something that may still come; nothing is paid or accumulated."""

    NAME: ClassVar[str] = "ClaimHeld"
    SUBJECT: ClassVar[str] = "settlement.ClaimHeld.v1"

    reason: Text
    discharge: date | None = None


class ClaimRefused(ClaimOutcome):
    """The claim is wrong; the sender is told why."""

    NAME: ClassVar[str] = "ClaimRefused"
    SUBJECT: ClassVar[str] = "settlement.ClaimRefused.v1"

    reason: Text
    discharge: date | None = None


class ClaimQuestioned(Event):
    """Somebody has to look at a claim, or has to no longer: ``question`` empty.

    A reason why it is held, ``after_death``, ``possible_duplicate`` or ``overlapping_stay`` of ``other``.
    """

    NAME: ClassVar[str] = "ClaimQuestioned"
    SUBJECT: ClassVar[str] = "settlement.ClaimQuestioned.v1"

    claim: ClaimId
    person: PersonKey
    revision: int = Field(ge=1)
    question: Text = ""
    other: Text = Field(default="", description="The claim that it seems to repeat or to overlap.")
    discharge: date
    provider: Text


class BillIssued(Event):
    """The one-page bill (一单清): every layer, and what is left for the family. Parts sum to the total."""

    NAME: ClassVar[str] = "BillIssued"
    SUBJECT: ClassVar[str] = "settlement.BillIssued.v1"

    claim: ClaimId
    person: PersonKey
    bill_revision: int = Field(ge=1)
    settlement_revision: int = Field(ge=1)
    assistance_revision: int = Field(ge=0)
    outcome: Literal["settled", "reversed", "refused", "held"] = Field(
        default="settled", description="All but settled: the earlier bill is withdrawn, zeros."
    )
    provider: Text
    kind: Kind
    discharge: date
    category: Text
    pack: Text
    total_fee: Money
    bmi: Money
    cii: Money
    supplement: Money = 0
    medical_assistance: Money
    hospital_reduction: Money = 0
    commercial_supplement: Money = 0
    reassistance: Money = 0
    tilted_assistance: Money = 0
    hospital_borne: Money = 0
    personal_burden: Money
    moved: bool = Field(
        default=False,
        description="The person's number was corrected: withdrawn there, issued here.",
    )


class ClaimsForwarded(Forwarded):
    """Bills and reversals that came under an earlier number, for settlement itself."""

    NAME: ClassVar[str] = "ClaimsForwarded"
    SUBJECT: ClassVar[str] = "settlement.ClaimsForwarded.v1"

    billed: tuple[ClaimId, ...] = Field(
        default=(), description="Bills that were issued under the earlier number."
    )
