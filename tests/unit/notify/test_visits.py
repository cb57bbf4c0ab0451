"""High costs and illnesses that nobody assessed: whom an officer is sent to, and when not any more."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from contracts.events.assistance import HighCostAlerted, HighCostRetracted
from contracts.events.base import Event
from contracts.events.enrollment import PersonRegistered, StatusChanged
from contracts.events.settlement import BillIssued
from policy.loader import load_pack
from services.notify.rules import Facts, fact_id, render
from tests.builders import PERSON
from tests.unit.notify.test_occasions import CODE, HOME, assessed

SCREENED = [load_pack("wenshang-2020")]
ELSEWHERE = [load_pack("lixin-2023")]
VISITS = {"high_cost", "chronic_screening"}
UNKNOWN = PersonRegistered(person=PERSON, revision=1, township="", village="")


def alerted(revision: int = 1, year: int = 2023, month: int = 5) -> HighCostAlerted:
    """Return that a year is above the line, with a bill of a month."""
    return HighCostAlerted.model_validate({
        "person": PERSON, "benefit_year": year, "revision": revision, "self_paid": "12000.00",
        "threshold": "10000.00", "as_of": f"2023-{month:02d}-18T10:00:00+08:00",
    })  # fmt: skip


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


DIED = StatusChanged(
    person=PERSON, revision=3, before=[], after=[], raised=[], stopped=["SUBSISTENCE"], township="城关镇",
    village="东村", died=date(2023, 6, 1),
)  # fmt: skip


def told(*events: Event, home: Event = HOME, packs: Any = SCREENED) -> list[str]:
    """Return what officers are asked to do once all is known, without what is over."""
    facts = Facts()
    for event in (home, *events):
        known = fact_id(event)
        assert known is not None
        facts.add(event, known[1])
    facts.settle(packs)
    gone = set(facts.voided)
    wishes = [one for one in facts.wishes(set()) if one.key not in gone]
    officers = [one for one in wishes if one.audience == "officer" and one.template in VISITS]
    return sorted(render(one.template, one.words | CODE, "张") for one in officers)


def in_turns(*events: Event) -> list[str]:
    """Return which visits stand after each event came in a turn of its own, as the loop does it."""
    facts, requested, over = Facts(), dict[str, str](), set[str]()
    for event in (HOME, *events):
        known = fact_id(event)
        assert known is not None
        facts.add(event, known[1])
        facts.settle(SCREENED)
        wishes = {one.key: one.template for one in facts.wishes(requested)}
        requested |= wishes
        over |= set(facts.voided) & requested.keys()
    return sorted(
        template for key, template in requested.items() if template in VISITS and key not in over
    )


def test_an_officer_hears_of_high_costs_without_the_amount() -> None:
    """Who and where; how much is seen at the office, where it is read for a purpose."""
    (text,) = told(alerted())

    assert "东村张**" in text
    assert "2023年度个人负担医疗费用较高" in text
    assert "12000" not in text.replace(",", "")


@pytest.mark.parametrize(
    ("events", "count"),
    [
        ((alerted(), retracted()), 0),
        ((alerted(), retracted(), alerted(3)), 1),
        ((alerted(), alerted(2)), 1),  # in a month once
        ((alerted(), alerted(2, month=6)), 1),  # a later month takes the earlier one's place
        ((alerted(), alerted(year=2024)), 2),
        ((stay(),), 1),
        ((stay(), stay(claim="H1:c2")), 1),
        ((stay(), assessed("refused", reason="no_need")), 0),
        ((stay(), assessed("not_applied")), 1),
        ((stay(), assessed(office="张村镇")), 1),
        ((stay(), stay(bill_revision=2, outcome="reversed")), 0),
        ((stay(category="NONE"),), 0),
        ((stay(moved=True),), 0),  # looked at under the number before
        ((stay(), stay(claim="H1:c2", discharge=date(2021, 5, 18))), 2),
        ((stay(), assessed("granted"), assessed("not_applied", 1)), 1),
        ((alerted(), stay(), DIED), 0),
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


@pytest.mark.parametrize(
    ("events", "standing"),
    [
        ((stay(), stay(bill_revision=2, outcome="reversed")), []),
        ((stay(), stay(bill_revision=2, category="NONE")), []),
        ((stay(), stay(bill_revision=2, outcome="reversed", moved=True)), []),
        ((stay(), assessed("granted")), []),
        ((stay(), DIED), []),
        ((alerted(), DIED), []),
        ((alerted(), retracted(), alerted(3, month=6)), ["high_cost"]),
        ((alerted(), alerted(2, month=6)), ["high_cost"]),
    ],
)
def test_a_visit_that_was_asked_for_is_taken_back_once_there_is_no_reason_for_it(
    events: tuple[Event, ...], standing: list[str]
) -> None:
    """Each fact in a turn of its own, as they come in."""
    assert in_turns(*events) == standing
