"""The list that goes back to its sender: printed, stamped, signed for."""

import io
from datetime import date

import openpyxl
import pytest

from services.gateway.intake.rejections import rejection_workbook, signatures_stand_alone
from services.gateway.refusals import ZH


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
    one = rows(1)[0] | {"message": "身份证号单元格是数字格式，后几位已丢失，请改为文本格式重新填写"}

    content = rejection_workbook("civil_affairs", "名册.xlsx", [one], date(2026, 11, 26))

    sheet = openpyxl.load_workbook(io.BytesIO(content))["退回清单"]
    assert sheet.row_dimensions[4].height > 2 * 15
