"""Single reports: no identity in any text, names compared as people write them."""

import orjson
import pytest

from contracts.vocabulary import Source
from services.gateway.refusals import RefusedError
from tests.unit.test_door import ADMIT, ONE, REPORTS


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


def test_a_name_is_compared_without_blanks_and_with_one_kind_of_dot() -> None:
    """Three spellings, one tag; another name has another."""
    tags = {ADMIT(ONE, name, "").name_tag for name in ("阿依·古丽", "阿依•古丽", " 阿依 · 古丽 ")}

    assert len(tags) == 1
    assert ADMIT(ONE, "阿依", "").name_tag not in tags
