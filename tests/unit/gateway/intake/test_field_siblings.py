"""Neighbours of the field cases: columns that say ended, amounts, households, totals."""

import io
from datetime import date
from typing import Any

import pytest

from contracts.events.partner import StatusReported
from contracts.vocabulary import Source
from services.enrollment.person.timelines import fold_identities
from services.gateway.refusals import RefusedError
from tests.builders import an_id_number
from tests.files import (
    CIVIL,
    HEAD,
    MAY,
    TAX,
    a_row,
    a_workbook,
    back,
    read,
    read_register,
    text_of,
    told,
)


@pytest.mark.parametrize(
    ("column", "value", "ended"),
    [
        ("退出日期", "2023-04-10", date(2023, 4, 10)), ("停发日期", "2023/4/10", date(2023, 4, 10)),
        ("救助状态", "停发", date(2023, 5, 1)), ("享受状态", "死亡", date(2023, 5, 1)),
        ("退出日期", "", None), ("救助状态", "正常", None),
    ],
)  # fmt: skip
def test_a_column_that_says_ended_is_not_ignored(
    column: str, value: str, ended: date | None
) -> None:
    """A list of exits must not become a list of entries."""
    roster = read(
        a_workbook([[*HEAD, "认定日期", column], [*a_row(1), "2022-01-01", value]]), full=False
    )
    facts = [fact for _, fact in roster.facts if isinstance(fact, StatusReported)]

    assert facts[0].effective == date(2022, 1, 1)
    assert [one.effective for one in facts if one.action == "removed"] == ([ended] if ended else [])


def test_an_old_end_does_not_end_what_began_anew() -> None:
    """Risk gone last year, recognised again this year: one list, two rows, one standing identity."""
    head = [
        "姓名",
        "身份证号",
        "监测对象类别",
        "乡镇",
        "监测识别时间",
        "风险是否已消除",
        "风险消除时间",
    ]
    person = ["赵", an_id_number(1), "突发严重困难户", "城关镇"]
    roster = read(
        a_workbook(
            [head, [*person, "2021-01-01", "是", "2022-02-01"], [*person, "2023-03-01", "否", ""]]
        ),
        Source.RURAL_REVITALISATION,
    )

    found = fold_identities([fact for _, fact in roster.facts if isinstance(fact, StatusReported)])

    assert [(one.valid_from, one.valid_to) for one in found] == [
        (date(2021, 1, 1), date(2022, 1, 31)), (date(2023, 3, 1), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "header", "row", "reason"),
    [
        (TAX, "姓名,身份证号,缴费金额,乡镇,缴费状态", "350.00,城关镇,已作废", "payment_void"),
        (Source.POLICE, "姓名,身份证号,注销日期,注销原因", "2023-04-01,出国定居", "not_a_death"),
        (
            Source.EMPLOYEE_INSURANCE,
            "姓名,身份证号,参保日期,参保状态",
            "2023-01-01,终止参保",
            "end_missing",
        ),
    ],
)
def test_a_state_that_says_no_is_heard_in_every_list(
    source: Source, header: str, row: str, reason: str
) -> None:
    """A cancelled payment, a deregistration that is no death, an insurance that has ended."""
    content = f"{header}\n赵,{an_id_number(1)},{row}"

    with pytest.raises(RefusedError) as refused:
        read(content.encode(), source)
    assert refused.value.detail == reason


def test_a_grant_for_later_that_the_next_list_no_longer_has_never_began() -> None:
    """It sorted behind the absence, and stayed open for ever."""
    row = read(a_workbook([[*HEAD, "认定日期"], [*a_row(1), "2023-07-01"]])).facts[0][1]
    assert isinstance(row, StatusReported)
    absent = row.model_copy(
        update={"action": "removed", "effective": date(2023, 6, 1), "listed": date(2023, 6, 1),
                "batch": "june", "received": row.received.replace(minute=59)}
    )  # fmt: skip

    assert fold_identities([row, absent]) == ()


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("1,380.00", "row_shifted"),
        ('"350,00"', "not_an_amount"),
        ('"3,80"', "not_an_amount"),
        ('"1,380.00"', ""),
    ],
)
def test_a_comma_in_an_amount_is_no_guess(amount: str, reason: str) -> None:
    """1,380 without quotes is two cells, and was taken for one yuan."""
    content = f"姓名,身份证号,乡镇,缴费金额\n赵,{an_id_number(1)},城关镇,{amount}\n钱,{an_id_number(2)},城关镇,350.00"

    roster = read(content.encode(), TAX)

    assert [one.reason for one in roster.rejected] == ([reason] if reason else [])
    assert told(roster, "amount")[0] == (35_000 if reason else 138_000)


def test_a_sum_over_a_household_is_not_said_of_each() -> None:
    """A merged amount cannot be divided; a merged township can."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["姓名", "身份证号", "缴费金额", "乡镇"], ["赵", an_id_number(1), "760.00", "城关镇"],
                ["钱", an_id_number(2), None, None]):  # fmt: skip
        book.active.append(row)
    book.active.merge_cells("C2:C3")
    book.active.merge_cells("D2:D3")
    out = io.BytesIO()
    book.save(out)

    assert back(read(out.getvalue(), TAX)) == [(3, "merged_amount", "amount")]


def test_households_of_two_townships_are_two_and_one_household_is_one() -> None:
    """Short numbers begin anew in each township; the head's number may stand on one row only."""
    head = [*HEAD, "户号", "户主身份证号"]
    one, two = an_id_number(1), an_id_number(2)
    roster = read(
        a_workbook([head, ["赵", one, "低保对象", "甲镇", "1", one], ["钱", two, "低保对象", "甲镇", "1", ""],
                    ["孙", an_id_number(3), "低保对象", "乙镇", "1", ""]])
    )  # fmt: skip

    first, second, third = told(roster, "household")
    assert first == second != third


