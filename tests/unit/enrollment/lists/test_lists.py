"""Full lists: whoever is no longer on them is removed, in whatever order they arrive."""

import random
from collections import defaultdict
from datetime import UTC, date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events.partner import StatusReported
from contracts.vocabulary import Category, Source
from services.enrollment.lists.rules import FullList, ShrinkLimit, removals
from services.enrollment.person.listings import Listing, listings_of
from services.enrollment.person.timelines import fold_identities, known_on
from tests.builders import MORNING, a_grant, a_row

P1, P2, P3 = PEOPLE = tuple("p" + letter * 26 for letter in "abc")


class ListDesk:
    """Full lists in memory: rows come in one by one, a list is closed once its last row is here."""

    def __init__(self) -> None:
        self.facts: defaultdict[str, list[StatusReported]] = defaultdict(list)
        self.closed: list[FullList] = []

    def take(self, lists: list[list[StatusReported]], draw: random.Random) -> None:
        """Take rows of all lists in any order, some twice; close each as it becomes whole."""
        waiting = {rows[0].batch: len(rows) for rows in lists}
        for row in draw.sample([row for rows in lists for row in rows], k=sum(map(len, lists))):
            for _ in range(draw.choice([1, 1, 2])):
                if row not in self.facts[row.person]:
                    self.facts[row.person].append(row)
            waiting[row.batch] -= 1
            if not waiting[row.batch]:
                self._close(row, {Category(one.category).value for one in self._rows(row.batch)})

    def _rows(self, batch: str) -> list[StatusReported]:
        return [one for facts in self.facts.values() for one in facts if one.batch == batch]

    def _close(self, row: StatusReported, names: set[str]) -> None:
        closing = FullList(row.listed, row.received, row.batch, frozenset(names))  # type: ignore[arg-type]
        rows: dict[str, list[Listing]] = {
            person: list(listings_of(facts)) for person, facts in self.facts.items()
        }
        for one in removals(closing, self.closed, rows):
            absent = one.absent_from
            self.facts[one.person].append(
                StatusReported(
                    source=Source.CIVIL_AFFAIRS, received=absent.received + timedelta(microseconds=1),
                    person=one.person, category=Category(one.category), action="removed",
                    effective=absent.month, township="城关镇", batch=absent.batch,
                    listed=absent.month,
                )
            )  # fmt: skip
        self.closed.append(closing)

    def identities(self) -> dict[str, list[tuple[str, date, date | None]]]:
        """Return everybody's intervals."""
        return {
            person: [
                (one.category.value, one.valid_from, one.valid_to)
                for one in fold_identities(self.facts[person])
            ]
            for person in sorted(self.facts)
        }


def a_list(month: str, *people: str, **options: object) -> list[StatusReported]:
    """Return a full list of a month."""
    return [a_row(month, person, **options) for person in people]  # type: ignore[arg-type]


def after(
    *lists: list[StatusReported], seed: int = 1
) -> dict[str, list[tuple[str, date, date | None]]]:
    """Return everybody's intervals after some lists."""
    desk = ListDesk()
    desk.take([one for one in lists if one], random.Random(seed))
    return desk.identities()


def test_whoever_is_absent_from_the_next_list_is_removed_with_its_month() -> None:
    """p2 stood in April and not in May."""
    found = after(a_list("2023-04", P1, P2), a_list("2023-05", P1))

    assert found[P1] == [("SUBSISTENCE", date(2023, 4, 1), None)]
    assert found[P2] == [("SUBSISTENCE", date(2023, 4, 1), date(2023, 4, 30))]


def test_whoever_comes_back_has_a_gap() -> None:
    """April, not May, June again."""
    found = after(a_list("2023-04", P1, P2), a_list("2023-05", P1), a_list("2023-06", P1, P2))

    assert found[P2] == [
        ("SUBSISTENCE", date(2023, 4, 1), date(2023, 4, 30)),
        ("SUBSISTENCE", date(2023, 6, 1), None),
    ]


def test_the_identity_begins_with_the_recognition_not_with_the_list() -> None:
    """Recognised in 2021, first listed here in April 2023."""
    found = after(a_list("2023-04", P1, recognised="2021-08-01"))

    assert found[P1] == [("SUBSISTENCE", date(2021, 8, 1), None)]


