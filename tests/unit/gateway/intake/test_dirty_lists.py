"""Fifty kinds of dirt in full lists: each has its reason, and nobody is removed by mistake.

In April three people stand on the list. In May the second one's row is dirty: either it is understood,
or the whole file goes back, or the row goes back and the list becomes a question. In none of these
cases is anybody's flag stopped.
"""

import io
from collections import defaultdict
from datetime import date, timedelta

import openpyxl
import pytest

from contracts.events.partner import StatusReported
from contracts.vocabulary import Source
from services.enrollment.lists.rules import FullList, ShrinkLimit, removals
from services.enrollment.person.listings import Listing, listings_of
from services.gateway.intake.taken import Roster
from services.gateway.refusals import RefusedError
from tests.builders import MORNING, an_id_number
from tests.unit.gateway.test_door import ROSTERS

FIRST, SECOND, THIRD = (an_id_number(n) for n in (501, 502, 503))
HEADER = "姓名,身份证号,人员类别,乡镇,认定日期,变动类型"
TAIL = "低保对象,城关镇,2023-01-01,"
UNDERSTOOD, ROW, FILE, ASKED = "understood", "row", "file", "asked"
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
WRONG = SECOND[:17] + ("0" if SECOND[17] != "0" else "1")


def a_file(*rows: str, header: str = HEADER, encoding: str = "utf-8") -> bytes:
    """Return a CSV."""
    return "\n".join([header, *rows]).encode(encoding)


def around(row: str) -> bytes:
    """Return a list whose first and third rows are good."""
    return a_file(f"赵,{FIRST},{TAIL}", row, f"孙,{THIRD},{TAIL}")


def a_workbook(cell: object) -> bytes:
    """Return an XLSX whose second row has this identity cell."""
    book = openpyxl.Workbook()
    for row in (HEADER.split(","), ["赵", FIRST, *TAIL.split(",")], ["钱", cell, *TAIL.split(",")],
                ["孙", THIRD, *TAIL.split(",")]):  # fmt: skip
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


