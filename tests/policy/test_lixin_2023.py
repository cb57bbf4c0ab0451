"""The lixin-2023 pack, computed by hand from the rules, told as a caseworker would."""

from datetime import date

import pytest

from policy.engine import SETTLEMENT, Decision, fold, personal_burden
from policy.facts import PersonFacts
from policy.loader import load_pack
from tests.builders import a_person, a_stay, yuan
from tests.policy import folding

PACK = load_pack("lixin-2023")


def settle(facts: PersonFacts) -> dict[str, Decision]:
    """Settle with this county's pack."""
    return folding.settle(PACK, facts)


def pays(decision: Decision) -> dict[str, int]:
    """Return what each fund pays."""
    return decision.pays


@pytest.mark.parametrize(
    ("story", "in_scope", "options", "category", "bmi", "cii", "assistance"),
    [
        # (10,000 - 500) x 80 %
        ("an ordinary stay at the county hospital", "10000.00", {}, "", "7600.00", "0.00", "0.00"),
        # 75 % of the 2,400 left
        ("the same stay of a low-income patient", "10000.00", {}, "SUBSISTENCE", "7600.00", "0.00", "1800.00"),
        # 90 % of the 2,400 left
        ("the same stay of a destitute patient", "10000.00", {}, "DESTITUTE", "7600.00", "0.00", "2160.00"),
        # 70 % of the 2,400 left
        ("the same stay of one fallen back to poverty", "10000.00", {}, "BACK_TO_POVERTY", "7600.00", "0.00", "1680.00"),
        ("a bill at the deductible", "500.00", {}, "", "0.00", "0.00", "0.00"),
        # 0.01 x 80 % = 0.008, half up
        ("a bill one fen above the deductible", "500.01", {}, "", "0.01", "0.00", "0.00"),
        # 500 + 0.62 x 80 % = 0.496 -> 0.50
        ("half a fen rounds up", "500.62", {}, "", "0.50", "0.00", "0.00"),
        # (1,000 - 200) x 85 %
        ("a stay in the township", "1000.00", {"level": "L1"}, "", "680.00", "0.00", "0.00"),
        # (10,000 - 700) x 75 %
        ("a stay in the city", "10000.00", {"level": "L3_CITY"}, "", "6975.00", "0.00", "0.00"),
        # (10,000 - 1,000) x 70 %
        ("a stay in the provincial hospital", "10000.00", {"level": "L3_PROVINCE"}, "", "6300.00", "0.00", "0.00"),
        # (10,000 - 2 x 500) x (80 - 5) %
        ("a stay in another city", "10000.00", {"area": "cross"}, "", "6750.00", "0.00", "0.00"),
        # D = 20 % of 20,000 = 4,000; 16,000 x 60 %
        ("a filed stay outside the province", "20000.00", {"area": "out_filed", "level": ""}, "", "9600.00", "0.00", "0.00"),
        # D = least 2,000; 3,000 x 60 %
        ("a small filed stay outside", "5000.00", {"area": "out_filed", "level": ""}, "", "1800.00", "0.00", "0.00"),
        # D = most 10,000; 90,000 x 60 % = 54,000; S 46,000 - 15,000 = 31,000 x 60 %
        ("a large filed stay outside", "100000.00", {"area": "out_filed", "level": ""}, "", "54000.00", "18600.00", "0.00"),
        # 16,000 x 50 %; no assistance without referral
        ("an unfiled stay outside of a low-income patient", "20000.00", {"area": "out_unfiled", "level": ""}, "SUBSISTENCE", "8000.00", "2925.00", "0.00"),
        # floor: 45 % x (10,000 - 500) = 4,275 beats 3,500 x 80 % = 2,800
        ("a bill mostly outside the catalogue", "4000.00", {"beyond": "6000.00"}, "", "4275.00", "0.00", "0.00"),
        # bmi 160,000; S 40,500: 25,500 x 60 %
        ("a heavy year, ordinary", "200500.00", {}, "", "160000.00", "15300.00", "0.00"),
        # 33,000 x 65 % = 21,450; left 19,050 x 75 %
        ("a heavy year, low-income", "200500.00", {}, "SUBSISTENCE", "160000.00", "21450.00", "14287.50"),
        # bmi 16,000; left 4,500 - 2,500 = 2,000 x 60 %
        ("a monitored family pays a deductible first", "20500.00", {}, "MARGINAL_AT_RISK", "16000.00", "0.00", "1200.00"),
        # left 2,500: at the deductible
        ("a monitored family at that deductible", "10500.00", {}, "MARGINAL_AT_RISK", "8000.00", "0.00", "0.00"),
        # bmi 320,000 capped to 300,000; S 100,500: 50,000 x 60 % + 35,500 x 65 %
        ("a stay above the yearly cap of basic insurance", "400500.00", {}, "", "300000.00", "53075.00", "0.00"),
        # registered poor has no assistance in this county any more
        ("a stay of a registered poor person", "10000.00", {}, "REGISTERED_POOR", "7600.00", "0.00", "0.00"),
        # orphan follows the rules of the destitute
        ("a stay of an orphan", "10000.00", {}, "ORPHAN", "7600.00", "0.00", "2160.00"),
    ],
)  # fmt: skip
def test_one_stay_is_paid_as_the_notice_says(
    story: str,
    in_scope: str,
    options: dict[str, str],
    category: str,
    bmi: str,
    cii: str,
    assistance: str,
) -> None:
    """Before, at and after each threshold; amounts computed by hand."""
    claim = a_stay(in_scope=in_scope, **options)

    decision = settle(a_person(claim, category=category))["c1"]

    found = {fund: fen for fund, fen in pays(decision).items() if fen}
    wanted = {"bmi": yuan(bmi), "cii": yuan(cii), "medical_assistance": yuan(assistance)}
    assert found == {fund: fen for fund, fen in wanted.items() if fen}, story
    assert personal_burden(claim, found) == claim.total_fee - sum(found.values())


