"""What the engine reads: a person's claims, identities and death. No clock, no store, no bus."""

from dataclasses import dataclass, field
from datetime import date

from contracts.events.claims import ClaimSubmitted

NONE = "NONE"
"""The category of a person to whom no poverty identity applies."""
NOT_ENROLLED = "not_enrolled"
OUTSIDE_COVERAGE = "outside_coverage"


@dataclass(slots=True)
class Claim:
    """One bill. Amounts in fen; ``settled`` is an ISO time that orders bills of one day.

    ``provider``: the hospital's number, which says whose pack it is where there are several.
    ``paid`` holds what earlier stages paid, fund → fen, and ``category`` what they decided by:
    settlement's part, when assistance folds.
    """

    claim: str
    kind: str
    discharge: date
    total_fee: int
    in_scope: int
    class_b_prepay: int = 0
    over_limit_self_pay: int = 0
    full_self_pay: int = 0
    hospital_reduction: int = 0
    commercial_supplement: int = 0
    admit: date | None = None
    settled: str = ""
    level: str = ""
    area: str = "local"
    compliant: bool = True
    referred: bool = True
    age: int | None = None
    disease: str = ""
    provider: str = ""
    paid: dict[str, int] = field(default_factory=dict)
    category: str = ""

    def canonical_order(self) -> tuple[date, str, str]:
        """Return the order of claims in a year: discharge date, settlement time, id (C3)."""
        return (self.discharge, self.settled, self.claim)


@dataclass(frozen=True, slots=True)
class HeldIdentity:
    """A category on the days ``valid_from``..``valid_to``, both included; None = open."""

    category: str
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Tell whether the identity is valid on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(slots=True)
class PersonFacts:
    """All that decides a person's years. ``covered_years`` None: coverage is taken for granted.

    ``covered_spans`` narrows the years to days, both included; None: all days of the years.
    ``refused``: claim → reason, decided before. ``held``: why nothing can be settled for now.
    """

    claims: list[Claim]
    reversed_claims: frozenset[str] = frozenset()
    identities: tuple[HeldIdentity, ...] = ()
    died: date | None = None
    covered_years: frozenset[int] | None = None
    covered_spans: tuple[tuple[date, date], ...] | None = None
    refused: dict[str, str] = field(default_factory=dict)
    held: str = ""

    def uncovered(self, day: date) -> str:
        """Return why a day is not covered, as a reason code, or an empty string (C15)."""
        if self.covered_years is None:
            return ""
        if day.year not in self.covered_years:
            return NOT_ENROLLED
        spans = self.covered_spans
        inside = spans is None or any(first <= day <= last for first, last in spans)
        return "" if inside else OUTSIDE_COVERAGE


def as_claim(bill: ClaimSubmitted) -> Claim:
    """Turn a submitted bill into a claim."""
    return Claim(
        claim=bill.claim,
        kind=bill.kind.value,
        discharge=bill.discharge,
        total_fee=bill.total_fee,
        in_scope=bill.in_scope,
        class_b_prepay=bill.class_b_prepay,
        over_limit_self_pay=bill.over_limit_self_pay,
        full_self_pay=bill.full_self_pay,
        hospital_reduction=bill.hospital_reduction,
        commercial_supplement=bill.commercial_supplement,
        admit=bill.admit,
        settled="" if bill.settled is None else bill.settled.isoformat(),
        level=bill.level,
        area=bill.area,
        compliant=bill.compliant,
        referred=bill.referred,
        age=bill.age,
        disease=bill.disease,
        provider=bill.provider,
    )
