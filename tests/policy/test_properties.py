"""What holds for every person and every pack: 1,000 generated ones a property here, 5,000 with ``make properties``."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.county import settle_county
from policy.dated import the_one
from policy.engine import ASSISTANCE, SETTLEMENT, fold, personal_burden
from policy.facts import NONE, Claim, PersonFacts
from policy.loader import load_pack
from policy.one_stop import settle
from policy.pack import Pack
from tests.builders import a_stay
from tests.policy.strategies import held_all_year, people, years

PACKS = [
    load_pack(name) for name in ("congjiang-2020", "kaifeng-2017", "lixin-2023", "wenshang-2020")
]
ANY_PACK = st.sampled_from(PACKS)


@given(st.data())
def test_parts_and_trail_sum_to_the_bill_and_no_part_is_negative(data: st.DataObject) -> None:
    """Every fund gives at least nothing, the family's part is the rest, the lines say the same."""
    pack = data.draw(ANY_PACK)
    facts = data.draw(people(pack, inputs=True))

    decisions = settle([pack], facts, with_trail=True)

    claims = {claim.claim: claim for claim in facts.claims}
    assert decisions.keys() == claims.keys()
    for name, decision in decisions.items():
        explained: defaultdict[str, int] = defaultdict(int)
        for line in decision.trail:
            explained[line.fund] += line.pay
        assert all(fen > 0 for fen in decision.pays.values())
        assert {fund: fen for fund, fen in explained.items() if fen} == decision.pays
        burden = personal_burden(claims[name], decision.pays)
        assert burden + sum(decision.pays.values()) == claims[name].total_fee


@given(st.data())
def test_no_cap_is_ever_exceeded(data: st.DataObject) -> None:
    """The layers that share a cap stay under it together, each disease under its own."""
    pack = data.draw(ANY_PACK)
    category = data.draw(st.sampled_from([NONE, *pack.priority]))
    facts = held_all_year(pack, data.draw(years(pack)), category)
    claims = {claim.claim: claim for claim in facts.claims}

    paid: defaultdict[tuple[str, str], int] = defaultdict(int)
    layers = {layer.id: layer for layer in pack.layers}
    for name, decision in settle([pack], facts, with_trail=True).items():
        for line in decision.trail:
            for cap in layers[line.layer].caps:
                paid[cap.name, claims[name].disease if cap.per_disease else ""] += line.pay

    context = pack.context(facts.claims[0], category, 1)
    for cap in (cap for layer in pack.layers for cap in layer.caps):
        limit = the_one(cap.limits, facts.claims[0].discharge, context)
        if limit is not None and limit.value is not None:
            spent = [fen for (name, _), fen in paid.items() if name == cap.name]
            assert max(spent, default=0) <= limit.value


def cut(total: int, at: list[int]) -> list[int]:
    """Cut an amount at some places."""
    edges = [0, *sorted(min(one, total) for one in at), total]
    return [high - low for low, high in pairwise(edges)]


@given(st.data())
def test_yearly_assistance_does_not_depend_on_how_a_stay_is_cut_into_bills(
    data: st.DataObject,
) -> None:
    """C8: the same remainder in one bill or in many gives the same assistance, to the fen."""
    pack = data.draw(st.sampled_from([one for one in PACKS if one.name != "kaifeng-2017"]))
    category = data.draw(
        st.sampled_from([one for one in pack.priority if not one.startswith("REGISTERED")])
    )
    total = data.draw(st.integers(0, 30_000_000))
    parts = cut(total, data.draw(st.lists(st.integers(0, 30_000_000), max_size=5)))
    day = pack.valid_from.isoformat()
    whole = [Claim("c", "inpatient", pack.valid_from, total, total, level="L2")]
    pieces = [a_stay(f"c{n}", "0.00", on=day) for n in range(len(parts))]
    for claim, fen in zip(pieces, parts, strict=True):
        claim.total_fee = claim.in_scope = fen

    def assisted(claims: list[Claim]) -> dict[str, int]:
        decisions = fold([pack], held_all_year(pack, claims, category), ASSISTANCE)
        sums: defaultdict[str, int] = defaultdict(int)
        for decision in decisions.values():
            for fund, fen in decision.pays.items():
                sums[fund] += fen
        return dict(sums)

    assert assisted(pieces) == assisted(whole)


