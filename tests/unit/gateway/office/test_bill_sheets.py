"""The one-page bill as it is printed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

import pytest

from contracts.bill_questions import ClaimAnswer
from contracts.events.claims import ClaimSubmitted
from contracts.funds import FUND_ZH
from contracts.money import format_yuan
from policy.engine import Decision
from policy.loader import load_pack, pack_names
from policy.one_stop import settle
from policy.pack import Pack
from services.gateway.office.bill_sheets import (
    TEMPLATE,
    Told,
    code_of,
    in_groups,
    is_verified,
    printed,
)
from services.gateway.office.printing import pdf, pictures
from tests.builders import PERSON, a_person, a_stay

KEY, FORMER = "ab" * 32, "cd" * 32
LONG = "长" * 400


def a_bill(**other: Any) -> dict[str, Any]:
    """Return a bill of 10,000 yuan that two funds share with the family."""
    return {
        "claim": "H1:1", "bill_revision": 2, "outcome": "settled", "provider": "H1", "kind": "inpatient",
        "discharge": "2023-05-09", "category": "SUBSISTENCE", "total_fee": "10000.00",
        "personal_burden": "1000.00", "family_pays_now": "1500.00", "paid_by_hand_later": "500.00",
        "to_be_returned": "0.00",
    } | dict.fromkeys(FUND_ZH, "0.00") | {"bmi": "7600.00", "medical_assistance": "1400.00"} | other  # fmt: skip


def an_answer(**other: Any) -> ClaimAnswer:
    """Return where that bill stands."""
    sent = ClaimSubmitted(
        claim="H1:1", person=PERSON, provider="H1", kind="inpatient", level="L2", admit=date(2023, 5, 1),
        discharge=date(2023, 5, 9), total_fee=1_000_000, in_scope=950_000, class_b_prepay=50_000,
        received=datetime(2023, 5, 9, tzinfo=UTC),
    )  # fmt: skip
    return ClaimAnswer.model_validate(
        {"claim": "H1:1", "person": PERSON, "outcome": "settled", "submitted": sent} | other
    )


def told(**other: Any) -> Told:
    """Return what is said in words."""
    said: dict[str, Any] = {
        "name": "吴老三", "last4": "0017", "hospital": "县人民医院", "level": "二级医疗机构",
        "unit": "利辛县医疗保障局", "day": date(2023, 6, 1),
        "family": ["基本医疗保险：起付线500.00元，本次9,000.00元按80%报销", "医疗救助：按75%救助"],
        "added": ["提高基本医保报销比例，多报销100.00元"],
        "basis": ["基本医疗保险：起付线500.00元（依据：通知）"], "adjustments": [],
    }  # fmt: skip
    return Told(**said | other)


def given(bill: dict[str, Any] | None = None, **other: Any) -> Any:
    """Return what is printed."""
    bill = bill or a_bill()
    page = printed("H1:1", an_answer(), bill, told(**other), code_of(KEY, "H1:1", bill))
    return page.model_dump(mode="json")


def test_each_layer_stands_with_how_it_came_about_and_the_sum_is_right() -> None:
    """A layer of nothing takes no line; what was covered and the own share make the total."""
    page = given()

    assert [line[:2] for line in page["layers"]] == [
        ["基本医疗保险", "7600.00"], ["医疗救助", "1400.00"],
    ]  # fmt: skip
    assert page["layers"][1][2] == "按75%救助"
    assert page["basis"] == ["基本医疗保险：起付线500.00元（依据：通知）"]
    assert (page["covered"], page["burden"]) == ("9000.00", "1000.00")
    assert page["counter"] == "在医院支付1,500.00元，以后发放到社会保障卡500.00元"
    assert ["乙类先行自付", "500.00"] in page["costs"]
    assert ["类别和日期", "住院 2023-05-01 至 2023-05-09"] in page["who"]


def test_a_layer_that_paid_nothing_stands_with_its_reason() -> None:
    """A family asks why nothing came from a fund; of what nobody gives it asks nothing."""
    said = ["大病保险：起付线15,000.00元，未超过起付线，不予报销", "医疗机构减免：0.00元"]

    layers = {name: amount for name, amount, _ in given(family=said)["layers"]}

    assert layers["大病保险"] == "0.00"
    assert "医疗机构减免" not in layers


def test_of_two_layers_of_a_fund_the_one_that_paid_explains_the_amount() -> None:
    """Lixin's chronic care has ordinary and special diseases: one pays, the other does not apply."""
    said = ["基本医疗保险：本次2,700.00元按60%报销1,620.00元", "基本医疗保险：按规定不予报销"]

    (_, amount, how), *_ = given(a_bill(bmi="1620.00"), family=said)["layers"]

    assert (amount, how) == ("1620.00", "本次2,700.00元按60%报销1,620.00元")


