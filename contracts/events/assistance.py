"""What assistance announces about a settled claim and about a person's year."""

from datetime import datetime
from typing import ClassVar

from pydantic import Field

from contracts.events.base import ClaimId, Event, Text
from contracts.identity import PersonKey
from contracts.money import Money, SignedMoney


class AssistanceDecision(Event):
    """Assistance on one claim as it now stands, computed on ``settlement_revision`` of that claim."""

    claim: ClaimId
    person: PersonKey
    revision: int = Field(ge=1)
    settlement_revision: int = Field(ge=1)
    benefit_year: int | None = Field(default=None, description="The year of the discharge day.")
    category: Text
    pack: Text
    medical_assistance: Money
    reassistance: Money = 0
    tilted_assistance: Money = 0


class AssistanceGranted(AssistanceDecision):
    """The first decision on a claim; zero is a decision too, and completes the bill."""

    NAME: ClassVar[str] = "AssistanceGranted"
    SUBJECT: ClassVar[str] = "assistance.AssistanceGranted.v1"


class AssistanceAdjusted(AssistanceDecision):
    """A later decision: ``delta`` is what it adds (补) or takes back (退), never auto-recovered."""

    NAME: ClassVar[str] = "AssistanceAdjusted"
    SUBJECT: ClassVar[str] = "assistance.AssistanceAdjusted.v1"

    delta: SignedMoney


class HighCostAlerted(Event):
    """The self-paid part of a person's year passed the monitoring line."""

    NAME: ClassVar[str] = "HighCostAlerted"
    SUBJECT: ClassVar[str] = "assistance.HighCostAlerted.v1"

    person: PersonKey
    benefit_year: int
    revision: int = Field(default=1, ge=1)
    self_paid: Money
    threshold: Money
    as_of: datetime | None = Field(
        default=None, description="When the newest bill of that year was settled."
    )


class HighCostRetracted(Event):
    """After a correction the person is no longer above the line."""

    NAME: ClassVar[str] = "HighCostRetracted"
    SUBJECT: ClassVar[str] = "assistance.HighCostRetracted.v1"

    person: PersonKey
    benefit_year: int
    revision: int = Field(default=1, ge=1)
    self_paid: Money
    reason: Text = ""
