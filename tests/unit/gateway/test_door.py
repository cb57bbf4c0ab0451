"""Bad input at each door: a reason code and the row or field named, the rest accepted."""

import io
from datetime import date
from typing import Any

import openpyxl
import orjson
import pytest

from chassis.settings import Settings
from contracts.vocabulary import Source
from policy.facts import as_claim
from policy.loader import load_pack
from services.gateway.intake.claims import BillReader, read_claim
from services.gateway.intake.people import admitter, row_vault
from services.gateway.intake.reports import ReportReader
from services.gateway.intake.rosters import RosterReader
from services.gateway.intake.taken import Roster
from services.gateway.refusals import RefusedError
from tests.builders import MORNING, an_id_number

TODAY = date(2023, 6, 1)
SETTINGS = Settings(synthetic=True)
ADMIT = admitter(SETTINGS, lambda: TODAY)
ROSTERS = RosterReader(ADMIT, lambda: MORNING, rows=row_vault(SETTINGS))
CLAIMS = BillReader([load_pack("lixin-2023")], ADMIT, lambda: MORNING)
REPORTS = ReportReader(ADMIT, lambda: MORNING)
HEADER = "姓名,身份证号,人员类别,乡镇,认定日期"
GOOD = f"李四,{an_id_number(2)},低保对象,城关镇,2023-01-01"


def read(content: bytes, source: Source = Source.CIVIL_AFFAIRS) -> Roster:
    """Read a list."""
    return ROSTERS.begin(source, content, month=TODAY, year=2023).whole()


def csv(*rows: str, header: str = HEADER, encoding: str = "utf-8") -> bytes:
    """Write a list as departments do."""
    return "\r\n".join([header, *rows]).encode(encoding)


def xlsx(
    *rows: tuple[Any, ...], header: tuple[str, ...] = ("姓名", "身份证号", "人员类别", "乡镇")
) -> bytes:
    """Write a workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (header, *rows):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


ONE = an_id_number(1)
WRONG_CHECK = ONE[:17] + ("0" if ONE[17] != "0" else "1")


@pytest.mark.parametrize(
    ("mistake", "row", "reason", "field"),
    [
        ("no identity number", "张三,,低保对象,城关镇,", "id_empty", "id_number"),
        ("a number cut short", f"张三,{ONE[:12]},低保对象,城关镇,", "id_malformed", "id_number"),
        (
            "a letter inside",
            f"张三,{ONE[:16]}Y{ONE[17]},低保对象,城关镇,",
            "id_malformed",
            "id_number",
        ),
        (
            "a wrong check character",
            f"张三,{WRONG_CHECK},低保对象,城关镇,",
            "id_check_digit",
            "id_number",
        ),
        (
            "a day that does not exist",
            "张三,341699202302300012,低保对象,城关镇,",
            "id_birth_date",
            "id_number",
        ),
        ("born tomorrow", "张三,341699203301010012,低保对象,城关镇,", "id_birth_date", "id_number"),
        ("no category", f"张三,{ONE},,城关镇,", "unknown_category", "category"),
        ("no name", f",{ONE},低保对象,城关镇,", "name_empty", "name"),
        ("no township", f"张三,{ONE},低保对象,,", "township_empty", "township"),
        ("a date in words", f"张三,{ONE},低保对象,城关镇,去年", "bad_date", "effective"),
        ("the thirteenth month", f"张三,{ONE},低保对象,城关镇,2023-13-01", "bad_date", "effective"),
        ("the same person twice", GOOD, "duplicate_row", "id_number"),
        (
            "a township that is a novel",
            f"张三,{ONE},低保对象,{'城' * 201},",
            "invalid_value",
            "township",
        ),
        ("a column shifted by one", f"张三,{ONE},低保对象,{ONE},", "identity_in_text", "township"),
        ("scientific notation", "张三,3.41699E+17,低保对象,城关镇,", "id_malformed", "id_number"),
    ],
)
def test_a_bad_row_goes_back_alone_with_its_reason(
    mistake: str, row: str, reason: str, field: str
) -> None:
    """Its neighbours are taken; the row number is the one a person sees in the file."""
    roster = read(csv(GOOD, row))

    (rejected,) = roster.rejected
    assert (rejected.row, rejected.reason, rejected.field) == (3, reason, field), mistake
    assert len(roster.facts) == 1
    assert roster.received is not None
    assert (roster.received.accepted, roster.received.rejected) == (1, 1)


@pytest.mark.parametrize(
    ("mistake", "amount", "reason"),
    [
        ("not a number", "NaN", "not_an_amount"), ("negative", "-350.00", "negative_amount"),
        ("three decimals", "350.005", "too_many_decimals"), ("empty", "", "not_an_amount"),
        ("an exponent", "3.5e2", "not_an_amount"), ("infinite", "inf", "not_an_amount"),
    ],
)  # fmt: skip
def test_a_bad_premium_goes_back_alone_with_its_reason(
    mistake: str, amount: str, reason: str
) -> None:
    """The tax office's list is read in the encoding it uses."""
    good = f"李四,{an_id_number(2)},350.00元,城关镇"
    header = "姓名,证件号码,缴费金额,乡镇"

    roster = read(
        csv(good, f"张三,{ONE},{amount},城关镇", header=header, encoding="gb18030"), Source.TAX
    )

    assert [(one.row, one.reason, one.field) for one in roster.rejected] == [
        (3, reason, "amount")
    ], mistake
    assert len(roster.facts) == 1