def test_the_second_stay_goes_on_where_the_first_stopped() -> None:
    """CII telescopes: 40,500 then 61,000 accumulated is 27,600 in all, 12,300 of it now."""
    facts = a_person(
        a_stay("c1", "200500.00", on="2023-02-01"), a_stay("c2", "100500.00", on="2023-03-01")
    )

    decisions = settle(facts)

    assert pays(decisions["c1"])["cii"] == yuan("15300.00")
    assert pays(decisions["c2"])["cii"] == yuan("12300.00")


def test_a_new_year_begins_at_zero() -> None:
    """Accumulators and caps belong to the year of discharge; 2024 has no pack yet and waits."""
    facts = a_person(
        a_stay("c1", "200500.00", on="2023-12-31"), a_stay("c2", "200500.00", on="2024-01-01")
    )

    decisions = settle(facts)

    assert decisions["c1"].outcome == "settled"
    assert (decisions["c2"].outcome, decisions["c2"].reason) == ("held", "no_pack")


def test_the_yearly_cap_of_assistance_is_shared_by_all_stays() -> None:
    """50,000 a year for a destitute patient, however the stays are cut."""
    stays = [a_stay(f"c{n}", "150500.00", on=f"2023-0{n}-01") for n in range(1, 8)]

    decisions = settle(a_person(*stays, category="DESTITUTE"))

    assert sum(pays(one).get("medical_assistance", 0) for one in decisions.values()) == yuan(
        "50000.00"
    )


def test_outpatient_care_has_its_own_cap_and_moves_no_other() -> None:
    """55 % in the township, 150 a year; nothing in the county hospital."""
    visits = [
        a_stay(f"v{n}", "100.00", on=f"2023-0{n}-01", kind="general_outpatient", level="L1")
        for n in range(1, 5)
    ]
    elsewhere = a_stay("v9", "100.00", on="2023-09-01", kind="general_outpatient", level="L2")

    decisions = settle(a_person(*visits, elsewhere))

    paid = [pays(decisions[f"v{n}"]).get("bmi", 0) for n in range(1, 5)]
    assert paid == [yuan("55.00"), yuan("55.00"), yuan("40.00"), 0]
    assert pays(decisions["v9"]) == {}


