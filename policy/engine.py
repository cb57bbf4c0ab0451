"""The fold: a person's facts and a pack in, one decision per claim out. Total, pure, exact.

Settlement folds the insurance layers and assistance the layers after them, with the same code:
each claim walks through the pack's layers in order, each layer pays the growth of its schedule
over its accumulator, clipped by its caps, and hands the remainder on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from contracts.money import FULL_BP, round_half_up, times_bp
from policy.facts import NONE, Claim, PersonFacts
from policy.pack import LayerTerms, Pack
from policy.refusals import REDUCTION_ABOVE_REMAINDER, refusal_of
from policy.schedule import SCALE
from policy.trail import TrailLine, explain

SETTLEMENT = "settlement"
ASSISTANCE = "assistance"
OUT_OF_CATALOGUE = "out_of_catalogue"


@dataclass(slots=True)
class Decision:
    """What a stage decided about one claim. ``pays``: fund → fen, zeros left out."""

    claim: str
    outcome: Literal["settled", "reversed", "refused", "held"]
    reason: str = ""
    category: str = NONE
    pack: str = ""
    pays: dict[str, int] = field(default_factory=dict)
    trail: list[TrailLine] = field(default_factory=list)


@dataclass(slots=True)
class YearPosition:
    """Where a person stands in a benefit year: admissions, accumulators, what caps have used."""

    admissions: int = 0
    accumulated: dict[str, int] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)


def pack_of(packs: Sequence[Pack], day: date) -> Pack | None:
    """Return the pack in force on a discharge day."""
    for pack in packs:
        if pack.covers(day):
            return pack
    return None


def fold(
    packs: Sequence[Pack], facts: PersonFacts, stage: str, *, with_trail: bool = False
) -> dict[str, Decision]:
    """Decide every claim of a person for one stage, year by year in canonical order (C3)."""
    years: dict[int, YearPosition] = {}
    decisions = {
        claim: Decision(claim, "refused", reason) for claim, reason in facts.refused.items()
    }
    for claim in sorted(facts.claims, key=Claim.canonical_order):
        pack = pack_of(packs, claim.discharge)
        decision = _judge(pack, facts, claim)
        decisions[claim.claim] = decision
        if decision.outcome == "settled" and pack is not None:
            position = years.setdefault(claim.discharge.year, YearPosition())
            _settle(pack, claim, stage, position, decision, with_trail=with_trail)
    return decisions


def _judge(pack: Pack | None, facts: PersonFacts, claim: Claim) -> Decision:
    """Say whether a claim counts at all, before any money moves (C14, C15, C18, C19)."""
    if claim.claim in facts.reversed_claims:
        return Decision(claim.claim, "reversed", pack="" if pack is None else pack.version)
    reason = refusal_of(pack, facts, claim)
    if reason:
        return Decision(claim.claim, "refused", reason)
    if pack is None:
        return Decision(claim.claim, "held", "no_pack")
    if facts.covered_years is not None and claim.discharge.year not in facts.covered_years:
        return Decision(claim.claim, "held", "not_enrolled")
    category = claim.category or pack.decisive_category(facts.identities, claim.discharge)
    return Decision(claim.claim, "settled", category=category, pack=pack.version)


def _settle(
    pack: Pack,
    claim: Claim,
    stage: str,
    position: YearPosition,
    decision: Decision,
    *,
    with_trail: bool,
) -> None:
    """Walk one claim through the layers of a stage, moving the year's position."""
    if claim.kind == "inpatient":
        position.admissions += 1
    remainder = max(0, claim.in_scope - sum(claim.paid.values()))
    for terms in pack.terms(stage, claim, decision.category, position.admissions):
        if terms.layer.measures == "input":
            remainder = _take_input(terms.layer.fund, claim, remainder, decision)
            continue
        before = position.accumulated.get(terms.layer.id, 0) if terms.layer.per_year else 0
        growth = _measured(terms, claim, remainder)
        after = before if terms.barred else before + growth
        if terms.layer.per_year:
            position.accumulated[terms.layer.id] = after
        due = 0 if terms.barred else _due(terms, claim, before, after, remainder)
        pay = _within_caps(terms, claim, position, due)
        if terms.layer.measures != OUT_OF_CATALOGUE:
            remainder = max(0, remainder - pay)
        if pay:
            fund = terms.layer.fund
            decision.pays[fund] = decision.pays.get(fund, 0) + pay
        if with_trail:
            decision.trail.append(explain(pack, terms, claim, before, after, due, pay))


