"""What stands above the columns: the words of S0 and S3, as a county's office writes them."""

from datetime import date

import pytest

from services.enrollment.person.chronic import Chronic
from services.enrollment.sheets.columns import COLUMNS, CONDITIONS
from services.enrollment.sheets.moves import Move
from services.enrollment.sheets.rules import (
    CHANGES_COLUMNS,
    COMMON,
    SHEETS,
    change_rows,
    in_words,
)
from tests.unit.enrollment.sheets.test_columns import DAY, a_resident


def test_every_sheet_begins_with_who_and_where() -> None:
    """Number, name and head of household first, then where, then as what."""
    assert COMMON == (
        "身份证号", "姓名", "户主", "乡镇", "村（社区）", "人员类别", "联系电话", "备注", "名册来源",
        "更新日期",
    )  # fmt: skip


def test_each_column_has_the_heading_of_the_form() -> None:
    """A clerk compares them with the printed form."""
    assert {name: heading for name, (heading, _) in COLUMNS.items()} == {
        "enrolled": "是否参保", "must_enrol": "应保尽保对象", "year": "参保年度",
        "insurance": "参保险种", "reason": "合理化未参保原因", "evidence": "佐证",
        "since": "起始日期", "until": "终止日期", "checked": "核实日期", "full": "缴费标准（元）",
        "kept": "个人缴费（元）", "paid": "已缴费（元）", "refunded": "已退费（元）",
        "refund_due": "应退未退（元）", "rule": "退费依据", "subsidy": "资助金额（元）",
        "subsidised_as": "资助类别", "exempt": "是否免缴费", "rosters": "在册部门及类别",
        "why_off_roster": "不在册原因", "to_mend": "原因及整改要求",
    }  # fmt: skip


def test_conditions_have_the_names_that_the_files_use() -> None:
    """A county's file stands on them: a name that changes breaks it."""
    assert set(CONDITIONS) == {
        "on_roster", "off_roster", "several_rosters", "enrolled", "must_enrol", "justified",
        "paid_or_subsidised", "exempt", "refund_due", "dead",
    }  # fmt: skip


def test_the_dynamic_sheet_says_what_changed_from_what_to_what() -> None:
    """新增、变更、取消, with month and department."""
    assert CHANGES_COLUMNS == ("变动类型", "生效月份", "变动前", "变动后", "来源单位")
    moves = [
        Move("ADDED", date(2023, 2, 1), "", "SUBSISTENCE", "civil_affairs"),
        Move("CHANGED", date(2023, 3, 1), "SUBSISTENCE", "DESTITUTE", "civil_affairs"),
        Move("REMOVED", date(2023, 4, 1), "DESTITUTE", "", "civil_affairs"),
    ]

    rows = change_rows(a_resident(), moves)

    assert [row[len(COMMON) :] for row in rows] == [
        ("新增", "2023-02", "", "低保对象", "民政局"),
        ("变更", "2023-03", "低保对象", "特困人员", "民政局"),
        ("取消", "2023-04", "特困人员", "", "民政局"),
    ]
    assert [row[5] for row in rows] == ["低保对象", "特困人员", "特困人员"]


def test_categories_are_written_with_their_class() -> None:
    """As the list said it: 低保对象（A类）, several of them with a 、 between."""
    assert in_words(["SUBSISTENCE", "ORPHAN"], {"SUBSISTENCE": "A类"}) == "低保对象（A类）、孤儿"
    assert in_words([]) == ""


def a_certificate(applied: str, until: str | None = None) -> Chronic:
    """Return an assessed disease."""
    end = None if until is None else date.fromisoformat(until)
    return Chronic(
        "高血压", date.fromisoformat(applied), "granted", "", "M1", date(2022, 3, 1), end
    )


@pytest.mark.parametrize(
    ("held", "stands"),
    [
        (a_certificate("2022-03-01"), True),
        (a_certificate("2023-12-31"), True),
        (a_certificate("2024-01-01"), False),
        (a_certificate("2022-03-01", "2023-01-01"), True),
        (a_certificate("2022-03-01", "2022-12-31"), False),
    ],
)
def test_a_certificate_stands_in_the_years_in_which_it_holds(held: Chronic, stands: bool) -> None:
    """From the year of the application to that of its end."""
    rows = SHEETS["chronic"].rows(a_resident(chronic=(held,)), 2023, DAY)

    assert bool(rows) is stands


def test_the_chronic_sheet_shows_disease_result_and_number() -> None:
    """S0's fifth sheet."""
    (row,) = SHEETS["chronic"].rows(a_resident(chronic=(a_certificate("2022-03-01"),)), 2023, DAY)

    assert SHEETS["chronic"].columns == (
        "病种", "申请日期", "办理结果", "证号", "起始日期", "终止日期", "未办理原因",
    )  # fmt: skip
    assert row == ("高血压", "2022-03-01", "已办理", "M1", "2022-03-01", "", "")
