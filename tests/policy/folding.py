"""Runs both stages over a person's facts and puts their payments together, as the services do."""

from policy.engine import (
    ASSISTANCE,
    SETTLEMENT,
    Decision,
    fold,
    in_scope_pays,
    refuse_wrong_inputs,
)
from policy.facts import PersonFacts
from policy.pack import Pack


def settle(pack: Pack, facts: PersonFacts) -> dict[str, Decision]:
    """Return each claim's decision with the payments of both stages."""
    facts = refuse_wrong_inputs([pack], facts)
    decisions = fold([pack], facts, SETTLEMENT)
    facts.claims = [one for one in facts.claims if decisions[one.claim].outcome == "settled"]
    for claim in facts.claims:
        claim.paid = in_scope_pays(decisions[claim.claim].pays)
    for name, decision in fold([pack], facts, ASSISTANCE).items():
        if decision.outcome == "settled":
            decisions[name].pays = {**decisions[name].pays, **decision.pays}
    return decisions
