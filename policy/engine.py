"""The fold: a person's facts and a pack in, one decision per claim out. Total, pure, exact.

Settlement folds the insurance layers and assistance the layers after them, with the same code:
each claim walks through the pack's layers in order, each layer pays the growth of its schedule
over its accumulator, clipped by its caps, and hands the remainder on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from contracts.money import FULL_BP, round_half_up, times_bp
from policy.facts import NONE, Claim, PersonFacts
from policy.pack import Pack
from policy.refusals import REDUCTION_ABOVE_REMAINDER, refusal_of
from policy.rules import Guarantee
from policy.schedule import SCALE
from policy.terms import LayerTerms
from policy.trail import Step, TrailLine, explain, explain_input

SETTLEMENT = "settlement"
ASSISTANCE = "assistance"
OUT_OF_CATALOGUE = "out_of_catalogue"


@dataclass(slots=True)
class Decision:
    """What a stage decided about one claim. ``pays``: fund → fen, zeros left out.

    ``in_scope``: of them what lessens the in-scope remainder: all but layers on out-of-catalogue costs.
    ``admission``: the how-manieth stay of the year the person is in at this claim.
    """

    claim: str
    outcome: Literal["settled", "reversed", "refused", "held"]
    reason: str = ""
    category: str = NONE
    pack: str = ""
    admission: int = 0
    pays: dict[str, int] = field(default_factory=dict)
    in_scope: dict[str, int] = field(default_factory=dict)
    trail: list[TrailLine] = field(default_factory=list)


@dataclass(slots=True)
class YearPosition:
    """Where a person stands in a benefit year, in fen.

    ``accumulated`` by layer, ``used`` by cap, ``paid`` by layer.
    """

    admissions: int = 0
    accumulated: dict[str, int] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)

    def copy(self) -> "YearPosition":
        """Return one that does not move with this one."""
        return YearPosition(
            self.admissions, dict(self.accumulated), dict(self.used), dict(self.paid)
        )

    def reached(self, layer: str, whole: int, reached: int) -> None:
        """Keep what a yearly guarantee is measured by: the in-scope part, and what of it is paid."""
        for name, fen in ((f"{layer}/whole", whole), (f"{layer}/reached", reached)):
            self.accumulated[name] = self.accumulated.get(name, 0) + fen


def pack_of(packs: Sequence[Pack], day: date, provider: str = "") -> Pack | None:
    """Return the pack in force on a discharge day.

    Of several counties' packs it is the one of the hospital's area, by the area code in its number;
    None where that names none of them, or more than one.
    """
    covering = [pack for pack in packs if pack.covers(day)]
    if len(covering) > 1:
        covering = [pack for pack in covering if pack.is_for(provider)]
    return covering[0] if len(covering) == 1 else None


def fold(
    packs: Sequence[Pack], facts: PersonFacts, stage: str, *, with_trail: bool = False
) -> dict[str, Decision]:
    """Decide every claim of a person for one stage, year by year in canonical order (C3)."""
    ordered = sorted(facts.claims, key=Claim.canonical_order)
    return refused(facts) | go_on(packs, facts, ordered, stage, {}, with_trail=with_trail)


def refused(facts: PersonFacts) -> dict[str, Decision]:
    """Return the decisions on claims that were refused before the fold."""
    return {claim: Decision(claim, "refused", reason) for claim, reason in facts.refused.items()}


def go_on(
    packs: Sequence[Pack],
    facts: PersonFacts,
    claims: Sequence[Claim],
    stage: str,
    years: dict[int, YearPosition],
    *,
    with_trail: bool = False,
) -> dict[str, Decision]:
    """Decide claims in this order, from where the person stands in each year; moves ``years``."""
    decisions = {}
    for claim in claims:
        pack = pack_of(packs, claim.discharge, claim.provider)
        decision = judge(pack, facts, claim)
        decisions[claim.claim] = decision
        if decision.outcome == "settled" and pack is not None:
            position = years.setdefault(claim.discharge.year, YearPosition())
            _settle(pack, claim, stage, position, decision, with_trail=with_trail)
    return decisions


def judge(pack: Pack | None, facts: PersonFacts, claim: Claim) -> Decision:
    """Say whether a claim counts at all, before any money moves (C14, C15, C18, C19)."""
    if claim.claim in facts.reversed_claims:
        return Decision(claim.claim, "reversed", pack="" if pack is None else pack.version)
    reason = refusal_of(pack, facts, claim)
    if reason:
        return Decision(claim.claim, "refused", reason)
    if pack is None:
        return Decision(claim.claim, "held", "no_pack")
    held = facts.uncovered(claim.discharge) or facts.held
    if held:
        return Decision(claim.claim, "held", held)
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
    decision.admission = position.admissions
    remainder = max(0, claim.in_scope - sum(claim.paid.values()))
    for terms in pack.terms(stage, claim, decision.category, position.admissions):
        layer = terms.layer
        if layer.measures == "input":
            given = _take_input(layer.fund, claim, remainder, decision)
            remainder = max(0, remainder - given)
            if with_trail:
                decision.trail.append(explain_input(pack, terms, given))
            continue
        before = position.accumulated.get(layer.id, 0) if layer.per_year else 0
        after = before if terms.barred else before + _measured(terms, claim, remainder)
        if layer.per_year:
            position.accumulated[layer.id] = after
        due = 0 if terms.barred else _due(terms, claim, position, before, after, remainder)
        left = _left_under_caps(terms, claim, position) if due or with_trail else None
        pay = due if left is None else min(due, left)
        if with_trail:
            used = tuple(position.used.get(one.counter(claim.disease), 0) for one in terms.limits)
            step = Step(before, after, due, left, used, pay)
            decision.trail.append(explain(pack, terms, claim, step))
        if pay:
            _book(terms, claim, position, decision, pay)
        if terms.guarantee is not None:
            position.reached(layer.id, claim.in_scope, claim.in_scope - remainder + pay)
        if layer.measures != OUT_OF_CATALOGUE:
            remainder = max(0, remainder - pay)


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
        decision.in_scope[fund] = given
    return given


def refuse_wrong_inputs(packs: Sequence[Pack], facts: PersonFacts) -> PersonFacts:
    """Return the facts with claims refused whose stated reduction exceeds what is left (C11).

    Refusing one claim changes the position of the later ones, so only the first wrong one of the
    year is refused before all is folded again.
    """
    while any(claim.hospital_reduction or claim.commercial_supplement for claim in facts.claims):
        insured = fold(packs, facts, SETTLEMENT)
        claims = [replace(one, paid=insured[one.claim].in_scope) for one in facts.claims]
        assisted = fold(packs, replace(facts, claims=claims), ASSISTANCE)
        wrong = [one for one in claims if _is_wrong(assisted[one.claim])]
        if not wrong:
            break
        first = min(wrong, key=Claim.canonical_order).claim
        right = [claim for claim in facts.claims if claim.claim != first]
        refused = {**facts.refused, first: assisted[first].reason}
        facts = replace(facts, claims=right, refused=refused)
    return facts


def _is_wrong(decision: Decision) -> bool:
    return decision.outcome == "settled" and bool(decision.reason)


def _due(
    terms: LayerTerms,
    claim: Claim,
    position: YearPosition,
    before: int,
    after: int,
    remainder: int,
) -> int:
    """Return what the schedule, the floor and the guarantee give, before caps (C5, C8)."""
    schedule = terms.schedule_for(claim.total_fee)
    if schedule is None:
        return 0
    layer = terms.layer
    if layer.catches_up:
        due = max(0, schedule.rounded(after) - position.paid.get(layer.id, 0))
    else:
        due = schedule.growth(before, after, telescoped=layer.telescoped)
    if terms.floor is not None:
        above = max(0, claim.total_fee * SCALE - schedule.starts[0])
        due = max(due, round_half_up(above * (terms.floor.value or 0), FULL_BP * SCALE))
    if terms.guarantee is not None:
        due = max(due, _guaranteed(terms.guarantee, layer.id, claim, position, remainder))
    return min(due, remainder) if layer.catches_up or terms.guarantee is not None else due


def _guaranteed(
    guarantee: Guarantee, layer: str, claim: Claim, position: YearPosition, remainder: int
) -> int:
    """Return what is missing until all layers together reach the guaranteed share."""
    whole, reached = claim.in_scope, claim.in_scope - remainder
    if guarantee.per_year:
        whole += position.accumulated.get(f"{layer}/whole", 0)
        reached += position.accumulated.get(f"{layer}/reached", 0)
    return times_bp(whole, guarantee.value or 0) - reached


def _left_under_caps(terms: LayerTerms, claim: Claim, position: YearPosition) -> int | None:
    """Return what the tightest cap still allows in fen; None if nothing is capped."""
    left: int | None = None
    for limit in terms.limits:
        if limit.fen is not None:
            unused = max(0, limit.fen - position.used.get(limit.counter(claim.disease), 0))
            left = unused if left is None else min(left, unused)
    return left


def _book(
    terms: LayerTerms, claim: Claim, position: YearPosition, decision: Decision, pay: int
) -> None:
    """Add a payment to the fund, the layer's year, and the caps it uses up."""
    fund, layer = terms.layer.fund, terms.layer.id
    decision.pays[fund] = decision.pays.get(fund, 0) + pay
    if terms.layer.measures != OUT_OF_CATALOGUE:
        decision.in_scope[fund] = decision.in_scope.get(fund, 0) + pay
    position.paid[layer] = position.paid.get(layer, 0) + pay
    for limit in terms.limits:
        counter = limit.counter(claim.disease)
        position.used[counter] = position.used.get(counter, 0) + pay


def personal_burden(claim: Claim, pays: dict[str, int]) -> int:
    """Return what is left for the family: the bill less every payer (C2). Never negative."""
    burden = claim.total_fee - sum(pays.values())
    if burden < 0:
        raise ArithmeticError("payers give more than the bill")
    return burden
