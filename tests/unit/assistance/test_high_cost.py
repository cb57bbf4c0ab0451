"""Whose own payments of a year are above the line: once, again when they grow, and not any more."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import permutations

import pytest

from contracts.events.assistance import HighCostAlerted, HighCostRetracted
from contracts.events.base import Event
from policy.loader import load_pack
from services.assistance.high_cost import CHINA, Alert, AlertChange, decide, years_of
from services.assistance.rules import collect
from services.assistance.rules import decide as decide_claims
from tests.builders import PERSON, yuan
from tests.unit.assistance.test_rules import held, refused, reversed_, settled

PACKS = [load_pack("lixin-2023")]
LINE = yuan("10000.00")


def a_stay(claim: str, own: str, *, on: str = "2023-05-18", revision: int = 1) -> Event:
    """Return a stay of somebody in no category, of which insurance paid nothing: all is the family's."""
    return settled(
        claim, revision, on=on, category="NONE", total_fee=own, in_scope="0.00", bmi="0.00",
        in_scope_paid="0.00", settled=f"{on}T10:00:00+08:00",
    )  # fmt: skip


def said(*events: Event, before: dict[int, Alert] | None = None) -> Sequence[AlertChange]:
    """Return what is said of all years of these facts."""
    facts = collect(events)
    return decide(
        PACKS, facts, years_of(facts, decide_claims(PACKS, facts, {}), before or {}), before or {}
    )


@pytest.mark.parametrize(("own", "alerted"), [("10000.00", False), ("10000.01", True)])
def test_the_line_itself_is_not_above_it(own: str, alerted: bool) -> None:
    """More than 10,000 yuan (S4), to the fen."""
    found = said(a_stay("H1:a", "4000.00"), a_stay("H1:b", f"{float(own) - 4000:.2f}"))

    assert [one.after.above for one in found] == [True] * alerted


def test_what_triple_protection_paid_is_not_the_familys_and_tilted_assistance_is() -> None:
    """Basic and critical-illness insurance and medical assistance are taken off, nothing else (S4)."""
    bill = settled(total_fee="400000.00", in_scope="390000.00", bmi="100000.00", cii="50000.00",
                   in_scope_paid="150000.00")  # fmt: skip
    facts = collect([bill])
    grants = decide_claims(PACKS, facts, {})[0].after.pays

    (found,) = said(bill)

    assert min(grants["medical_assistance"], grants["tilted_assistance"]) > 0
    assert found.after.self_paid == yuan("250000.00") - grants["medical_assistance"]


def test_an_alert_says_the_year_the_amount_the_line_and_since_when() -> None:
    """Whoever hears it needs nothing else to act."""
    (found,) = said(a_stay("H1:a", "12000.00"))

    assert isinstance(found.event, HighCostAlerted)
    assert (found.event.person, found.event.benefit_year, found.event.revision) == (PERSON, 2023, 1)
    assert (found.event.self_paid, found.event.threshold) == (yuan("12000.00"), LINE)
    assert found.event.as_of == datetime(2023, 5, 18, 10, tzinfo=CHINA)


def test_years_are_added_up_apart() -> None:
    """Six thousand in each of two years are below the line twice."""
    assert said(a_stay("H1:a", "6000.00"), a_stay("H1:b", "6000.00", on="2024-01-03")) == []


@pytest.mark.parametrize(
    ("day", "own", "again"),
    [
        ("2023-05-30", "500.00", True),
        ("2023-04-01", "500.00", True),  # a bill that came late
        ("2023-06-01", "0.00", False),  # it did not grow
    ],
)
def test_a_person_is_told_of_again_when_the_amount_has_grown(
    day: str, own: str, again: bool
) -> None:
    """Also by a bill of an earlier day; how often a month somebody hears of it is the teller's matter (S4)."""
    first = a_stay("H1:a", "12000.00")
    (stands,) = said(first)

    found = said(first, a_stay("H1:b", own, on=day), before={2023: stands.after})

    assert [one.after.revision for one in found] == [2] * again


def test_what_fell_and_is_above_the_line_yet_is_where_growth_is_counted_from() -> None:
    """17,000, then 12,000 after a reversal, then 15,000: that is growth, and is said."""
    first, second = a_stay("H1:a", "12000.00"), a_stay("H1:b", "5000.00", on="2023-06-01")
    (above,) = said(first, second)

    (fell,) = said(first, second, reversed_("H1:b"), before={2023: above.after})
    third = a_stay("H1:c", "3000.00", on="2023-07-01")
    (grew,) = said(first, second, reversed_("H1:b"), third, before={2023: fell.after})

    assert (fell.event, fell.after.self_paid) == (None, yuan("12000.00"))
    assert isinstance(grew.event, HighCostAlerted)
    assert grew.event.self_paid == yuan("15000.00")


def test_a_year_whose_only_bill_moved_to_another_is_taken_back_after_a_restart_too() -> None:
    """The fact that moved it is read first, and of the year before nothing is left but what was announced."""
    alone = a_stay("H1:a", "12000.00", on="2023-12-30")
    moved = a_stay("H1:a", "12000.00", on="2024-01-02", revision=2)
    (stands,) = said(alone)

    for order in ((alone, moved), (moved, alone)):
        found = {one.year: one.after.above for one in said(*order, before={2023: stands.after})}
        assert found == {2023: False}  # of 2024 this pack says nothing


@pytest.mark.parametrize("undone", [reversed_("H1:b"), held("H1:b"), refused("H1:b")])
def test_a_correction_below_the_line_is_said_once(undone: Event) -> None:
    """The office that was told hears that it is not so."""
    kept, other = a_stay("H1:a", "6000.00"), a_stay("H1:b", "6000.00")
    (stands,) = said(kept, other)

    (back,) = said(kept, other, undone, before={2023: stands.after})
    nothing = said(kept, other, undone, before={2023: back.after})

    assert isinstance(back.event, HighCostRetracted)
    assert (back.event.self_paid, back.event.revision) == (yuan("6000.00"), 2)
    assert nothing == []


def test_whatever_order_bills_come_in_the_same_is_said() -> None:
    """Facts are a set."""
    bills = [
        a_stay("H1:a", "6000.00"),
        a_stay("H1:b", "5000.00", on="2023-07-02"),
        reversed_("H1:c"),
    ]

    found = [said(*order) for order in permutations(bills)]

    assert all(one == found[0] for one in found)
    assert [one.after.month for one in found[0]] == ["2023-07"]


def test_a_pack_without_a_line_says_nothing() -> None:
    """Where no policy names a line, nobody is above one."""
    pack = load_pack("wenshang-2020")
    bill = a_stay("H1:a", "90000.00", on=str(date(2020, 5, 18)))
    facts = collect([bill])

    assert decide([pack], facts, [2020], {}) == []
