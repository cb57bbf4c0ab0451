"""Settlement, pure: a person's facts → what each claim's insurance layers pay → what is new.

Facts: bills and reversals, identities and death, covered years, assistance decisions.
The bill is complete when assistance has decided on the present revision of the claim.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from contracts.events.assistance import AssistanceDecision
from contracts.events.base import Event
from contracts.events.claims import ClaimReversed, ClaimSubmitted
from contracts.events.enrollment import CoverageChanged, StatusChanged
from contracts.events.forwarding import CarriedFact
from contracts.events.settlement import (
    BillIssued,
    ClaimHeld,
    ClaimRefused,
    ClaimSettled,
    ClaimsForwarded,
)
from contracts.subjects import BY_NAME
from policy.engine import SETTLEMENT, Decision, fold, refuse_wrong_inputs
from policy.facts import Claim, HeldIdentity, PersonFacts, as_claim
from policy.pack import Pack

PERSON_ACCOUNT = "person"
MOVED = "number_corrected"
"""Why a claim pays nothing under a number that was wrong: it is settled under the right one."""


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

    person: str
    claim: str
    before: Position
    after: Position
    outcome: Literal["settled", "reversed", "refused", "held"]
    reason: str
    category: str
    pack: str
    submitted: ClaimSubmitted
    content: str
    event: ClaimSettled | ClaimHeld | ClaimRefused | None = None
    bill: BillIssued | None = None

    @property
    def moved(self) -> bool:
        """Tell whether the claim came under another number than the one it is decided under."""
        return self.reason == MOVED or self.submitted.person != self.person


@dataclass(slots=True)
class Standing:
    """What was announced about a person: each claim's position, and what went to a right number."""

    claims: dict[str, Position] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)


def fact_id(event: Event) -> tuple[str, str] | None:
    """Return whose fact an event is and what makes it that fact."""
    match event:
        case ClaimSubmitted():
            said = f"claim/{event.claim}/{event.fingerprint()}"
        case ClaimReversed():
            said = f"reversal/{event.claim}/{event.fingerprint()}"
        case StatusChanged():
            said = f"status/{event.revision}"
        case CoverageChanged():
            said = f"coverage/{event.revision}"
        case ClaimsForwarded():
            said = f"forwarded/{event.formerly}/{event.revision}"
        case AssistanceDecision():
            said = f"assistance/{event.claim}/{event.revision}"
        case _:
            return None
    return event.person, said


class Facts:
    """A person's facts as a set: adding knows no order, and of an announcement the last word holds."""

    def __init__(self) -> None:
        self.whose = ""
        self.submitted: dict[str, ClaimSubmitted] = {}
        self.content: dict[str, str] = {}
        self.assistance: dict[str, AssistanceDecision] = {}
        self._own: list[ClaimSubmitted | ClaimReversed] = []
        self._forwarded: dict[str, ClaimsForwarded] = {}
        self._copies: dict[str, list[ClaimSubmitted]] = {}
        self._claims: dict[str, Claim] = {}
        self._reversed: set[str] = set()
        self._status: StatusChanged | None = None
        self._coverage: CoverageChanged | None = None
        self._right_numbers: set[str] = set()
        self._decisions: dict[str, Decision] | None = None

    def add(self, event: Event) -> None:
        """Take a fact in. Adding it again, or in another order, ends in the same set."""
        match event:
            case AssistanceDecision():
                known = self.assistance.get(event.claim)
                if known is None or event.revision > known.revision:
                    self.assistance[event.claim] = event
                return
            case ClaimSubmitted() | ClaimReversed():
                self._own.append(event)
                self._take(event)
            case ClaimsForwarded():
                self._add_forwarded(event)
            case StatusChanged():
                self._add_status(event)
            case CoverageChanged() if (
                self._coverage is None or event.revision > self._coverage.revision
            ):
                self._coverage = event
            case _:
                return
        self.whose = event.person
        self._decisions = None

    def _take(self, event: ClaimSubmitted | ClaimReversed) -> None:
        if isinstance(event, ClaimReversed):
            self._reversed.add(event.claim)
            return
        copies = self._copies.setdefault(event.claim, [])
        copies.append(event)
        bill = first_accepted(copies)
        self.submitted[event.claim] = bill
        self.content[event.claim] = bill.fingerprint("received")
        self._claims[event.claim] = as_claim(bill)

    def _add_status(self, event: StatusChanged) -> None:
        if event.merged_into is not None:
            self._right_numbers.add(event.merged_into)
        if self._status is None or event.revision > self._status.revision:
            self._status = event

    def _add_forwarded(self, event: ClaimsForwarded) -> None:
        """Take what an earlier number forwards; a later word of it replaces the one before."""
        known = self._forwarded.get(event.formerly)
        if known is not None and event.revision <= known.revision:
            return
        self._forwarded[event.formerly] = event
        for kept in (self._copies, self._claims, self._reversed):
            kept.clear()
        for one in (*self._own, *self._carried()):
            self._take(one)

    def _carried(self) -> list[ClaimSubmitted | ClaimReversed]:
        found = [
            BY_NAME[fact.event].model_validate_json(fact.body)
            for _, forwarded in sorted(self._forwarded.items())
            for fact in forwarded.facts
        ]
        return [one for one in found if isinstance(one, ClaimSubmitted | ClaimReversed)]

    @property
    def moved(self) -> bool:
        """Tell whether the number was a wrong one, so that nothing is settled under it."""
        return self._status is not None and self._status.merged_into is not None

    def forwarding(self, before: Mapping[str, int]) -> list[ClaimsForwarded]:
        """Return what goes to the right number, and nothing to one that was right before.

        ``before``: right number's key → the revision that it was sent last, 0 once it was taken back.
        """
        if self._status is None or not self._right_numbers:
            return []
        # Each is a count that only grows with the set, so a later set has a higher revision.
        revision = len(self._own) + self._status.revision
        revision += sum(one.revision for one in self._forwarded.values())
        sent = []
        for target in sorted(self._right_numbers):
            here = target == self._status.merged_into
            facts = [one for one in (*self._own, *self._carried()) if here and one.person != target]
            if before.get(target, 0) == (revision if facts else 0):
                continue
            carried = [CarriedFact(event=one.NAME, body=one.model_dump_json()) for one in facts]
            sent.append(
                ClaimsForwarded(
                    person=target, formerly=self.whose, revision=revision, facts=tuple(carried)
                )
            )
        return sent

    def person(self) -> PersonFacts:
        """Return what the engine reads."""
        status, coverage = self._status, self._coverage
        return PersonFacts(
            claims=list(self._claims.values()),
            reversed_claims=frozenset(self._reversed),
            identities=() if status is None else identities_of(status),
            died=None if status is None else status.died,
            covered_years=frozenset(() if coverage is None else coverage.years),
        )

    def decisions(self, packs: Sequence[Pack]) -> dict[str, Decision]:
        """Fold the insurance layers. An assistance decision changes none of what is read here."""
        if self._decisions is None:
            elsewhere = (
                self.submitted if self.moved else self.submitted.keys() - self._claims.keys()
            )
            self._decisions = {claim: Decision(claim, "reversed", MOVED) for claim in elsewhere}
            if not self.moved:
                facts = refuse_wrong_inputs(packs, self.person())
                self._decisions |= fold(packs, facts, SETTLEMENT)
        return self._decisions


