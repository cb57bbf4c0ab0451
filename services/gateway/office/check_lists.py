"""The city's check list (核查名单): answered by what is known, and sent back in its own form."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import xlsxwriter

from contracts.sheets import Checked
from contracts.vocabulary import CATEGORY_ZH, JUSTIFICATION_ZH
from services.gateway.intake.people import Admit
from services.gateway.intake.reading.cells import number_text
from services.gateway.intake.reading.characters import tidy
from services.gateway.intake.reading.columns import Words
from services.gateway.intake.reading.header import SEARCHED_ROWS, Columning, find_header
from services.gateway.intake.reading.sheets import Cells, NoValue
from services.gateway.intake.reading.table import NUMERIC, open_table, sheets_of
from services.gateway.refusals import ZH, RefusedError

NEEDED = ("id_number",)
FIELDS = frozenset({"id_number", "name"})
ROWS_MAX = 50_000
ANSWERS: Mapping[str, tuple[str, ...]] = {
    "categories": ("在册人员类别", "本县人员类别"),
    "enrolled": ("是否参保", "参保情况", "参保状态", "是否参加居民医保"),
    "paid": ("个人缴费（元）", "个人缴费金额", "个人缴费"),
    "subsidy": ("资助金额（元）", "资助金额", "资助参保金额"),
    "reason": ("未参保原因", "合理化未参保原因"),
    "died": ("死亡日期",),
    "place": ("居住乡镇村", "核查乡镇"),
    "result": ("核查结果", "核查情况", "核实情况", "核实结果", "反馈结果", "反馈意见"),
}
"""What is answered → how the city's form may call the column to be filled; the first is ours."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A row of the list: where it stands, whose it is, or why nobody can say."""

    sheet: str
    row: int
    person: str = ""
    name_tag: str = ""
    refused: str = ""


def read_checks(content: bytes, words: Words, admit: Admit) -> list[Asked]:
    """Read whom the list asks about. Raises RefusedError for a file that is no list of people."""
    table = open_table(content, NEEDED, words, FIELDS, ROWS_MAX)
    found = []
    for row in table.rows:
        try:
            number = row.text("id_number")
            if number == NUMERIC:
                raise RefusedError("id_numeric_cell", "id_number")
            person = admit(tidy(number), row.text("name"))
        except RefusedError as error:
            found.append(Asked(row.sheet, row.number, refused=error.reason))
        else:
            found.append(Asked(row.sheet, row.number, person.key, person.name_tag))
    if not found:
        raise RefusedError("no_valid_row")
    return found


def answer_of(asked: Asked, known: Checked | None) -> dict[str, str]:
    """Return the answer to a row, in words."""
    if asked.refused:
        return {"result": ZH.get(asked.refused, asked.refused)}
    if known is None:
        return {"enrolled": "否", "result": "本县无此人参保和名册信息"}
    said = {
        "categories": "、".join(CATEGORY_ZH.get(one, one) for one in known.categories),
        "enrolled": "是" if known.enrolled else "否",
        "paid": known.paid,
        "subsidy": known.subsidy,
        "reason": "" if known.enrolled else JUSTIFICATION_ZH.get(known.reason, ""),
        "died": known.died.isoformat() if known.died else "",
        "place": f"{known.township}{known.village}",
    }
    return said | {"result": _result(asked, known)}


def _result(asked: Asked, known: Checked) -> str:
    if known.died is not None:
        said = f"{known.died}死亡"
    elif known.enrolled:
        said = "已参保（免缴费）" if known.exempt else "已参保"
    elif known.reason:
        said = f"合理化未参保：{JUSTIFICATION_ZH.get(known.reason, known.reason)}"
    else:
        said = "应参未参，已列入整改" if known.must_enrol else "未参保，不在应保尽保名册"
    if asked.name_tag and known.name_tag and asked.name_tag != known.name_tag:
        said += "；姓名与本县登记不一致"
    return said


def filled(
    content: bytes, words: Words, answers: Mapping[tuple[str, int], Mapping[str, str]]
) -> bytes:
    """Return the list as XLSX: every row where it stood, its own columns filled, the others beside them."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    cell = book.add_format({"num_format": "@", "border": 1, "valign": "vcenter"})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center"})

    def field_of(label: str) -> str | None:
        known = words.field_of(label)
        return known if known in FIELDS else None

    for number, sheet in enumerate(sheets_of(io.BytesIO(content), field_of).visible, start=1):
        page = book.add_worksheet(_sheet_name(sheet.name, number))
        rows = list(islice(sheet.rows, ROWS_MAX + SEARCHED_ROWS))
        width = max((len(cells) for _, cells in rows), default=0)
        header = find_header(
            [cells for _, cells in rows[:SEARCHED_ROWS]], NEEDED, Columning(field_of, words.rank_of)
        )
        labels = header.labels if header is not None else ()
        columns = _columns(labels, width)
        for at, cells in rows:
            _write_row(page, at - 1, cells, cell)
            for name, text in answers.get((sheet.name, at), {}).items():
                page.write_string(at - 1, columns[name], text, cell)
        if header is not None:
            line = rows[header.rows - 1][0] - 1
            for name, column in columns.items():
                if column >= width:
                    page.write_string(line, column, ANSWERS[name][0], head)
    book.close()
    return out.getvalue()


def _sheet_name(name: str, number: int) -> str:
    """Return a name that a workbook may have, and no other sheet of this one has."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", name).strip()
    return (
        f"{number}.{plain}"[:31] if plain != name or len(name) > 31 else name or f"核查名单{number}"
    )


def _columns(labels: Sequence[str], width: int) -> dict[str, int]:
    """Return where each answer goes: the form's own column for it, else one behind the widest row.

    Of a header over two lines the lower one names the column: 核查情况 above, 核查结果 below.
    """
    own = [(tidy(label), column) for column, label in enumerate(labels) if tidy(label)]
    found: dict[str, int] = {}
    behind = max(width, len(labels))
    for name, called in ANSWERS.items():
        words = [tidy(one) for one in called]
        column = next((at for one in words for label, at in own if label == one), None)
        if column is None:
            column = next(
                (
                    at
                    for one in words
                    for label, at in own
                    if label.endswith(one) and at not in found.values()
                ),
                None,
            )
        if column is None:
            column, behind = behind, behind + 1
        found[name] = column
    return found


def _write_row(page: Any, line: int, cells: Cells, style: Any) -> None:
    for column, value in enumerate(cells):
        if value is None or isinstance(value, NoValue) or str(value) == "":
            continue
        page.write_string(line, column, _as_seen(value), style)


def _as_seen(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    return str(value)


def persons_of(asked: Iterable[Asked]) -> list[str]:
    """Return the keys that are asked about, each once."""
    return sorted({one.person for one in asked if one.person})
