"""The figures that two counties reported, out of a county built to their shape (seeds 001 and 004)."""

import itertools
import random
from collections import Counter
from datetime import date

import pytest

from contracts.events.base import Event
from policy.loader import load_pack
from services.enrollment.desk.rules import problems_of
from services.enrollment.lists.rules import openings
from services.enrollment.person.file import file_of
from services.enrollment.person.fold import fold_person
from services.enrollment.sheets.moves import moves_of
from tests.builders import (
    PERSON,
    a_grant,
    a_premium,
    a_reason,
    a_refund,
    a_row,
    case_from,
    insured_elsewhere,
)
from tests.unit.enrollment.lists.test_lists import ListDesk

WS = [load_pack("wenshang-2020")]
DAY = date(2020, 6, 30)


def a_key(number: int) -> str:
    """Return a person's key."""
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    digits = "".join(letters[number // 32**place % 32] for place in range(5))
    return "p" + digits.rjust(26, "a")


def problems(*facts: Event) -> list[str]:
    """Return the kinds of problems a person of 汶上 has at the end of June 2020."""
    case = case_from(fold_person(WS, PERSON, facts), DAY)
    return [one.kind.value for one in problems_of(case, DAY)]


def paid() -> Event:
    """250 for 2020."""
    return a_premium(2020, amount="250.00")


def test_wenshang_finds_262_and_119_refunds_and_110_employees() -> None:
    """S1: 262 of the registered poor, 119 of low-income and destitute people, 110 in employee insurance."""
    county = [
        *[[a_grant("REGISTERED_POOR", "2018-01-01"), paid()]] * 262,
        *[[a_grant("SUBSISTENCE", "2019-12-31"), paid()]] * 80,
        *[[a_grant("DESTITUTE", "2019-06-01"), paid()]] * 39,
        *[[a_grant("SUBSISTENCE", "2020-01-01"), paid()]] * 57,
        *[[a_grant("SUBSISTENCE", "2020-03-01")]] * 31,
        *[[a_grant("REGISTERED_POOR", "2018-01-01"), insured_elsewhere("2019-01-01")]] * 110,
        *[[a_grant("REGISTERED_POOR", "2018-01-01"), a_reason("MISSING", "2020-01-01", seen=date(2020, 3, 1))]] * 5,
    ]  # fmt: skip

    found = [problems(*facts) for facts in county]
    people = [fold_person(WS, PERSON, facts) for facts in county]

    kinds = Counter(kind for kinds in found for kind in kinds)
    due = Counter(
        person.identities[0].category.value
        for person in people
        for premium in person.premiums
        if premium.refund_due
    )
    assert kinds == {"refund_due": 262 + 119}
    assert due["REGISTERED_POOR"] == 262
    assert due["SUBSISTENCE"] + due["DESTITUTE"] == 119
    employed = [person for person in people if 2020 not in person.covered_years]
    assert len(employed) == 110
    mended = [[*facts, a_refund()] if "refund_due" in kinds else facts for facts, kinds in zip(county, found, strict=True)]  # fmt: skip
    assert not any(problems(*facts) for facts in mended)
    assert all(
        2020 in fold_person(WS, PERSON, facts).covered_years for facts in mended[: 262 + 119]
    )


@pytest.mark.parametrize(
    ("category", "added", "removed"),
    [("SUBSISTENCE", 509, 1714), ("DESTITUTE", 30, 372), ("MARGINAL_AT_RISK", 1001, 816)],
)
def test_lixins_eleven_monthly_lists_add_and_remove_as_reported(
    category: str, added: int, removed: int
) -> None:
    """S4: by November eleven lists; 低保 +509/-1714, 特困 +30/-372, 监测 +1001/-816."""
    standing = removed + 500
    months = [f"2023-{month:02d}" for month in range(1, 12)]
    members, newcomers = set(range(standing)), itertools.count(standing)
    lists = []
    for number, month in enumerate(months):
        if number:
            leave, come = (total // 10 + (number <= total % 10) for total in (removed, added))
            members -= set(sorted(one for one in members if one < standing)[:leave])
            members |= set(itertools.islice(newcomers, come))
        lists.append([a_row(month, a_key(one), category, minute=number) for one in sorted(members)])

    desk = ListDesk()
    for rows in lists:
        desk.take([rows], random.Random(1))

    opening = openings(("civil_affairs", one.month, one.names) for one in desk.closed)
    moves = Counter(
        move.change
        for person, facts in desk.facts.items()
        for move in moves_of(
            file_of(fold_person([], person, facts)), None, lambda _: (), opening, date(2023, 12, 31)
        )
    )
    assert (moves["ADDED"], moves["REMOVED"]) == (added, removed)
