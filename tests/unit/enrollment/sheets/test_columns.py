"""What a sheet can say of a person: every column, and every condition, by name."""

from datetime import date
from typing import Any

import pytest

from contracts.county_files import VocabularyError
from contracts.vocabulary import PEOPLE_SHEETS, Justification
from contracts.vocabulary_files import SheetEntry
from services.enrollment.desk.cases import Case
from services.enrollment.opened import Opened
from services.enrollment.person.justifications import Claimed
from services.enrollment.person.premiums import PremiumStanding
from services.enrollment.sheets.columns import COLUMNS, CONDITIONS, ONE_OF, Resident
from services.enrollment.sheets.rules import COMMON, SHEETS, rows_of, sheet_of
from tests.builders import yuan

DAY = date(2023, 6, 30)
NO_PREMIUM = PremiumStanding(2023)
PAID = PremiumStanding(
    2023, full=yuan("350.00"), category="SUBSISTENCE", owed=yuan("315.00"),
    refund_due=yuan("35.00"), paid=yuan("350.00"), rule="亳民〔2022〕号", refunded=yuan("15.00"),
)  # fmt: skip
IN_ARMY = Claimed(
    Justification.ARMY, "部队证明", date(2023, 2, 1), date(2023, 12, 1), date(2023, 3, 1)
)
ABROAD = Claimed(Justification.ABROAD, "护照", date(2023, 1, 1), None, date(2023, 1, 5))


def a_case(**other: Any) -> Case:
    """Return somebody on the roster of civil affairs."""
    said: dict[str, Any] = {
        "listed": ("SUBSISTENCE",), "died": None, "premium": NO_PREMIUM,
        "rosters": (("civil_affairs", "SUBSISTENCE"),), "must_enrol": True,
    }  # fmt: skip
    return Case(**said | other)


def a_resident(**other: Any) -> Resident:
    """Return that person with name and number."""
    opened = Opened("341699196005040010", "赵甲", "13900000000", "赵父")
    return Resident(opened, "城关镇", "东村", a_case(**other), "民政局 b1", date(2023, 5, 1), 2023)


def cell(name: str, **other: Any) -> str:
    """Return what stands in a column."""
    return COLUMNS[name][1](a_resident(**other), 2023, DAY)


@pytest.mark.parametrize(
    ("name", "case", "shown"),
    [
        ("enrolled", {"enrolled": True}, "是"),
        ("enrolled", {}, "否"),
        ("must_enrol", {}, "是"),
        ("must_enrol", {"must_enrol": False}, "否"),
        ("year", {}, "2023"),
        ("insurance", {}, "城乡居民基本医疗保险"),
        ("reason", {"justified": (IN_ARMY,)}, "参军"),
        ("reason", {"died": date(2023, 6, 30)}, "死亡"),
        ("reason", {"died": date(2023, 7, 1)}, ""),
        ("reason", {}, ""),
        ("evidence", {"justified": (IN_ARMY, ABROAD)}, "部队证明"),
        ("evidence", {"died": DAY, "justified": (IN_ARMY,)}, "死亡登记比对"),
        ("evidence", {}, ""),
        ("since", {"justified": (IN_ARMY,)}, "2023-02-01"),
        ("since", {"died": date(2023, 4, 4), "justified": (IN_ARMY,)}, "2023-04-04"),
        ("since", {}, ""),
        ("until", {"justified": (IN_ARMY,)}, "2023-12-01"),
        ("until", {"justified": (ABROAD,)}, ""),
        ("until", {"died": DAY, "justified": (IN_ARMY,)}, ""),
        ("checked", {"justified": (IN_ARMY,)}, "2023-03-01"),
        ("checked", {"died": DAY, "justified": (IN_ARMY,)}, ""),
        ("full", {"premium": PAID}, "350.00"),
        ("paid", {"premium": PAID}, "350.00"),
        ("kept", {"premium": PAID}, "335.00"),
        ("refunded", {"premium": PAID}, "15.00"),
        ("refund_due", {"premium": PAID}, "35.00"),
        ("rule", {"premium": PAID}, "亳民〔2022〕号"),
        ("subsidy", {"premium": PAID}, "315.00"),
        ("subsidised_as", {"premium": PAID}, "低保对象"),
        ("subsidised_as", {}, ""),
        ("exempt", {}, "否"),
        ("rosters", {}, "民政局（低保对象）"),
        (
            "rosters",
            {"rosters": (("civil_affairs", "SUBSISTENCE"), ("disabled_federation", "SEVERE_DISABILITY"))},
            "民政局（低保对象）、残联（重度残疾人）",
        ),
        ("why_off_roster", {}, "年内退出名册，保留当年资助"),
        ("why_off_roster", {"died": date(2023, 3, 3)}, "2023-03-03死亡"),
        ("to_mend", {"enrolled": True}, ""),
    ],
)  # fmt: skip
def test_a_column_shows_what_is_known(name: str, case: dict[str, Any], shown: str) -> None:
    """Amounts in yuan, days as days, words in Chinese, and nothing where nothing is known."""
    assert cell(name, **case) == shown


