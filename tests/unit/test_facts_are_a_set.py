"""Law one, for every service alike: facts twice, in any order, in any parts, end in the same decision."""

import random
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import pytest

from chassis.factset import Known
from chassis.service import Service
from chassis.settings import Settings
from contracts.events.base import Event
from services.assistance.app import SERVICE as ASSISTANCE
from services.assistance.rules import WITHDRAWN
from services.enrollment.app import SERVICE as ENROLLMENT
from services.notify.app import SERVICE as NOTIFY
from services.settlement.app import SERVICE as SETTLEMENT
from tests.builders import (
    a_bill,
    a_grant,
    a_premium,
    a_reason,
    a_refund,
    a_reversal,
    a_status,
    covered,
    insured_elsewhere,
)
from tests.county import County

LIFE: tuple[Event, ...] = (
    a_grant(), a_premium(), a_refund(), a_reason("WAIVED"), insured_elsewhere(),
    a_bill("H1:c1", on="2023-03-10"), a_bill("H1:c2", on="2023-05-04"),
    a_bill("H1:c3", on="2024-02-01"), a_reversal("H1:c2"),
)  # fmt: skip
"""A person of whom every department says something, and three bills, of which one is taken back."""


def heard(service: Service) -> list[Event]:
    """Return what a service hears of that life: from outside, and from the others as they announce it."""
    room = service.room(Settings())
    county = County().tell(*LIFE)
    everything = [*LIFE, *county.announced, covered(2023, 2024), a_status()]
    return [event for event in everything if room.fact_of(event) is not None]


def decided(service: Service, events: Sequence[Event]) -> Any:
    """Return what a service announces of a person when this is all that it knows."""
    room = service.room(Settings())
    facts = room.no_facts()
    for event in events:
        known = room.fact_of(event)
        assert known is not None
        facts.add(event, known[1])
    person = room.fact_of(events[0])[0]  # type: ignore[index]
    effect = room.decide(Known(person, facts, "", 1))
    return sorted((one.id, one.event.model_dump_json()) for one in effect.announce)


def twice(events: list[Event]) -> list[Event]:
    """Every message delivered again, one by one."""
    return list(chain.from_iterable((event, event) for event in events))


def all_again(events: list[Event]) -> list[Event]:
    """The whole stream delivered again."""
    return [*events, *events]


def backwards(events: list[Event]) -> list[Event]:
    """The last first."""
    return events[::-1]


def shuffled(events: list[Event]) -> list[Event]:
    """Any order, the same one each time this test runs."""
    found = list(events)
    random.Random(11).shuffle(found)
    return found


@pytest.mark.parametrize(
    "service", [ENROLLMENT, SETTLEMENT, ASSISTANCE, NOTIFY], ids=lambda s: s.name
)
@pytest.mark.parametrize(
    "arrival", [twice, all_again, backwards, shuffled], ids=lambda a: a.__name__
)
def test_the_same_facts_end_in_the_same_decision_however_they_arrive(
    service: Service, arrival: Callable[[list[Event]], list[Event]]
) -> None:
    """No service needs an order, and none counts anything twice."""
    events = heard(service)
    assert len(events) >= 3

    assert decided(service, arrival(events)) == decided(service, events)


@pytest.mark.parametrize(
    "service", [ENROLLMENT, SETTLEMENT, ASSISTANCE, NOTIFY], ids=lambda s: s.name
)
def test_facts_that_arrive_in_parts_end_where_they_end_together(service: Service) -> None:
    """What was decided in between is compared with, and what then stands is the same."""
    room = service.room(Settings())
    events = heard(service)
    facts, announced = room.no_facts(), None
    person = room.fact_of(events[0])[0]  # type: ignore[index]
    for event in events:
        facts.add(event, room.fact_of(event)[1])  # type: ignore[index]
        announced = room.decide(Known(person, facts, "", 1, announced)).announced

    assert room.decide(Known(person, facts, "", 1, announced)).announce == []
    assert what_stands(announced) == what_stands(
        room.decide(Known(person, gathered(service, events), "", 1)).announced
    )


def gathered(service: Service, events: Sequence[Event]) -> Any:
    """Return the set of all these facts."""
    room = service.room(Settings())
    facts = room.no_facts()
    for event in events:
        facts.add(event, room.fact_of(event)[1])  # type: ignore[index]
    return facts


def what_stands(announced: Any) -> Any:
    """Return what is announced, without how often it was: revisions count the steps.

    A decision that was taken back stands like one that was never made.
    """
    if isinstance(announced, set):
        return set()
    claims = getattr(announced, "claims", announced)
    if isinstance(claims, dict):
        standing = {claim: (one.decided, one.pays) for claim, one in claims.items()}
        return {claim: one for claim, one in standing.items() if one != (WITHDRAWN, {})}
    return (announced.registered, announced.status, announced.coverage, announced.file)
