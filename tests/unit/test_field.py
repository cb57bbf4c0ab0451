"""Files after other systems' public faults, and lists as departments really send them: each as it is."""

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest
import xlwt
from pydantic import SecretStr

from chassis.privacy import vault
from chassis.settings import Settings
from contracts.events.partner import PartnerEvent, StatusReported
from contracts.vocabulary import Source
from services.gateway.people import admitter, row_vault, tagger
from services.gateway.receipts import receipt_of
from services.gateway.refusals import RefusedError
from services.gateway.register import RegisterReading
from services.gateway.rosters import NothingTakenError, Roster, RosterDesk
from tests.builders import an_id_number

FIELD = Path(__file__).parents[1] / "field"
NOW = datetime(2026, 11, 26, 10, tzinfo=timezone(timedelta(hours=8)))
SETTINGS = Settings(synthetic=True, identity_key=SecretStr("22" * 32))
DESK = RosterDesk(admitter(SETTINGS, NOW.date), lambda: NOW, rows=row_vault(SETTINGS))
VAULT = vault("22" * 32, "AES-256-GCM")
CIVIL, TAX = Source.CIVIL_AFFAIRS, Source.TAX
MAY = date(2023, 5, 1)
OCTOBER = date(2026, 10, 1)


def read(
    content: str | bytes,
    source: Source = CIVIL,
    month: date = MAY,
    *,
    full: bool = True,
    **more: Any,
) -> Roster:
    """Read a file of this folder, or bytes, as a list of a source."""
    found = (FIELD / content).read_bytes() if isinstance(content, str) else content
    whole = full and source in {CIVIL, Source.RURAL_REVITALISATION, Source.DISABLED_FEDERATION}
    return DESK.read(source, found, month=month, year=2023, full=whole, **more)


def told(roster: Roster, part: str) -> list[Any]:
    """Return one part of every fact."""
    return [getattr(fact, part) for _, fact in roster.facts]


def opened(fact: PartnerEvent) -> dict[str, str]:
    """Open what a list said of a person."""
    found: dict[str, str] = orjson.loads(VAULT.open(fact.identity_sealed, fact.person))  # type: ignore[attr-defined]
    return found


def back(roster: Roster) -> list[tuple[int, str, str]]:
    """Return the rows that went back."""
    return [(one.row, one.reason, one.field) for one in roster.rejected]


@pytest.mark.parametrize(
    "file", ["r01a_sane.xlsx", "r01b_wps_dimension_A1.xlsx", "r01c_stale_dimension.xlsx"]
)
def test_what_a_sheet_says_of_its_own_size_is_not_trusted(file: str) -> None:
    """All ten people are read, and the tenth is not absent."""
    assert len(read(file).facts) == 10


def test_a_stray_quote_sends_the_file_back_with_its_line() -> None:
    """It swallowed the rows up to the next one, whose people then seemed absent."""
    assert len(read("r13a_clean.csv", Source.DISABLED_FEDERATION).facts) == 30
    with pytest.raises(RefusedError) as refused:
        read("r13b_stray_quotes.csv", Source.DISABLED_FEDERATION)
    assert (refused.value.reason, refused.value.detail) == ("stray_quote", "line 6")
    with pytest.raises(RefusedError, match="stray_quote"):
        read_register("r13b_stray_quotes.csv", 2023)


def test_a_remark_of_two_lines_is_no_stray_quote() -> None:
    """Alt+Enter in a cell is a habit, and swallows nobody."""
    rows = [
        f'赵,{an_id_number(1)},低保对象,城关镇,"重病\n独居"',
        f"钱,{an_id_number(2)},低保对象,城关镇,",
    ]

    roster = read("\n".join(["姓名,身份证号,人员类别,乡镇,备注", *rows]).encode())

    assert len(roster.facts) == 2


def test_hidden_sheets_are_left_out_and_every_visible_one_is_read() -> None:
    """The first sheet is a hidden list of words; a workbook may have one sheet a township."""
    roster = read("r06b_hidden_first.xlsx")
    assert len(roster.facts) == 1
    assert roster.table.sheets_unread == ["数据字典（隐藏）"]

    two = read(a_workbook([HEAD, a_row(1)], [HEAD, a_row(2), a_row(3)]))
    assert len(two.facts) == 3