def test_who_is_missing_is_told_what_to_do() -> None:
    """应参未参: the row says how it is mended."""
    assert cell("to_mend") != ""


def test_every_column_was_tried() -> None:
    """A column that is added later is tried too."""
    mark = next(
        one for one in test_a_column_shows_what_is_known.pytestmark  # type: ignore[attr-defined]
        if one.name == "parametrize"
    )  # fmt: skip

    assert {row[0] for row in mark.args[1]} == COLUMNS.keys()


@pytest.mark.parametrize(
    ("name", "holds", "does_not"),
    [
        ("on_roster", {}, {"listed": ()}),
        ("off_roster", {"listed": (), "premium": PAID}, {"premium": PAID}),
        (
            "several_rosters",
            {"rosters": (("civil_affairs", "SUBSISTENCE"), ("rural_revitalisation", "REGISTERED_POOR"))},
            {"rosters": (("civil_affairs", "SUBSISTENCE"), ("civil_affairs", "ORPHAN"))},
        ),
        ("enrolled", {"enrolled": True}, {}),
        ("must_enrol", {}, {"must_enrol": False}),
        ("justified", {"justified": (IN_ARMY,)}, {}),
        ("paid_or_subsidised", {"premium": PAID}, {}),
        ("refund_due", {"premium": PAID}, {}),
        ("dead", {"died": DAY}, {"died": date(2023, 7, 1)}),
    ],
)  # fmt: skip
def test_a_condition_holds_or_does_not(
    name: str, holds: dict[str, Any], does_not: dict[str, Any]
) -> None:
    """Who stands in a sheet is said by such names."""
    assert CONDITIONS[name](a_case(**holds), DAY) is True
    assert CONDITIONS[name](a_case(**does_not), DAY) is False


def test_a_sheet_may_name_categories_and_departments() -> None:
    """One of them is enough."""
    assert ONE_OF["categories"](a_case()) == ("SUBSISTENCE",)
    assert ONE_OF["departments"](a_case()) == ("civil_affairs",)


def entry(**other: Any) -> SheetEntry:
    """Return a sheet of everybody on a roster."""
    said: dict[str, Any] = {"title": "名单", "where": {"on_roster": True}, "columns": ["year"]}
    return SheetEntry.model_validate(said | other)


@pytest.mark.parametrize(
    ("where", "stands"),
    [
        ({}, True),
        ({"on_roster": True}, True),
        ({"on_roster": False}, False),
        ({"on_roster": True, "enrolled": True}, False),
        ({"categories": ["SUBSISTENCE", "ORPHAN"]}, True),
        ({"categories": ["ORPHAN"]}, False),
        ({"departments": ["civil_affairs"], "enrolled": False}, True),
        ({"departments": ["tax"]}, False),
    ],
)
def test_every_condition_of_a_sheet_must_hold(where: dict[str, Any], stands: bool) -> None:
    """None of them is enough alone."""
    sheet = sheet_of("mine", entry(where=where))

    assert bool(sheet.rows(a_resident(), 2023, DAY)) is stands


