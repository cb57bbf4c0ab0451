"""The city's check list comes in and goes back in its own form, each row answered by what is known."""

import io
from datetime import date

import openpyxl
import pytest

from contracts.sheets import Checked
from services.gateway.intake.reading.columns import words_of
from services.gateway.office.check_lists import Asked, answer_of, filled, read_checks
from services.gateway.refusals import RefusedError
from tests.builders import an_id_number
from tests.unit.gateway.test_door import ADMIT, ONE

WORDS = words_of("bureau")
PERSON = ADMIT(ONE, "甲").key
WRONG = an_id_number(2)[:-1] + ("1" if an_id_number(2)[-1] != "1" else "2")
"""A number whose last character is a slip."""


def known(**other: object) -> Checked:
    """Return an enrolled person of low income."""
    fields: dict[str, object] = {
        "person": PERSON, "township": "城关镇", "village": "东村", "categories": ["SUBSISTENCE"],
        "enrolled": True, "exempt": False, "paid": "35.00", "subsidy": "315.00", "reason": "",
        "died": None, "must_enrol": True, "name_tag": ADMIT(ONE, "甲").name_tag,
    }  # fmt: skip
    return Checked.model_validate(fields | other)


def a_form() -> bytes:
    """Return a form of the city's: a title, columns to be filled, a number that is wrong, a signature."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "核查"
    for row in (
        ["2023年度疑似未参保人员核查名单"],
        ["序号", "姓名", "身份证号", "疑点", "是否参保", "核查结果"],
        [1, "甲", ONE, "低保未参保", None, None],
        [2, "乙", WRONG, "低保未参保", None, None],
        ["填报人：", None, None, None, None, None],
    ):
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_form_comes_back_row_by_row_with_its_own_columns_filled() -> None:
    """Title, doubts and signature stand where they stood; what the form has no column for stands beside."""
    content = a_form()
    asked = read_checks(content, WORDS, ADMIT)
    answers = {(one.sheet, one.row): answer_of(one, known()) for one in asked}

    page = openpyxl.load_workbook(io.BytesIO(filled(content, WORDS, answers)))["核查"]

    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert rows[0][0] == "2023年度疑似未参保人员核查名单"
    assert rows[1][:6] == ["序号", "姓名", "身份证号", "疑点", "是否参保", "核查结果"]
    assert rows[1][6:] == [
        "在册人员类别", "个人缴费（元）", "资助金额（元）", "未参保原因", "死亡日期", "居住乡镇村",
    ]  # fmt: skip
    assert rows[2][:9] == [
        "1",
        "甲",
        ONE,
        "低保未参保",
        "是",
        "已参保",
        "低保对象",
        "35.00",
        "315.00",
    ]
    assert rows[3][5] == "身份证号校验码错误"
    assert rows[4][0] == "填报人："


@pytest.mark.parametrize(
    ("fields", "result"),
    [
        ({"exempt": True}, "已参保（免缴费）"),
        ({"enrolled": False}, "应参未参，已列入整改"),
        ({"enrolled": False, "must_enrol": False}, "未参保，不在应保尽保名册"),
        ({"enrolled": False, "reason": "LOCAL_EMPLOYEE"}, "合理化未参保：本地职工参保"),
        ({"enrolled": False, "died": date(2023, 5, 20)}, "2023-05-20死亡"),
        ({"name_tag": "other"}, "已参保；姓名与本县登记不一致"),
    ],
)  # fmt: skip
def test_each_answer_says_what_is_known(fields: dict[str, object], result: str) -> None:
    """In the words that go back to the city."""
    asked = Asked("", 3, PERSON, ADMIT(ONE, "甲").name_tag)

    assert answer_of(asked, known(**fields))["result"] == result


def test_somebody_of_whom_nothing_is_known_is_said_to_be_unknown() -> None:
    """Never an empty cell."""
    assert answer_of(Asked("", 3, PERSON), None)["result"] == "本县无此人参保和名册信息"


def test_a_list_without_people_is_refused() -> None:
    """No number in it."""
    with pytest.raises(RefusedError, match="missing_header"):
        read_checks("乡镇,人数\n城关镇,3\n".encode(), WORDS, ADMIT)
