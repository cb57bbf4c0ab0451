"""Ledger 2: what differs between two month-ends, however and in whatever order it was told (domain §14: 17)."""

import itertools
import random
from datetime import date

from contracts.events.base import Event
from contracts.vocabulary import Source
from services.enrollment.desk.ranks import rank_of
from services.enrollment.lists.rules import openings
from services.enrollment.person.file import file_of
from services.enrollment.person.fold import fold_person
from services.enrollment.sheets.moves import Opening, moves_of
from tests.builders import PERSON, a_death, a_grant, a_row
from tests.county import PACKS
from tests.unit.enrollment.lists.test_lists import PEOPLE, ListDesk

TODAY = date(2023, 12, 31)


def lines(*facts: Event, opening: Opening | None = None, until: date = TODAY) -> list[str]:
    """Return ledger 2 of a person in words: change, month, before, after."""
    person = fold_person(PACKS, PERSON, facts)
    found = moves_of(
        file_of(person), person.died, lambda year: rank_of(PACKS, year), opening or {}, until
    )
    return [
        f"{one.change} {one.effective:%Y-%m} {one.before or '-'} {one.after or '-'}"
        for one in found
    ]


def test_granted_and_removed_give_the_same_lines_in_one_turn_or_a_year_apart() -> None:
    """Every order of the same facts: the ledger is read from the days and not from the turns."""
    facts = [
        a_grant(on="2023-03-10"),
        a_grant(on="2023-06-15", action="removed", minute=1),
        a_grant(on="2023-09-02", minute=2),
    ]

    for order in itertools.permutations(facts):
        assert lines(*order) == [
            "ADDED 2023-03 - SUBSISTENCE", "REMOVED 2023-06 SUBSISTENCE -",
            "CHANGED 2023-09 - SUBSISTENCE",
        ]  # fmt: skip


def test_granted_and_removed_within_a_month_is_no_line() -> None:
    """No month-end saw it."""
    assert (
        lines(a_grant(on="2023-03-10"), a_grant(on="2023-03-20", action="removed", minute=1)) == []
    )


def test_a_change_of_the_highest_identity_is_one_line_and_a_lower_one_beside_it_none() -> None:
    """低保, then 特困 from July: one change; 边缘易致贫 in April beside 低保: nothing."""
    facts = [
        a_grant(on="2023-02-01"),
        a_grant("MARGINAL_AT_RISK", "2023-04-01", source=Source.RURAL_REVITALISATION),
        a_grant("DESTITUTE", "2023-07-05"),
        a_grant(on="2023-07-05", action="removed", minute=1),
    ]

    assert lines(*facts) == [
        "ADDED 2023-02 - SUBSISTENCE", "CHANGED 2023-07 SUBSISTENCE DESTITUTE",
    ]  # fmt: skip


def test_the_higher_identity_gone_while_a_lower_one_stands_is_a_change() -> None:
    """At the level of a person nobody left."""
    facts = [
        a_grant(on="2023-02-01"),
        a_grant("MARGINAL_AT_RISK", "2023-04-01", source=Source.RURAL_REVITALISATION),
        a_grant(on="2023-08-01", action="removed", minute=1),
    ]

    assert lines(*facts)[-1] == "CHANGED 2023-08 SUBSISTENCE MARGINAL_AT_RISK"


def test_a_death_is_a_removal_in_its_month() -> None:
    """The flag lasts to the end of the month; the ledger says the month."""
    dead = [a_death(Source.CIVIL_AFFAIRS), a_death(Source.FUNERAL_HOME, minute=1)]

    assert lines(a_grant(on="2023-02-01"), *dead) == [
        "ADDED 2023-02 - SUBSISTENCE", "REMOVED 2023-05 SUBSISTENCE -",
    ]  # fmt: skip


def test_what_begins_after_the_day_asked_is_no_line_yet() -> None:
    """The ledger of June does not know July."""
    assert lines(a_grant(on="2023-07-01"), until=date(2023, 6, 30)) == []


def test_the_first_list_of_a_register_is_an_opening_balance() -> None:
    """Who stands on April's list is no 新增; who comes in May is, and who then leaves is 取消."""
    desk = ListDesk()
    first, second, third = PEOPLE
    lists = [
        [a_row("2023-04", person, minute=1, recognised="2023-02-10") for person in (first, second)],
        [a_row("2023-05", person, minute=2) for person in (first, second, third)],
        [a_row("2023-06", person, minute=3) for person in (first, third)],
    ]
    for seed in range(6):
        desk = ListDesk()
        desk.take(lists, random.Random(seed))
        opening = openings(("civil_affairs", one.month, one.names) for one in sorted(desk.closed))

        found = {person: lines(*desk.facts[person], opening=opening) for person in PEOPLE}

        assert found == {
            first: [],
            second: ["REMOVED 2023-06 SUBSISTENCE -"],
            third: ["ADDED 2023-05 - SUBSISTENCE"],
        }


def test_a_report_before_the_first_list_stays_news() -> None:
    """Somebody was reported as new in March; April's first list bears it out."""
    facts = [a_grant(on="2023-03-10"), a_row("2023-04", recognised="2023-03-10", minute=5)]

    found = lines(*facts, opening={("civil_affairs", "SUBSISTENCE"): date(2023, 4, 1)})

    assert found == ["ADDED 2023-03 - SUBSISTENCE"]


def test_a_category_new_to_a_register_is_no_opening_and_a_list_of_its_own_is_one() -> None:
    """May's 低保 list names 特困 for the first time: news; a list of orphans alone begins a register."""
    april, may = date(2023, 4, 1), date(2023, 5, 1)
    lists = [
        ("civil_affairs", april, ["SUBSISTENCE"]),
        ("civil_affairs", may, ["SUBSISTENCE", "DESTITUTE"]),
        ("civil_affairs", may, ["ORPHAN"]),
        ("rural_revitalisation", may, ["MARGINAL_AT_RISK"]),
    ]

    assert openings(lists) == {
        ("civil_affairs", "SUBSISTENCE"): april,
        ("civil_affairs", "ORPHAN"): may,
        ("rural_revitalisation", "MARGINAL_AT_RISK"): may,
    }


def moves(*facts: Event) -> list[tuple[str, str, str, str]]:
    """Return change, before, after and department of each line."""
    person = fold_person(PACKS, PERSON, list(facts))
    found = moves_of(file_of(person), person.died, lambda year: rank_of(PACKS, year), {}, TODAY)
    return [(one.change, one.before, one.after, one.source) for one in found]


def test_a_line_names_the_department_that_says_what_stands_now() -> None:
    """Of a removal the one that said what stood before."""
    assert moves(
        a_grant("SUBSISTENCE", "2023-02-01"),
        a_grant("SUBSISTENCE", "2023-04-01", action="removed", minute=1),
    ) == [
        ("ADDED", "", "SUBSISTENCE", "civil_affairs"),
        ("REMOVED", "SUBSISTENCE", "", "civil_affairs"),
    ]


def test_of_two_departments_the_line_names_the_one_whose_identity_ranks_higher() -> None:
    """The other stands beside it and gives no line."""
    assert moves(
        a_grant("SUBSISTENCE", "2023-02-01"),
        a_grant("DESTITUTE", "2023-03-01", source=Source.RURAL_REVITALISATION, minute=1),
    ) == [
        ("ADDED", "", "SUBSISTENCE", "civil_affairs"),
        ("CHANGED", "SUBSISTENCE", "DESTITUTE", "rural_revitalisation"),
    ]
