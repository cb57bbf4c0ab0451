"""Years as sets, where None is all of them, and as columns of a statement."""

from typing import Any

import pytest

from chassis.years import Years, asked_for, rows_of, together, unread


@pytest.mark.parametrize(
    ("first", "others", "all_of_them"),
    [
        ({2023}, [{2024}], {2023, 2024}),
        (set(), [], set()),
        ({2023}, [{2023}, frozenset({2022})], {2022, 2023}),
        ({2023}, [None], None),
        (None, [{2023}], None),
    ],
)
def test_years_together(first: Years, others: list[Any], all_of_them: Years) -> None:
    """None is every year, and swallows the rest."""
    assert together(first, *others) == all_of_them


@pytest.mark.parametrize(
    ("wanted", "read", "missing"),
    [
        ({2023, 2024}, {2023}, {2024}),
        ({2023}, {2023}, set()),
        ({2023}, None, set()),
        (None, {2023}, None),
        (None, None, set()),
        ({2023}, set(), {2023}),
    ],
)
def test_what_is_not_read_yet(wanted: Years, read: Years, missing: Years) -> None:
    """Whoever is read wholly misses nothing."""
    assert unread(wanted, read) == missing


def test_persons_and_years_become_columns() -> None:
    """A pair a row; a person of whom everything is wanted stands apart."""
    assert asked_for({"p": {2024, 2023}, "q": None, "r": set()}) == {
        "of": ["p", "p"], "years": [2023, 2024], "wholly": ["q"],
    }  # fmt: skip


def test_each_person_is_looked_up_by_the_index() -> None:
    """Whatever the statistics of the day say: a planner that reads the whole table is a slow call."""
    sql = rows_of("fact", "fact, body")

    assert sql.count("OFFSET 0") == 2
    assert "fact.person = wanted.person AND fact.year = wanted.year" in sql
