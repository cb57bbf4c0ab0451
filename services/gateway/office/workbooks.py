"""Sheets as XLSX: amounts are numbers with totals, identity numbers text, by place, ready to sign."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from math import ceil
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

WIDTHS = {
    "序号": 5, "身份证号": 20, "姓名": 8, "户主": 8, "乡镇": 9, "村（社区）": 9, "人员类别": 18,
    "联系电话": 13, "备注": 6, "名册来源": 12, "佐证": 24, "退费依据": 40, "参保险种": 20,
    "结算单号": 20, "在册部门及类别": 40, "原因及整改要求": 70, "问题及处理要求": 70,
    "原身份证号（已更正）": 20, "医疗机构": 18, "未一站式原因": 14,
    "变动经过": 50, "原因": 30, "资金渠道": 14, "内容": 24, "办理情况": 30, "经办人签字": 12,
}  # fmt: skip
USUAL, OF_MONEY = 10.5, 12.5
A4 = 9
PAGE_CHARACTERS = 190
"""So many characters across stay readable on A4, laid sideways; a wider sheet goes over two pages or more."""
HEAD_POINTS = 44
MONEY, COUNT = "（元）", "笔数"
MONEY_FORMAT = "#,##0.00"
PLACE = ("乡镇", "村（社区）", "户主", "姓名", "身份证号")
"""In which order lines stand: as an office goes from village to village."""
NAMED = "姓名"
TITLE_ROW, UNIT_ROW, HEAD_ROW, FIRST_ROW = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Office:
    """Whose sheet it is: the unit that fills it in and stamps it; its townships in official order."""

    unit: str
    townships: Sequence[str] = ()


def workbook(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], day: date,
    office: Office = Office(""),
) -> tuple[bytes, int]:  # fmt: skip
    """Return (XLSX, number of lines). What somebody wrote is never a formula; totals are."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True})
    page = _Page(book, title, ["序号", *columns])
    page.top(office.unit, day)
    page.write(_in_order(columns, rows, office.townships), len(rows))
    book.close()
    return out.getvalue(), len(rows)


def _in_order(
    columns: Sequence[str], rows: Sequence[Sequence[str]], townships: Sequence[str]
) -> list[Sequence[str]]:
    """Sort lines by township in the official order, village, household and person."""
    places = [columns.index(name) for name in PLACE if name in columns]
    rank = {name: number for number, name in enumerate(townships)}
    township = columns.index(PLACE[0]) if PLACE[0] in columns else None

    def key(row: Sequence[str]) -> tuple[int, list[str]]:
        known = len(rank) if township is None else rank.get(row[township], len(rank))
        return known, [row[place] for place in places]

    return sorted(rows, key=key) if places else list(rows)