DIRT = [
    ("nothing wrong", around(f"钱,{SECOND},{TAIL}"), UNDERSTOOD, ""),
    ("lower-case x or blanks", around(f" 钱 , {SECOND.lower()} ,{TAIL}"), UNDERSTOOD, ""),
    ("full-width digits", around(f"钱,{SECOND.translate(WIDE)},{TAIL}"), UNDERSTOOD, ""),
    ("first generation, 15 digits", around(f"钱,{SECOND[:6] + SECOND[8:17]},{TAIL}"), UNDERSTOOD, ""),
    ("an apostrophe for text", around(f"钱,'{SECOND},{TAIL}"), UNDERSTOOD, ""),
    ("a tab inside", around(f"钱,{SECOND[:9]}\t{SECOND[9:]},{TAIL}"), UNDERSTOOD, ""),
    ("a zero-width blank", around(f"钱,\u200b{SECOND},{TAIL}"), UNDERSTOOD, ""),
    ("a middle dot in the name", around(f"阿·钱,{SECOND},{TAIL}"), UNDERSTOOD, ""),
    ("a bullet in the name", around(f"阿•钱,{SECOND},{TAIL}"), UNDERSTOOD, ""),
    ("a rare character in GB18030", a_file(f"赵,{FIRST},{TAIL}", f"㼆,{SECOND},{TAIL}", f"孙,{THIRD},{TAIL}", encoding="gb18030"), UNDERSTOOD, ""),
    ("a byte order mark", b"\xef\xbb\xbf" + around(f"钱,{SECOND},{TAIL}"), UNDERSTOOD, ""),
    ("a title above the header", "利辛县低保名册\n".encode() + around(f"钱,{SECOND},{TAIL}"), UNDERSTOOD, ""),
    ("blank lines between", around(f",,,,,\n钱,{SECOND},{TAIL}"), UNDERSTOOD, ""),
    ("a class in brackets", around(f"钱,{SECOND},低保对象（B类）,城关镇,2023-01-01,"), UNDERSTOOD, ""),
    ("a class in square brackets", around(f"钱,{SECOND},低保对象[A类],城关镇,2023-01-01,"), UNDERSTOOD, ""),
    ("an old word", around(f"钱,{SECOND},低保户,城关镇,2023-01-01,"), UNDERSTOOD, ""),
    ("a date with slashes", around(f"钱,{SECOND},低保对象,城关镇,2023/1/1,"), UNDERSTOOD, ""),
    ("a date without signs", around(f"钱,{SECOND},低保对象,城关镇,20230101,"), UNDERSTOOD, ""),
    ("a date in Chinese", around(f"钱,{SECOND},低保对象,城关镇,2023年1月1日,"), UNDERSTOOD, ""),
    ("no date", around(f"钱,{SECOND},低保对象,城关镇,,"), UNDERSTOOD, ""),
    ("another word for added", around(f"钱,{SECOND},低保对象,城关镇,2023-01-01,纳入"), UNDERSTOOD, ""),
    ("text in a workbook", a_workbook(SECOND), UNDERSTOOD, ""),
    ("windows line ends", around(f"钱,{SECOND},{TAIL}").replace(b"\n", b"\r\n"), UNDERSTOOD, ""),
    ("an extra column", a_file(f"赵,{FIRST},{TAIL},x", f"钱,{SECOND},{TAIL},y", f"孙,{THIRD},{TAIL},z", header=HEADER + ",备注"), UNDERSTOOD, ""),
    ("no identity number", around(f"钱,,{TAIL}"), FILE, "list_incomplete"),
    ("blanks for a number", around(f"钱,   ,{TAIL}"), FILE, "list_incomplete"),
    ("no category", around(f"钱,{SECOND},,城关镇,2023-01-01,"), FILE, "list_incomplete"),
    ("a row cut short", around(f"钱,{SECOND}"), FILE, "list_incomplete"),
    ("a missing column", a_file(f"赵,{FIRST},城关镇", header="姓名,身份证号,乡镇"), FILE, "missing_header"),
    ("a doubled column", a_file(f"赵,{FIRST},{TAIL},{FIRST}", header=HEADER + ",身份证号码"), FILE, "duplicate_header"),
    ("no header", a_file(f"钱,{SECOND},{TAIL}", header=f"赵,{FIRST},{TAIL}"), FILE, "missing_header"),
    ("an empty file", b"", FILE, "missing_header"),
    ("only a header", a_file(), FILE, "no_valid_row"),
    ("every row bad", a_file(f"赵,{WRONG},{TAIL}"), FILE, "no_valid_row"),
    ("an encoding nobody uses", b"\xff\xfe\x00\xd8" + around(""), FILE, "wrong_encoding"),
    ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", FILE, "not_a_table"),
    ("a broken workbook", b"PK\x03\x04" + b"\0" * 100, FILE, "not_a_table"),
    ("a number in Excel's number format", a_workbook(float(SECOND[:17] + "0")), ROW, "id_numeric_cell"),
    ("a number in scientific notation", around(f"钱,3.41699E+17,{TAIL}"), ROW, "id_malformed"),
    ("a number cut short", around(f"钱,{SECOND[:12]},{TAIL}"), ROW, "id_malformed"),
    ("a letter inside", around(f"钱,{SECOND[:16]}Y{SECOND[17]},{TAIL}"), ROW, "id_malformed"),
    ("a wrong check character", around(f"钱,{WRONG},{TAIL}"), ROW, "id_check_digit"),
    ("a day that does not exist", around(f"钱,341699202302300012,{TAIL}"), ROW, "id_birth_date"),
    ("born tomorrow", around(f"钱,341699203301010012,{TAIL}"), ROW, "id_birth_date"),
    ("two numbers in one cell", around(f"钱,{SECOND}/{FIRST},{TAIL}"), ROW, "id_malformed"),
    ("no name", around(f",{SECOND},{TAIL}"), ROW, "name_empty"),
    ("no township", around(f"钱,{SECOND},低保对象,,2023-01-01,"), ROW, "township_empty"),
    ("a category nobody knows", around(f"钱,{SECOND},光荣户,城关镇,2023-01-01,"), ASKED, "unknown_word"),
    ("two categories in one cell", around(f"钱,{SECOND},低保对象/特困人员,城关镇,2023-01-01,"), ASKED, "unknown_word"),
    ("a date in words", around(f"钱,{SECOND},低保对象,城关镇,去年,"), ROW, "bad_date"),
    ("the thirteenth month", around(f"钱,{SECOND},低保对象,城关镇,2023-13-01,"), ROW, "bad_date"),
    ("an action nobody knows", around(f"钱,{SECOND},低保对象,城关镇,2023-01-01,再议"), ASKED, "unknown_word"),
    ("a removal in a full list", around(f"钱,{SECOND},低保对象,城关镇,2023-01-01,取消"), ROW, "removal_in_full_list"),
    ("a column shifted by one", around(f"钱,{SECOND},低保对象,{SECOND},2023-01-01,"), ROW, "identity_in_text"),
    ("a township that is a novel", around(f"钱,{SECOND},低保对象,{'城' * 201},2023-01-01,"), ROW, "invalid_value"),
    ("the same person twice", around(f"钱,{SECOND},{TAIL}\n钱,{SECOND},{TAIL}"), UNDERSTOOD, "duplicate_row"),
    ("a formula for a name", around(f"=cmd(),{SECOND},{TAIL}"), UNDERSTOOD, ""),
]  # fmt: skip


