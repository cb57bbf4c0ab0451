"""The open issues do not depend on luck: lists and events in any order and number end in the same desk."""

import random
from datetime import date
from types import SimpleNamespace

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events.base import Event
from contracts.events.partner import StatusReported
from contracts.vocabulary import Source
from services.enrollment.desk.case_store import case_of, found_problems
from services.enrollment.desk.cases import AsOf
from services.enrollment.person.file import file_of
from services.enrollment.person.fold import fold_person
from tests.builders import (
    a_correction,
    a_death,
    a_premium,
    a_reason,
    a_refund,
    a_row,
    insured_elsewhere,
)
from tests.county import PACKS, County
from tests.unit.enrollment.lists.test_lists import MONTHS, PEOPLE, ListDesk

WHO = st.sampled_from(PEOPLE)
MINUTE = st.integers(0, 50)
LISTS = st.lists(
    st.tuples(st.sampled_from(MONTHS), st.lists(WHO, min_size=1, max_size=4, unique=True)),
    min_size=1, max_size=4,
)  # fmt: skip
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(a_premium, st.just(2023), minute=MINUTE, person=WHO),
    st.builds(a_refund, st.just("350.00"), st.just(2023), minute=MINUTE, person=WHO),
    st.builds(
        a_reason, st.sampled_from(["ARMY", "MISSING", "WAIVED", "OTHER_AREA_RESIDENT"]),
        evidence=st.sampled_from(["证明", ""]), minute=MINUTE, person=WHO,
    ),
    st.builds(
        insured_elsewhere, st.just("2022-07-01"), st.sampled_from(["", "2023-03-31"]), minute=MINUTE,
        person=WHO,
    ),
    st.builds(
        a_death, st.sampled_from([Source.FUNERAL_HOME, Source.CIVIL_AFFAIRS]), minute=MINUTE,
        action=st.sampled_from(["reported", "revoked"]), person=WHO,
    ),
    st.builds(a_correction, WHO, WHO, minute=MINUTE).filter(
        lambda one: one.person != one.new_person
    ),
)  # fmt: skip


def open_issues(lists: list[list[StatusReported]], events: list[Event], seed: int) -> list[str]:
    """Tell a county everything in an order of luck, some twice; return what the whole check finds."""
    rng = random.Random(seed)
    desk = ListDesk()
    desk.take(lists, rng)
    told = [*(fact for facts in desk.facts.values() for fact in facts), *events]
    told += rng.choices(told, k=3)
    rng.shuffle(told)
    county = County(rng).tell(*told)
    found = []
    for key, facts in sorted(county.enrollment.items()):
        person = fold_person(PACKS, key, facts.events)
        row = SimpleNamespace(
            person=key, township=person.township, village=person.village, listed=person.listed,
            died=person.died, file=orjson.loads(file_of(person).model_dump_json(exclude_defaults=True)),
            enrolled=2023 in person.covered_years, name_tag=None,
        )  # fmt: skip
        found += found_problems(
            [(row, case_of(row, AsOf(2023, date(2023, 6, 30))))], 2023, date(2023, 6, 30)
        )
    return sorted(f"{one.key} {one.township} {one.detail}" for one in found)


@settings(max_examples=200, deadline=None)
@given(
    lists=LISTS,
    events=st.lists(EVENTS, max_size=6),
    seeds=st.tuples(st.integers(0, 999), st.integers(0, 999)),
)
def test_lists_and_events_in_any_order_and_number_open_the_same_issues(
    lists: list[tuple[str, list[str]]], events: list[Event], seeds: tuple[int, int]
) -> None:
    """Full lists of months with corrections, premiums, refunds, reasons, deaths, corrected numbers."""
    sent = [
        [a_row(month, person, batch=f"b{number}", minute=number) for person in people]
        for number, (month, people) in enumerate(lists)
    ]

    first, second = (open_issues(sent, events, seed) for seed in seeds)

    assert first == second


def test_a_whole_town_on_a_list_without_a_premium_opens_an_issue_each() -> None:
    """The check above compares something."""
    issues = open_issues([[a_row("2023-05", person) for person in PEOPLE]], [], 1)

    assert len(issues) == len(PEOPLE)
