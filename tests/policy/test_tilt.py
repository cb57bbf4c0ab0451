"""What the poverty rules added, in the five parts that a family's slip shows (C17)."""

from policy.engine import SETTLEMENT, fold
from policy.facts import Claim, PersonFacts
from policy.loader import load_pack
from policy.pack import Pack
from policy.tilt import Tilt, tilt
from tests.builders import a_person, a_stay, yuan

LX, WS = load_pack("lixin-2023"), load_pack("wenshang-2020")


def tilts(pack: Pack, facts: PersonFacts) -> list[Tilt]:
    """Return what was added to each claim."""
    decisions = fold([pack], facts, SETTLEMENT, with_trail=True)
    ordered = sorted(facts.claims, key=Claim.canonical_order)
    return [tilt(pack, claim, decisions[claim.claim]) for claim in ordered]


def test_an_ordinary_person_is_given_nothing_extra() -> None:
    """Every part is zero."""
    assert tilts(LX, a_person(a_stay(in_scope="200500.00"))) == [Tilt()]


def test_the_parts_of_a_poor_patients_stay_in_wenshang() -> None:
    """D 400 to 200 at 75 %: 150; 9,800 x 10 points: 980; no 14,000 at 60 %: 1,002; five points: 83.50."""
    stay = a_stay(on="2020-05-18")

    (found,) = tilts(WS, a_person(stay, category="REGISTERED_POOR", since="2020-01-01"))

    assert found == Tilt(
        bmi_deductible=yuan("150.00"), bmi_ratio=yuan("980.00"), cii_deductible=yuan("1002.00"),
        cii_ratio=yuan("83.50"), cii_cap=0,
    )  # fmt: skip


def test_the_cap_that_falls_away_is_a_part_of_its_own() -> None:
    """利辛: left 500,000; ordinary 365,500, D 7,500: 371,500, five points: 396,125, cap 300,000 gone."""
    (found,) = tilts(LX, a_person(a_stay(in_scope="800000.00"), category="DESTITUTE"))

    # Under the cap the lower deductible and the better rates add nothing; all comes from the cap.
    assert found == Tilt(cii_cap=yuan("96125.00"))


def test_the_second_stay_starts_from_the_accumulators_as_they_were() -> None:
    """S 40,500 before, 61,000 after: at 60 % 12,300; D 7,500 the same; rates 65 %: 13,325, or 70 % above 57,500."""
    stays = [
        a_stay("c1", "200500.00", on="2023-02-01"),
        a_stay("c2", "100500.00", on="2023-03-01"),
    ]

    _, second = tilts(LX, a_person(*stays, category="SUBSISTENCE"))

    # D 7,500: 17,000 x 60 % + 3,500 x 65 % = 12,475; tilted rates: 17,000 x 65 % + 3,500 x 70 % = 13,500
    assert second == Tilt(cii_deductible=yuan("175.00"), cii_ratio=yuan("1025.00"))


def test_the_parts_sum_to_the_gain_over_an_ordinary_person_in_each_layer() -> None:
    """Basic insurance: parts one and two. Critical illness: the rest, on the base that is left."""
    stay = a_stay(in_scope="200500.00", on="2020-05-18", level="L3")
    poor = a_person(stay, category="SUBSISTENCE", since="2020-01-01")
    ordinary = fold([WS], a_person(stay), SETTLEMENT)["c1"].pays

    (found,) = tilts(WS, poor)

    gained = fold([WS], poor, SETTLEMENT)["c1"].pays
    assert found.bmi_deductible + found.bmi_ratio == gained["bmi"] - ordinary["bmi"]
    # S 50,406.25 of the poor person: an ordinary one would get (50,406.25 - 14,000) x 60 % = 21,843.75
    plain = yuan("21843.75")
    assert found.cii_deductible + found.cii_ratio + found.cii_cap == gained["cii"] - plain
