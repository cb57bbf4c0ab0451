"""Re-prices a whole county: the vector fold where it can, the scalar fold where it must."""

from collections.abc import Sequence
from dataclasses import replace

from policy.columns import gather
from policy.engine import Decision
from policy.facts import PersonFacts
from policy.one_stop import settle
from policy.pack import Pack
from policy.vector import MOST, fold_columns


def settle_county(pack: Pack, people: Sequence[PersonFacts]) -> list[dict[str, Decision]]:
    """Return for each person each claim's decision, with the payments of both stages, no trail.

    The same as settling person by person, on every fen, many times faster.
    """
    beyond = {n for n, facts in enumerate(people) if _billed(facts) > MOST}
    empty = PersonFacts(claims=[])
    found = gather(pack, [empty if n in beyond else facts for n, facts in enumerate(people)])
    payments = fold_columns(pack, found.columns)
    decided: list[dict[str, Decision]] = [{} for _ in people]
    for person, decision in found.others:
        decided[person][decision.claim] = decision
    pays = {fund: column.tolist() for fund, column in payments.pays.items()}
    wrong = payments.wrong.tolist()
    for row, (person, decision) in enumerate(zip(found.people, found.decisions, strict=True)):
        if wrong[row]:
            beyond.add(person)
        paid = {fund: column[row] for fund, column in pays.items() if column[row]}
        decided[person][decision.claim] = replace(decision, pays=paid)
    for person in beyond:
        decided[person] = settle([pack], people[person])
    return decided


def _billed(facts: PersonFacts) -> int:
    return sum(claim.total_fee for claim in facts.claims)