def test_a_second_sheet_with_rows_but_no_header_sends_the_file_back() -> None:
    """Its people would silently be absent; a sheet of remarks is left out by name."""
    with pytest.raises(RefusedError) as refused:
        read(a_workbook([HEAD, a_row(1)], [a_row(2), a_row(3)]))
    assert refused.value.reason == "sheet_without_header"

    remarks = read(a_workbook([HEAD, a_row(1)], [["填表说明"], ["一、按户填写。"]]))
    assert remarks.table.sheets_unread == ["表2"]


def test_day_numbers_are_days_and_ambiguous_or_impossible_dates_go_back() -> None:
    """44927 is 2023-01-01, not the year 4492."""
    roster = read("r02_serial_dates.xlsx")

    assert told(roster, "effective") == [date(2023, 1, 1)] * 3
    assert back(roster) == [(4, "bad_date", "effective"), (5, "bad_date", "effective")]
    assert told(read("r02b_numFmt31.xlsx"), "effective") == [date(2023, 1, 1)]


def test_days_of_an_apple_workbook_count_from_1904() -> None:
    """The same number is another day there."""
    book = openpyxl.Workbook()
    book.epoch = datetime(1904, 1, 1)  # noqa: DTZ001  it is the workbook's own
    fill(book.active, [[*HEAD, "认定日期"], [*a_row(1), 43465]])

    assert told(read(saved(book)), "effective") == [date(2023, 1, 1)]


def test_digits_alone_are_no_date_in_a_text_file() -> None:
    """Nobody can tell there from when a number counts."""
    rows = [
        f"赵,{an_id_number(1)},低保对象,城关镇,44927",
        f"钱,{an_id_number(2)},低保对象,城关镇,20230101",
    ]

    roster = read("\n".join(["姓名,身份证号,人员类别,乡镇,认定日期", *rows]).encode())

    assert back(roster) == [(2, "bad_date", "effective")]


@pytest.mark.parametrize("file", ["r03_invisible.xlsx", "r15_x000d.xlsx"])
def test_characters_that_nobody_sees_make_no_difference(file: str) -> None:
    """Marks of direction, zero-width joiners, variation selectors, escaped line ends."""
    roster = read(file)

    assert back(roster) == []
    assert set(told(roster, "township")) == {"城关镇"}
    names = [opened(fact)["name"] for _, fact in roster.facts]
    assert all("一" <= character <= "鿿" for name in names for character in name)


def test_all_dots_in_a_name_are_one() -> None:
    """Civil affairs and tax write the same eight people with eight dots."""
    civil, tax = read("r09a_dot.xlsx"), read("r09b_dots_tax.xlsx", TAX)

    assert told(civil, "name_tag") == told(tax, "name_tag")


def test_rare_characters_are_the_same_in_every_encoding() -> None:
    """GB18030 bytes and the private-use code points of old input methods, also in what is sealed."""
    bank, tax = read("r04a_gb18030.csv"), read("r04b_pua_utf8.csv", TAX)

    assert told(bank, "name_tag") == told(tax, "name_tag")
    assert [opened(fact)["name"] for _, fact in tax.facts] == ["刘䶮", "王㭎", "李龴"]


def test_a_formula_that_was_never_calculated_is_no_empty_cell() -> None:
    """A date would silently become the month's first day, a township none at all."""
    with pytest.raises(NothingTakenError) as refused:
        read("r10a_formula_nocache.xlsx")

    assert {one.reason for one in refused.value.rejected} == {"cell_not_calculated"}
    assert [one.field for one in refused.value.rejected] == [
        "township", "name", "village", "effective", "id_number",
    ]  # fmt: skip


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?"])
def test_an_error_in_a_cell_goes_back_and_is_no_township(error: str) -> None:
    """The row names the cell; its neighbour is taken."""
    book = openpyxl.Workbook()
    fill(book.active, [HEAD, a_row(1), a_row(2)])
    cell = book.active["D3"]
    cell.value, cell.data_type = error, "e"

    roster = read(saved(book))

    assert back(roster) == [(3, "cell_error", "township")]
    assert len(roster.facts) == 1


def test_a_formula_that_came_to_an_empty_text_is_empty() -> None:
    """=IF(…,"") without a result is no fault of the sender's."""
    book = openpyxl.Workbook()
    fill(book.active, [[*HEAD, "备注"], [*a_row(1), ""]])
    text = saved(book)
    assert len(read(text).facts) == 1