def flags_after(*rosters: Roster) -> set[str]:
    """Close lists as enrollment does; return whose flag still stands."""
    facts: defaultdict[str, list[StatusReported]] = defaultdict(list)
    closed: list[FullList] = []
    for roster in rosters:
        notice = roster.received
        assert notice is not None
        for _, fact in roster.facts:
            assert isinstance(fact, StatusReported)
            facts[fact.person].append(fact)
        names = frozenset(fact.category.value for _, fact in roster.facts)  # type: ignore[attr-defined]
        closing = FullList(notice.month, notice.received, notice.batch, names)  # type: ignore[arg-type]
        rows: dict[str, list[Listing]] = {p: list(listings_of(f)) for p, f in facts.items()}
        absent = list(removals(closing, closed, rows))
        asks = ShrinkLimit().asks(3, len(absent), []) or (
            (notice.rejected or notice.waiting) and absent
        )
        if not asks:
            for one in absent:
                facts.pop(one.person)
            closed.append(closing)
    return set(facts)


def read(content: bytes, month: date, days: int) -> Roster:
    """Read a full list of civil affairs, sent some days later."""
    roster = ROSTERS.begin(Source.CIVIL_AFFAIRS, content, month=month, year=2023, full=True).whole()
    at = MORNING + timedelta(days=days)
    roster.facts = [(id_, fact.model_copy(update={"received": at})) for id_, fact in roster.facts]
    assert roster.received is not None
    roster.received = roster.received.model_copy(update={"received": at})
    return roster


@pytest.mark.parametrize(
    ("dirt", "content", "outcome", "reason"), DIRT, ids=[one[0] for one in DIRT]
)
def test_dirt_has_its_reason_and_removes_nobody(
    dirt: str, content: bytes, outcome: str, reason: str
) -> None:
    """Understood, or the file back, or the row back and the list a question, or the word asked about."""
    april = read(around(f"钱,{SECOND},{TAIL}"), date(2023, 4, 1), 0)
    everybody = {fact.person for _, fact in april.facts}  # type: ignore[attr-defined]
    if outcome == FILE:
        with pytest.raises(RefusedError) as refused:
            read(content, date(2023, 5, 1), 1)
        assert refused.value.reason == reason, dirt
        return

    may = read(content, date(2023, 5, 1), 1)

    back = may.waiting if outcome == ASKED else may.rejected
    assert [one.reason for one in back] == ([reason] if reason else []), dirt
    assert len(may.rejected) + len(may.waiting) == len(back)
    assert flags_after(april, may) == everybody
    if outcome == UNDERSTOOD:
        assert {fact.person for _, fact in may.facts} == everybody  # type: ignore[attr-defined]


