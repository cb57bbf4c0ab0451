"""Tells people from the other rows that lists have: totals, signatures, headers again, blanks. Pure."""

import re
from typing import Any

from services.gateway.intake.reading.characters import clean, is_numberlike, tidy
from services.gateway.intake.reading.header import Header
from services.gateway.intake.reading.sheets import Cells, NoValue

TOTALS = ("合计", "总计", "小计", "共计", "累计")
REMARKS = frozenset({"备注", "说明", "注", "填表说明", "联系人"})
SIGNED = frozenset({
    "填表人", "制表人", "审核人", "复核人", "审批人", "负责人", "单位负责人", "分管负责人", "分管领导",
    "主要负责人", "主要领导", "单位领导", "经办人", "填报人", "填报单位", "制表单位", "报送单位",
    "单位", "填报日期", "填表日期", "制表日期", "上报日期", "签字", "盖章", *REMARKS,
})  # fmt: skip
_TOTAL = re.compile(rf".{{0,12}}?({'|'.join(TOTALS)})[:：]?\d*(人|户|人次|元)?")
_SUM = re.compile(r"[\d,.]+(人|户|元|人次)?")


class Judge:
    """Judges the rows of one sheet, whose header is known."""

    def __init__(self, header: Header) -> None:
        self._labels = {tidy(label) for label in header.labels} - {""}
        keys = [header.at[name] for name in ("id_number", "name", "category") if name in header.at]
        self._keys = keys or sorted(header.at.values())[:2]
        self._id = header.at.get("id_number")

    def kind(self, cells: Cells) -> tuple[str, str]:
        """Return what a row is that is nobody, and what it shows; empty for one that must be read."""
        if self._id is not None and self._id < len(cells) and _is_number(cells[self._id]):
            return "", ""  # it names a number: it is somebody
        return self._kind(cells)

    def _kind(self, cells: Cells) -> tuple[str, str]:
        shown = [tidy(str(cell)) for cell in cells if shows(cell)]
        if any(is_numberlike(one) for one in shown):
            return "", ""  # an identity number in the wrong column is still somebody
        if len(shown) >= 2 and sum(one in self._labels for one in shown) * 2 > len(shown):
            return "header", ""
        named = self._names_somebody(cells)
        if any(_TOTAL.fullmatch(one) for one in (shown[:1] if named else shown[:3])):
            return "total", " ".join(shown)[:80]
        if any(_is_signature(one) for one in (shown[:1] if named else shown)):
            return "signature", ""
        if not any(column < len(cells) and self._filled(cells[column]) for column in self._keys):
            return "blank", ""
        return "", ""

    def _names_somebody(self, cells: Cells) -> bool:
        """Tell whether a name or a category stands there, and not a sum or a signature."""
        held = [tidy(str(cells[column])) for column in self._keys if column < len(cells)]
        return any(
            one and not (_TOTAL.fullmatch(one) or _is_signature(one) or _SUM.fullmatch(one))
            for one in held
        )

    @staticmethod
    def _filled(cell: Any) -> bool:
        return isinstance(cell, NoValue) or (shows(cell) and bool(tidy(str(cell))))


def _is_signature(text: str) -> bool:
    """Tell whether a cell begins a line for signatures or remarks: 填表人：王五, or 填表人 alone."""
    head, colon, _ = text.replace("：", ":").partition(":")
    head = re.sub(r"\((盖章|签字|签章|公章)\)$", "", head)
    return head in SIGNED and (bool(colon) or head not in REMARKS)


def _is_number(cell: Any) -> bool:
    """Tell whether an identity cell holds a number, mistyped or not, and not a count or a name."""
    if isinstance(cell, NoValue):
        return True
    if isinstance(cell, str) and cell[:8].isdecimal() and len(cell) >= 8:
        return True
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell >= 10**7
    return sum(one.isdigit() for one in tidy(str(cell))) >= 8


def shows(cell: Any) -> bool:
    """Tell whether a person sees something in a cell."""
    if isinstance(cell, str):
        return bool(cell) and bool(clean(cell))
    return cell is not None
