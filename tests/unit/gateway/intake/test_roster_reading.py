"""A list's rows some at a time: what goes out early, and what must wait for the whole file."""

from datetime import date

import pytest

from contracts.vocabulary import Source
from services.gateway.intake.rosters import RosterReading
from services.gateway.refusals import RefusedError
from tests.builders import an_id_number
from tests.files import DESK

HEADER = "姓名,身份证号,人员类别,乡镇"


def begun(*rows: str, full: bool = True) -> RosterReading:
    """Return a list of civil affairs whose rows are there and not yet taken."""
    content = "\n".join([HEADER, *rows]).encode()
    return DESK.begin(Source.CIVIL_AFFAIRS, content, month=date(2023, 5, 1), year=2023, full=full)


def a_line(sequence: int, category: str = "低保对象") -> str:
    """Return a row."""
    return f"张三,{an_id_number(sequence)},{category},城关镇"


def test_facts_come_some_rows_at_a_time_and_the_notice_only_at_the_end() -> None:
    """Five rows, one of them wrong: two, then one, then one; the list counts for nobody before its notice."""
    reading = begun(a_line(1), a_line(2), "李四,123,低保对象,城关镇", a_line(3), a_line(4))

    pieces = [len(facts) for facts in reading.facts(2)]
    before = reading.roster.received
    reading.finish()

    assert pieces == [2, 1, 1]
    assert before is None
    assert reading.roster.received is not None
    assert (reading.roster.received.accepted, reading.roster.received.rejected) == (4, 1)


def test_a_row_said_twice_is_noticed_across_the_pieces() -> None:
    """The first stands, the second goes back, wherever the cut falls."""
    reading = begun(a_line(1), a_line(2), a_line(1))

    assert [len(facts) for facts in reading.facts(1)] == [1, 1, 0]
    assert [one.reason for one in reading.roster.rejected] == ["duplicate_row"]


def test_what_sends_the_file_back_whole_is_known_before_any_row_is_taken() -> None:
    """A full list with a row without a category would remove somebody in silence: nothing of it goes out."""
    with pytest.raises(RefusedError) as refused:
        begun(a_line(1), a_line(2, category=""))

    assert refused.value.reason == "list_incomplete"