def test_a_sheet_has_its_own_headings_and_its_columns_in_their_order() -> None:
    """A heading of its own where the sheet says so."""
    sheet = sheet_of("mine", entry(columns=["subsidy", {"year": "年度"}, "enrolled"]))

    assert sheet.columns == ("资助金额（元）", "年度", "是否参保")
    assert sheet.rows(a_resident(), 2023, DAY) == [("0.00", "2023", "否")]


@pytest.mark.parametrize(
    ("said", "unknown"),
    [
        ({"columns": ["income"]}, "income"),
        ({"where": {"rich": True}}, "rich"),
        ({"where": {"on_roster": ["yes"]}}, "on_roster"),
        ({"where": {"categories": True}}, "categories"),
        ({"where": {"categories": ["SUBSISTANCE"]}}, "SUBSISTANCE"),
        ({"where": {"departments": ["tax", "taxes"]}}, "taxes"),
    ],
)
def test_a_name_that_nothing_is_known_of_stops_the_start(
    said: dict[str, Any], unknown: str
) -> None:
    """It is named, with the sheet."""
    with pytest.raises(VocabularyError, match=f"mine.yaml: .*{unknown}"):
        sheet_of("mine", entry(**said))


@pytest.mark.parametrize(
    ("name", "case", "own"),
    [
        ("roster", {"justified": (IN_ARMY,)}, ("否", "参军", "2023", "是")),
        ("roster", {"listed": ()}, None),
        (
            "enrolment", {"enrolled": True, "premium": PAID},
            ("城乡居民基本医疗保险", "2023", "335.00", "315.00", "低保对象", "否", "是"),
        ),
        ("enrolment", {}, None),
        (
            "justified_non_enrolment", {"justified": (IN_ARMY,)},
            ("参军", "部队证明", "2023-02-01", "2023-12-01", "2023-03-01"),
        ),
        (
            "justified_non_enrolment", {"died": date(2023, 5, 1)},
            ("死亡", "死亡登记比对", "2023-05-01", "", ""),
        ),
        ("justified_non_enrolment", {"justified": (IN_ARMY,), "enrolled": True}, None),
        ("justified_non_enrolment", {}, None),
        (
            "premium", {"premium": PAID},
            ("2023", "350.00", "315.00", "低保对象", "350.00", "15.00", "35.00", "亳民〔2022〕号", "否"),
        ),
        ("premium", {}, None),
        ("missing", {"justified": (IN_ARMY,)}, None),
        ("missing", {"must_enrol": False}, None),
        ("overlap", {"enrolled": True, "justified": (IN_ARMY,)}, ("参军",)),
        ("overlap", {"justified": (IN_ARMY,)}, None),
        ("duplicate", {}, None),
        (
            "not_on_roster", {"listed": (), "premium": PAID},
            ("低保对象", "315.00", "年内退出名册，保留当年资助"),
        ),
    ],
)  # fmt: skip
def test_our_own_sheets_are_files_too(
    name: str, case: dict[str, Any], own: tuple[str, ...] | None
) -> None:
    """S0's sheets and the sides of the equation, each a file in contracts."""
    assert name in PEOPLE_SHEETS

    rows = rows_of(SHEETS[name], a_resident(**case), 2023, DAY)

    assert [row[len(COMMON) :] for row in rows] == ([] if own is None else [own])


def test_every_sheet_of_ours_names_columns_that_there_are() -> None:
    """And says something of its own after the common ones."""
    for name, sheet in SHEETS.items():
        assert sheet.title, name
        assert sheet.columns, name
