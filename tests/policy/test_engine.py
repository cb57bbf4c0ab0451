"""What the fold does beyond the cases: coverage, other readings of a notice, the trail."""

from datetime import date
from decimal import Decimal

import pytest

from policy.engine import SETTLEMENT, fold, personal_burden
from policy.loader import load_pack
from policy.one_stop import settle
from tests.builders import a_person, a_stay, yuan
from tests.policy.folding import changed

LX = load_pack("lixin-2023")


def test_a_person_not_enrolled_that_year_waits() -> None:
    """C15: no layer pays; the claim is held until coverage is known."""
    facts = a_person(a_stay(), covered_years=frozenset({2022}))

    decision = settle([LX], facts)["c1"]

    assert (decision.claim, decision.outcome, decision.reason) == ("c1", "held", "not_enrolled")
    assert decision.pays == {}


def test_nothing_of_a_person_is_settled_while_somebody_has_to_look() -> None:
    """Held with its reason, each claim by its own name; a reversed claim stays reversed."""
    facts = a_person(
        a_stay("c1"), a_stay("c2"), held="unknown_category", reversed_claims=frozenset({"c2"})
    )

    decisions = settle([LX], facts)

    held, gone = decisions["c1"], decisions["c2"]
    assert (held.claim, held.outcome, held.reason) == ("c1", "held", "unknown_category")
    assert (gone.claim, gone.outcome, gone.pack) == ("c2", "reversed", LX.version)


def test_a_reversed_claim_of_a_year_without_a_pack_names_none() -> None:
    """There is no version to name."""
    facts = a_person(a_stay("c1", on="2031-01-01"), reversed_claims=frozenset({"c1"}))

    assert settle([LX], facts)["c1"].pack == ""


def test_packs_of_several_years_are_each_used_for_their_own() -> None:
    """C18: a bill is paid by the pack of its discharge day, whichever comes first in the list."""
    stays = [a_stay("old", on="2020-05-18"), a_stay("new", on="2023-05-18")]

    decisions = settle([LX, load_pack("wenshang-2020")], a_person(*stays))

    assert decisions["old"].pack.startswith("wenshang-2020@")
    assert decisions["new"].pack.startswith("lixin-2023@")
    assert decisions["old"].pays == {"bmi": yuan("7200.00")}


def test_reading_the_hospitals_share_net_of_what_it_bears() -> None:
    """开封, the other reading: X = (N - cT) / (1 - c); (1,000 - 600) / 0.9 = 444.44."""
    net = changed(
        "kaifeng-2017",
        ("deductible_of_total: {ratio: 10%}", "deductible_of_total: {ratio: 10%, base: net}"),
    )
    stay = a_stay(in_scope="5000.00", beyond="1000.00", on="2017-05-18", level="CO")

    decision = settle([net], a_person(stay, category="SUBSISTENCE", since="2017-01-01"))["c1"]

    assert decision.pays["hospital_borne"] == yuan("444.44")


def test_reading_ten_per_cent_more_as_a_factor() -> None:
    """汶上, the other reading of 提高10%: 75 % x 1.1 = 82.5 %; 9,800 x 82.5 % = 8,085."""
    factor = changed("wenshang-2020", ("        ratio_add: 10%\n", "        ratio_factor: 110%\n"))
    stay = a_stay(on="2020-05-18")

    decision = settle([factor], a_person(stay, category="SUBSISTENCE", since="2020-01-01"))["c1"]

    assert decision.pays["bmi"] == yuan("8085.00")


def test_reading_chronic_care_into_medical_assistance() -> None:
    """The other reading: what chronic visits leave is assisted too; (10,000 - 4,000) x 75 %."""
    wide = changed(
        "lixin-2023",
        (
            "stage: assistance\n    kinds: [inpatient]",
            "stage: assistance\n    kinds: [inpatient, chronic_outpatient]",
        ),
    )
    visit = a_stay(kind="chronic_outpatient", disease="hypertension")

    decision = settle([wide], a_person(visit, category="SUBSISTENCE"))["c1"]

    assert decision.pays == {"bmi": yuan("4000.00"), "medical_assistance": yuan("4500.00")}


