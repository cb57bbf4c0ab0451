"""High costs and illnesses that nobody assessed: whom an officer is sent to, and when not any more."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from contracts.events.assistance import HighCostAlerted, HighCostRetracted
from contracts.events.base import Event
from contracts.events.enrollment import PersonRegistered
from contracts.events.settlement import BillIssued
from policy.loader import load_pack
from services.notify.rules import Facts, fact_id, render
from tests.builders import PERSON
from tests.unit.notify.test_occasions import CODE, HOME, assessed

SCREENED = [load_pack("wenshang-2020")]
ELSEWHERE = [load_pack("lixin-2023")]
UNKNOWN = PersonRegistered(person=PERSON, revision=1, township="", village="")


def alerted(revision: int = 1, year: int = 2023) -> HighCostAlerted:
    """Return that a year is above the line."""
    return HighCostAlerted(
        person=PERSON,
        benefit_year=year,
        revision=revision,
        self_paid="12000.00",
        threshold="10000.00",
    )


def retracted(revision: int = 2) -> HighCostRetracted:
    """Return that it is not so."""
    return HighCostRetracted(
        person=PERSON, benefit_year=2023, revision=revision, self_paid="9000.00"
    )


def stay(**other: Any) -> BillIssued:
    """Return the bill of a stay of somebody with subsistence allowance, in a county that screens."""
    said: dict[str, Any] = {
        "claim": "H1:c1", "person": PERSON, "bill_revision": 1, "settlement_revision": 1,
        "assistance_revision": 1, "provider": "H1", "kind": "inpatient", "discharge": date(2020, 5, 18),
        "category": "SUBSISTENCE", "pack": "p", "total_fee": "100.00", "bmi": "0.00", "cii": "0.00",
        "medical_assistance": "0.00", "personal_burden": "100.00",
    }  # fmt: skip
    return BillIssued.model_validate(said | other)


def told(*events: Event, home: Event = HOME, packs: Any = SCREENED) -> list[str]:
    """Return what officers are asked to do, without what is over."""
    facts = Facts()
    for event in (home, *events):
        known = fact_id(event)
        assert known is not None
        facts.add(event, known[1])
    gone = set(facts.voided)
    wishes = [one for one in facts.wishes(set(), packs) if one.key not in gone]
    officers = [one for one in wishes if one.audience == "officer"]
    return sorted(render(one.template, one.words | CODE, "张") for one in officers)


def test_an_officer_hears_of_high_costs_without_the_amount() -> None:
    """Who and where; how much is seen at the office, where it is read for a purpose."""
    (text,) = told(alerted())

    assert "东村张**" in text
    assert "个人负担医疗费用较高" in text
    assert "12000" not in text.replace(",", "")


@pytest.mark.parametrize(
    ("events", "count"),
    [
        ((alerted(), retracted()), 0),
        ((alerted(), retracted(), alerted(3)), 1),
        ((alerted(), alerted(2)), 1),  # a later month takes the earlier one's place
        ((alerted(), alerted(year=2024)), 2),
        ((stay(),), 1),
        ((stay(), stay(claim="H1:c2")), 1),
        ((stay(), assessed("refused", reason="no_need")), 0),
        ((stay(), assessed("not_applied")), 1),
        ((stay(), assessed(office="张村镇")), 1),
        ((stay(), stay(bill_revision=2, outcome="reversed")), 0),
        ((stay(category="NONE"),), 0),
        ((stay(kind="general_outpatient"),), 0),
        ((stay(discharge=date(2023, 5, 18)),), 1),  # the nearest pack's list goes on
    ],
)
def test_each_visit_stands_once_in_whatever_order_it_came_to_be_known(
    events: tuple[Event, ...], count: int
) -> None:
    """Alerts, bills and assessments come late, twice and out of order."""
    found = {tuple(told(*order, *order)) for order in permutations(events)}

    assert len(found) == 1
    assert len(found.pop()) == count


def test_nobody_is_screened_where_no_policy_says_so() -> None:
    """The list is Wenshang's practice (S1), not every county's."""
    assert told(stay(discharge=date(2023, 5, 18)), packs=ELSEWHERE) == []


def test_a_visit_waits_until_it_is_known_where_the_family_lives() -> None:
    """A bill may be there before its person is registered."""
    moved = PersonRegistered(person=PERSON, revision=2, township="张村镇", village="西村")

    assert told(alerted(), stay(), home=UNKNOWN) == []
    assert len(told(alerted(), stay(), moved, home=UNKNOWN)) == 2
