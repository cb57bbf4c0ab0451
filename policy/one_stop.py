"""Both stages in one go, as the two services do it between them: insurance, then assistance."""

from collections.abc import Sequence
from dataclasses import replace

from policy.engine import ASSISTANCE, SETTLEMENT, Decision, fold, refuse_wrong_inputs
from policy.facts import PersonFacts
from policy.pack import Pack


def settle(
    packs: Sequence[Pack], facts: PersonFacts, *, with_trail: bool = False
) -> dict[str, Decision]:
    """Return each claim's decision with the payments (fund → fen) and trail of both stages."""
    facts = refuse_wrong_inputs(packs, facts)
    decisions = fold(packs, facts, SETTLEMENT, with_trail=with_trail)
    insured = [
        replace(
            claim,
            paid=decisions[claim.claim].in_scope,
            category=decisions[claim.claim].category,
        )
        for claim in facts.claims
        if decisions[claim.claim].outcome == "settled"
    ]
    assisted = fold(packs, PersonFacts(claims=insured), ASSISTANCE, with_trail=with_trail)
    for name, decision in assisted.items():
        decisions[name].pays = {**decisions[name].pays, **decision.pays}
        decisions[name].trail += decision.trail
    return decisions
