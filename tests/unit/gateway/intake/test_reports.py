"""Single reports: no identity in any text, names compared as people write them."""

import orjson
import pytest

from contracts.vocabulary import Source
from services.gateway.refusals import RefusedError
from tests.unit.gateway.test_door import ADMIT, ONE, REPORTS


@pytest.mark.parametrize("field", ["evidence_no", "evidence_type", "verified_by"])
def test_an_identity_number_in_any_text_of_a_report_is_refused(field: str) -> None:
    """It would travel and rest in clear."""
    body = {
        "certno": ONE,
        "name": "甲",
        "reason": "ARMY",
        "valid_from": "2023-01-01",
        field: f"见 {ONE}",
    }

    with pytest.raises(RefusedError) as refused:
        REPORTS.fact(Source.BUREAU, "JustificationReported", orjson.dumps(body))

    assert (refused.value.reason, refused.value.field) == ("identity_in_text", field)


@pytest.mark.parametrize(
    ("source", "name", "fields", "reason"),
    [
        (Source.TAX, "PremiumPaid",
         {"coverage_year": 2032, "amount": "350.00", "paid_on": "2023-02-01"}, "year_unlikely"),
        (Source.TAX, "PremiumPaid",
         {"coverage_year": 2022, "amount": "350.00", "paid_on": "2023-02-01"}, "year_unlikely"),
        (Source.BUREAU, "PremiumRefunded",
         {"coverage_year": 2032, "amount": "350.00", "refunded_on": "2023-04-01"}, "year_unlikely"),
        (Source.TOWNSHIP_OFFICE, "FlagApplied",
         {"category": "SUBSISTENCE", "filed_on": "2023-01-08", "flag_year": 2023}, "wrong_flag_year"),
    ],
)  # fmt: skip
def test_a_year_that_does_not_go_with_its_day_is_said_and_not_moved(
    source: Source, name: str, fields: dict[str, object], reason: str
) -> None:
    """2032 for 2023, last year's premium, a flag of the year that has begun."""
    place = {} if name == "PremiumRefunded" else {"township": "城关镇"}
    body = {"certno": ONE, "name": "甲"} | place | fields

    with pytest.raises(RefusedError, match=reason):
        REPORTS.fact(source, name, orjson.dumps(body))


def test_an_application_of_january_is_taken_and_its_year_is_said() -> None:
    """The township reads that it came too late for the year that has begun."""
    body = {
        "certno": ONE, "name": "甲", "category": "SUBSISTENCE", "filed_on": "2023-01-08",
        "township": "城关镇",
    }  # fmt: skip

    _, _, notes = REPORTS.fact(Source.TOWNSHIP_OFFICE, "FlagApplied", orjson.dumps(body))

    assert notes == ["1月申报的按2024年度标识受理；2023年度标识须在2022年12月31日前申报，已截止"]


def test_a_name_is_compared_without_blanks_and_with_one_kind_of_dot() -> None:
    """Three spellings, one tag; another name has another."""
    tags = {ADMIT(ONE, name, "").name_tag for name in ("阿依·古丽", "阿依•古丽", " 阿依 · 古丽 ")}

    assert len(tags) == 1
    assert ADMIT(ONE, "阿依", "").name_tag not in tags
