"""Makes full lists as untidy as departments send them, and knows of each row what a person reads in it.

Everything is drawn from a seed: kinds of files, rows that are nobody, and cells that are written oddly
(still readable: the row must be taken, with the right person, place and day) or cannot be read (the row
must be named, with a reason). Numbers are of address codes that no real person has.
"""

import csv
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import openpyxl

from contracts.identity import SYNTHETIC_ADDRESS_CODES, check_character

HEADERS = {
    "name": ["姓名", "成员姓名", "姓 名", "*姓名"],
    "id": ["身份证号", "公民身份号码", "证件号码", "身份证号码\n（18位）", "身份证号："],
    "category": ["人员类别", "救助类型", "人员类别（必填）"],
    "township": ["乡镇", "所属乡镇", "乡镇（街道）"],
    "effective": ["认定日期", "纳入时间"],
    "phone": ["联系电话", "手机号"],
    "remark": ["备注", "说明"],
}
WORDS = {
    "SUBSISTENCE": ["低保", "低保对象", "农村低保", "城市低保户"],
    "DESTITUTE": ["特困人员", "特困", "分散供养", "五保户"],
    "SUBSISTENCE_MARGIN": ["低保边缘家庭", "低保边缘户"],
}
TOWNS = ("城关镇", "阚疃镇", "张村镇", "江集镇", "马店孜镇", "纪王场乡")
NAMES = ("赵钱孙李周吴郑王", "一二三四五六七八九十百千", "甲乙丙丁戊己庚辛壬癸")
REMARKS = (
    "",
    "",
    "本人签字",
    "与父亲同户",
    '称"老三"',
    "见附件1，2",
    "合计两人",
    "电话：无",
    "=1+1",
)
PHONES = (
    "",
    "13800138000",
    "138-0013-8000",
    "0558-8812345",
    "无",
    "12345",
    "1.3800138E+10",
    "１３８００１３８０００",
)
NOBODY = (
    ["合计"], ["小计：", "", "3"], ["填表人：", "", "审核人："], ["制表单位（盖章）"], ["", "", ""],
    ["", "", "合计", "12"],
)  # fmt: skip
FULL_WIDTH = str.maketrans("0123456789Xx", "０１２３４５６７８９ＸＸ")
Draw = random.Random


