"""Lists as departments really send them: titles, totals, status columns, their own words; each goes in as it is."""

from collections.abc import Callable
from datetime import date

import pytest

from contracts.events.partner import StatusReported
from contracts.vocabulary import Source
from services.gateway.refusals import RefusedError
from tests.builders import an_id_number
from tests.files import (
    HEAD,
    OCTOBER,
    TAX,
    a_row,
    a_workbook,
    back,
    opened,
    read,
    read_register,
    stray,
    text_of,
    told,
)


def test_a_title_above_a_registers_header_is_no_header() -> None:
    """And a register may be a workbook."""
    assert read_register("r17_register_title.csv", 2023).accepted == 3
    export = read_register("lists/register_export.xlsx", 2026)
    assert (export.rows, export.accepted, export.rejected) == (161, 161, [])
    assert "人员编号" in export.table.columns_unread


def test_only_what_insures_a_resident_this_year_counts() -> None:
    """Suspended, ended, employees, other years: left out, and said."""
    states = ["正常参保", "暂停参保", "终止参保", "职工", "正常参保", "正常参保"]
    kinds = ["城乡居民基本医疗保险"] * 4 + ["城镇职工基本医疗保险", "城乡居民基本医疗保险"]
    begun = ["2026-01-01"] * 5 + ["2027-01-01"]
    rows = [
        f"赵,{an_id_number(n)},城关镇,{state},{kind},{day}"
        for n, (state, kind, day) in enumerate(zip(states, kinds, begun, strict=True), start=1)
    ]
    content = "\n".join(["姓名,身份证号,乡镇,参保状态,参保类型,参保日期", *rows]).encode("gb18030")

    found = read_register(content, 2026)

    assert found.accepted == 1
    assert found.left_out == {"not_insured": 3, "employee": 1, "other_year": 1}


def test_a_header_over_two_lines_with_totals_and_signatures_is_read() -> None:
    """Title, groups over columns, merged households, 合计, who filled it in."""
    roster = read("lists/subsistence_two_line_header.xlsx", month=OCTOBER)
    plain = read("lists/subsistence_plain.xlsx", month=OCTOBER)

    assert len(roster.facts) == len(plain.facts) == 91
    assert told(roster, "person") == told(plain, "person")
    assert told(roster, "household") == told(plain, "household")
    assert [(one.row, one.kind) for one in roster.table.skipped] == [
        (96, "total"), (97, "signature"), (98, "signature"),
    ]  # fmt: skip
    assert "未读取的列：序号、性别、与户主关系、备注。" in text_of(roster)


def test_a_person_beside_a_signature_is_still_a_person() -> None:
    """Somebody without a number, whose remark begins like a note, goes back and is not left out."""
    rows = [a_row(1), ["钱", "", "低保对象", "城关镇", "备注：证件遗失"]]

    with pytest.raises(RefusedError) as refused:
        read(a_workbook([[*HEAD, "备注"], *rows]))
    assert refused.value.reason == "list_incomplete"


def test_a_monitored_person_whose_risk_is_gone_has_ended() -> None:
    """On the day given, having been monitored from recognition on."""
    roster = read("lists/monitored.xlsx", Source.RURAL_REVITALISATION, OCTOBER)
    assert len(roster.facts) == 80

    head = [*HEAD[:2], "监测对象类别", "乡镇", "监测识别时间", "风险是否已消除", "风险消除时间"]
    gone = read(
        a_workbook([head, ["赵", an_id_number(1), "突发严重困难户", "城关镇", "2026-03-15", "是", "2026-09-10"],
                    ["钱", an_id_number(2), "突发严重困难户", "城关镇", "2026-03-15", "否", ""]]),
        Source.RURAL_REVITALISATION, OCTOBER,
    )  # fmt: skip
    said = [
        (fact.action, fact.effective) for _, fact in gone.facts if isinstance(fact, StatusReported)
    ]
    assert said == [
        ("granted", date(2026, 3, 15)), ("removed", date(2026, 9, 10)), ("granted", date(2026, 3, 15)),
    ]  # fmt: skip
    assert gone.received is not None
    assert (gone.received.accepted, gone.received.standing) == (2, 1)


def test_the_tax_offices_export_is_read() -> None:
    """GBK, tabs, a title, a total; the year is where the period begins."""
    roster = read("lists/tax_tabs.csv", TAX, OCTOBER)

    assert len(roster.facts) == 161
    assert set(told(roster, "coverage_year")) == {2026}
    assert [one.kind for one in roster.table.skipped] == ["total"]


def test_the_day_of_death_counts_and_not_that_of_deregistration() -> None:
    """The police list has both; alone, the other one is what is known."""
    both = read("lists/police_deregistered.xlsx", Source.POLICE, OCTOBER)
    assert told(both, "died") == [date(2026, 10, 10)] * 2
    assert "注销日期" in both.table.columns_unread

    one = read(
        a_workbook([["姓名", "身份证号", "注销日期"], ["赵", an_id_number(1), "2026-10-20"]]),
        Source.POLICE,
    )
    assert told(one, "died") == [date(2026, 10, 20)]


