"""Settlement, pure: a person's facts → what each claim's insurance layers pay → what is new.

Facts: bills and reversals, identities and death, covered years, assistance decisions.
The bill is complete when assistance has decided on the present revision of the claim.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from contracts.events.assistance import AssistanceDecision
from contracts.events.base import Event
from contracts.events.claims import ClaimReversed, ClaimSubmitted
from contracts.events.enrollment import CoverageChanged, StatusChanged
from contracts.events.settlement import BillIssued, ClaimHeld, ClaimRefused, ClaimSettled
from policy.engine import SETTLEMENT, Decision, fold, refuse_wrong_inputs
from policy.facts import HeldIdentity, PersonFacts, as_claim
from policy.pack import Pack

PERSON_ACCOUNT = "person"


@dataclass(slots=True)
class Position:
    """Where a claim stands: the decision announced last, and the bill issued last."""

    revision: int = 0
    decided: str = ""
    pays: dict[str, int] = field(default_factory=dict)
    bill_revision: int = 0
    billed: str = ""


@dataclass(slots=True)
class Change:
    """What is new about one claim."""

    claim: str
    before: Position
    after: Position
    outcome: Literal["settled", "reversed", "refused", "held"]
    reason: str
    category: str
    pack: str
    submitted: ClaimSubmitted
    event: ClaimSettled | ClaimHeld | ClaimRefused | None = None
    bill: BillIssued | None = None


@dataclass(slots=True)
class Facts:
    """A person's facts, sorted out of the set."""

    submitted: dict[str, ClaimSubmitted] = field(default_factory=dict)
    conflicting: set[str] = field(default_factory=set)
    person: PersonFacts = field(default_factory=lambda: PersonFacts(claims=[]))
    assistance: dict[str, AssistanceDecision] = field(default_factory=dict)


def fact_id(event: Event) -> tuple[str, str] | None:
    """Return whose fact an event is and what makes it that fact."""
    match event:
        case ClaimSubmitted():
            return event.person, f"claim/{event.claim}/{event.fingerprint()}"
        case ClaimReversed():
            return event.person, f"reversal/{event.claim}/{event.fingerprint()}"
        case StatusChanged():
            return event.person, f"status/{event.revision}"
        case CoverageChanged():
            return event.person, f"coverage/{event.revision}"
        case AssistanceDecision():
            return event.person, f"assistance/{event.claim}/{event.revision}"
        case _:
            return None


def sort_out(events: Sequence[Event]) -> Facts:
    """Sort a person's events into what the fold reads; of each announcement the last word holds."""
    found = Facts()
    bills: defaultdict[str, list[ClaimSubmitted]] = defaultdict(list)
    reversed_claims: set[str] = set()
    status: StatusChanged | None = None
    coverage: CoverageChanged | None = None
    for event in events:
        match event:
            case ClaimSubmitted():
                bills[event.claim].append(event)
            case ClaimReversed():
                reversed_claims.add(event.claim)
            case StatusChanged() if status is None or event.revision > status.revision:
                status = event
            case CoverageChanged() if coverage is None or event.revision > coverage.revision:
                coverage = event
            case AssistanceDecision():
                known = found.assistance.get(event.claim)
                if known is None or event.revision > known.revision:
                    found.assistance[event.claim] = event
            case _:
                pass
    for claim, copies in bills.items():
        found.submitted[claim], conflict = first_accepted(copies)
        if conflict:
            found.conflicting.add(claim)
    found.person = PersonFacts(
        claims=[as_claim(bill) for bill in found.submitted.values()],
        reversed_claims=frozenset(reversed_claims),
        identities=() if status is None else identities_of(status),
        died=None if status is None else status.died,
        covered_years=frozenset(() if coverage is None else coverage.years),
    )
    return found


def first_accepted(copies: Sequence[ClaimSubmitted]) -> tuple[ClaimSubmitted, bool]:
    """Return the bill known first under an id, and whether another one contradicts it (C19).

    Equal copies are one bill. The earliest holds, whichever of them arrives here first.
    """
    if len(copies) == 1:
        return copies[0], False
    ordered = sorted(copies, key=lambda bill: (bill.received, bill.fingerprint()))
    contents = {bill.fingerprint("received") for bill in ordered}
    return ordered[0], len(contents) > 1


def identities_of(status: StatusChanged) -> tuple[HeldIdentity, ...]:
    """Turn announced identities into the engine's."""
    return tuple(
        HeldIdentity(one.category.value, one.valid_from, one.valid_to) for one in status.identities
    )


def decide(
    packs: Sequence[Pack], events: Sequence[Event], announced: dict[str, Position]
) -> list[Change]:
    """Fold all facts of a person and return what differs from what was announced."""
    facts = sort_out(events)
    decisions = fold(packs, refuse_wrong_inputs(packs, facts.person), SETTLEMENT)
    changes = []
    for claim, decision in decisions.items():
        before = announced.get(claim) or Position()
        change = change_of(facts, facts.submitted[claim], decision, before)
        if change is not None:
            changes.append(change)
    return changes


