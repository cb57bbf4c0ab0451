"""The vector fold gives what the scalar fold gives, on every fen."""

import random

import numpy as np
import pytest

from policy.cases import load_cases
from policy.columns import gather
from policy.county import settle_county
from policy.facts import PersonFacts
from policy.loader import load_pack, pack_names
from policy.one_stop import settle
from policy.pack import Pack
from policy.schedule import SCALE, schedule_from
from policy.vector import MOST, TooLargeError, blocks, fold_columns, rounded
from tests.builders import a_person, a_stay
from tests.policy.folding import changed


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


def test_a_made_up_county_in_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Person-years are cut into blocks by the thousand; where the cuts fall changes nothing."""
    draw = random.Random(7)
    pack = load_pack("lixin-2023")
    county = [a_year(draw, pack) for _ in range(300)]
    whole = [outcomes(one) for one in settle_county(pack, county)]

    for size in (1, 7, 64):
        monkeypatch.setattr("policy.vector.BLOCK", size)
        assert [outcomes(one) for one in settle_county(pack, county)] == whole

    assert whole == [outcomes(settle([pack], facts)) for facts in county]


def test_blocks_are_cut_between_person_years_and_cover_every_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Blocks of about the wanted size: none larger than it needs to be, none in the middle of a year."""
    monkeypatch.setattr("policy.vector.BLOCK", 4)
    years = np.array([3, 3, 3, 5, 5, 6, 7, 7, 7, 7, 7, 7, 9], dtype=np.int64)

    assert list(blocks(years)) == [(0, 3), (3, 6), (6, 12), (12, 13)]
    assert list(blocks(years[:3])) == [(0, 3)]
    assert list(blocks(years[:0])) == []


def a_year(draw: random.Random, pack: Pack) -> PersonFacts:
    """Return one to nine bills of a person, in both years that the calendar has around the pack's."""
    claims = [
        a_stay(
            f"c{n}",
            f"{draw.randrange(0, draw.choice([20_000_000, 200_000])) / 100:.2f}",
            on=f"{draw.choice([2022, 2023, 2023, 2023])}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}",
            kind=draw.choice(
                ["inpatient", "inpatient", "chronic_outpatient", "general_outpatient"]
            ),
            level=draw.choice([*pack.levels]),
            area=draw.choice([*pack.areas]),
            disease=draw.choice(["", "diabetes", "special"]),
            hospital_reduction=draw.choice([0, 0, 0, 10_000]),
            beyond=draw.choice(["0.00", "5000.00"]),
        )
        for n in range(draw.randrange(1, 10))
    ]
    return a_person(*claims, category=draw.choice(["", "SUBSISTENCE", "ILLNESS_POOR"]))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("kaifeng-2017", [("ratio: 10%}\n        segments: [{ratio: 100%}]", "ratio: 10%, base: net}\n        segments: [{ratio: 100%}]")]),
        ("lixin-2023", [("  - id: medical_assistance\n", "  - id: medical_assistance\n    category_change: catch_up\n")]),
        ("lixin-2023", [("  - id: cii\n", "  - id: cii\n    category_change: catch_up\n")]),
        ("congjiang-2020", [("per: claim, ratio: 90%", "per: year, ratio: 90%")]),
        ("lixin-2023", [("  - id: cii\n", "  - id: cii\n    rounding: claim\n")]),
        ("lixin-2023", [("measures: remainder\n    caps: [cii_annual]", "measures: in_scope\n    caps: [cii_annual]")]),
        ("lixin-2023", [("segments: [{ratio: 60%}]\n        source: {document: 皖", 'bounds: absolute\n        segments: [{up_to: "9000.00", ratio: 40%}, {up_to: "60000.00", ratio: 60%}]\n        source: {document: 皖')]),
        ("lixin-2023", [("segments: [{ratio: 60%}]\n        source: {document: 皖", 'segments: [{up_to: "9000.00", ratio: 40%}, {ratio: 60%}]\n        source: {document: 皖')]),
    ],
)  # fmt: skip
def test_other_readings_of_a_notice_are_settled_alike(
    name: str, changes: list[tuple[str, str]]
) -> None:
    """Net base, catching up, yearly guarantee, rounding, measure, bounds: 300 person-years each."""
    pack = changed(name, *changes)
    draw = random.Random(11)
    year = str(pack.valid_from.year)
    county = []
    for _ in range(300):
        facts = a_year(draw, pack)
        for claim in facts.claims:
            claim.discharge = claim.discharge.replace(year=int(year))
        since = f"{year}-{draw.choice(['01', '06'])}-01"
        category = draw.choice([*pack.priority])
        county.append(a_person(*facts.claims, category=category, since=since))

    assert_equal(pack, county)


def test_bills_beyond_sixty_four_bits_are_settled_one_by_one() -> None:
    """Fifty million yuan in a year: exact all the same."""
    pack = load_pack("lixin-2023")
    huge = a_person(a_stay(in_scope="50000000.00"), a_stay("c2"), category="SUBSISTENCE")

    assert_equal(pack, [huge, a_person(a_stay())])


def test_columns_beyond_sixty_four_bits_are_refused_not_wrapped() -> None:
    """The vector fold itself says no."""
    pack = load_pack("lixin-2023")
    columns = gather(pack, [a_person(a_stay(in_scope="50000000.00"))]).columns

    with pytest.raises(TooLargeError, match=r"^a person-year of more than 40 million yuan$"):
        fold_columns(pack, columns)
    columns.total_fee[0] = MOST
    assert fold_columns(pack, columns).pays["bmi"][0] > 0


def test_no_claims_are_no_payments() -> None:
    """An empty county."""
    pack = load_pack("lixin-2023")

    assert settle_county(pack, []) == []
    assert settle_county(pack, [PersonFacts(claims=[])]) == [{}]


@pytest.mark.parametrize("part_of_a_fen", [0, 1, 5_000, 9_999])
def test_one_schedule_over_many_amounts_is_what_it_is_over_each(part_of_a_fen: int) -> None:
    """Each fen across the bounds, in more than one chunk; also with a deductible within a fen."""
    amounts = [*range(20_000), *range(149_000, 151_000), 6_500_000, 6_500_001, 123_456_789]
    schedule = schedule_from(
        10_000 * SCALE + part_of_a_fen,
        ((5_000, 60_000), (140_000, 65_500), (None, 80_000)),
        absolute=False,
    )

    found = rounded(schedule, np.array(amounts, dtype=np.int64)).tolist()

    assert found == [schedule.rounded(amount) for amount in amounts]
