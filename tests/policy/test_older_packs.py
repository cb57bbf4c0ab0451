"""The packs of 汶上 2020, 从江 2020 and 开封 2017, computed by hand, told as a caseworker would."""

from typing import Any

import pytest

from policy.loader import load_pack
from policy.pack import Pack
from tests.builders import a_person, a_stay, yuan
from tests.policy.folding import settle

WS, CJ, KF = (load_pack(name) for name in ("wenshang-2020", "congjiang-2020", "kaifeng-2017"))


def paid(pack: Pack, in_scope: str, category: str = "", **options: Any) -> dict[str, int]:
    """Return what each fund pays for one stay of the pack's year."""
    year = pack.valid_from.year
    claim = a_stay(in_scope=in_scope, on=options.pop("on", f"{year}-05-18"), **options)
    person = a_person(claim, category=category, since=f"{year}-01-01")
    return {fund: fen for fund, fen in settle(pack, person)["c1"].pays.items() if fen}


def fen(**funds: str) -> dict[str, int]:
    """Return amounts in fen."""
    return {fund: yuan(amount) for fund, amount in funds.items()}


@pytest.mark.parametrize(
    ("story", "in_scope", "category", "options", "expected"),
    [
        # (10,000 - 400) x 75 %
        ("an ordinary stay in the county", "10000.00", "", {}, fen(bmi="7200.00")),
        # D 200; 9,800 x 85 % = 8,330; S 1,670 x 65 % = 1,085.50; 584.50 x 70 % = 409.15
        ("a registered poor patient", "10000.00", "REGISTERED_POOR", {}, fen(bmi="8330.00", cii="1085.50", medical_assistance="409.15")),
        # the same, assistance 100 % of 584.50
        ("a destitute patient pays nothing in scope", "10000.00", "DESTITUTE", {}, fen(bmi="8330.00", cii="1085.50", medical_assistance="584.50")),
        # 65 % x 0.85 + 10 = 65.25 %; D 375; 9,625 x 65.25 % = 6,280.3125; S 3,719.69 x 65 % = 2,417.7985; 1,301.89 x 70 % = 911.323
        ("a poor patient referred to the city", "10000.00", "SUBSISTENCE", {"level": "L3", "area": "referred"}, fen(bmi="6280.31", cii="2417.80", medical_assistance="911.32")),
        # 65 % x 0.60 = 39 %; 9,250 x 39 %
        ("an ordinary patient gone without referral", "10000.00", "", {"level": "L3", "area": "unreferred"}, fen(bmi="3607.50")),
        # bmi capped at 250,000; S 50,400 x 65 % = 32,760; 17,640 x 70 % capped at 10,000; 7,640 - 5,000 = 2,640 x 70 %
        ("a very heavy stay reaches every cap and reassistance", "300400.00", "SUBSISTENCE", {}, fen(bmi="250000.00", cii="32760.00", medical_assistance="10000.00", reassistance="1848.00")),
        # as before, 1,000 given by the hospital: 1,640 x 70 %
        ("a reduction by the hospital comes before reassistance", "300400.00", "SUBSISTENCE", {"hospital_reduction": 100_000}, fen(bmi="250000.00", cii="32760.00", medical_assistance="10000.00", hospital_reduction="1000.00", reassistance="1148.00")),
        # S 50,100: 36,100 x 60 %
        ("an ordinary heavy stay", "200400.00", "", {}, fen(bmi="150000.00", cii="21840.00")),
        ("general outpatient care in the township", "100.00", "", {"kind": "general_outpatient", "level": "L1"}, fen(bmi="60.00")),
        ("general outpatient care in a hospital", "100.00", "", {"kind": "general_outpatient", "level": "L2"}, {}),
    ],
)  # fmt: skip
def test_a_stay_in_wenshang(
    story: str, in_scope: str, category: str, options: dict[str, Any], expected: dict[str, int]
) -> None:
    """汶上 2020: lower deductible, ten points more, no deductible in critical illness for the poor."""
    assert paid(WS, in_scope, category, **options) == expected, story