def real_bills() -> Iterator[tuple[Pack, Decision]]:
    """Yield what is decided of large bills of every kind, level, place and category that a pack has."""
    for pack in map(load_pack, pack_names()):
        kinds = sorted({kind for layer in pack.layers for kind in layer.kinds})
        for kind, level, area, category in product(
            kinds, pack.levels, pack.areas, ("", *pack.priority)
        ):
            year = pack.valid_from.year
            bills = [
                a_stay(
                    f"c{n}", "298765.43", on=f"{year}-05-0{n}", kind=kind, level=level, area=area
                )
                for n in (1, 2)
            ]
            person = a_person(*bills, category=category, since=f"{year}-01-01")
            for decision in settle([pack], person, with_trail=True).values():
                yield pack, decision


def test_no_explanation_of_a_real_bill_is_cut_short() -> None:
    """The longest of all is still one page."""
    longest, seen = None, 0
    for _, decision in real_bills():
        bill = a_bill(
            **{fund: format_yuan(fen) for fund, fen in decision.pays.items() if fund in FUND_ZH}
        )
        trail = decision.trail
        page = printed(
            "H1:1", an_answer(), bill,
            told(family=[one.family for one in trail], basis=[one.zh for one in trail]), "",
        )  # fmt: skip
        said = [*(how for *_, how in page.layers), *page.basis]
        assert not [one for one in said if one.endswith("…")]
        seen, length = seen + 1, sum(map(len, said))
        if longest is None or length > longest[0]:
            longest = length, page

    assert seen > 500
    assert longest is not None
    assert len(pictures(TEMPLATE, in_groups(longest[1]))) == 1


def test_a_family_reads_no_clause_that_nobody_has_verified() -> None:
    """An officer sees it marked; on a family's paper an assumption would look like a rule."""
    page = printed(
        "H1:1", an_answer(), a_bill(), told(basis=["医疗救助：按75%（依据：推定〔未核实〕）"]), ""
    )

    assert page.basis
    assert in_groups(page)["basis"] == []


def test_amounts_are_printed_in_groups() -> None:
    """A misread figure of seven digits is somebody's year."""
    bill = a_bill(bmi="1234567.80")
    page = printed("H1:1", an_answer(), bill, told(), "")

    assert in_groups(page)["layers"][0][1] == "1,234,567.80"


def test_what_was_decided_again_is_said() -> None:
    """A family compares the sheet with the one it was given at the hospital."""
    again = {
        "fund": "medical_assistance", "first": "0.00", "now": "1400.00", "delta": "1400.00",
        "direction": "due", "steps": [{"why": "人员类别由普通居民变为低保对象"}],
    }  # fmt: skip

    assert given(adjustments=[again])["again"] == [
        "医疗救助由0.00元改为1,400.00元，应补1,400.00元：人员类别由普通居民变为低保对象"
    ]


@pytest.mark.parametrize(
    "other",
    [
        {},
        {
            "added": [LONG] * 5, "name": LONG, "hospital": LONG, "level": LONG, "basis": [f"{name}：{LONG}" for name in FUND_ZH.values()],
            "family": [f"{name}：{LONG}" for name in FUND_ZH.values()],
            "adjustments": [
                {"fund": fund, "first": "0.00", "now": "123456789.00", "delta": "-123456789.00",
                 "direction": "refundable", "steps": [{"why": LONG}]} for fund in FUND_ZH
            ],
        },
        {"name": "*_#[]$", "hospital": "#pagebreak()"},
    ],
    ids=["plain", "everything long", "signs of the template"],
)  # fmt: skip
def test_a_bill_takes_exactly_one_page(other: dict[str, Any]) -> None:
    """Whatever is on it; and what somebody typed is never read as the template's own words."""
    bill = a_bill(**dict.fromkeys(FUND_ZH, "123456789.00"))
    page = printed("H1:1", an_answer(), bill, told(**other), code_of(KEY, "H1:1", bill))

    assert len(pictures(TEMPLATE, in_groups(page))) == 1
    assert pdf(TEMPLATE, in_groups(page)).startswith(b"%PDF-")


def test_a_copy_is_verified_by_its_code_however_it_is_typed() -> None:
    """A fen more on the paper, another number or a later revision is another code."""
    code = code_of(KEY, "H1:1", a_bill())

    assert is_verified(KEY, "H1:1", a_bill(), code)
    assert is_verified(KEY, "H1:1", a_bill(), f" {code.replace('-', '').lower()} ")
    assert is_verified(f"{FORMER},{KEY}", "H1:1", a_bill(), code), (
        "printed before the key was rotated"
    )
    assert not is_verified(KEY, "H1:2", a_bill(), code)
    assert not is_verified(KEY, "H1:1", a_bill(personal_burden="1000.01"), code)
    assert not is_verified(KEY, "H1:1", a_bill(bill_revision=3), code)
    assert not is_verified(KEY, "H1:1", a_bill(), "")
    assert not is_verified(FORMER, "H1:1", a_bill(), code)
