"""Our counts against those of city and province; and the pass that runs by itself at night."""

from datetime import date
from types import SimpleNamespace

import pytest

from contracts.questions import CountLine
from services.enrollment.desk.cases import Case
from services.enrollment.desk.count_answers import count_lines
from services.enrollment.desk.jobs import due_tonight
from services.enrollment.person.premiums import PremiumStanding
from services.gateway.intake.reading.columns import words_of
from services.gateway.intake.reading.table import open_table
from services.gateway.office.comparing import FIELDS, NEEDED, Difference, differences, read_counts
from services.gateway.refusals import RefusedError

DAY = date(2023, 6, 30)
WORDS = words_of("bureau")


def a_line(**other: int) -> CountLine:
    """Return a township's people of low income."""
    counts = {"roster": 10, "enrolled": 8, "subsidised": 8, "justified": 1, "missing": 1} | other
    return CountLine(township="城关镇", category="SUBSISTENCE", **counts)


def theirs(text: str) -> dict[tuple[str, str], dict[str, int]]:
    """Read a table of the city's."""
    table = open_table(text.encode(), NEEDED, WORDS, FIELDS)
    return read_counts(table.rows, WORDS)


def test_equal_counts_agree_and_a_measure_that_they_do_not_have_is_not_compared() -> None:
    """The city counts rosters and enrolment only."""
    other = theirs("乡镇,人员类别,名册人数,参保人数\n城关镇,低保对象,10,8\n")

    assert list(differences([a_line()], other)) == []


def test_a_difference_names_township_category_and_measure() -> None:
    """Ours eight, theirs nine."""
    other = theirs("乡镇,人员类别,名册人数,参保人数\n城关镇,低保,10,9人\n")

    assert list(differences([a_line()], other)) == [
        Difference("城关镇", "SUBSISTENCE", "enrolled", 8, 9)
    ]


def test_a_line_that_one_side_does_not_have_counts_nobody_there() -> None:
    """A township that the city forgot, and a category that we do not have."""
    other = theirs("乡镇,人员类别,名册人数\n城关镇,特困,3\n")

    found = {(one.category, one.ours, one.theirs) for one in differences([a_line()], other)}

    assert found == {("SUBSISTENCE", 10, 0), ("DESTITUTE", 0, 3)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("乡镇,人员类别,名册人数\n城关镇,光荣户,3\n", "unknown_category"),
        ("乡镇,人员类别,名册人数\n城关镇,低保,三\n", "not_a_count"),
        ("乡镇,人员类别,名册人数\n城关镇,低保,3\n城关镇,低保对象,4\n", "duplicate_row"),
        ("乡镇,名册人数\n城关镇,3\n", "missing_header"),
        ("乡镇,人员类别\n城关镇,低保\n", "no_valid_row"),
    ],
)
def test_a_table_that_cannot_be_compared_is_refused(text: str, reason: str) -> None:
    """Each with its reason; nothing is guessed."""
    with pytest.raises(RefusedError, match=reason):
        theirs(text)


@pytest.mark.parametrize(
    "total",
    ["合计,,10", "城关镇小计,,10", "城关镇,合计,10", "全县,,10", "全县,全部,10", "利辛县合计,,10", "小 计,—,10"],
)  # fmt: skip
def test_whatever_total_rows_the_citys_table_has_are_not_people(total: str) -> None:
    """Sums of the other lines, however they are called."""
    other = theirs(f"乡镇,人员类别,名册人数\n城关镇,低保,10\n{total}\n")

    assert list(differences([a_line()], other)) == []


def test_a_line_for_the_whole_county_is_held_against_the_sum_of_our_townships() -> None:
    """Beside the townships' lines, or instead of them."""
    ours = [a_line(), a_line().model_copy(update={"township": "阚疃镇"})]
    beside = theirs("乡镇,人员类别,名册人数\n城关镇,低保,10\n阚疃镇,低保,10\n全县,低保,20\n")
    alone = theirs("乡镇,人员类别,名册人数\n全县,低保,21\n")

    assert list(differences(ours, beside)) == []
    assert list(differences(ours, alone)) == [Difference("全县", "SUBSISTENCE", "roster", 20, 21)]
    other_category = theirs("乡镇,人员类别,名册人数\n全县,特困,5\n")
    assert {(one.category, one.ours, one.theirs) for one in differences(ours, other_category)} == {
        ("SUBSISTENCE", 20, 0), ("DESTITUTE", 0, 5),
    }  # fmt: skip


def test_a_person_of_two_categories_is_counted_once_by_the_higher() -> None:
    """One person, one line: the rank is the pack's."""
    case = Case(("MARGINAL_AT_RISK", "SUBSISTENCE"), None, PremiumStanding(2023), enrolled=True)
    row = SimpleNamespace(township="城关镇")

    (line,) = count_lines([(row, case)], ("SUBSISTENCE", "MARGINAL_AT_RISK"), DAY)

    assert (line.category, line.roster, line.enrolled, line.missing) == ("SUBSISTENCE", 1, 1, 0)


def test_the_nights_pass_is_as_of_the_day_that_ended_and_of_a_year_with_a_pack() -> None:
    """On 1 January the old year is checked once more; a year without a pack is left alone."""
    order = due_tonight(date(2024, 1, 1), {2023})

    assert order is not None
    assert (order.year, order.number, order.as_of) == (2023, 3, date(2023, 12, 31))
    assert due_tonight(date(2024, 1, 2), {2023}) is None