def test_a_second_admission_in_wenshang_halves_the_deductible_again() -> None:
    """Poor and second: 400 x 0.5 x 0.5 = 100."""
    stays = [a_stay("c1", on="2020-02-01"), a_stay("c2", on="2020-03-01")]

    decisions = settle(WS, a_person(*stays, category="SUBSISTENCE", since="2020-01-01"))

    assert [decisions[c].pays["bmi"] for c in ("c1", "c2")] == [yuan("8330.00"), yuan("8415.00")]


def test_chronic_visits_in_wenshang_use_the_deductible_up_over_the_year() -> None:
    """150 for the poor: the first 100 nothing, then 50 x 75 %; what is left enters critical illness."""
    visits = [
        a_stay(f"v{n}", "100.00", on=f"2020-0{n}-01", kind="chronic_outpatient") for n in (1, 2)
    ]

    decisions = settle(WS, a_person(*visits, category="REGISTERED_POOR", since="2020-01-01"))

    # S 100 x 65 % = 65.00; S 162.50 x 65 % = 105.625 -> 105.63, less 65.00
    assert decisions["v1"].pays == fen(cii="65.00")
    assert decisions["v2"].pays == fen(bmi="37.50", cii="40.63")


@pytest.mark.parametrize(
    ("story", "in_scope", "category", "options", "expected"),
    [
        # 9,600 x 75 %
        ("an ordinary stay in the county", "10000.00", "", {}, fen(bmi="7200.00")),
        # 9,200 x 65 % = 5,980; 90 % of 10,000 - 5,980 beats 70 % of 4,020
        ("a registered poor patient gets at least 90 %", "10000.00", "REGISTERED_POOR", {"level": "L3"}, fen(bmi="5980.00", medical_assistance="3020.00")),
        # 9,200 x 45 % = 4,140; 70 % of 5,860, no guarantee
        ("gone without referral there is no guarantee", "10000.00", "REGISTERED_POOR", {"level": "L3", "compliant": False}, fen(bmi="4140.00", medical_assistance="4102.00")),
        # 9,600 x 80 % = 7,680; 2,320 x 70 %
        ("a low-income patient", "10000.00", "SUBSISTENCE", {}, fen(bmi="7680.00", medical_assistance="1624.00")),
        ("a destitute patient pays nothing in scope", "10000.00", "DESTITUTE", {}, fen(bmi="7680.00", medical_assistance="2320.00")),
        # 200,000 x 65 % = 130,000; S 70,800 - 6,000: 50,000 x 65 % + 14,800 x 70 % = 42,860; 70 % of 27,940
        ("a heavy stay, registered poor", "200800.00", "REGISTERED_POOR", {"level": "L3"}, fen(bmi="130000.00", cii="42860.00", medical_assistance="19558.00")),
        # D 1,200, 55 %
        ("the provincial hospital", "11200.00", "", {"level": "provincial"}, fen(bmi="5500.00")),
        # (1,000 - 100) x 85 %
        ("the township hospital", "1000.00", "", {"level": "L1"}, fen(bmi="765.00")),
    ],
)  # fmt: skip
def test_a_stay_in_congjiang(
    story: str, in_scope: str, category: str, options: dict[str, Any], expected: dict[str, int]
) -> None:
    """从江 2020: the three layers, and 90 % for registered poor patients who were referred properly."""
    assert paid(CJ, in_scope, category, **options) == expected, story


