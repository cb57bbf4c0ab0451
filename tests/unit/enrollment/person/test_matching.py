"""Who is meant by a phone, a name and six characters, and what becomes of the filing: every outcome of §12."""

from datetime import date
from typing import Any

import pytest

from chassis.clock import CHINA
from contracts.events.enrollment import Filing
from contracts.events.notify import CitizenAsked
from policy.loader import load_pack
from services.enrollment.opened import Opened
from services.enrollment.person.file import NO_FILE
from services.enrollment.person.matching import Candidate, answer, is_meant, the_one
from tests.builders import MORNING, PERSON, RIGHT, an_id_number

LX = [load_pack("lixin-2023")]
TODAY = date(2023, 6, 1)
NUMBER = an_id_number(1)
FILED = Filing(place="上海市", province="31", first=date(2023, 5, 2), last=date(2023, 11, 1))


def somebody(number: str = NUMBER, name: str = "张三", **other: Any) -> Candidate:
    """Return somebody whose phone it may be, insured in 2023."""
    said: dict[str, Any] = {"died": None, "covered_years": (2023,), "file": NO_FILE, **other}
    return Candidate(said.pop("person", PERSON), Opened(id_number=number, name=name), **said)


def asked(
    first: str = "2023-06-01", province: str = "31", place: str = "上海市", wish: str = "filing"
) -> CitizenAsked:
    """Return what somebody wrote."""
    return CitizenAsked(
        message="0" * 32, wish=wish, persons=(PERSON,), who_sealed="x", place=place,
        province=province, first=date.fromisoformat(first), received=MORNING.astimezone(CHINA),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "last_six", "meant"),
    [
        ("张三", NUMBER[-6:], True),
        ("张 三", NUMBER[-6:].lower(), True),
        ("张四", NUMBER[-6:], False),
        ("张三", "000000", False),
        ("", NUMBER[-6:], False),
    ],
)
def test_name_and_last_six_must_both_be_the_person_s(name: str, last_six: str, meant: bool) -> None:
    """One of the two on a phone is not enough."""
    assert is_meant(Opened(id_number=NUMBER, name="张三"), name, last_six) is meant


def test_a_name_with_a_dot_is_one_name_whichever_dot_it_is() -> None:
    """Names are written with three kinds of dots."""
    assert is_meant(Opened(id_number=NUMBER, name="阿依·古丽"), "阿依•古丽", NUMBER[-6:])
    assert not is_meant(Opened(), "", "")


def test_of_a_family_on_one_phone_the_one_who_is_named_is_meant() -> None:
    """Nobody who was corrected away, and nobody where two would fit."""
    wife = somebody(an_id_number(2), "李四", person=RIGHT)
    assert the_one([somebody(), wife], "李四", an_id_number(2)[-6:]) is wife
    assert the_one([wife], "张三", NUMBER[-6:]) == "no_match"
    twice = [somebody(), somebody(person=RIGHT)]
    assert the_one(twice, "张三", NUMBER[-6:]) == "ambiguous"
    gone = somebody(file=NO_FILE.model_copy(update={"merged_into": RIGHT}))
    assert the_one([gone, somebody(person=RIGHT)], "张三", NUMBER[-6:]) != "ambiguous"


@pytest.mark.parametrize(
    ("who", "what", "outcome"),
    [
        (somebody(), asked(), "filed"),
        (somebody(), asked("2023-03-03"), "filed"),
        (somebody(), asked("2023-03-02"), "bad_date"),
        (somebody(), asked("2023-11-28"), "filed"),
        (somebody(), asked("2023-11-29"), "bad_date"),
        (somebody(), asked(province="34", place="安徽省合肥市"), "not_needed"),
        (somebody(covered_years=(2022,)), asked(), "not_covered"),
        (somebody(covered_years=(2023,)), asked("2024-01-01"), "bad_date"),
        (somebody(died=date(2023, 5, 1)), asked(), "died"),
        ("no_match", asked(), "no_match"),
        ("ambiguous", asked(), "ambiguous"),
    ],
)
def test_every_outcome_of_a_filing(who: Any, what: CitizenAsked, outcome: str) -> None:
    """Ninety days back, half a year ahead, of a year with coverage, in another province."""
    found = answer(LX, what, who, TODAY)
    assert found.outcome == outcome
    assert bool(found.filings) == (outcome == "filed")


def test_a_county_whose_pack_knows_no_filing_says_so() -> None:
    """汶上's pack has no clause for it."""
    packs = [load_pack("wenshang-2020")]
    assert answer(packs, asked(), somebody(), TODAY).outcome == "no_rule"


def test_a_filing_said_again_gets_the_first_one_s_answer() -> None:
    """The same province and day: the period that stands is confirmed once more."""
    known = somebody(file=NO_FILE.model_copy(update={"filings": (FILED,)}))
    again = answer(LX, asked("2023-05-02", place="上海"), known, TODAY)
    assert again.filings == (FILED,)
    late = answer(LX, asked("2023-05-02"), known, date(2023, 10, 30))
    assert (late.outcome, late.filings) == ("filed", (FILED,))
    another = answer(LX, asked("2023-05-02", "32", "江苏省"), known, TODAY)
    assert another.filings[0].last == date(2023, 11, 1)
    assert another.filings[0].province == "32"


def test_a_standing_names_years_and_filings_of_today_and_later() -> None:
    """And of the dead nothing."""
    over = FILED.model_copy(update={"last": date(2023, 5, 31)})
    known = somebody(file=NO_FILE.model_copy(update={"filings": (over, FILED)}))
    told = answer(LX, asked(wish="standing"), known, TODAY)
    assert (told.outcome, told.filings, told.covered_years) == ("standing", (FILED,), (2023,))
    assert answer(LX, asked(wish="standing"), somebody(died=TODAY), TODAY).outcome == "died"