class _Page:
    """The one worksheet. ``added``: columns of numbers that are added up, ``money`` those of amounts."""

    def __init__(self, book: Any, title: str, head: Sequence[str]) -> None:
        self._title, self._head = title, head
        self._sheet = book.add_worksheet("台账")
        self._money = [number for number, name in enumerate(head) if name.endswith(MONEY)]
        self._added = [number for number, name in enumerate(head) if name.endswith((MONEY, COUNT))]
        line = {"border": 1, "valign": "vcenter", "font_size": 10}
        bold = {"bold": True, "border": 1, "valign": "vcenter"}
        self._formats = {
            "heading": book.add_format({"bold": True, "font_size": 16, "align": "center"}),
            "head": book.add_format(bold | {"text_wrap": True, "align": "center"}),
            "text": book.add_format(line | {"num_format": "@", "shrink": True}),
            "number": book.add_format(line | {"num_format": "0", "align": "center"}),
            "money": book.add_format(line | {"num_format": MONEY_FORMAT}),
            "total": book.add_format(bold | {"num_format": MONEY_FORMAT}),
            "count": book.add_format(bold | {"num_format": "0", "align": "center"}),
            "plain": book.add_format({"valign": "vcenter"}),
        }

    def top(self, unit: str, day: date) -> None:
        """Write what stands above the lines, and how it is printed."""
        sheet, widths = self._sheet, [_width(name) for name in self._head]
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.6)
        kept = self._head.index(NAMED) + 1 if NAMED in self._head[:4] else 1
        sheet.fit_to_pages(_pages(widths, kept), 0)
        sheet.repeat_rows(TITLE_ROW, HEAD_ROW)
        sheet.repeat_columns(0, kept - 1)
        sheet.freeze_panes(FIRST_ROW, kept)
        sheet.set_footer(f"&L{self._title}&C第 &P 页 共 &N 页&R制表日期 {day}")
        for number, width in enumerate(widths):
            sheet.set_column(number, number, width)
        last = _first_page(widths)
        sheet.merge_range(TITLE_ROW, 0, TITLE_ROW, last, self._title, self._formats["heading"])
        sheet.write_string(UNIT_ROW, 0, f"填报单位（盖章）：{unit}", self._formats["plain"])
        sheet.write_string(UNIT_ROW, max(1, last - 2), f"制表日期：{day}", self._formats["plain"])
        sheet.set_row(HEAD_ROW, HEAD_POINTS)
        for number, name in enumerate(self._head):
            sheet.write_string(HEAD_ROW, number, name, self._formats["head"])

    def write(self, rows: Sequence[Sequence[str]], count: int) -> None:
        """Write the lines, a subtotal for each township where there are several, the total, and who signs."""
        at, number = FIRST_ROW, 0
        groups = [(name, list(of)) for name, of in groupby(rows, self._township)]
        for name, lines in groups:
            begun = at
            for line in lines:
                number += 1
                self._line(at, number, line)
                at += 1
            if len(groups) > 1 and name:
                self._total(at, f"{name}小计", lines, begun)
                at += 1
        self._total(at, "合计", rows, FIRST_ROW)
        signed = "填表人：                    审核人：                    负责人："
        self._sheet.write_string(at + 2, 0, signed, self._formats["plain"])

    def _township(self, row: Sequence[str]) -> str:
        return row[self._head.index(PLACE[0]) - 1] if PLACE[0] in self._head else ""

    def _line(self, at: int, number: int, row: Sequence[str]) -> None:
        sheet, formats = self._sheet, self._formats
        sheet.write_number(at, 0, number, formats["number"])
        for column, value in enumerate(row, start=1):
            if column in self._money and value:
                sheet.write_number(at, column, Decimal(value), formats["money"])
            elif column in self._added and value:
                sheet.write_number(at, column, Decimal(value), formats["number"])
            else:
                sheet.write_string(at, column, value, formats["text"])

    def _total(self, at: int, name: str, lines: Sequence[Sequence[str]], begun: int) -> None:
        """Write a total: subtotals are left out of the sum over them, so a clerk may add lines."""
        sheet, total = self._sheet, self._formats["total"]
        sheet.write_string(at, 0, "", total)
        for column in range(1, len(self._head)):
            if column not in self._added:
                sheet.write_string(at, column, "", total)
        for column, said in zip((1, 2), self._counted(name, lines), strict=False):
            if column < len(self._head) and column not in self._added:
                sheet.write_string(at, column, said, total)
        for column in self._added:
            found = sum((Decimal(one[column - 1]) for one in lines if one[column - 1]), Decimal(0))
            where = f"{xl_col_to_name(column)}{begun + 1}:{xl_col_to_name(column)}{at}"
            formula = f"=SUBTOTAL(9,{where})" if at > begun else "=0"
            shown = total if column in self._money else self._formats["count"]
            sheet.write_formula(at, column, formula, shown, found)

    def _counted(self, name: str, lines: Sequence[Sequence[str]]) -> Iterator[str]:
        """Yield what a total is called, and of how many people and lines it is."""
        yield name
        if PLACE[-1] not in self._head:
            yield f"{len(lines)}行"
            return
        key = self._head.index(PLACE[-1]) - 1
        people = len({one[key] or f"line {at}" for at, one in enumerate(lines)})
        yield f"{people}人" if people == len(lines) else f"{people}人{len(lines)}行"


def _width(name: str) -> float:
    return WIDTHS.get(name, OF_MONEY if name.endswith(MONEY) else USUAL)


def _first_page(widths: Sequence[float]) -> int:
    """Return the last column of the first page: over it stands the title."""
    sums = [sum(widths[: number + 1]) for number in range(len(widths))]
    return max(1, sum(one <= PAGE_CHARACTERS for one in sums) - 1)


def _pages(widths: Sequence[float], kept: int) -> int:
    """Return over how many pages a sheet goes sideways; its first columns stand on each."""
    beyond = sum(widths[kept:])
    return max(1, ceil(beyond / (PAGE_CHARACTERS - sum(widths[:kept]))))


def in_words(
    columns: Sequence[str], rows: Sequence[Sequence[str]], words: Mapping[str, Mapping[str, str]]
) -> list[list[str]]:
    """Return lines in which codes of a column are words: column → code → word; an unknown code stays."""
    known = {number: words[name] for number, name in enumerate(columns) if name in words}
    return [
        [
            known[number].get(cell, cell) if number in known else cell
            for number, cell in enumerate(row)
        ]
        for row in rows
    ]
