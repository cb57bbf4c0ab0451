"""Runs both stages over a person's facts with one pack."""

from policy.engine import Decision
from policy.facts import PersonFacts
from policy.one_stop import settle as settle_both
from policy.pack import Pack


def settle(pack: Pack, facts: PersonFacts) -> dict[str, Decision]:
    """Return each claim's decision with the payments of both stages."""
    return settle_both([pack], facts)
