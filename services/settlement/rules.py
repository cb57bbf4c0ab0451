"""Settlement, pure: a person's facts → what each claim's insurance layers pay → what is new.

Facts: bills and reversals, identities and death, covered years, assistance decisions.
The bill is complete when assistance has decided on the present revision of the claim.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from contracts.events.assistance import AssistanceDecision
from contracts.events.claims import ClaimSubmitted
from contracts.events.settlement import (
    BillIssued,
    ClaimHeld,
    ClaimQuestioned,
    ClaimRefused,
    ClaimSettled,
)
from contracts.funds import ASSISTANCE_FUNDS, GIVEN_FUNDS, INSURANCE_FUNDS
from policy.engine import Decision
from policy.pack import Pack
from services.settlement.facts import MOVED, Facts, collect, content_of, fact_id
from services.settlement.reach import reach_of

__all__ = ["MOVED", "Facts", "collect", "content_of", "decide", "fact_id", "reach_of"]

PERSON_ACCOUNT = "person"


Ground = tuple[ClaimSubmitted, Decision, AssistanceDecision | None, str]
"""What a position was compared with: the bill, what is decided, what assistance gives, what is asked."""


@dataclass(slots=True)
class Position:
    """Where a claim stands: the decision announced last, and the bill issued last.

    ``content``: of the copies under its number, the bill that was decided on. ``ground``: what this
    was last compared with, kept in memory, so that what nobody touched is not compared again.
    """

    revision: int = 0
    decided: str = ""
    pays: dict[str, int] = field(default_factory=dict)
    bill_revision: int = 0
    billed: str = ""
    question: str = ""
    question_revision: int = 0
    content: str = ""
    ground: Ground | None = field(default=None, compare=False, repr=False)


@dataclass(slots=True)
class ClaimChange:
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
    billed_before: bool = False
    event: ClaimSettled | ClaimHeld | ClaimRefused | None = None
    bill: BillIssued | None = None
    questioned: ClaimQuestioned | None = None

    def news(
        self,
    ) -> "list[ClaimSettled | ClaimHeld | ClaimRefused | BillIssued | ClaimQuestioned]":
        """Return what is to be announced."""
        return [one for one in (self.event, self.bill, self.questioned) if one is not None]

    @property
    def moved(self) -> bool:
        """Tell whether the number was corrected after the bill was issued: withdrawn there, here anew."""
        return self.reason == MOVED or (self.billed_before and self.outcome == "settled")


@dataclass(slots=True)
class Standing:
    """What was announced about a person: each claim's position, and what went to a right number."""

    claims: dict[str, Position] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)


def decide(
    packs: Sequence[Pack], facts: Facts, announced: Mapping[str, Position]
) -> list[ClaimChange]:
    """Fold all facts of a person and return what differs from what was announced."""
    changes = []
    decided = facts.decide(packs)
    for claim, decision in decided.decisions.items():
        before = announced.get(claim) or Position()
        bill, question = decided.bills[claim], decided.questions.get(claim, "")
        assistance, known = facts.assistance.get(claim), before.ground
        if known is not None and known[0] is bill and known[1] is decision:  # noqa: SIM102
            if known[2] is assistance and known[3] == question:
                continue
        filed = claim in decided.filed
        change = change_of(facts, bill, decision, before, question, filed=filed)
        if change is not None:
            changes.append(change)
        stands = before if change is None else change.after
        stands.ground = (bill, decision, assistance, question)
    return changes


def change_of(
    facts: Facts, bill: ClaimSubmitted, decision: Decision, before: Position, question: str = "",
    *, filed: bool = False,
) -> ClaimChange | None:  # fmt: skip
    """Compare one decision, and what is asked about it, with what stands; None if nothing is new.

    ``filed``: it stands in another area than it came with, which assistance reads, too.
    """
    pays = position_of(bill, decision)
    decided = fingerprint_of(decision, pays) + ("|filed" if filed else "")
    # Another copy of the bill may give the insurance layers the same shares and assistance another base.
    may_be_another = decision.outcome == "settled" and facts.may_be_another(bill.claim)
    content = (
        bill.fingerprint("received") if may_be_another or not before.content else before.content
    )
    again = may_be_another and before.content not in {"", content}
    revision = before.revision + (decided != before.decided or again)
    same = revision == before.revision and question == before.question
    if same and not rests_on_another(facts, bill.claim, decision.outcome, revision, before.billed):
        return None
    asked = before.question_revision + (question != before.question)
    after = Position(
        revision, decided, pays, before.bill_revision, before.billed, question, asked, content
    )
    change = ClaimChange(
        facts.whose, bill.claim, before, after, decision.outcome, decision.reason, decision.category,
        decision.pack, bill, content, bill.claim in facts.billed_before,
    )  # fmt: skip
    if revision != before.revision:
        change.event = announcement(change, decision)
    if question != before.question:
        change.questioned = questioned(change)
    change.bill = bill_due(facts, change)
    if change.bill is not None:
        after.bill_revision = change.bill.bill_revision
        after.billed = billed_on(change.bill)
    return change if change.event or change.bill or change.questioned else None


