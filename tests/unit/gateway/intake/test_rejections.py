"""The list that goes back to its sender: printed, stamped, signed for."""

import io
from datetime import date

import openpyxl
import pytest

from chassis.language import ENGLISH, spoken
from services.gateway.intake.rejections import rejection_workbook, signatures_stand_alone
from services.gateway.refusals import ZH, RefusedError


def rows(count: int) -> list[dict[str, object]]:
    """Return refused rows as the door's answer names them."""
    return [
        {"row": number + 4, "sheet": "", "name": "张某", "last4": "1234", "place": "张村镇石村",
         "reason": "id_empty", "message": ZH["id_empty"], "word": ""}
        for number in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize(("count", "alone"), [(0, False), (10, False), (34, True), (36, False)])
def test_the_signatures_never_come_onto_a_page_without_a_row(count: int, alone: bool) -> None:
    """Where they would, the last three rows go over with them: nobody stamps an empty page."""
    content = rejection_workbook("civil_affairs", "名册.xlsx", rows(count), date(2026, 11, 26))
    sheet = openpyxl.load_workbook(io.BytesIO(content))["退回清单"]

    assert signatures_stand_alone([16.0] * count) is alone
    assert [one.id for one in sheet.row_breaks.brk] == ([count] if alone else [])
    assert sheet.cell(count + 5, 1).value == "退回单位（盖章）："


def test_a_long_reason_is_as_high_as_its_lines() -> None:
    """A Chinese character takes two columns; what does not fit the cell is printed all the same."""
    one = rows(1)[0] | {"reason": "id_numeric_cell"}

    content = rejection_workbook("civil_affairs", "名册.xlsx", [one], date(2026, 11, 26))

    sheet = openpyxl.load_workbook(io.BytesIO(content))["退回清单"]
    assert sheet.row_dimensions[4].height > 2 * 15


def test_a_sheet_that_goes_back_is_chinese_in_whatever_language_its_sender_reads() -> None:
    """It is stamped: a reason in English beside Chinese headings is no document."""
    said = RefusedError("id_check_digit").body()["message"]
    with spoken(ENGLISH):
        english = RefusedError("id_check_digit").body()["message"]
        row = {"row": 2, "reason": "id_check_digit", "message": english, "name": "甲"}
        content = rejection_workbook("civil_affairs", "名册.xlsx", [row], date(2026, 11, 26))

    cells = [
        cell for line in openpyxl.load_workbook(io.BytesIO(content)).active.values for cell in line
    ]
    assert english != said
    assert (said in cells, english in cells) == (True, False)
