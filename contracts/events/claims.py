"""What hospitals submit."""

from datetime import date, datetime
from typing import ClassVar

from pydantic import Field

from contracts.events.base import ClaimId, Event, Text
from contracts.identity import PersonKey
from contracts.money import Money
from contracts.vocabulary import Kind


class ClaimSubmitted(Event):
    """One bill of one visit. ``claim`` is unique per provider and person."""

    NAME: ClassVar[str] = "ClaimSubmitted"
    SUBJECT: ClassVar[str] = "claims.ClaimSubmitted.v1"

    claim: ClaimId
    person: PersonKey
    provider: Text
    kind: Kind
    level: Text = Field(default="", description="The pack's code of the hospital's level.")
    area: Text = Field(default="local", description="Where the hospital is: local, cross, out_…")
    admit: date | None = None
    discharge: date = Field(description="Discharge day, or the day of service (C3).")
    settled: datetime | None = None
    total_fee: Money
    in_scope: Money
    class_b_prepay: Money = 0
    over_limit_self_pay: Money = 0
    full_self_pay: Money = 0
    hospital_reduction: Money = 0
    commercial_supplement: Money = 0
    compliant: bool = True
    referred: bool = True
    age: int | None = Field(default=None, ge=0, le=150)
    disease: Text = ""
    one_stop: bool = Field(default=True, description="Settled with the patient at the hospital.")
    why_not_one_stop: Text = ""
    received: datetime

    def differences(self, other: "ClaimSubmitted") -> list[str]:
        """Return the fields by which another copy under the number is another bill (C19).

        When it was settled, a disease filled in later, or what only one copy says makes none.
        """
        return [
            name
            for name in MAKES_A_BILL
            if getattr(self, name) != getattr(other, name)
            and not (
                name in MAY_BE_UNSAID and {getattr(self, name), getattr(other, name)} & {None, ""}
            )
        ]

    def stay(self) -> tuple[object, ...]:
        """Return what a stay sent twice under two numbers has alike: hospital, days, amounts."""
        return tuple(getattr(self, name) for name in MAKES_A_STAY)


MAKES_A_STAY = (
    "provider", "admit", "discharge", "total_fee", "in_scope", "class_b_prepay",
    "over_limit_self_pay", "full_self_pay", "hospital_reduction", "commercial_supplement",
)  # fmt: skip
MAKES_A_BILL = ("person", "kind", "level", "area", *MAKES_A_STAY, "compliant", "referred")
MAY_BE_UNSAID = frozenset({"level", "admit"})


class DuplicateDismissed(Event):
    """The bureau looked at a bill that seems sent twice: it is a stay of its own."""

    NAME: ClassVar[str] = "DuplicateDismissed"
    SUBJECT: ClassVar[str] = "claims.DuplicateDismissed.v1"

    claim: ClaimId
    person: PersonKey
    why: Text = ""
    received: datetime


class ClaimReversed(Event):
    """The hospital takes a bill back; it stays on record and counts for nothing."""

    NAME: ClassVar[str] = "ClaimReversed"
    SUBJECT: ClassVar[str] = "claims.ClaimReversed.v1"

    claim: ClaimId
    person: PersonKey
    provider: Text
    reason: Text = ""
    received: datetime