def _measured(terms: LayerTerms, claim: Claim, remainder: int) -> int:
    """Return what a claim adds to a layer's accumulator; the loader admits no fourth measure."""
    if terms.layer.measures == "in_scope":
        return claim.in_scope
    if terms.layer.measures == "remainder":
        return remainder
    return claim.full_self_pay + claim.over_limit_self_pay


def _take_input(fund: str, claim: Claim, remainder: int, decision: Decision) -> int:
    """Take what a hospital or insurer gives as stated; above the remainder it is an error (C11)."""
    given: int = getattr(claim, fund)
    if given > remainder:
        decision.reason = REDUCTION_ABOVE_REMAINDER
    if given:
        decision.pays[fund] = given
    return max(0, remainder - given)


def refuse_wrong_inputs(packs: Sequence[Pack], facts: PersonFacts) -> PersonFacts:
    """Move claims whose stated reduction exceeds what is left (C11) from the claims to the refused.

    Refusing one claim changes the position of the later ones, so this repeats until none is left.
    """
    while any(claim.hospital_reduction or claim.commercial_supplement for claim in facts.claims):
        insured = fold(packs, facts, SETTLEMENT)
        for claim in facts.claims:
            claim.paid = in_scope_pays(insured[claim.claim].pays)
        wrong = {
            claim: decision.reason
            for claim, decision in fold(packs, facts, ASSISTANCE).items()
            if decision.outcome == "settled" and decision.reason
        }
        for claim in facts.claims:
            claim.paid = {}
        if not wrong:
            break
        facts.refused = {**facts.refused, **wrong}
        facts.claims = [claim for claim in facts.claims if claim.claim not in wrong]
    return facts


def in_scope_pays(pays: dict[str, int]) -> dict[str, int]:
    """Return the payments that lessen the in-scope remainder: all but what the hospital bears."""
    return {fund: fen for fund, fen in pays.items() if fund != "hospital_borne"}


def _due(terms: LayerTerms, claim: Claim, before: int, after: int, remainder: int) -> int:
    """Return what the schedule, the floor and the guarantee give, before caps (C5, C8)."""
    schedule = terms.schedule_for(claim.total_fee)
    if schedule is None:
        return 0
    due = schedule.rounded(after) - schedule.rounded(before)
    if terms.floor_bp is not None:
        above = max(0, claim.total_fee * SCALE - schedule.starts[0])
        due = max(due, round_half_up(above * terms.floor_bp, FULL_BP * SCALE))
    if terms.guarantee_bp is not None:
        whole = times_bp(claim.in_scope, terms.guarantee_bp)
        due = min(max(due, whole - (claim.in_scope - remainder)), remainder)
    return due


def _within_caps(terms: LayerTerms, claim: Claim, position: YearPosition, due: int) -> int:
    """Clip a payment by what is left under each cap, and use the caps up."""
    if not due:
        return 0
    used = position.used
    for name, per_disease, limit in terms.limits:
        if limit is not None:
            counter = f"{name}/{claim.disease}" if per_disease else name
            due = min(due, max(0, limit - used.get(counter, 0)))
    for name, per_disease, _ in terms.limits:
        counter = f"{name}/{claim.disease}" if per_disease else name
        used[counter] = used.get(counter, 0) + due
    return due


def personal_burden(claim: Claim, pays: dict[str, int]) -> int:
    """Return what is left for the family: the bill less every payer (C2). Never negative."""
    burden = claim.total_fee - sum(pays.values())
    if burden < 0:
        raise ArithmeticError("payers give more than the bill")
    return burden
