"""The id by which a bill is found again: continued where it can be, never somebody's number."""

import pytest

from contracts.traceparent import begun, heard, is_clean, trace_of
from tests.builders import an_id_number

GOOD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_trace_that_a_hospital_began_is_gone_on_with() -> None:
    """Its own log and ours then name the same trace."""
    assert heard(GOOD) == GOOD
    assert trace_of(GOOD) == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    "said",
    [
        None, "", "00", GOOD.upper(), GOOD + "-00", f"{GOOD}\n", "ff" + GOOD[2:], "01" + GOOD[2:],
        f"00-{'0' * 32}-00f067aa0ba902b7-01", f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
        " " + GOOD, GOOD.replace("-", "_"),
    ],
)  # fmt: skip
def test_what_is_no_traceparent_begins_no_trace(said: str | None) -> None:
    """The call is answered all the same, under a trace that begins at the door."""
    assert heard(said) == ""
    assert trace_of("") == ""


def test_nobodys_number_travels_as_a_trace() -> None:
    """Thirty-two digits are a free field: an identity or mobile number in them would reach every log."""
    number = an_id_number(7)[:17]
    person = f"00-a{number}0{'b' * 13}-00f067aa0ba902b7-01"
    phone = f"00-{'a' * 11}13912345678{'b' * 10}-00f067aa0ba902b7-01"

    assert [heard(person), heard(phone)] == ["", ""]


def test_a_trace_that_begins_here_can_be_heard_and_read_in_a_log() -> None:
    """Also the one in a hundred whose digits look like a phone: it is drawn again."""
    found = [begun() for _ in range(2_000)]

    assert len(set(found)) == len(found)
    assert all(heard(one) == one and is_clean(trace_of(one)) for one in found)