def test_reading_a_change_of_category_as_holding_for_the_whole_year() -> None:
    """The other reading of C12: the stay before is caught up, 75 % x 4,800 less nothing paid."""
    catching_up = changed(
        "lixin-2023",
        (
            "  - id: medical_assistance\n",
            "  - id: medical_assistance\n    category_change: catch_up\n",
        ),
    )
    stays = [a_stay("c1", on="2023-05-31"), a_stay("c2", on="2023-06-01")]

    decisions = settle([catching_up], a_person(*stays, category="SUBSISTENCE", since="2023-06-01"))

    # 3,600 would be due, but the second stay left only 2,400 to pay
    assert decisions["c2"].pays["medical_assistance"] == yuan("2400.00")


def test_reading_the_guarantee_of_ninety_per_cent_over_the_year() -> None:
    """从江, the other reading: what one stay had above 90 % lessens what the next is lifted to."""
    yearly = changed("congjiang-2020", ("per: claim, ratio: 90%", "per: year, ratio: 90%"))
    stays = [
        a_stay("c1", "1000.00", on="2020-05-18", level="L1"),
        a_stay("c2", "1000.00", on="2020-06-01", level="L3"),
        a_stay("c3", "1000.00", on="2020-06-02", level="L3"),
    ]

    facts = a_person(*stays, category="REGISTERED_POOR", since="2020-01-01")
    decisions = settle([yearly], facts)

    # c1: 810 and 70 % of 190 = 133; c2: 1,800 - 943 - 130; c3: 2,700 - 943 - 857 - 130
    paid = [decisions[stay.claim].pays["medical_assistance"] for stay in stays]
    assert paid == [yuan("133.00"), yuan("727.00"), yuan("770.00")]


def test_more_paid_than_billed_is_a_defect_that_stops_the_person() -> None:
    """An invariant, not a refusal."""
    with pytest.raises(ArithmeticError, match=r"^payers give more than the bill$"):
        personal_burden(a_stay(in_scope="1.00"), {"bmi": 101})


def test_a_bill_that_ends_exactly_at_a_bound_has_no_empty_piece() -> None:
    """The pieces of a line are what a family adds up: 50,000 above 15,000 is one piece."""
    cii = LX.terms(SETTLEMENT, a_stay(), "NONE", 1)[1].schedule
    assert cii is not None

    assert cii.pieces(0, 6_500_000) == [(1_500_000, 6_500_000, 60_000)]
    assert cii.pieces(2_000_000, 6_500_100) == [
        (2_000_000, 6_500_000, 60_000), (6_500_000, 6_500_100, 65_000),
    ]  # fmt: skip
    assert cii.pieces(1_000, 1_500_000) == []


def test_a_family_reads_from_what_to_what_its_year_grew_and_what_came_of_it() -> None:
    """Two stays of a low-income person: the second's assistance, in the words of the bill."""
    stays = [a_stay("c1", "20000.00", on="2023-03-01"), a_stay("c2", "30000.00", on="2023-05-18")]
    facts = a_person(*stays, category="SUBSISTENCE")
    first, second = ({line.fund: line.family for line in settled.trail} for settled in (
        settle([LX], facts, with_trail=True)[claim] for claim in ("c1", "c2")
    ))  # fmt: skip

    assert second["bmi"].startswith(
        "基本医疗保险：本次符合规定的费用30,000.00元，起付线500.00元，本次29,500.00元按80%报销"
    )
    assert first["medical_assistance"] == (
        "医疗救助：本年累计合规自付由0.00元增至4,400.00元，本次4,400.00元按75%救助3,300.00元"
    )


def test_every_line_of_the_trail_names_its_clause_and_marks_what_is_unverified() -> None:
    """What a family is shown: base, rate, amount, clause; R and A values are 未核实, S ones are not."""
    facts = a_person(a_stay(), category="SUBSISTENCE")

    basic, critical = fold([LX], facts, SETTLEMENT, with_trail=True)["c1"].trail

    assert "500.00至10000.00元部分按80%" in basic.zh
    assert "支付7600.00元" in basic.zh
    assert "〔未核实〕" in basic.zh
    assert "unverified" in basic.en
    assert "〔未核实〕" not in critical.zh
    assert (basic.before, basic.after, basic.deductible) == (0, 1_000_000, 50_000)
    assert basic.pieces == ((50_000, 1_000_000, 80_000),)
    assert basic.cap_left == yuan("300000.00")
    assert basic.pack == LX.version


