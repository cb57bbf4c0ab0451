"""The fold that goes on decides as the fold from the beginning, whatever comes in between."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from policy.continued import STRIDE, Continued
from policy.engine import ASSISTANCE, SETTLEMENT, fold
from policy.facts import Claim, PersonFacts
from policy.loader import load_pack
from tests.builders import a_person, a_stay

PACKS = [load_pack("lixin-2023")]


def a_claim(number: int) -> Claim:
    """Return one of many stays of a year."""
    day = f"2023-{1 + number % 12:02d}-{1 + number % 28:02d}"
    return a_stay(f"c{number:03d}", f"{1 + number % 37}00.00", on=day)


@given(
    st.lists(st.lists(st.integers(0, 99), max_size=40), min_size=1, max_size=8),
    st.sampled_from([SETTLEMENT, ASSISTANCE]),
)
def test_it_decides_as_the_fold_from_the_beginning(turns: list[list[int]], stage: str) -> None:
    """Each turn shows other claims, more or fewer, of which many are known."""
    claims = [a_claim(number) for number in range(100)]
    continued = Continued(stage)

    for shown in turns:
        facts = a_person(*(claims[one] for one in dict.fromkeys(shown)), category="SUBSISTENCE")
        assert continued.fold(PACKS, facts) == fold(PACKS, facts, stage)


def in_order(count: int) -> list[Claim]:
    """Return claims by day."""
    return sorted((a_claim(number) for number in range(count)), key=Claim.canonical_order)


def test_a_later_bill_leaves_the_decisions_before_it_as_they_are() -> None:
    """All but those of the last stride are the very same objects."""
    claims = in_order(3 * STRIDE + 2)
    continued = Continued(SETTLEMENT)
    before = continued.fold(PACKS, a_person(*claims[:-1], category="SUBSISTENCE"))

    after = continued.fold(PACKS, a_person(*claims, category="SUBSISTENCE"))

    same = [claim for claim, one in before.items() if after[claim] is one]
    assert len(same) == 3 * STRIDE


def test_a_death_known_later_is_seen_by_every_decision() -> None:
    """What holds for the person is no claim, and none of the old decisions stands."""
    claims = in_order(20)
    continued = Continued(SETTLEMENT)
    alive = a_person(*claims, category="SUBSISTENCE")
    continued.fold(PACKS, alive)

    dead = replace(alive, died=claims[4].discharge)

    assert continued.fold(PACKS, dead) == fold(PACKS, dead, SETTLEMENT)
    assert {one.outcome for one in continued.fold(PACKS, dead).values()} > {"settled"}


def test_nobody_is_decided_without_claims() -> None:
    """A person of whom everything was taken back."""
    continued = Continued(SETTLEMENT)
    continued.fold(PACKS, a_person(*in_order(3)))

    assert continued.fold(PACKS, PersonFacts([])) == {}
