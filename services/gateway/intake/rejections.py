"""The file that goes back to a list's sender: each refused row, why, and what to do; to be stamped."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import ceil
from typing import Any

import xlsxwriter

from contracts.vocabulary import SOURCE_ZH
from services.gateway.refusals import ZH

COLUMNS = ("原表行号", "姓名", "证号后四位", "乡镇村", "退回原因", "更正要求")
WIDTHS = (9, 9, 11, 20, 38, 38)
PRINT_PERCENT = 80
PAGE_POINTS, TITLE_POINTS, LINE_POINTS = 610.0, 62.0, 16.0
"""What a page holds at this scale, what title and head take, what a line takes: points of 1/72 inch."""
SIGNATURE_POINTS, SIGNED_ROWS = 96.0, 3
"""What the signatures take, and how many rows come onto their page where they would stand alone."""
TO_DO_ZH: Mapping[str, str] = {
    "id_empty": "补填身份证号",
    "id_malformed": "核对证件原件，填写18位（或15位）身份证号",
    "id_birth_date": "核对证件原件，更正出生日期段",
    "id_check_digit": "核对证件原件，更正身份证号",
    "id_numeric_cell": "将该列设为文本格式后按证件原件重新填写",
    "id_synthetic": "填写真实身份证号",
    "name_empty": "补填姓名",
    "township_empty": "补填乡镇（街道）",
    "unknown_place": "写明就医地所在省份，如 江苏省苏州市",
    "unknown_township": "按本县现行乡镇（街道）名称填写",
    "unknown_category": "按救助对象类别规范名称填写",
    "unknown_insurance": "填写职工或居民",
    "word_not_ours": "如属误填请更正；不属于本名册范围的，不再上报",
    "unknown_word": "请县医保局答复后重新上传",
    "bad_date": "核对年、月、日，按“2023-01-05”格式填写",
    "duplicate_row": "删除重复行，保留一行",
    "not_an_amount": "填写金额数字，如 350.00",
    "too_many_decimals": "金额保留两位小数",
    "negative_amount": "退费请按退费事项上报",
    "removal_in_full_list": "全量名册删除取消人员，或改报变动名册",
    "identity_in_text": "身份证号、手机号填入对应栏目，其他栏目中删除",
    "cell_error": "改正公式或直接填入内容",
    "cell_not_calculated": "打开文件计算并保存后重新上传，或直接填入内容",
    "not_a_death": "不属于死亡注销的不再上报",
    "payment_void": "无需更正，未计为缴费",
    "end_missing": "补填停保日期",
    "merged_amount": "拆分合并单元格，逐人填写",
    "unknown_state": "请县医保局答复后重新上传",
    "row_shifted": "核对该行各栏是否错位",
    "invalid_value": "按要求重新填写",
}
"""Reason → what the sender is to do."""


def rejection_workbook(
    source: str, file: str, rejected: Iterable[Mapping[str, Any]], day: date, resend_by: str = ""
) -> bytes:
    """Return the XLSX. ``rejected``: rows as the door's answer names them."""
    rows = list(rejected)
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("退回清单")
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    # A sheet that is fitted to its page takes no page break, and the signatures need one.
    sheet.set_print_scale(PRINT_PERCENT)
    sheet.repeat_rows(2)
    sheet.freeze_panes(3, 0)
    sheet.set_footer("&C第 &P 页 共 &N 页")
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
    plain = book.add_format({"font_size": 11, "valign": "vcenter"})
    head = book.add_format({"bold": True, "border": 1, "align": "center", "valign": "vcenter"})
    cell = book.add_format({"border": 1, "num_format": "@", "text_wrap": True, "valign": "vcenter"})
    number = book.add_format(
        {"border": 1, "num_format": "0", "align": "center", "valign": "vcenter"}
    )
    sheet.set_row(0, 30)
    name = SOURCE_ZH.get(source, source)
    sheet.merge_range(0, 0, 0, len(COLUMNS) - 1, f"{name}名册退回清单", title)
    sheet.merge_range(
        1,
        0,
        1,
        len(COLUMNS) - 1,
        f"来源文件：{file}    退回{len(rows)}行    制表日期：{day}",
        plain,
    )
    for column, label in enumerate(COLUMNS):
        sheet.write_string(2, column, label, head)
    heights = []
    for line, one in enumerate(rows, start=3):
        heights.append(_write(sheet, line, one, number, cell))
        sheet.set_row(line, heights[-1])
    _sign(sheet, len(rows) + 4, plain, resend_by)
    if signatures_stand_alone(heights):
        sheet.set_h_pagebreaks([3 + max(0, len(rows) - SIGNED_ROWS)])
    book.close()
    return out.getvalue()


def signatures_stand_alone(heights: Sequence[float]) -> bool:
    """Tell whether the signatures would come onto a page without a row; heights in points."""
    left = PAGE_POINTS - TITLE_POINTS
    for height in heights:
        left -= height
        if left < 0:
            left = PAGE_POINTS - LINE_POINTS - height
    return bool(heights) and left < SIGNATURE_POINTS


def _write(sheet: Any, line: int, one: Mapping[str, Any], number: Any, cell: Any) -> float:
    """Write a row; return its height in points."""
    where = f"{one['sheet']} " if one.get("sheet") else ""
    if where:
        sheet.write_string(line, 0, f"{where}{one['row']}", cell)
    else:
        sheet.write_number(line, 0, one["row"], number)
    # It is stamped and goes back: Chinese, in whatever language its sender reads.
    why = ZH.get(str(one["reason"]), str(one["message"]))
    why += f"（{one['word']}）" if one.get("word") else ""
    texts = (
        str(one.get("name", "")), str(one.get("last4", "")), str(one.get("place", "")), why,
        TO_DO_ZH.get(str(one["reason"]), "核对后更正"),
    )  # fmt: skip
    for column, text in enumerate(texts, start=1):
        sheet.write_string(line, column, text, cell)
    lines = (ceil(_width(text) / width) for text, width in zip(texts, WIDTHS[1:], strict=True))
    return LINE_POINTS * max(1, *lines)


def _width(text: str) -> int:
    """Return how many columns a text takes: a Chinese character takes two."""
    return sum(2 if ord(one) > 0x2E7F else 1 for one in text)


def _sign(sheet: Any, line: int, plain: Any, resend_by: str) -> None:
    """Write who sends it back, who receives it, and until when the rows are to come again."""
    signed: Sequence[tuple[int, str, str]] = (
        (0, "退回单位（盖章）：", "经办人："),
        (1, "接收单位签收：", "签收日期：        年    月    日"),
        (2, f"重报期限：{resend_by or '        年    月    日前'}", ""),
    )
    for offset, left, right in signed:
        sheet.set_row(line + offset, 26)
        sheet.write_string(line + offset, 0, left, plain)
        if right:
            sheet.write_string(line + offset, 4, right, plain)
