"""Sheets as XLSX: identity numbers as text, nothing a formula, ready to print."""

import io
from collections.abc import Iterable, Sequence
from datetime import date

import xlsxwriter

WIDTHS = {
    "序号": 5, "身份证号": 20, "姓名": 8, "户主": 8, "乡镇": 9, "村（社区）": 9, "人员类别": 18,
    "联系电话": 13, "备注": 6, "来源批次": 24, "佐证": 24, "退费依据": 40, "参保险种": 20,
    "结算单号": 20, "在册部门及类别": 40, "原因及整改要求": 70, "问题及处理要求": 70,
    "原身份证号（已更正）": 20, "医疗机构": 12, "未一站式原因": 14,
    "变动经过": 50, "原因": 30, "资金渠道": 14,
}  # fmt: skip
USUAL = 10.5
A4, A3 = 9, 8
HEAD_POINTS = 44
A4_CHARACTERS = 170
"""More characters than this across are too small to read on A4; such a sheet is printed on A3."""


def workbook(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], day: date
) -> tuple[bytes, int]:
    """Return (XLSX, number of rows). Every cell is text, so Excel neither rounds nor calculates."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True})
    sheet = book.add_worksheet("台账")
    heading = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    head = book.add_format(
        {"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"}
    )
    cell = book.add_format(
        {"border": 1, "num_format": "@", "shrink": True, "valign": "vcenter", "font_size": 10}
    )
    head_row = ["序号", *columns]
    sheet.set_landscape()
    widths = [WIDTHS.get(name, USUAL) for name in head_row]
    sheet.set_paper(A4 if sum(widths) <= A4_CHARACTERS else A3)
    sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 2)
    sheet.freeze_panes(3, 0)
    sheet.set_footer(f"&L{title}&C第 &P 页 共 &N 页&R制表日期 {day}")
    sheet.set_row(2, HEAD_POINTS)
    for number, width in enumerate(widths):
        sheet.set_column(number, number, width)
    sheet.merge_range(0, 0, 0, len(head_row) - 1, title, heading)
    sheet.write_string(1, 0, f"制表日期：{day}")
    for number, name in enumerate(head_row):
        sheet.write_string(2, number, name, head)
    count = 0
    for count, row in enumerate(rows, start=1):
        sheet.write_string(count + 2, 0, str(count), cell)
        for number, value in enumerate(row, start=1):
            sheet.write_string(count + 2, number, value, cell)
    book.close()
    return out.getvalue(), count
