"""The vector fold gives what the scalar fold gives, on every fen."""

import pytest

from policy.cases import load_cases
from policy.county import settle_county
from policy.facts import PersonFacts
from policy.loader import load_pack, pack_names
from policy.one_stop import settle
from policy.pack import Pack


def outcomes(decisions: dict[str, object]) -> dict[str, tuple[object, ...]]:
    """Return what can be compared of a person's decisions."""
    return {
        name: (one.outcome, one.reason, one.category, one.pack, {f: p for f, p in one.pays.items() if p})  # type: ignore[attr-defined]
        for name, one in decisions.items()
    }  # fmt: skip


def assert_equal(pack: Pack, people: list[PersonFacts]) -> None:
    """Compare person by person."""
    vector = settle_county(pack, people)
    for facts, found in zip(people, vector, strict=True):
        assert outcomes(found) == outcomes(settle([pack], facts))


@pytest.mark.parametrize("name", pack_names())
def test_all_worked_cases_of_a_pack_at_once(name: str) -> None:
    """A county made of the cases, every person one case."""
    pack = load_pack(name)

    assert_equal(pack, [case.facts for case in load_cases(pack, name)])
