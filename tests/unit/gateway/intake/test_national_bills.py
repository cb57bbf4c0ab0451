"""Bills in the national interface's names and forms: dates, codes, numbers, and refusals in the sender's words."""

from typing import Any

import orjson
import pytest

from contracts.events.claims import ClaimSubmitted
from services.gateway.intake.claims import bill_of, read_claim, translate
from services.gateway.intake.national import Translated, tables
from services.gateway.refusals import RefusedError
from tests.unit.gateway.test_door import BILL, CLAIMS, ONE

NATIONAL = {
    "setl_id": "S1", "fixmedins_code": "H1", "certno": ONE, "med_type": "21", "level": "L2",
    "begndate": "20230510", "enddate": "20230518", "setl_time": "20230518103000",
    "medfee_sumamt": "12000.00", "inscp_scp_amt": "10000.00", "preselfpay_amt": "600.00",
    "overlmt_selfpay": "100.00", "fulamt_ownpay_amt": "1300.00",
}  # fmt: skip


def submitted(**change: Any) -> ClaimSubmitted:
    """Return the event of a national bill."""
    return CLAIMS.submitted(read_claim(orjson.dumps(NATIONAL | change)))[1]


def refusal(fields: dict[str, Any]) -> tuple[str, str]:
    """Return the reason and the field of a refusal, from reading or from checking."""
    translated = Translated({})
    try:
        translated = translate(orjson.dumps(fields))
        CLAIMS.submitted(bill_of(translated))
    except RefusedError as error:
        return error.reason, translated.said.get(error.field, error.field)
    raise AssertionError("nothing was refused")


def test_national_dates_are_eight_and_fourteen_digits() -> None:
    """20230518103000 is half past ten in China, not the year 2611."""
    bill = submitted()

    assert (str(bill.admit), str(bill.discharge)) == ("2023-05-10", "2023-05-18")
    assert bill.settled is not None
    assert bill.settled.isoformat() == "2023-05-18T10:30:00+08:00"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"enddate": 1684281600}, "enddate"), ({"enddate": "1684281600"}, "enddate"),
        ({"enddate": "2023-05"}, "enddate"), ({"enddate": "2203-05-18"}, "enddate"),
        ({"enddate": "20230230"}, "enddate"), ({"begndate": "1023-05-10"}, "begndate"),
        ({"setl_time": "1684376100"}, "setl_time"), ({"setl_time": 20230518103000}, "setl_time"),
        ({"setl_time": "20230518106000"}, "setl_time"),
        ({"setl_time": "0001-01-01T00:00:00+14:00"}, "setl_time"),
        ({"setl_time": "9999-12-31T23:00:00-12:00"}, "setl_time"),
        ({"setl_time": "2623-05-18T10:00:00+08:00"}, "setl_time"),
    ],
)  # fmt: skip
def test_a_number_is_no_date_and_the_ends_of_time_are_refused(
    change: dict[str, Any], field: str
) -> None:
    """By the sender's own name of the field."""
    assert refusal(NATIONAL | change) == ("bad_date", field)


@pytest.mark.parametrize(
    ("code", "kind"),
    [*((code, "inpatient") for code in ("21", "22", "23", "24", "25", "26", "28", "2114")),
     ("14", "chronic_outpatient"), ("140104", "chronic_outpatient"), ("140201", "chronic_outpatient"),
     ("11", "general_outpatient"), ("1102", "general_outpatient")],
)  # fmt: skip
def test_the_national_kinds_of_care_are_data(code: str, kind: str) -> None:
    """A longer code is a kind of the shorter one."""
    assert read_claim(orjson.dumps(NATIONAL | {"med_type": code})).kind == kind


@pytest.mark.parametrize(
    ("code", "reason"),
    [("41", "kind_not_paid"), ("52", "kind_not_paid"), ("410101", "kind_not_paid"),
     ("99", "unknown_kind"), ("2x", "unknown_kind"), ("", "unknown_kind")],
)  # fmt: skip
def test_a_kind_that_the_county_does_not_pay_has_its_own_reason(code: str, reason: str) -> None:
    """A pharmacy's slip is known, and not paid here."""
    assert refusal(NATIONAL | {"med_type": code}) == (reason, "med_type")


def test_the_number_is_the_settlements_and_not_the_senders_message() -> None:
    """medins_setl_id is new at each attempt; it names a bill only where nothing else does."""
    again = submitted(medins_setl_id="H1202305181030009999")
    visit = {key: value for key, value in NATIONAL.items() if key != "setl_id"}

    assert again.claim == submitted(medins_setl_id="other").claim == "H1:S1"
    assert read_claim(orjson.dumps(visit | {"mdtrt_id": "M7", "medins_setl_id": "x"})).claim == "M7"
    assert read_claim(orjson.dumps(visit | {"medins_setl_id": "X8"})).claim == "X8"


def test_a_padded_number_is_the_number() -> None:
    """Fixed-width exports pad with blanks."""
    assert submitted(setl_id="  S1  ", fixmedins_code="H1 ").claim == "H1:S1"


@pytest.mark.parametrize("name", sorted(tables().ignored))
def test_known_national_fields_that_say_nothing_here_are_taken(name: str) -> None:
    """Whatever they hold."""
    assert submitted(**{name: "x"}).claim == "H1:S1"


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        (NATIONAL | {"medfee_sumamt": "12000"}, "", ""),
        (NATIONAL | {"medfee_sumamt": 12000}, "not_an_amount", "medfee_sumamt"),
        (NATIONAL | {"medfee_sumamt": "12000.01"}, "amounts_do_not_add_up", "medfee_sumamt"),
        (NATIONAL | {"begndate": "20230519"}, "discharge_before_admission", "enddate"),
        (NATIONAL | {"medfee_sumamnt": "1.00"}, "unknown_field", "medfee_sumamnt"),
        (NATIONAL | {"total_fee": "1.00"}, "duplicate_field", "medfee_sumamt"),
        (BILL | {"total_fee": "12000.01"}, "amounts_do_not_add_up", "total_fee"),
    ],
)
def test_a_refusal_speaks_the_senders_names(
    fields: dict[str, Any], reason: str, field: str
) -> None:
    """National names to whom uses them, ours to whom uses ours."""
    if reason:
        assert refusal(fields) == (reason, field)
    else:
        assert CLAIMS.submitted(read_claim(orjson.dumps(fields)))[1].total_fee == 1_200_000


def test_a_field_that_stands_twice_is_refused() -> None:
    """JSON readers take the last in silence; nobody knows which was meant."""
    body = orjson.dumps(BILL)[:-1] + b',"total_fee":"1.00"}'

    with pytest.raises(RefusedError, match="duplicate_field"):
        read_claim(body)