def collect(events: Iterable[Event]) -> Facts:
    """Return the set of all these facts."""
    facts = Facts()
    for event in events:
        facts.add(event)
    return facts


def first_accepted(copies: Sequence[ClaimSubmitted]) -> ClaimSubmitted:
    """Return the bill known first under an id, whichever of the copies arrives here first (C19).

    Equal copies are one bill; the door refuses a later one with other amounts, and one that
    reaches the stream all the same counts for nothing.
    """
    if len(copies) == 1:
        return copies[0]
    return min(copies, key=lambda bill: (bill.received, bill.fingerprint()))


def identities_of(status: StatusChanged) -> tuple[HeldIdentity, ...]:
    """Turn announced identities into the engine's."""
    return tuple(
        HeldIdentity(one.category.value, one.valid_from, one.valid_to) for one in status.identities
    )


def decide(packs: Sequence[Pack], facts: Facts, announced: Mapping[str, Position]) -> list[Change]:
    """Fold all facts of a person and return what differs from what was announced."""
    changes = []
    for claim, decision in facts.decisions(packs).items():
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
        facts.whose, bill.claim, before, after, decision.outcome, decision.reason, decision.category,
        decision.pack, bill, facts.content[bill.claim],
    )  # fmt: skip
    if revision != before.revision:
        change.event = announcement(facts.whose, bill, decision, revision)
    change.bill = bill_due(facts, change)
    if change.bill is not None:
        after.bill_revision = change.bill.bill_revision
        after.billed = billed_on(change.bill)
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
    person: str, bill: ClaimSubmitted, decision: Decision, revision: int
) -> ClaimSettled | ClaimHeld | ClaimRefused:
    """Say a decision in the words of the contract."""
    if decision.outcome == "held":
        return ClaimHeld(claim=bill.claim, person=person, revision=revision, reason=decision.reason)
    if decision.outcome == "refused":
        return ClaimRefused(
            claim=bill.claim, person=person, revision=revision, reason=decision.reason
        )
    settled = decision.outcome == "settled"
    return ClaimSettled.model_construct(
        claim=bill.claim,
        person=person,
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


def billed_on(bill: BillIssued) -> str:
    """Name the two decisions a bill rests on; they determine every amount of it."""
    return f"{bill.settlement_revision}.{bill.assistance_revision}"


def bill_due(facts: Facts, change: Change) -> BillIssued | None:
    """Return the bill that is to be issued now; None if it must wait or nothing is new."""
    revision, billed = change.after.revision, change.before.billed
    if change.outcome != "settled":
        withdrawn = not billed or billed.endswith(".0")
        return None if withdrawn else bill_of(change, None)
    assistance = facts.assistance.get(change.claim)
    if assistance is None or assistance.settlement_revision != revision:
        return None
    if billed == f"{revision}.{assistance.revision}":
        return None
    bill = bill_of(change, assistance)
    # Assistance may not have seen all claims of the year yet; it will answer again when it has.
    return bill if bill.personal_burden >= 0 else None


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
    return BillIssued.model_construct(
        claim=bill.claim,
        person=change.person,
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
        moved=change.moved,
    )