@pytest.mark.parametrize(
    ("word", "category"),
    [
        ("农村低保", "SUBSISTENCE"), ("城市低保", "SUBSISTENCE"), ("农村特困供养", "DESTITUTE"),
        ("城市特困", "DESTITUTE"), ("监测户", "MARGINAL_AT_RISK"), ("致贫返贫人口", "BACK_TO_POVERTY"),
        ("稳定脱贫户", "STABLE_OUT_OF_POVERTY"), ("低保对象（A类）", "SUBSISTENCE"),
    ],
)  # fmt: skip
def test_words_of_real_lists_are_understood(word: str, category: str) -> None:
    """As a county bureau's public configuration has them."""
    head = ["姓名", "身份证号", "救助类别", "所在乡镇", "纳入时间", "联系方式"]
    row = ["赵", an_id_number(1), word, "城关镇", "2023-01-01", "19900000001"]

    assert told(read(a_workbook([head, row])), "category") == [category]


@pytest.mark.parametrize("word", ["停保", "迁出", "减少", "退出"])
def test_words_for_leaving_are_understood(word: str) -> None:
    """In a list of changes."""
    roster = read(
        a_workbook([[*HEAD, "变动情况"], [*a_row(1), word], [*a_row(2), "增加"]]), full=False
    )

    assert told(roster, "action") == ["removed", "granted"]


def test_a_word_that_nobody_explained_waits_and_its_row_is_kept() -> None:
    """It is asked about, with the county's own word; nothing is dropped."""
    roster = read(a_workbook([HEAD, a_row(1), [*a_row(2)[:2], "光荣户", "城关镇"]]))

    assert [(one.row, one.word) for one in roster.waiting] == [(3, "光荣户")]
    assert len(roster.questions) == 1
    assert roster.received is not None
    assert (roster.received.accepted, roster.received.waiting) == (1, 1)
    assert "词语“光荣户”尚未定义" in text_of(roster)


def test_a_word_that_was_answered_is_read_as_it_was_meant() -> None:
    """And one that is none of ours goes back with that reason."""
    content = a_workbook([HEAD, a_row(1), [*a_row(2)[:2], "光荣户", "城关镇"]])

    meant = read(content, learned=[("category", "光荣户", "KEY_VETERAN_CARE")])
    foreign = read(content, learned=[("category", "光荣户", "")])

    assert told(meant, "category") == ["SUBSISTENCE", "KEY_VETERAN_CARE"]
    assert back(foreign) == [(3, "word_not_ours", "category")]


PHONES = [
    ("199-0000-0003", "19900000003", ""), ("+8619900000003", "19900000003", ""),
    ("19900000004/19900000005", "19900000004", ""), ("0558-8812345/19900000005", "19900000005", ""),
    ("无", "", ""), ("", "", ""), ("1.99E+10", "", "phone_unreadable"),
    ("0558-8812345", "", "phone_landline"), ("12345", "", "phone_unreadable"),
    ("\u202d19900000301\u202c", "19900000301", ""), ("19900000004 19900000005", "19900000004", ""),
]  # fmt: skip


@pytest.mark.parametrize(("written", "mobile", "note"), PHONES)
def test_phones_are_eleven_digits_or_a_named_reason(written: str, mobile: str, note: str) -> None:
    """An SMS goes to a mobile number only; the sender is told of the others."""
    roster = read(a_workbook([[*HEAD, "手机"], [*a_row(1), written]]))
    ((_, fact),) = roster.facts

    assert [one.reason for one in roster.noted] == ([note] if note else [])
    assert bool(fact.contact_sealed) is bool(mobile)  # type: ignore[attr-defined]
    if mobile:
        assert opened(fact)["phone"] == mobile


def test_a_row_with_something_behind_the_last_column_has_shifted() -> None:
    """Its number stands where no column is."""
    content = f"姓名,身份证号,人员类别,乡镇\n赵,{an_id_number(1)},低保对象,城关镇\n钱,,低保对象,城关镇,{an_id_number(2)}"

    roster = read(content.encode(), full=False)

    assert back(roster) == [(3, "row_shifted", "id_number")]


@pytest.mark.parametrize(
    ("what", "make", "reason"),
    [
        ("formats to the end of the sheet", lambda: stray("XFD1048576", None), ""),
        ("a value far away", lambda: stray("XFD1048576", "x"), "stray_cell"),
        ("a value far below", lambda: stray("A1048576", "x"), ""),
    ],
)
def test_a_small_file_cannot_hold_the_door(
    what: str, make: Callable[[], bytes], reason: str
) -> None:
    """Memory and time are bounded before anything is parsed."""
    if reason:
        with pytest.raises(RefusedError, match=reason):
            read(make(), full=False)
    else:
        assert len(read(make(), full=False).facts) == 1, what
