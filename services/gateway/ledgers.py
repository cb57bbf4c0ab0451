"""Ledgers as XLSX: identity numbers as text, nothing a formula, ready to print."""

import io
from collections.abc import Iterable, Sequence
from datetime import date

import xlsxwriter

WIDE = {
    "身份证号": 22,
    "来源批次": 24,
    "联系电话": 14,
    "佐证": 28,
    "退费依据": 40,
    "参保险种": 22,
    "结算单号": 24,
    "在册部门及类别": 36,
    "原因及整改要求": 60,
}
NARROW = 12


def workbook(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], day: date
) -> tuple[bytes, int]:
    """Return (XLSX, number of rows). Every cell is text, so Excel neither rounds nor calculates."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True})
    sheet = book.add_worksheet("台账")
    heading = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center"})
    cell = book.add_format({"border": 1, "num_format": "@"})
    head_row = ["序号", *columns]
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 2)
    sheet.freeze_panes(3, 0)
    sheet.set_footer(f"&L{title}&C第 &P 页 共 &N 页&R制表日期 {day}")
    for number, name in enumerate(head_row):
        sheet.set_column(number, number, WIDE.get(name, NARROW))
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
