"""A sheet of problems that an office filled in: each line by itself, and nobody's number in free words."""

import pytest

from contracts.vocabulary import PROBLEM_ZH
from services.gateway.intake.people import Admitted
from services.gateway.intake.promises import KINDS, Promises, read_promises
from services.gateway.intake.reading.columns import words_of
from services.gateway.refusals import RefusedError
from tests.builders import an_id_number

HEAD = "身份证号,姓名,乡镇,问题,状态,责任人,整改期限,佐证"
FIRST, SECOND = an_id_number(11), an_id_number(12)


def admit(id_number: str, *_: object) -> Admitted:
    """Let everybody in under the own number."""
    return Admitted(f"p-{id_number}", "", "")


def read(*lines: str) -> Promises:
    """Read a sheet of these lines."""
    return read_promises("\n".join([HEAD, *lines]).encode(), words_of("bureau", None), admit)


def test_a_line_that_is_filled_in_is_a_promise_and_an_empty_one_is_none() -> None:
    """Somebody fills in what is known today; the others stay as they are."""
    found = read(
        f"{FIRST},甲,城关镇,应参未参,未整改,城关镇医保专干,2026年12月31日,参保截图",
        f"{SECOND},乙,城关镇,在册未标识,未整改,,,",
        "合计,2,,,,,,",
    )

    (one,) = found.taken
    assert (one.person, one.kind, one.officer) == (f"p-{FIRST}", "not_enrolled", "城关镇医保专干")
    assert (one.due.isoformat(), one.evidence) == ("2026-12-31", "参保截图")
    assert (found.empty, list(found.rejected)) == (1, [])


@pytest.mark.parametrize(
    ("line", "reason", "field"),
    [
        (f"{FIRST},甲,城关镇,没有的问题,未整改,专干,2026-12-31,", "unknown_problem", "problem"),
        (f"{FIRST},甲,城关镇,应参未参,未整改,,2026-12-31,", "missing_field", "officer"),
        (f"{FIRST},甲,城关镇,应参未参,未整改,专干,,", "bad_date", "due"),
        (f"{FIRST},甲,城关镇,应参未参,未整改,专干,12/31,", "bad_date", "due"),
        (f"{FIRST},甲,城关镇,应参未参,未整改,{SECOND},2026-12-31,", "identity_in_text", "officer"),
        (f"{FIRST},甲,城关镇,应参未参,未整改,专干,2026-12-31,电话19912340001", "identity_in_text", "evidence"),
        (f"{FIRST},甲,城关镇,应参未参,未整改,{'长' * 101},2026-12-31,", "invalid_value", "officer"),
    ],
)  # fmt: skip
def test_a_wrong_line_goes_back_by_itself(line: str, reason: str, field: str) -> None:
    """With its row, its reason and whose it is as far as the sender needs it; its neighbour is taken."""
    found = read(line, f"{SECOND},乙,城关镇,应参未参,未整改,专干,2026-12-31,")

    (back,) = found.rejected
    assert (back.row, back.reason, back.field, back.who.name) == (2, reason, field, "甲")
    assert len(found.taken) == 1


def test_a_sheet_without_its_columns_is_refused_and_each_problem_has_its_own_word() -> None:
    """Two problems of one word would be one; a roster is no sheet of promises."""
    assert len(KINDS) == len(PROBLEM_ZH)
    with pytest.raises(RefusedError) as refused:
        read_promises("姓名,身份证号\n".encode() + FIRST.encode(), words_of("bureau", None), admit)
    assert refused.value.reason == "missing_header"