@pytest.mark.parametrize("text", ["2023.1", "200105", "201101", "2023"])
def test_a_date_that_could_be_two_goes_back(text: str) -> None:
    """October that lost its zero, a short year."""
    content = f"{','.join(HEAD)},认定日期\n赵,{an_id_number(1)},低保对象,城关镇,{text}"
    with pytest.raises(RefusedError) as refused:
        read(content.encode())
    assert refused.value.detail == "bad_date"


LAST_LINES: list[list[Any]] = [
    ["合计", 2], ["填表人：王五", "审核人：李四", "", "2023-05-01"], ["分管领导：", ""], ["单位（盖章）：", ""],
    ["", "", "", "城关镇合计"], ["合计：2人"], ["填表人", "王五", "审核人", "李四"], ["城关镇小计", "", "", "2人"],
    ["注：以上人员已公示"], ["总计", "2户", "2人"],
]  # fmt: skip


@pytest.mark.parametrize("line", LAST_LINES, ids=lambda line: str(line[0] or line[-1]))
def test_totals_and_signatures_in_common_shapes_send_nothing_back(line: list[Any]) -> None:
    """With and without a column of numbers before them."""
    for lead in ([], [""]):
        head = ["序号"] if lead else []
        roster = read(
            a_workbook([[*head, *HEAD], [*lead, *a_row(1)], [*lead, *a_row(2)], [*lead, *line]])
        )
        assert (len(roster.facts), back(roster), len(roster.table.skipped)) == (2, [], 1)


@pytest.mark.parametrize(
    "header",
    [
        ["户类型", "监测对象类别"], ["监测对象类别", "户类型"], ["人员类别", "救助类别（低保/特困）"],
    ],
)  # fmt: skip
def test_of_two_columns_that_mean_the_same_the_better_one_is_read_and_the_other_named(
    header: list[str],
) -> None:
    """Real exports have both; the file is not sent back for it."""
    cells = {
        "户类型": "一般户",
        "监测对象类别": "低保对象",
        "人员类别": "低保对象",
        "救助类别（低保/特困）": "x",
    }
    roster = read(
        a_workbook(
            [
                ["姓名", "身份证号", "乡镇", *header],
                ["赵", an_id_number(1), "城关镇", *(cells[one] for one in header)],
            ]
        ),
    )

    assert told(roster, "category") == ["SUBSISTENCE"]
    assert len(roster.table.columns_unread) == 1


@pytest.mark.parametrize("label", ["缴费金额(元)", "金额（元）", "实缴金额（单位：元）"])
def test_a_unit_in_brackets_is_no_other_column(label: str) -> None:
    """Nor is （必填）, or （18位）."""
    head = ["姓名（必填）", "身份证号码（18位）", label, "乡镇"]

    assert told(
        read(a_workbook([head, ["赵", an_id_number(1), "350.00", "城关镇"]]), TAX), "amount"
    ) == [35_000]


def test_a_row_that_stands_twice_hides_nobody() -> None:
    """It goes back, and is no reason to ask every month."""
    roster = read(a_workbook([HEAD, a_row(1), a_row(2), a_row(2)]))

    assert back(roster) == [(4, "duplicate_row", "id_number")]
    assert roster.received is not None
    assert (roster.received.rejected, roster.received.hiding) == (1, 0)


def test_whoever_waits_for_a_word_is_not_named_as_leaving() -> None:
    """Nobody knows yet what becomes of the row."""
    roster = read(a_workbook([HEAD, a_row(1), [*a_row(2)[:2], "光荣户", "城关镇"]]))

    assert len(roster.waiting_persons) == 1
    assert "光荣户" in text_of(roster)


def test_an_unknown_state_of_a_register_has_a_true_reason() -> None:
    """A register is sent again whole once the word was answered; its rows do not wait."""
    content = f"姓名,身份证号,乡镇,参保状态\n赵,{an_id_number(1)},城关镇,正常\n钱,{an_id_number(2)},城关镇,待转"

    found = read_register(content.encode(), 2023)

    assert [(one.row, one.reason, one.word) for one in found.rejected] == [
        (3, "unknown_state", "待转")
    ]


def test_the_same_file_of_two_sources_or_months_is_two_lists() -> None:
    """One key for both made the second vanish."""
    content = a_workbook([HEAD, a_row(1)])

    keys = {
        roster.received.batch
        for roster in (
            read(content), read(content, Source.DISABLED_FEDERATION), read(content, month=date(2023, 6, 1)),
            read(content, full=False), read(content, full=False, month=date(2023, 6, 1)),
        )
        if roster.received
    }  # fmt: skip

    assert len(keys) >= 3
    assert CIVIL is not Source.DISABLED_FEDERATION
    assert MAY.year == 2023