def test_the_test_itself_can_see_a_removal() -> None:
    """A clean list without the second person removes exactly that one."""
    april = read(around(f"钱,{SECOND},{TAIL}"), date(2023, 4, 1), 0)
    may = read(a_file(f"赵,{FIRST},{TAIL}", f"孙,{THIRD},{TAIL}"), date(2023, 5, 1), 1)

    gone = {fact.person for _, fact in april.facts} - flags_after(april, may)  # type: ignore[attr-defined]

    assert len(gone) == 1


@pytest.mark.parametrize(
    ("source", "header", "row", "reason"),
    [
        (Source.POLICE, "姓名,身份证号,死亡日期", f"钱,{SECOND},", "bad_date"),
        (Source.POLICE, "姓名,身份证号,死亡日期", f"钱,{SECOND},2099-01-01", "bad_date"),
        (Source.FUNERAL_HOME, "姓名,身份证号,火化日期,变动类型", f"钱,{SECOND},2023-05-01,也许", "unknown_word"),
        (Source.HEALTH, "姓名,身份证号,死亡时间", f"钱,{WRONG},2023-05-01", "id_check_digit"),
        (Source.OTHER_AREA, "姓名,身份证号,参保类型,参保日期", f"钱,{SECOND},离休,2023-01-01", "unknown_word"),
        (Source.OTHER_AREA, "姓名,身份证号,参保类型,参保日期,停保日期", f"钱,{SECOND},职工,2023-05-01,2023-01-01", "bad_date"),
        (Source.EMPLOYEE_INSURANCE, "姓名,身份证号,参保日期", f",{SECOND},2023-05-01", "name_empty"),
    ],
)  # fmt: skip
def test_lists_of_deaths_and_of_other_insurers_have_reasons_too(
    source: Source, header: str, row: str, reason: str
) -> None:
    """The neighbour's row is taken."""
    good = {"姓名": "赵", "身份证号": FIRST, "参保类型": "职工"}
    names = header.split(",")
    other = ",".join(
        good.get(name, "2023-01-01" if "日期" in name or "时间" in name else "") for name in names
    )
    content = a_file(
        other.replace("2023-01-01,2023-01-01", "2023-01-01,2023-02-01"), row, header=header
    )

    roster = ROSTERS.begin(source, content, month=date(2023, 5, 1), year=2023).whole()

    assert [one.reason for one in (*roster.rejected, *roster.waiting)] == [reason]
    assert len(roster.facts) == 1
    with pytest.raises(RefusedError, match="full_list_not_supported"):
        ROSTERS.begin(source, content, month=date(2023, 5, 1), year=2023, full=True).whole()


@pytest.mark.parametrize("month", [date(2032, 5, 1), date(2023, 7, 1), date(1997, 4, 1)])
def test_a_full_list_of_a_month_that_cannot_be_is_refused(month: date) -> None:
    """A typing slip in the month would end identities years away."""
    with pytest.raises(RefusedError) as refused:
        read(around(f"钱,{SECOND},{TAIL}"), month, 1)

    assert (refused.value.reason, refused.value.field) == ("bad_date", "month")


def test_the_same_bytes_for_another_month_are_another_list() -> None:
    """Nobody changed since April: May's file is equal, and still May's list."""
    content = around(f"钱,{SECOND},{TAIL}")

    april, may = (read(content, date(2023, month, 1), month) for month in (4, 5))

    assert april.received is not None
    assert may.received is not None
    assert april.received.batch != may.received.batch