def test_amounts_are_read_as_people_and_spreadsheets_write_them() -> None:
    """Noise of binary fractions, currency signs, 元整."""
    assert told(read("r11_float_amounts.xlsx", TAX), "amount") == [
        38_000, 35_000, 35_030, 35_000, 35_000, 35_000,
    ]  # fmt: skip


def test_merged_household_cells_hold_for_every_row() -> None:
    """Three rows beside one household number are one household."""
    roster = read("r07b_merged_household.xlsx")

    assert len(set(told(roster, "household"))) == 1
    assert {opened(fact)["head"] for _, fact in roster.facts} == {"郑四"}


def test_a_head_number_that_excel_destroyed_is_said_and_not_dropped_in_silence() -> None:
    """The person is taken, and the receipt says what was not."""
    head = [*HEAD, "户主身份证号"]
    roster = read(a_workbook([head, [*a_row(1), 341699196005040000], [*a_row(2), an_id_number(1)]]))

    assert len(roster.facts) == 2
    assert [(one.row, one.reason) for one in roster.noted] == [(2, "head_id_numeric")]
    assert "户主身份证号为数字格式" in text_of(roster)


@pytest.mark.parametrize("file", ["r12a_tabs.csv", "r12b_utf16.txt"])
def test_tabs_and_utf_16_are_read(file: str) -> None:
    """ "Unicode text" is what Excel offers first."""
    assert len(read(file).facts) == 1


def test_a_web_page_named_xls_is_told_what_it_is() -> None:
    """The reason is true in the sender's eyes, and says what to do."""
    with pytest.raises(RefusedError) as refused:
        read("r12f_html.xls")

    assert refused.value.reason == "html_as_excel"
    assert ".xlsx" in refused.value.body()["message"]


def test_an_excel_97_workbook_is_read() -> None:
    """Two libraries agree on every cell; dates and merged cells are as in a new workbook."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("名册")
    for column, name in enumerate([*HEAD, "认定日期"]):
        sheet.write(0, column, name)
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for line in (1, 2):
        for column, value in enumerate(a_row(line)):
            sheet.write(line, column, value)
        sheet.write(line, 4, datetime(2023, 1, 1), day)  # noqa: DTZ001  a cell has no zone
    out = io.BytesIO()
    book.save(out)

    roster = read(out.getvalue())

    assert told(roster, "effective") == [date(2023, 1, 1)] * 2


def test_an_old_workbook_that_cannot_be_read_says_so() -> None:
    """Not "no table", which would be untrue."""
    with pytest.raises(RefusedError) as refused:
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)

    assert refused.value.reason == "old_format"


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


HEAD = ["姓名", "身份证号", "人员类别", "乡镇"]


def a_row(number: int) -> list[Any]:
    """Return a person of low income."""
    return ["赵", an_id_number(number), "低保对象", "城关镇"]


def fill(sheet: Any, rows: list[list[Any]]) -> None:
    """Write rows."""
    for row in rows:
        sheet.append(row)


def saved(book: openpyxl.Workbook) -> bytes:
    """Return a workbook's bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def a_workbook(*sheets: list[list[Any]]) -> bytes:
    """Return a workbook with these sheets, named 表1, 表2 and so on."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        fill(book.create_sheet(f"表{number}"), rows)
    return saved(book)


def stray(cell: str, value: str | None) -> bytes:
    """Return a workbook with one person, and one cell far away."""
    book = openpyxl.Workbook()
    fill(book.active, [HEAD, a_row(1)])
    book.active[cell].value = value
    book.active[cell].font = openpyxl.styles.Font(bold=True)
    return saved(book)


def text_of(roster: Roster) -> str:
    """Return the receipt as its sender reads it."""
    text: str = receipt_of(CIVIL, roster, None).as_json()["text"]
    return text


def read_register(content: str | bytes, year: int) -> RegisterReading:
    """Read a register."""
    found = (FIELD / content).read_bytes() if isinstance(content, str) else content
    reading = RegisterReading(Source.BUREAU, year, "b", "d", NOW)
    for _ in reading.pages_of(io.BytesIO(found), tagger(SETTINGS, NOW.date)):
        pass
    return reading
