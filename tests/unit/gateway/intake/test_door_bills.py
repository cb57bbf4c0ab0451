"""A hospital's bill at the door: what is wrong with it is named by its field."""

from typing import Any

import orjson
import pytest

from contracts.vocabulary import Source
from services.gateway.intake.claims import read_claim
from services.gateway.refusals import RefusedError
from tests.unit.gateway.test_door import (
    BILL,
    CLAIMS,
    ONE,
    REPORTS,
    ROSTERS,
    TODAY,
    WRONG_CHECK,
    csv,
)


@pytest.mark.parametrize(
    ("mistake", "change", "reason", "field"),
    [
        ("parts do not sum", {"total_fee": "12000.01"}, "amounts_do_not_add_up", "total_fee"),
        ("a bare number", {"total_fee": 12000}, "not_an_amount", "total_fee"),
        ("a float", {"in_scope": 10000.0}, "not_an_amount", "in_scope"),
        ("not a number", {"in_scope": "NaN"}, "not_an_amount", "in_scope"),
        ("negative", {"full_self_pay": "-1300.00"}, "negative_amount", "full_self_pay"),
        ("three decimals", {"in_scope": "10000.001"}, "too_many_decimals", "in_scope"),
        ("an unknown kind", {"kind": "spa"}, "unknown_kind", "kind"),
        ("an unknown level", {"level": "L9"}, "unknown_level", "level"),
        ("an unknown area", {"area": "moon"}, "unknown_area", "area"),
        (
            "discharged before admitted",
            {"discharge": "2023-05-01"},
            "discharge_before_admission",
            "discharge",
        ),
        ("a day that does not exist", {"discharge": "2023-02-30"}, "bad_date", "discharge"),
        ("a wrong check character", {"certno": WRONG_CHECK}, "id_check_digit", "certno"),
        ("a field nobody knows", {"totl_fee": "1.00"}, "unknown_field", "totl_fee"),
        ("an id with a blank", {"claim": "S 1"}, "invalid_value", "claim"),
    ],
)
def test_a_bad_bill_is_refused_with_its_field(
    mistake: str, change: dict[str, Any], reason: str, field: str
) -> None:
    """The hospital's programmer is told which field, and the value is not repeated."""
    with pytest.raises(RefusedError) as refused:
        CLAIMS.submitted(read_claim(orjson.dumps(BILL | change)))

    assert (refused.value.reason, refused.value.field) == (reason, field), mistake


@pytest.mark.parametrize("name", ["claim", "certno", "kind", "discharge", "total_fee", "in_scope"])
def test_a_missing_field_is_named(name: str) -> None:
    """What is needed is said, one at a time."""
    bill = {key: value for key, value in BILL.items() if key != name}

    with pytest.raises(RefusedError) as refused:
        read_claim(orjson.dumps(bill))

    assert (refused.value.reason, refused.value.field) == ("missing_field", name)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1,2]",
        b'"x"',
        b"\xff\xfe",
        b'{"total_fee": NaN}',
        b"[" * 5000,
        b'{"a":' + b"[" * 500 + b"]" * 500 + b"}",
    ],
)
def test_what_is_not_json_is_refused_as_such(body: bytes) -> None:
    """Broken, cut, or another shape altogether."""
    with pytest.raises(RefusedError) as refused:
        read_claim(body)

    assert refused.value.reason == "broken_json"


def test_the_national_field_names_are_understood() -> None:
    """A hospital's system speaks the national interface."""
    national = {
        "medins_setl_id": "S1", "fixmedins_code": "H1", "certno": ONE, "med_type": "21", "level": "L2",
        "begndate": "2023-05-10", "enddate": "2023-05-18", "medfee_sumamt": "12000.00",
        "inscp_scp_amt": "10000.00", "preselfpay_amt": "600.00", "overlmt_selfpay": "100.00",
        "fulamt_ownpay_amt": "1300.00",
    }  # fmt: skip

    assert read_claim(orjson.dumps(national)) == read_claim(orjson.dumps(BILL))


def test_the_same_bill_has_the_same_event_id_and_another_amount_another() -> None:
    """A resend is recognised by what it says, not by when it came."""
    first, _ = CLAIMS.submitted(read_claim(orjson.dumps(BILL)))
    again, _ = CLAIMS.submitted(read_claim(orjson.dumps(BILL)))
    other, _ = CLAIMS.submitted(
        read_claim(orjson.dumps(BILL | {"total_fee": "11999.00", "in_scope": "9999.00"}))
    )

    assert first == again != other


@pytest.mark.parametrize(
    ("source", "name", "body", "reason"),
    [
        (Source.TAX, "StatusReported", b"{}", "unknown_event"),
        (Source.TAX, "Nonsense", b"{}", "unknown_event"),
        (Source.POLICE, "DeathReported", b"{}", "missing_field"),
        (Source.POLICE, "DeathReported", b"{", "broken_json"),
    ],
)
def test_a_department_may_only_say_what_is_its_to_say(
    source: Source, name: str, body: bytes, reason: str
) -> None:
    """The tax office grants no poverty status."""
    with pytest.raises(RefusedError) as refused:
        REPORTS.fact(source, name, body)

    assert refused.value.reason == reason


def test_the_same_list_for_another_year_is_another_fact() -> None:
    """What the door accepts reaches the stream: the dedupe window must not take it for a repeat."""
    content = csv(f"张三,{ONE},350.00,城关镇", header="姓名,证件号码,缴费金额,乡镇")

    ids = [
        ROSTERS.begin(Source.TAX, content, month=TODAY, year=year).whole().facts[0][0]
        for year in (2023, 2024, 2023)
    ]

    assert ids[0] == ids[2] != ids[1]