def test_a_list_speaks_only_about_the_categories_that_it_names() -> None:
    """The list of low-income people removes no destitute one; a change of category does remove."""
    low, destitute = (
        a_list("2023-04", P1, P3),
        a_list("2023-04", P2, category="DESTITUTE", batch="d4"),
    )
    changed = [*a_list("2023-05", P1), *a_list("2023-05", P3, category="DESTITUTE"), *a_list("2023-05", P2, category="DESTITUTE")]  # fmt: skip

    only_low = after(low, destitute, a_list("2023-05", P1, P3))
    both = after(low, destitute, changed)

    assert only_low[P2] == [("DESTITUTE", date(2023, 4, 1), None)]
    assert both[P3] == [
        ("SUBSISTENCE", date(2023, 4, 1), date(2023, 4, 30)),
        ("DESTITUTE", date(2023, 5, 1), None),
    ]


def test_a_corrected_list_of_the_same_month_replaces_the_first() -> None:
    """p2 was on the first list of May by mistake, p3 had been forgotten."""
    found = after(
        a_list("2023-04", P1, P3),
        a_list("2023-05", P1, P2, batch="first", minute=1),
        a_list("2023-05", P1, P3, batch="second", minute=2),
    )

    assert found[P2] == []
    assert found[P3] == [("SUBSISTENCE", date(2023, 4, 1), None)]


def test_what_was_known_on_a_day_can_be_asked_and_what_is_right_now() -> None:
    """A removal effective in March became known in June: in May nobody knew."""
    told = [
        a_grant(on="2023-01-01"),
        a_grant(on="2023-03-01", action="removed").model_copy(
            update={"received": MORNING + timedelta(days=14)}
        ),
    ]

    then = fold_identities(known_on(told, date(2023, 6, 10)))  # type: ignore[arg-type]
    now = fold_identities(told)

    assert [one.valid_to for one in then] == [None]
    assert [one.valid_to for one in now] == [date(2023, 2, 28)]


@pytest.mark.parametrize(
    ("standing", "absent", "lost_before", "asks"),
    [
        (30, 20, [], "share"),
        (30, 6, [], ""),
        (30, 7, [], "share"),
        (3, 1, [], ""),
        (5, 3, [], "share"),
        (40_000, 150, [140, 160, 155], ""),
        (40_000, 800, [140, 160, 155], "number"),
        (40_000, 775, [140, 160, 155], ""),
        (40_000, 1_714, [1_500, 1_700, 1_600], ""),
        (40_000, 3_000, [], ""),
        (40_000, 4_001, [], "number"),
        (40_000, 4_001, [150, 150], "number"),
        (2_000, 200, [1, 2, 3], ""),
        (2_000, 201, [1, 2, 3], "number"),
    ],
)
def test_a_list_that_shrank_too_much_is_a_question(
    standing: int, absent: int, lost_before: list[int], asks: str
) -> None:
    """A large share alone; a large number only far beyond what this source's lists usually lose."""
    assert ShrinkLimit().asks(standing, absent, lost_before) == asks


MONTHS = [f"2023-{month:02d}" for month in range(1, 7)]


@settings(max_examples=400, deadline=None)
@given(
    lists=st.lists(
        st.tuples(
            st.sampled_from(MONTHS),
            st.lists(
                st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["SUBSISTENCE", "DESTITUTE"])),
                min_size=1, max_size=4, unique_by=lambda row: row[0],
            ),
        ),
        min_size=1, max_size=5,
    ),
    seeds=st.tuples(st.integers(0, 999), st.integers(0, 999)),
)  # fmt: skip
def test_lists_in_any_order_give_the_same_timelines(
    lists: list[tuple[str, list[tuple[str, str]]]], seeds: tuple[int, int]
) -> None:
    """Rows shuffled across lists and months, some twice, corrected lists included."""
    sent = [
        [
            a_row(month, person, category, batch=f"b{number}", minute=number)
            for person, category in rows
        ]
        for number, (month, rows) in enumerate(lists)
    ]

    first, second = (after(*sent, seed=seed) for seed in seeds)

    assert first == second


def test_the_same_list_again_changes_nothing() -> None:
    """Re-import is silence."""
    once = after(a_list("2023-04", P1, P2), a_list("2023-05", P1))
    twice = after(
        a_list("2023-04", P1, P2), a_list("2023-05", P1), a_list("2023-05", P1, batch="again", minute=5)
    )  # fmt: skip

    assert once == twice


def test_instants_are_compared_not_their_spelling() -> None:
    """The database answers in another zone: a removal an hour later is later all the same."""
    row = a_row("2023-05", P1)
    removal = row.model_copy(
        update={
            "action": "removed",
            "batch": "a later list of the month",
            "received": (row.received + timedelta(hours=1)).astimezone(UTC),
        }
    )

    assert fold_identities([row, removal]) == ()


def test_an_identity_recognised_within_the_month_does_not_begin_before() -> None:
    """Recognised on the 20th, on the list of that month."""
    (found,) = fold_identities([a_row("2023-06", P1, recognised="2023-06-20")])

    assert found.valid_from == date(2023, 6, 20)
