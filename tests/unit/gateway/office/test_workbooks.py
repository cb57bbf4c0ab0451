"""A sheet as a clerk opens it: sums work, numbers of people survive, lines stand by place, and it can be signed."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from services.gateway.office.naming import hospitals_in
from services.gateway.office.workbooks import Office, in_words, workbook
from tests.builders import an_id_number

COLUMNS = (
    "身份证号",
    "姓名",
    "户主",
    "乡镇",
    "村（社区）",
    "备注",
    "总费用（元）",
    "个人负担（元）",
)
DAY = date(2026, 11, 10)
OFFICE = Office("利辛县医疗保障局", ("城关镇", "张村镇"))


def a_line(n: int, township: str = "城关镇", village: str = "东村", **other: str) -> list[str]:
    """Return a person's line."""
    said = {"note": "", "total": f"{n}000.10", "left": "0.05"} | other
    return [
        an_id_number(n), f"人{n}", f"户{n}", township, village, said["note"], said["total"], said["left"],
    ]  # fmt: skip


def opened(*rows: list[str], values: bool = False) -> Any:
    """Return the worksheet, as a spreadsheet program reads it."""
    content, _ = workbook("住院报销台账", COLUMNS, rows, DAY, OFFICE)
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values).worksheets[0]


def lines(page: Any) -> list[tuple[Any, ...]]:
    """Return what stands under the head."""
    return [row for row in page.iter_rows(min_row=4, values_only=True) if any(row)]


def test_amounts_are_numbers_and_identity_numbers_are_text() -> None:
    """A clerk's own =SUM() over a column gives the sum, and no digit of a person's number is lost."""
    page = opened(a_line(1, note="=1+1"))
    row = page[4]

    assert [cell.data_type for cell in row] == ["n", *"sssss", "s", "n", "n"]
    assert row[7].number_format == "#,##0.00"
    assert (row[1].value, row[6].value) == (an_id_number(1), "=1+1")
    assert row[7].value == pytest.approx(1000.10)


def test_lines_stand_by_township_village_and_household_with_subtotals_and_a_total() -> None:
    """In the official order of townships, not in that of their characters; subtotals are not added twice."""
    rows = [a_line(4, "张村镇"), a_line(2, village="西村"), a_line(1), a_line(9, "无名镇")]
    page, shown = opened(*rows), lines(opened(*rows, values=True))

    assert [row[2] or row[1] for row in shown[:-1]] == [
        "人1", "人2", "2人", "人4", "1人", "人9", "1人", "4人",
    ]  # fmt: skip
    assert [row[1] for row in shown if str(row[1]).endswith(("小计", "合计"))] == [
        "城关镇小计", "张村镇小计", "无名镇小计", "合计",
    ]  # fmt: skip
    assert page["H6"].value == "=SUBTOTAL(9,H4:H5)"
    assert page["H11"].value == "=SUBTOTAL(9,H4:H10)"
    assert float(shown[2][7]) == pytest.approx(3000.20)
    assert float(shown[7][7]) == pytest.approx(16000.40)


def test_one_person_on_several_lines_is_counted_once() -> None:
    """People and lines are told apart."""
    shown = lines(opened(a_line(1), a_line(1, left="1.00"), values=True))
    assert shown[2][1:3] == ("合计", "1人2行")
    nobody = [["", *a_line(n)[1:]] for n in (1, 2)]
    assert lines(opened(*nobody, values=True))[2][1:3] == ("合计", "2人")


def test_whose_sheet_it_is_and_who_signs_it_stands_on_it() -> None:
    """填报单位（盖章）, day, and three names below."""
    page = opened(a_line(1), values=True)
    cells = [str(cell) for row in page.iter_rows(values_only=True) for cell in row if cell]

    assert "填报单位（盖章）：利辛县医疗保障局" in cells
    assert "制表日期：2026-11-10" in cells
    assert any(all(word in one for word in ("填表人", "审核人", "负责人")) for one in cells)
    assert str(page.page_setup.paperSize) == "9"
    assert page.page_setup.orientation == "landscape"


def test_an_empty_sheet_has_its_head_and_a_total_of_nothing() -> None:
    """Nobody is told of a fault because there is nothing to report."""
    shown = lines(opened(values=True))
    assert shown[0][1:3] == ("合计", "0人")


def test_a_wide_sheet_goes_over_pages_with_the_names_on_each() -> None:
    """Readable on A4: not one page at four points."""
    wide = (*COLUMNS, *(f"栏目{n}（元）" for n in range(14)))
    row = [*a_line(1), *["1.00"] * 14]
    content, _ = workbook("一站式、一单清台账", wide, [row], DAY, OFFICE)
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]

    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (2, 0)
    assert page.print_title_cols == "$A:$C"
    assert page.print_title_rows == "$1:$3"


def test_codes_are_words_where_they_are_known(tmp_path: Any) -> None:
    """Hospitals by the county's own list; a number that is not on it stays as it is."""
    (tmp_path / "hospitals.yaml").write_text(
        "H34169901: 利辛县人民医院\n34169902: 中医院\n", encoding="utf-8"
    )
    words = {"医疗机构": hospitals_in(tmp_path), "级别": {"L2": "二级和县级"}}

    rows = in_words(
        ("医疗机构", "级别", "病种"), [["H34169901", "L2", "I63"], ["中医院", "", "L2"]], words
    )

    assert rows == [["利辛县人民医院", "二级和县级", "I63"], ["中医院", "", "L2"]]
    assert hospitals_in(None) == {}