def number_of(n: int) -> str:
    """Return the nth identity number that no real person can have."""
    code = sorted(SYNTHETIC_ADDRESS_CODES)[n // 25_000 % 4]
    born = date(1940, 1, 1) + timedelta(days=n % 25_000)
    first = f"{code}{born:%Y%m%d}{n // 100_000 + 1:03d}"
    return first + check_character(first)


@dataclass(slots=True)
class Line:
    """A row that is somebody: what a person reads in it, and whether a machine can."""

    number: str
    category: str
    township: str
    effective: date
    readable: bool = True
    cells: dict[str, Any] = field(default_factory=dict)
    row: int = 0
    sheet: str = ""


@dataclass(slots=True)
class DirtyList:
    """A file, whom it names, and whether it may go back whole."""

    content: bytes
    kind: str
    lines: list[Line]
    may_go_back: bool = False


def dirty_lists(seed: int, month: date, rows: int, *, each: int = 300) -> Iterator[DirtyList]:
    """Yield lists of some hundred rows until there are enough rows."""
    draw = Draw(seed)
    made = 0
    while made < rows:
        count = min(draw.randint(each // 3, each * 5 // 3), rows - made)
        yield _a_list(draw, month, made, count)
        made += count


def _a_list(draw: Draw, month: date, first: int, count: int) -> DirtyList:
    dirt = draw.choice((0.0, 0.02, 0.1, 0.4))
    is_workbook = draw.random() < 0.4
    lines = [_a_line(draw, month, first + n, dirt, is_workbook) for n in range(count)]
    if draw.random() < dirt:
        lines.append(_again(draw.choice(lines)))
    holed = draw.random() < dirt / 8
    if holed:  # a full list without somebody's number or category cannot count: it goes back whole
        draw.choice(lines).cells[draw.choice(("id", "category"))] = ""
    order = [*HEADERS]
    draw.shuffle(order)
    if not is_workbook:  # a comma too many is only seen behind the last column
        order.remove("remark")
        order.append("remark")
    labels = [draw.choice(HEADERS[name]) for name in order]
    if is_workbook:
        return DirtyList(_workbook(draw, labels, order, lines), "xlsx", lines, holed)
    made = _text(draw, labels, order, lines, dirt)
    return replace(made, may_go_back=made.may_go_back or holed)


def _a_line(draw: Draw, month: date, n: int, dirt: float, is_workbook: bool) -> Line:
    category = draw.choice([*WORDS])
    held = date(2012, 1, 1) + timedelta(days=draw.randrange(3_600))
    line = Line(number_of(n), category, draw.choice(TOWNS), held)
    line.cells = {
        "name": "".join(map(draw.choice, NAMES)), "id": line.number,
        "category": draw.choice(WORDS[category]), "township": line.township,
        "effective": held.isoformat(), "phone": draw.choice(PHONES), "remark": draw.choice(REMARKS),
    }  # fmt: skip
    for name, soil in SOILS.items():
        if draw.random() < dirt:
            soil(draw, line, is_workbook, month)
            if name == "name" and not line.readable:
                break
    return line


def _again(line: Line) -> Line:
    """Return the same row once more: it is named, and takes nobody away."""
    return Line(
        line.number, line.category, line.township, line.effective,
        readable=False, cells=dict(line.cells),
    )  # fmt: skip


def _soil_name(draw: Draw, line: Line, _: bool, __: date) -> None:
    name = line.cells["name"]
    line.cells["name"], ok = draw.choice((
        (f" {name}", True), (f"{name[0]} {name[1:]}", True), (f"{name}\u200b", True), (f"{name}　", True),
        (f"{name}•{name}", True), (f"{name}\ue863", True), ("", False), ("#N/A", False),
    ))  # fmt: skip
    line.readable &= ok


def _soil_id(draw: Draw, line: Line, is_workbook: bool, _: date) -> None:
    number = line.number
    wrong = number[:17] + ("1" if number[17] != "1" else "2")
    written: list[tuple[Any, bool]] = [
        (f" {number} ", True), (f"{number[:6]} {number[6:14]} {number[14:]}", True),
        (number.translate(FULL_WIDTH), True), (f"'{number}", True), (number.lower(), True),
        (f"\u202d{number}\u202c", True), (f"{number}\xa0", True), (wrong, False), (number[:17], False),
        ("#N/A", False), ("丢失", False), (f"{float(number[:17]):E}", False),
    ]  # fmt: skip
    if is_workbook:
        written.append((int(number[:17]) * 10, False))
    line.cells["id"], ok = draw.choice(written)
    line.readable &= ok


def _soil_category(draw: Draw, line: Line, _: bool, __: date) -> None:
    word = line.cells["category"]
    line.cells["category"], ok = draw.choice((
        (f" {word}", True), (f"{word[0]} {word[1:]}", True), (f"{word}\ufeff", True),
        ("兜底保障二类", False), ("#REF!", False),
    ))  # fmt: skip
    line.readable &= ok


def _soil_township(draw: Draw, line: Line, _: bool, __: date) -> None:
    town = line.township
    line.cells["township"], ok = draw.choice((
        (town[:-1], True), (f"利辛县{town}", True), (f"{town} ", True), (f"{town[:1]}{town}", False),
        ("", False), ("#N/A", False),
    ))  # fmt: skip
    line.readable &= ok


def _soil_day(draw: Draw, line: Line, is_workbook: bool, month: date) -> None:
    day = line.effective
    written: list[tuple[Any, bool]] = [
        (f"{day.year}.{day.month}.{day.day}", True), (f"{day.year}/{day.month:02}/{day.day}", True),
        (f"{day:%Y%m%d}", True), (f"{day.year}年{day.month}月{day.day}日", True),
        (f"{day:%Y-%m-%d} 00:00:00", True), ("2021-02-30", False), ("待定", False), ("#VALUE!", False),
        (f"3/4/{day.year}", False), ("2099-01-01", False), ("1899-12-31", False),
    ]  # fmt: skip
    if is_workbook:
        written += [(day, True), ((day - date(1899, 12, 30)).days, True)]
    if draw.random() < 0.1:
        written, line.effective = [("", True)], month
    line.cells["effective"], ok = draw.choice(written)
    line.readable &= ok


SOILS: dict[str, Callable[[Draw, Line, bool, date], None]] = {
    "name": _soil_name, "id": _soil_id, "category": _soil_category, "township": _soil_township,
    "effective": _soil_day,
}  # fmt: skip


def _rows(
    draw: Draw, labels: list[str], order: list[str], lines: list[Line], sheet: str
) -> Iterator[tuple[list[Any], Line | None]]:
    """Yield a sheet's rows with the line that each is, or None for what is nobody."""
    row = 0
    for title in draw.choice(([], ["2023年5月困难群众名册"], ["附件1", "利辛县民政局  2023年5月"])):
        row += 1
        yield [title], None
    row += 1
    yield labels, None
    for line in lines:
        if draw.random() < 0.02:
            row += 1
            yield draw.choice([*NOBODY, labels]), None
        row += 1
        line.row, line.sheet = row, sheet
        yield [line.cells[name] for name in order], line
    for foot in draw.choice(([], [["合计", str(len(lines))]], [["填表人：", "", "", "负责人："]])):
        yield foot, None


def _workbook(draw: Draw, labels: list[str], order: list[str], lines: list[Line]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    cut = draw.choice((0, 0, len(lines) // 2))
    for number, part in enumerate((lines[:cut], lines[cut:]), start=1):
        if part:
            sheet = book.create_sheet(f"表{number}")
            for cells, _ in _rows(draw, labels, order, part, sheet.title):
                sheet.append([None if cell == "" else cell for cell in cells])
            _as_text(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _as_text(sheet: Any) -> None:
    """Keep '=1+1' a remark: a formula without a value is another matter."""
    for cells in sheet.iter_rows():
        for cell in cells:
            if cell.data_type in "fe":
                cell.data_type = "s"


def _text(
    draw: Draw, labels: list[str], order: list[str], lines: list[Line], dirt: float
) -> DirtyList:
    encoding = draw.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16"))
    delimiter = draw.choice((",", ",", "\t", ";"))
    shifted = draw.choice(lines) if draw.random() < dirt else None
    torn = draw.choice(lines) if draw.random() < dirt / 8 else None
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=delimiter, lineterminator=draw.choice(("\r\n", "\n")),
        quoting=draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
    )  # fmt: skip
    for cells, line in _rows(draw, labels, order, lines, ""):
        if line is not None and line is shifted:
            line.readable = False
            cells = [*cells[:1], "", *cells[1:-1], "是"]  # noqa: PLW2901  a comma too many
        if line is not None and line is torn:
            out.write(f'"{delimiter.join(map(str, cells))}\n')  # a quote that nobody closes
        else:
            writer.writerow(cells)
    return DirtyList(out.getvalue().encode(encoding), encoding, lines, may_go_back=torn is not None)
