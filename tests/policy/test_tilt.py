"""What the poverty rules added, in the five parts that a family's slip shows (C17)."""

from policy.engine import SETTLEMENT, fold
from policy.facts import Claim, PersonFacts
from policy.loader import load_pack
from policy.pack import Pack
from policy.tilt import Tilt, tilt
from tests.builders import a_person, a_stay, yuan
from tests.policy.folding import changed

TEN_LESS = """    modifiers:
      - name: others_less
        when: {category: [untilted]}
        from: 2023-01-01
        ratio_add: "-10%"
        source: {document: 示例, clause: 其他人员降低10个百分点, mark: A}
"""
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


def test_the_floor_is_the_same_for_everybody_and_hides_the_better_ratio() -> None:
    """利辛 lifts both to 45 % of 9,500, so basic insurance adds nothing."""
    stay = a_stay(in_scope="4000.00", beyond="6000.00")

    (found,) = tilts(LX, a_person(stay, category="DESTITUTE"))

    assert found == Tilt()


def test_where_the_ratio_passes_the_floor_only_the_rest_is_added() -> None:
    """At 10 points less: ordinary 5,344.75 x 70 % is under the floor of 4,275, the poor one's 80 % above it."""
    pack = changed(
        "lixin-2023",
        ("    modifiers:\n      - name: cross_area", TEN_LESS + "      - name: cross_area"),
    )
    stay = a_stay(in_scope="5844.75", beyond="4155.25")

    (found,) = tilts(pack, a_person(stay, category="DESTITUTE"))

    assert found == Tilt(bmi_ratio=yuan("0.80"))


def test_a_deductible_that_is_a_share_of_the_bill_is_the_same_for_both() -> None:
    """Outside the province: D 10,000 for everybody; 46,000 left, the rest is critical illness."""
    stay = a_stay(in_scope="100000.00", area="out_filed", level="")

    (found,) = tilts(LX, a_person(stay, category="SUBSISTENCE"))

    # 31,000 x 60 % = 18,600; 38,500 x 60 % = 23,100; x 65 % = 25,025
    assert found == Tilt(cii_deductible=yuan("4500.00"), cii_ratio=yuan("1925.00"))


def test_segments_counted_from_zero_stay_where_they_are_when_the_deductible_goes() -> None:
    """汶上: left 120,000: ordinary 86,000 x 60 % + 20,000 x 65 %, then from zero, then five points."""
    stay = a_stay(in_scope="370000.00", on="2020-05-18")

    (found,) = tilts(WS, a_person(stay, category="SUBSISTENCE", since="2020-01-01"))

    # 64,600; 60,000 + 13,000 = 73,000; 65,000 + 14,000 = 79,000; basic insurance is capped for both
    assert found == Tilt(cii_deductible=yuan("8400.00"), cii_ratio=yuan("6000.00"))


def test_what_a_cap_has_already_paid_counts_against_the_ordinary_way_too() -> None:
    """Second stay: the ordinary cap of 300,000 was used up by the first, so all of it is the cap's part."""
    stays = [
        a_stay("c1", "800000.00", on="2023-02-01"),
        a_stay("c2", "100000.00", on="2023-03-01"),
    ]

    _, second = tilts(LX, a_person(*stays, category="DESTITUTE"))

    assert second == Tilt(cii_cap=yuan("85000.00"))


def test_chronic_visits_are_rounded_as_they_are_paid() -> None:
    """汶上: after the deductible 0.01 at 65 % and at 75 % are both a fen, visit by visit."""
    visits = [
        a_stay(f"v{n}", fen, on=f"2020-05-{n:02d}", kind="chronic_outpatient")
        for n, fen in ((1, "300.00"), (2, "0.01"), (3, "0.01"))
    ]

    first, second, third = tilts(WS, a_person(*visits, category="SUBSISTENCE", since="2020-01-01"))

    # 150 x 65 % = 97.50, x 75 % = 112.50; what is left, 187.50, enters critical illness from zero
    assert (first.bmi_deductible, first.bmi_ratio) == (yuan("97.50"), yuan("15.00"))
    assert (second, third) == (Tilt(), Tilt())


def test_parts_of_two_layers_are_added() -> None:
    """A bill that two layers of basic insurance know counts in both."""
    assert Tilt(1, 2, 3, 4, 5) + Tilt(10, 20, 30, 40, 50) == Tilt(11, 22, 33, 44, 55)


def test_parts_are_written_as_yuan() -> None:
    """The slip's words."""
    assert Tilt(100, 2, 0, 0, 5).in_yuan() == {
        "bmi_deductible": "1.00", "bmi_ratio": "0.02", "cii_deductible": "0.00", "cii_ratio": "0.00",
        "cii_cap": "0.05",
    }  # fmt: skip