def test_each_chronic_disease_in_congjiang_has_its_own_yearly_limit() -> None:
    """3,000 a disease and year."""
    visits = [
        a_stay("v1", "4000.00", on="2020-01-01", kind="chronic_outpatient", disease="hypertension"),
        a_stay("v2", "1000.00", on="2020-02-01", kind="chronic_outpatient", disease="hypertension"),
        a_stay("v3", "1000.00", on="2020-03-01", kind="chronic_outpatient", disease="diabetes"),
    ]

    decisions = settle(CJ, a_person(*visits))

    assert [decisions[v].pays["bmi"] for v in ("v1", "v2", "v3")] == [
        yuan("2800.00"), yuan("200.00"), yuan("700.00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("story", "in_scope", "category", "options", "expected"),
    [
        # 1,100 x 63 % + 3,500 x 83 %
        ("an ordinary stay in the county", "5000.00", "", {"level": "CO"}, fen(bmi="3598.00")),
        # N 1,000 - 10 % of 6,000
        ("the hospital bears what is too much outside the catalogue", "5000.00", "REGISTERED_POOR", {"level": "CO", "beyond": "1000.00"}, fen(bmi="3598.00", hospital_borne="400.00")),
        # nobody bears it for an ordinary patient
        ("an ordinary patient bears it alone", "5000.00", "", {"level": "CO", "beyond": "1000.00"}, fen(bmi="3598.00")),
        # 600 x 0.7 less: D 100: 700 x 70 % + 4,200 x 90 %
        ("a child in the township", "5000.00", "", {"level": "TS", "age": 14}, fen(bmi="4270.00")),
        # 3,100 x 33 % + 6,000 x 52 % = 4,143; 5,857: 2,000 x 30 % + 857 x 40 %
        ("a poor patient gone unreferred to the city", "10000.00", "SUBSISTENCE", {"level": "C3", "referred": False}, fen(bmi="4143.00", supplement="942.80")),
        # 5,500 x 50 % + 93,000 x 68 % = 65,990; 19,010 x 50 % = 9,505; 24,505: 600 + 2,000 + 2,500 + 9,505 x 80 %
        ("a heavy stay in the province, poor", "100000.00", "REGISTERED_POOR", {"level": "P3"}, fen(bmi="65990.00", cii="9505.00", supplement="12704.00")),
        # without the supplement
        ("the same of an ordinary patient", "100000.00", "", {"level": "P3"}, fen(bmi="65990.00", cii="9505.00")),
        # N 10.20 - 2.5 % of 100.20 = 7.695, half up
        ("half a fen of the hospital's part rounds up", "90.00", "DESTITUTE", {"level": "TS", "beyond": "10.20"}, fen(hospital_borne="7.70")),
        # a child in difficulty is eligible here: 20 % of 10,000
        ("a child in difficulty", "5000.00", "CHILD_IN_DIFFICULTY", {"level": "C3", "beyond": "5000.00"}, fen(bmi="2363.00", hospital_borne="3000.00")),
    ],
)  # fmt: skip
def test_a_stay_in_kaifeng(
    story: str, in_scope: str, category: str, options: dict[str, Any], expected: dict[str, int]
) -> None:
    """开封 2017: two brackets, the supplement for the poor, and what the hospital has to bear."""
    assert paid(KF, in_scope, category, **options) == expected, story


def test_a_second_admission_and_a_child_halve_the_deductible_once() -> None:
    """开封: not compounded; a township stay counts as an admission but is not halved for it."""
    stays = [
        a_stay("c1", "5000.00", on="2017-02-01", level="TS", age=10),
        a_stay("c2", "5000.00", on="2017-03-01", level="CO", age=10),
    ]

    decisions = settle(KF, a_person(*stays))

    # D 200: 1,300 x 63 % + 3,500 x 83 %
    assert decisions["c2"].pays["bmi"] == yuan("3724.00")


@pytest.mark.parametrize("pack", [WS, CJ, KF], ids=lambda pack: pack.name)
def test_every_category_level_area_and_month_has_exactly_one_rule(pack: Pack) -> None:
    """Walks the whole year: no gap, no overlap."""
    for month in range(1, 13):
        for level in pack.levels:
            for area in pack.areas:
                for category in ("NONE", *pack.priority):
                    for kind in ("inpatient", "chronic_outpatient", "general_outpatient"):
                        on = f"{pack.valid_from.year}-{month:02d}-01"
                        claim = a_stay(kind=kind, level=level, area=area, on=on)
                        assert pack.terms("settlement", claim, category, 1)
                        assert pack.terms("assistance", claim, category, 1)
