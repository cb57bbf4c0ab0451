"""Files after other systems' public faults: each is read as a person would read it, or goes back with a true reason."""

import io
from datetime import date, datetime

import openpyxl
import pytest
import xlwt

from contracts.vocabulary import Source
from services.gateway.intake.taken import NothingTakenError
from services.gateway.refusals import RefusedError
from tests.builders import an_id_number
from tests.files import (
    HEAD,
    TAX,
    a_row,
    a_workbook,
    back,
    fill,
    opened,
    read,
    read_register,
    saved,
    text_of,
    told,
)


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
    """What Excel calls Unicode text is UTF-16 with tabs."""
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