@given(
    total=st.integers(0, 4_000_000),
    first=st.lists(st.integers(1, 200_000), max_size=12),
    second=st.lists(st.integers(1, 200_000), max_size=12),
    category=st.sampled_from([NONE, "SUBSISTENCE"]),
)
def test_critical_illness_insurance_does_not_depend_on_how_a_stay_is_cut(
    total: int, first: list[int], second: list[int], category: str
) -> None:
    """C8, on bills outside the province that stay below the deductible of 2,000, so all is left."""
    pack = load_pack("lixin-2023")

    def critical(sizes: list[int]) -> int:
        claims, left = [], total
        for size in [*sizes, *([200_000] * 20)]:
            fen = min(size, left)
            left -= fen
            claim = a_stay(f"c{len(claims)}", "0.00", area="out_unfiled", level="")
            claim.total_fee = claim.in_scope = fen
            claims.append(claim)
        decisions = fold([pack], held_all_year(pack, claims, category), SETTLEMENT)
        return sum(decision.pays.get("cii", 0) for decision in decisions.values())

    assert critical(first) == critical(second)


@given(st.data())
def test_the_vector_fold_equals_the_scalar_fold_on_every_fen(data: st.DataObject) -> None:
    """Deaths, reversals, category changes, inputs and wrong inputs included."""
    pack = data.draw(ANY_PACK)
    county = data.draw(st.lists(people(pack, inputs=True), min_size=1, max_size=3))

    for facts, found in zip(county, settle_county(pack, county), strict=True):
        expected = settle([pack], facts)
        assert {name: (one.outcome, one.reason, one.category, one.pays) for name, one in found.items()} == {
            name: (one.outcome, one.reason, one.category, one.pays) for name, one in expected.items()
        }  # fmt: skip


@given(st.data())
def test_a_higher_category_is_never_worse_off_unless_the_pack_names_the_cliff(
    data: st.DataObject,
) -> None:
    """Over a whole year, but for a fen of rounding a bill and layer, and of bills that no layer bars."""
    pack = data.draw(ANY_PACK)
    ladder = [*pack.priority, NONE]
    higher = data.draw(st.integers(0, len(ladder) - 2))
    lower = data.draw(st.integers(higher + 1, len(ladder) - 1))
    # Where one bill has no referral, it matters on which of them the yearly cap is used up: see below.
    claims = [replace(one, referred=True, compliant=True) for one in data.draw(years(pack))]
    if any((c.higher, c.lower) == (ladder[higher], ladder[lower]) for c in pack.cliffs):
        return

    def burden(category: str) -> int:
        facts = held_all_year(pack, claims, category)
        decisions = settle([pack], facts)
        return sum(personal_burden(claim, decisions[claim.claim].pays) for claim in claims)

    assert burden(ladder[higher]) <= burden(ladder[lower]) + 4 * len(claims)


def test_a_cap_used_up_on_the_bill_with_a_referral_can_cost_a_higher_category_more() -> None:
    """Both reach the cap of assistance; who had more of it on the first bill has less left there to be tilted.

    The second bill has no referral, so nothing is tilted there. The rules say so; no pack names it a cliff.
    """
    pack, day = load_pack("lixin-2023"), date(2023, 1, 1)
    claims = [
        Claim("c1", "inpatient", day, 30_000_000, 30_000_000, level="L1", compliant=False),
        Claim(
            "c2",
            "inpatient",
            day,
            37_550_000,
            37_550_000,
            level="L1",
            compliant=False,
            referred=False,
        ),
    ]

    def paid(category: str) -> dict[str, int]:
        decisions = settle([pack], held_all_year(pack, claims, category)).values()
        funds = ("medical_assistance", "tilted_assistance")
        return {fund: sum(one.pays.get(fund, 0) for one in decisions) for fund in funds}

    assert paid("SUDDEN_HARDSHIP") == {"medical_assistance": 5_000_000, "tilted_assistance": 0}
    assert paid("ILLNESS_POOR") == {"medical_assistance": 5_000_000, "tilted_assistance": 82_950}


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_every_cliff_that_a_pack_names_is_there(pack: Pack) -> None:
    """A cliff that is mended must not stand in the pack any longer."""
    stays = [
        Claim("c1", "inpatient", pack.valid_from, fen, fen, level=level)
        for fen in (30_000, 1_000_000, 20_000_000)
        for level in pack.levels
    ]
    for cliff in pack.cliffs:
        worse = [
            stay
            for stay in stays
            if _burden(pack, held_all_year(pack, [stay], cliff.higher))
            > _burden(pack, held_all_year(pack, [stay], cliff.lower))
        ]
        assert worse, cliff


def _burden(pack: Pack, facts: PersonFacts) -> int:
    (decision,) = settle([pack], facts).values()
    return personal_burden(facts.claims[0], decision.pays)