def test_a_category_gained_in_the_year_counts_from_its_first_day() -> None:
    """C12: marginal; the stay before is ordinary, the stay on the day is not."""
    before, on_the_day = a_stay("c1", on="2023-05-31"), a_stay("c2", on="2023-06-01")

    decisions = settle(a_person(before, on_the_day, category="SUBSISTENCE", since="2023-06-01"))

    # the accumulator holds both remainders, the first was not paid for: 75 % x (4,800 - 2,400)
    assert [decisions[c].category for c in ("c1", "c2")] == ["NONE", "SUBSISTENCE"]
    assert pays(decisions["c1"]).get("medical_assistance", 0) == 0
    assert pays(decisions["c2"])["medical_assistance"] == yuan("1800.00")


def test_of_several_identities_the_highest_decides_and_only_it() -> None:
    """就高不就低, never both."""
    facts = a_person(a_stay(), category="MARGINAL_AT_RISK")
    facts.identities += a_person(category="DESTITUTE").identities

    assert settle(facts)["c1"].category == "DESTITUTE"


def test_an_identity_ends_with_its_last_day() -> None:
    """The last day still counts, the next does not."""
    facts = a_person(
        a_stay("c1", on="2023-06-30"),
        a_stay("c2", on="2023-07-01"),
        category="SUBSISTENCE",
        until="2023-06-30",
    )

    decisions = settle(facts)

    assert [decisions[c].category for c in ("c1", "c2")] == ["SUBSISTENCE", "NONE"]


@pytest.mark.parametrize(
    ("story", "change", "reason"),
    [
        ("parts do not sum", {"full_self_pay": 1}, "amounts_do_not_add_up"),
        ("discharged before admitted", {"admit": "2023-05-19"}, "discharge_before_admission"),
        ("a level nobody knows", {"level": "L9"}, "unknown_level"),
        ("an area nobody knows", {"area": "moon"}, "unknown_area"),
        ("a kind nobody knows", {"kind": "spa"}, "unknown_kind"),
        (
            "a reduction above what is left",
            {"hospital_reduction": 240_001},
            "reduction_above_remainder",
        ),
    ],
)
def test_a_wrong_bill_is_refused_by_name_and_counts_for_nothing(
    story: str, change: dict[str, object], reason: str
) -> None:
    """C19; the neighbour is settled as if the wrong bill did not exist."""
    wrong, right = a_stay("c1"), a_stay("c2", on="2023-06-01")
    for name, value in change.items():
        setattr(wrong, name, date.fromisoformat(str(value)) if name == "admit" else value)

    decisions = settle(a_person(wrong, right))

    assert (decisions["c1"].outcome, decisions["c1"].reason) == ("refused", reason), story
    assert pays(decisions["c2"]) == {"bmi": yuan("7600.00")}


def test_a_reduction_by_the_hospital_comes_off_what_is_left() -> None:
    """Exactly the remainder is allowed, and the family pays nothing in scope."""
    claim = a_stay(hospital_reduction=yuan("2400.00"))

    decision = settle(a_person(claim))["c1"]

    assert personal_burden(claim, pays(decision)) == 0


def test_service_after_death_is_refused_and_on_the_day_is_not() -> None:
    """Discharge on the day of death still counts (S1)."""
    facts = a_person(
        a_stay("c1", on="2023-05-20"), a_stay("c2", on="2023-05-21"), died=date(2023, 5, 20)
    )

    decisions = settle(facts)

    assert decisions["c1"].outcome == "settled"
    assert decisions["c2"].reason == "after_death"


def test_a_person_not_enrolled_that_year_waits() -> None:
    """C15: no layer pays; the claim is held until coverage is known."""
    facts = a_person(a_stay(), covered_years=frozenset({2022}))

    decision = settle(facts)["c1"]

    assert (decision.outcome, decision.reason) == ("held", "not_enrolled")


def test_every_line_of_the_trail_names_its_clause_and_marks_what_is_unverified() -> None:
    """What a family is shown: base, rate, amount, clause; R and A values are 未核实, S ones are not."""
    trail = fold([PACK], a_person(a_stay(), category="SUBSISTENCE"), SETTLEMENT, with_trail=True)[
        "c1"
    ].trail

    basic, critical = trail
    assert "500.00至10000.00元部分按80%" in basic.zh
    assert "支付7600.00元" in basic.zh
    assert "〔未核实〕" in basic.zh
    assert "〔未核实〕" not in critical.zh
    assert sum(line.pay for line in trail) == yuan("7600.00")