def test_the_trail_shows_the_product_before_rounding() -> None:
    """0.13 above the deductible at 80 % is 0.104 yuan, paid as 0.10."""
    (basic, _) = fold([LX], a_person(a_stay(in_scope="500.13")), SETTLEMENT, with_trail=True)[
        "c1"
    ].trail

    assert Decimal(basic.product) == Decimal("0.104")
    assert (basic.due, basic.pay) == (10, 10)


@pytest.mark.parametrize(
    ("pack", "stay", "category", "fund", "says", "clause"),
    [
        ("lixin-2023", {"in_scope": "4000.00", "beyond": "6000.00"}, "", "bmi", "按保底比例计4275.00元", "保底报销比例45%"),
        ("lixin-2023", {"in_scope": "400500.00"}, "", "bmi", "年度封顶后支付300000.00元", "封顶线30万元"),
        ("lixin-2023", {"area": "out_unfiled", "level": ""}, "SUBSISTENCE", "medical_assistance", "按规定不予支付", "原则上不予救助"),
        ("wenshang-2020", {"on": "2020-05-18"}, "SUBSISTENCE", "bmi", "起付线200.00元", "报销比例均提高10%"),
        ("congjiang-2020", {"on": "2020-05-18", "level": "L3"}, "REGISTERED_POOR", "medical_assistance", "按综合保障比例计3020.00元", "不低于90%"),
        ("lixin-2023", {"hospital_reduction": 100}, "", "hospital_reduction", "1.00元", "上传的金额"),
    ],
)  # fmt: skip
def test_the_trail_names_the_clause_that_decided(
    pack: str, stay: dict[str, object], category: str, fund: str, says: str, clause: str
) -> None:
    """Floor, cap, bar, factor, guarantee, input: the sentence says it and cites it."""
    loaded = load_pack(pack)
    since = loaded.valid_from.isoformat()
    facts = a_person(a_stay(**stay), category=category, since=since)

    trail = settle([loaded], facts, with_trail=True)["c1"].trail

    said = [line.zh for line in trail if line.fund == fund and says in line.zh]
    assert len(said) == 1
    assert clause in said[0]


def test_a_stay_of_one_day_is_a_stay() -> None:
    """Admitted and discharged on the same day."""
    decision = settle([LX], a_person(a_stay(admit=date(2023, 5, 18))))["c1"]

    assert decision.outcome == "settled"


def test_a_stay_begun_on_the_day_of_death_counts_when_closed_in_its_month() -> None:
    """Admitted and died on the 18th, closed on the 19th."""
    stay = a_stay(on="2023-05-19", admit=date(2023, 5, 18))

    assert settle([LX], a_person(stay, died=date(2023, 5, 18)))["c1"].outcome == "settled"


def test_each_year_begins_at_zero_also_in_one_fold() -> None:
    """2020 in 汶上 leaves 50,100 for critical illness; 2023 in 利辛 does not start there, nor as a second stay."""
    stays = [
        a_stay("old", "200400.00", on="2020-05-18"),
        a_stay("new", "10000.00", on="2023-05-18"),
    ]

    decisions = settle([load_pack("wenshang-2020"), LX], a_person(*stays))

    assert decisions["old"].pays == {"bmi": yuan("150000.00"), "cii": yuan("21840.00")}
    assert decisions["new"].pays == {"bmi": yuan("7600.00")}
    assert (decisions["old"].admission, decisions["new"].admission) == (1, 1)


def test_a_refused_claim_keeps_its_own_name() -> None:
    """What was refused before the fold is answered under its number."""
    facts = a_person(a_stay("c1"), refused={"c0": "bad_date"})

    refused = settle([LX], facts)["c0"]

    assert (refused.claim, refused.outcome, refused.reason) == ("c0", "refused", "bad_date")