@pytest.mark.parametrize(
    ("mistake", "content", "reason"),
    [
        (
            "a missing column",
            csv(GOOD, header="姓名,身份证号,乡镇,备注,认定日期"),
            "missing_header",
        ),
        (
            "a doubled column",
            csv(GOOD, header="姓名,身份证号,人员类别,乡镇,身份证号码"),
            "duplicate_header",
        ),
        ("no header at all", csv(GOOD, GOOD, header=GOOD), "missing_header"),
        ("an empty file", b"", "missing_header"),
        ("only a header", csv(), "no_valid_row"),
        ("no good row", csv("张三,,低保对象,城关镇,"), "no_valid_row"),
        ("an encoding nobody uses", b"\xff\xfe\x00\xd8" + csv(GOOD), "wrong_encoding"),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_table"),
        ("a broken workbook", b"PK\x03\x04" + b"\0" * 100, "not_a_table"),
        ("more than 30 MB", b"x" * 30_000_001, "file_too_large"),
    ],
)
def test_a_bad_file_is_refused_whole_so_that_nobody_is_dropped(
    mistake: str, content: bytes, reason: str
) -> None:
    """A list that cannot be trusted changes nothing."""
    with pytest.raises(RefusedError) as refused:
        read(content)

    assert refused.value.reason == reason, mistake


def test_a_numeric_identity_cell_is_refused_not_repaired() -> None:
    """Excel has zeroed the last digits; a plausible number would be somebody else's."""
    good, numeric = (
        ("李四", an_id_number(2), "特困人员", "城关镇"),
        ("张三", float(ONE[:17] + "0"), "特困人员", "城关镇"),
    )

    roster = read(xlsx(good, numeric))

    assert [(one.row, one.reason) for one in roster.rejected] == [(3, "id_numeric_cell")]


