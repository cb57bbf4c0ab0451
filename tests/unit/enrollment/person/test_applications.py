"""A township applies by 31 December, the county reviews, and the flag stands in the next year (S1)."""

from datetime import date
from typing import get_args

from contracts.events.partner import FlagApplied, FlagDecided
from contracts.vocabulary import Category, Source
from policy.loader import load_pack
from services.enrollment.person.fold import Person, fold_person
from services.enrollment.person.history import IN_WORDS, history_lines
from services.enrollment.person.links import Reported
from tests.builders import MORNING, PERSON, a_grant, a_premium

WS = [load_pack("wenshang-2020")]


def applied(on: str = "2019-12-31") -> FlagApplied:
    """Return a township's application for the registered poor."""
    return FlagApplied(
        source=Source.TOWNSHIP_OFFICE, received=MORNING, person=PERSON, township="义桥镇",
        category=Category("REGISTERED_POOR"), filed_on=date.fromisoformat(on), village="东村",
    )  # fmt: skip


def decided(decision: str = "approved", *, year: int = 2020, minute: int = 0) -> FlagDecided:
    """Return what the county says to it."""
    return FlagDecided(
        source=Source.BUREAU, received=MORNING.replace(minute=minute), person=PERSON,
        category=Category("REGISTERED_POOR"), flag_year=year, decision=decision,
        decided_on=date(2020, 1, 10), reason="材料不全" if decision == "refused" else "",
    )  # fmt: skip


def folded(*facts: object) -> Person:
    """Return the person of 汶上 that these facts make."""
    return fold_person(WS, PERSON, facts)  # type: ignore[arg-type]


def test_an_approved_application_flags_the_whole_next_year_and_exempts_it() -> None:
    """Filed on the last day, reviewed in January: the benefits are there from 1 January."""
    found = folded(applied(), decided())

    assert [(one.valid_from, one.valid_to) for one in found.identities] == [
        (date(2020, 1, 1), date(2020, 12, 31))
    ]
    assert found.premiums[0].exempt
    assert found.township == "义桥镇"


def test_an_application_filed_a_day_late_is_for_the_year_after() -> None:
    """1 January is the new year's application period."""
    found = folded(applied("2020-01-01"), decided())

    assert found.identities == ()
    assert [(one.flag_year, one.state) for one in found.applications] == [(2021, "pending")]


def test_a_pending_or_refused_application_flags_nobody() -> None:
    """The county's word decides, and its reason is kept."""
    assert folded(applied()).identities == ()
    refused = folded(applied(), decided("refused"))
    assert refused.identities == ()
    assert refused.applications[0].reason == "材料不全"


def test_the_last_word_of_the_county_holds_in_any_order() -> None:
    """Refused, then approved with the missing papers."""
    facts = [applied(), decided("refused"), decided(minute=9)]

    assert folded(*facts).identities == folded(*reversed(facts)).identities != ()


def test_an_application_does_not_move_a_person_whom_a_list_places_elsewhere() -> None:
    """Otherwise any township could take anybody in."""
    late = applied().model_copy(update={"received": MORNING.replace(day=28)})

    assert folded(a_grant(), late).township == "城关镇"


def test_a_decision_that_nobody_asked_for_flags_nobody() -> None:
    """No application, no flag."""
    assert folded(decided()).identities == ()


def test_what_was_said_of_a_person_reads_like_a_file() -> None:
    """The latest first, who said it and what it changes; no number, no name."""
    lines = history_lines([a_grant(), a_premium(minute=5), applied(), decided(minute=30)])

    assert [line.said for line in lines] == [
        "2020年度建档立卡贫困人口标识审核通过",
        "2022-12-20缴纳2023年度保费350.00元",
        "2023-01-01起新增低保对象，城关镇东村",
        "2019-12-31申报2020年度建档立卡贫困人口标识",
    ]
    assert lines[0].source == "县医保局"


def test_every_fact_about_a_person_can_be_said_in_words() -> None:
    """A fact that is added later must learn to speak."""
    assert set(IN_WORDS) == set(get_args(Reported))
