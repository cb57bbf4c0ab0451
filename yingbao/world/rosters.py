"""Writes the three departments' lists as they really look: titles, blanks, widths, mistakes."""

import csv
import io
import random
from pathlib import Path

import xlsxwriter

from yingbao.world.people import Resident

CIVIL_WORDS = frozenset({"低保对象", "特困人员"})
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def write_lists(directory: Path, seed: int, town: list[Resident], *, left_out: Resident) -> None:
    """Write civil_affairs.xlsx, rural_revitalisation.xlsx and tax.csv (GB18030).

    ``left_out`` is on no status list: that status is reported late.
    """
    rng = random.Random(seed * 104_729 + 3)  # noqa: S311  made-up mistakes need no secret randomness
    listed = [one for one in town if one.word and one is not left_out]
    civil = [one for one in listed if one.word in CIVIL_WORDS]
    rural = [one for one in listed if one.word not in CIVIL_WORDS]
    headers = (
        "序号",
        "姓名",
        "身份证号码",
        "对象类别",
        "乡镇（街道）",
        "村（居）",
        "联系电话",
        "认定日期",
    )
    _write_xlsx(directory / "civil_affairs.xlsx", "民政部门救助对象名册", headers, civil, rng)
    _write_xlsx(
        directory / "rural_revitalisation.xlsx", "乡村振兴部门监测对象名册", headers, rural, rng
    )
    _write_tax(directory / "tax.csv", [one for one in town if one.paid], rng)


def _write_xlsx(
    path: Path, title: str, headers: tuple[str, ...], people: list[Resident], rng: random.Random
) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("名册")
        sheet.write_string(0, 0, title)
        for column, header in enumerate(headers):
            sheet.write_string(1, column, header)
        row = 2
        for one in people:
            _write_row(sheet, row, _dirty(one, rng))
            row += 1
        for mistake in _mistakes(people):
            _write_row(sheet, row, mistake)
            row += 1
        last = people[-1]
        sheet.write_string(row, 1, last.name)
        sheet.write_number(row, 2, float(last.id_number.replace("X", "0")))
        for column, cell in enumerate((last.word, last.township), start=3):
            sheet.write_string(row, column, cell)


def _write_row(sheet: "xlsxwriter.worksheet.Worksheet", row: int, cells: list[str]) -> None:
    sheet.write_number(row, 0, row - 1)
    for column, cell in enumerate(cells, start=1):
        sheet.write_string(row, column, cell)


def _dirty(one: Resident, rng: random.Random) -> list[str]:
    """Return a row that is right, written the way people write."""
    number = one.id_number
    dice = rng.random()
    if dice < 0.05:
        number = number.lower()
    elif dice < 0.1:
        number = f" {number} "
    elif dice < 0.13:
        number = number.translate(FULL_WIDTH)
    word = f"{one.word}（A类）" if one.word == "低保对象" and rng.random() < 0.1 else one.word
    day = one.since.strftime("%Y/%m/%d") if rng.random() < 0.3 else one.since.isoformat()
    return [one.name, number, word, one.township, one.village, one.phone, day]


def _mistakes(people: list[Resident]) -> list[list[str]]:
    """Return rows that must come back, one of each kind."""
    one = people[0]
    last = "0" if one.id_number[-1] != "0" else "1"
    wrong_check = one.id_number[:17] + last
    no_day = f"{one.id_number[:6]}20230230{one.id_number[14:]}"
    rest = [one.township, one.village, "", "2023-01-01"]
    return [
        [one.name, wrong_check, one.word, *rest],
        [one.name, "", one.word, *rest],
        [one.name, one.id_number[:12], one.word, *rest],
        [one.name, no_day, one.word, *rest],
        [one.name, one.id_number, "光荣户", *rest],
        ["", one.id_number, one.word, *rest],
        _plain(one),
    ]


def _plain(one: Resident) -> list[str]:
    return [one.name, one.id_number, one.word, one.township, one.village, one.phone, ""]


def _write_tax(path: Path, payers: list[Resident], rng: random.Random) -> None:
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["利辛县2023年度城乡居民医保缴费明细", "", "", "", "", "", ""])
    sheet.writerow(["姓名", "证件号码", "缴费金额", "缴费日期", "乡镇", "村", "联系电话"])
    for payer in payers:
        amount = rng.choice(("350.00", "350", "350.00元", " 350.00 "))
        number = payer.id_number.lower() if rng.random() < 0.1 else payer.id_number
        sheet.writerow(
            [payer.name, number, amount, "2022-12-20", payer.township, payer.village, payer.phone]
        )
    one = payers[0]
    rest = ["2022-12-20", one.township, one.village, one.phone]
    sheet.writerow([one.name, one.id_number[:17] + "Y", "350.00", *rest])
    sheet.writerow([one.name, one.id_number, "NaN", *rest])
    sheet.writerow([one.name, one.id_number, "-350.00", *rest])
    sheet.writerow([one.name, one.id_number, "350.005", *rest])
    sheet.writerow([one.name, one.id_number, "350.00", *rest])
    path.write_bytes(text.getvalue().encode("gb18030"))