@pytest.mark.parametrize(
    ("habit", "row"),
    [
        ("lower-case x", f"张三,{ONE.lower()},低保对象,城关镇,2023-01-01"),
        ("blanks around", f" 张 三 , {ONE} , 低保对象 , 城关镇 ,2023-01-01"),
        (
            "full-width digits",
            f"张三,{ONE.translate(str.maketrans('0123456789', '０１２３４５６７８９'))},低保对象,城关镇,",
        ),
        ("a class in brackets", f"张三,{ONE},低保对象（A类）,城关镇,2023/1/1"),
        ("an old word", f"张三,{ONE},低保户,城关镇,20230101"),
        ("an apostrophe for text", f"张三,'{ONE},低保,城关镇,2023年1月1日"),
        ("a number of the first generation", f"张三,{ONE[:6] + ONE[8:17]},低保对象,城关镇,"),
        ("a dot in the name", f"阿依•古丽,{ONE},低保对象,城关镇,"),
    ],
)
def test_the_habits_of_people_who_type_are_understood(habit: str, row: str) -> None:
    """None of these is a mistake, and all of them are the same person."""
    roster = read(csv(row))

    assert roster.rejected == [], habit
    assert roster.facts[0][1].person == ADMIT(ONE, "", "").key  # type: ignore[attr-defined]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_encodings_of_offices_are_read(encoding: str) -> None:
    """Rare characters of names included."""
    assert len(read(csv(f"㼆䶮,{ONE},低保对象,城关镇,", encoding=encoding)).facts) == 1


def test_no_identity_number_passes_the_door_in_the_clear() -> None:
    """The facts carry a key and sealed fields."""
    roster = read(csv(GOOD))

    assert an_id_number(2) not in "".join(fact.model_dump_json() for _, fact in roster.facts)


def test_made_up_people_are_refused_where_real_ones_are_served() -> None:
    """Unassigned address codes only pass with synthetic=true."""
    with pytest.raises(RefusedError) as refused:
        admitter(Settings(), lambda: TODAY)(ONE, "", "")

    assert refused.value.reason == "id_synthetic"


BILL: dict[str, Any] = {
    "claim": "S1", "provider": "H1", "certno": ONE, "kind": "inpatient", "level": "L2",
    "admit": "2023-05-10", "discharge": "2023-05-18", "total_fee": "12000.00", "in_scope": "10000.00",
    "class_b_prepay": "600.00", "over_limit_self_pay": "100.00", "full_self_pay": "1300.00",
}  # fmt: skip


def test_a_death_reported_again_after_it_was_revoked_is_news() -> None:
    """The last word counts, so the third report may not look like the first."""
    moments = iter([MORNING, MORNING.replace(minute=1), MORNING.replace(minute=2)])
    desk = ReportReader(ADMIT, lambda: next(moments))
    said = [
        orjson.dumps({"certno": ONE, "died": "2023-05-20", "action": a})
        for a in ("reported", "revoked", "reported")
    ]

    ids = [desk.fact(Source.POLICE, "DeathReported", body)[0] for body in said]

    assert len(set(ids)) == 3


def test_moments_are_ordered_by_time_not_by_text() -> None:
    """02:00 in London is 10:00 here, after a bill settled at 09:00."""
    _, london = CLAIMS.submitted(
        read_claim(orjson.dumps(BILL | {"settled": "2023-05-18T02:00:00Z"}))
    )
    _, here = CLAIMS.submitted(read_claim(orjson.dumps(BILL | {"settled": "2023-05-18T09:00:00"})))

    assert as_claim(here).canonical_order() < as_claim(london).canonical_order()


def test_a_field_that_is_named_like_an_identity_number_is_not_repeated() -> None:
    """A swapped key and value must not carry the number into the refusal."""
    with pytest.raises(RefusedError) as refused:
        read_claim(orjson.dumps(BILL | {ONE: "x"}))

    assert ONE not in str(refused.value.body())


def test_who_was_an_infant_at_the_time_is_said_to_have_been_one_years_later() -> None:
    """A list of 2023 read in 2026: born in May, paid in July; a grown-up's birthday leaves nobody's door."""
    later = admitter(SETTINGS, lambda: date(2026, 11, 26))
    child = later(an_id_number(3, born=date(2023, 5, 1)), "丙")

    assert child.infant_on(date(2023, 7, 30)) == date(2023, 5, 1)
    assert child.infant_on(date(2026, 11, 26)) is None
    assert later(ONE, "甲").infant_on(date(2023, 7, 30)) is None