def change_of(
    facts: Facts, bill: ClaimSubmitted, decision: Decision, before: Position
) -> Change | None:
    """Compare one decision with what stands; None if nothing is new."""
    pays = position_of(bill, decision)
    decided = fingerprint_of(decision, pays)
    revision = before.revision + (decided != before.decided)
    after = Position(revision, decided, pays, before.bill_revision, before.billed)
    change = Change(
        bill.claim, before, after, decision.outcome, decision.reason, decision.category,
        decision.pack, bill,
    )  # fmt: skip
    if revision != before.revision:
        change.event = announcement(bill, decision, revision)
    change.bill = bill_due(facts, change)
    if change.bill is not None:
        after.bill_revision = change.bill.bill_revision
        after.billed = change.bill.fingerprint("bill_revision")
    return change if change.event or change.bill else None


def position_of(bill: ClaimSubmitted, decision: Decision) -> dict[str, int]:
    """Return who owes what to the provider; the shares sum to the bill, or to nothing."""
    if decision.outcome != "settled":
        return {}
    person = bill.total_fee - sum(decision.pays.values())
    if person < 0:
        raise ArithmeticError("the insurance layers pay more than the bill")
    return {**decision.pays, PERSON_ACCOUNT: person}


def fingerprint_of(decision: Decision, pays: dict[str, int]) -> str:
    """Return the decision as one comparable line."""
    shares = ",".join(f"{account}={pays[account]}" for account in sorted(pays))
    return f"{decision.outcome}|{decision.reason}|{decision.category}|{decision.pack}|{shares}"


def announcement(
    bill: ClaimSubmitted, decision: Decision, revision: int
) -> ClaimSettled | ClaimHeld | ClaimRefused:
    """Say a decision in the words of the contract."""
    if decision.outcome == "held":
        return ClaimHeld(
            claim=bill.claim, person=bill.person, revision=revision, reason=decision.reason
        )
    if decision.outcome == "refused":
        return ClaimRefused(
            claim=bill.claim, person=bill.person, revision=revision, reason=decision.reason
        )
    settled = decision.outcome == "settled"
    return ClaimSettled.model_construct(
        claim=bill.claim,
        person=bill.person,
        revision=revision,
        outcome=decision.outcome,
        provider=bill.provider,
        kind=bill.kind,
        level=bill.level,
        area=bill.area,
        discharge=bill.discharge,
        settled=bill.settled,
        category=decision.category,
        pack=decision.pack,
        total_fee=bill.total_fee if settled else 0,
        in_scope=bill.in_scope if settled else 0,
        bmi=decision.pays.get("bmi", 0),
        cii=decision.pays.get("cii", 0),
        supplement=decision.pays.get("supplement", 0),
        hospital_borne=decision.pays.get("hospital_borne", 0),
        hospital_reduction=bill.hospital_reduction if settled else 0,
        commercial_supplement=bill.commercial_supplement if settled else 0,
        compliant=bill.compliant,
        referred=bill.referred,
    )


def bill_due(facts: Facts, change: Change) -> BillIssued | None:
    """Return the bill that is to be issued now; None if it must wait or nothing is new."""
    assistance = facts.assistance.get(change.claim)
    if change.outcome != "settled":
        if not change.before.bill_revision:
            return None
        bill = bill_of(change, None)
    elif assistance is not None and assistance.settlement_revision == change.after.revision:
        bill = bill_of(change, assistance)
    else:
        return None
    return None if bill.fingerprint("bill_revision") == change.before.billed else bill


def bill_of(change: Change, assistance: AssistanceDecision | None) -> BillIssued:
    """Put the one-page bill together. Without assistance it withdraws the earlier bill: zeros."""
    bill, pays = change.submitted, change.after.pays
    stands = assistance is not None
    relief = 0
    if assistance is not None:
        relief = (
            assistance.medical_assistance + assistance.reassistance + assistance.tilted_assistance
        )
    reduction = bill.hospital_reduction if stands else 0
    commercial = bill.commercial_supplement if stands else 0
    burden = pays.get(PERSON_ACCOUNT, 0) - relief - reduction - commercial
    if burden < 0:
        raise ArithmeticError("the layers pay more than the bill")
    return BillIssued.model_construct(
        claim=bill.claim,
        person=bill.person,
        bill_revision=change.before.bill_revision + 1,
        settlement_revision=change.after.revision,
        assistance_revision=0 if assistance is None else assistance.revision,
        outcome=change.outcome,
        provider=bill.provider,
        kind=bill.kind,
        discharge=bill.discharge,
        category=change.category,
        pack=change.pack,
        total_fee=bill.total_fee if stands else 0,
        bmi=pays.get("bmi", 0),
        cii=pays.get("cii", 0),
        supplement=pays.get("supplement", 0),
        medical_assistance=0 if assistance is None else assistance.medical_assistance,
        hospital_reduction=reduction,
        commercial_supplement=commercial,
        reassistance=0 if assistance is None else assistance.reassistance,
        tilted_assistance=0 if assistance is None else assistance.tilted_assistance,
        hospital_borne=pays.get("hospital_borne", 0),
        personal_burden=burden,
    )