def questioned(change: ClaimChange) -> ClaimQuestioned:
    """Say what somebody has to look at about a claim, or that nobody has to any longer."""
    question, _, other = change.after.question.partition("|")
    return ClaimQuestioned(
        claim=change.claim, person=change.person, revision=change.after.question_revision,
        question=question, other=other, discharge=change.submitted.discharge,
        provider=change.submitted.provider,
    )  # fmt: skip


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
    change: ClaimChange, decision: Decision
) -> ClaimSettled | ClaimHeld | ClaimRefused:
    """Say a decision in the words of the contract."""
    person, bill, revision = change.person, change.submitted, change.after.revision
    if decision.outcome == "held":
        return ClaimHeld(
            claim=bill.claim, person=person, revision=revision, reason=decision.reason,
            discharge=bill.discharge,
        )  # fmt: skip
    if decision.outcome == "refused":
        return ClaimRefused(
            claim=bill.claim, person=person, revision=revision, reason=decision.reason,
            discharge=bill.discharge,
        )  # fmt: skip
    settled = decision.outcome == "settled"
    shares: dict[str, Any] = {fund: decision.pays.get(fund, 0) for fund in INSURANCE_FUNDS}
    # Built without validation: every value comes from a bill that was validated, or from the fold.
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
        **shares,
        in_scope_paid=sum(decision.in_scope.values()),
        hospital_reduction=bill.hospital_reduction if settled else 0,
        commercial_supplement=bill.commercial_supplement if settled else 0,
        compliant=bill.compliant,
        referred=bill.referred,
        one_stop=bill.one_stop,
        moved=change.moved,
    )


def billed_on(bill: BillIssued) -> str:
    """Name the two decisions a bill rests on; they determine every amount of it."""
    return f"{bill.settlement_revision}.{bill.assistance_revision}"


def rests_on_another(facts: Facts, claim: str, outcome: str, revision: int, billed: str) -> bool:
    """Tell whether the bill issued last rests on other decisions than those that stand together now."""
    if outcome != "settled":
        withdrawn = not billed or billed.endswith(".0")
        return not withdrawn
    assistance = facts.assistance.get(claim)
    if assistance is None or assistance.settlement_revision != revision:
        return False
    return billed != f"{revision}.{assistance.revision}"


def bill_due(facts: Facts, change: ClaimChange) -> BillIssued | None:
    """Return the bill that is to be issued now; None if it must wait or nothing is new."""
    revision, billed = change.after.revision, change.before.billed
    if not rests_on_another(facts, change.claim, change.outcome, revision, billed):
        return None
    if change.outcome != "settled":
        return bill_of(change, None)
    bill = bill_of(change, facts.assistance[change.claim])
    # Assistance may not have seen all claims of the year yet; it will answer again when it has.
    return bill if bill.personal_burden >= 0 else None


def bill_of(change: ClaimChange, assistance: AssistanceDecision | None) -> BillIssued:
    """Put the one-page bill together. Without assistance it withdraws the earlier bill: zeros."""
    bill, pays = change.submitted, change.after.pays
    stands = assistance is not None
    insured: dict[str, Any] = {fund: pays.get(fund, 0) for fund in INSURANCE_FUNDS}
    relief: dict[str, Any] = {fund: getattr(assistance, fund, 0) for fund in ASSISTANCE_FUNDS}
    given: dict[str, Any] = {fund: getattr(bill, fund) if stands else 0 for fund in GIVEN_FUNDS}
    burden = pays.get(PERSON_ACCOUNT, 0) - sum(relief.values()) - sum(given.values())
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
        **insured,
        **relief,
        **given,
        personal_burden=burden,
        moved=change.moved,
    )
