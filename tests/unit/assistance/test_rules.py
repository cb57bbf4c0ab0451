"""What assistance pays on what settlement announced: by year, by revision, and only where something is new."""

from datetime import date
from typing import Any

import pytest

from contracts.events.assistance import AssistanceAdjusted, AssistanceGranted
from contracts.events.base import Event
from contracts.events.settlement import ClaimHeld, ClaimRefused, ClaimSettled
from contracts.reach import EVER, TIMELESS
from policy.loader import load_pack
from services.assistance.rules import (
    WITHDRAWN,
    Facts,
    GrantChange,
    Position,
    claim_of,
    collect,
    decide,
    fact_id,
    insured_of,
    reach_of,
)
from tests.builders import PERSON, yuan

PACKS = [load_pack("lixin-2023")]


def settled(
    claim: str = "H1:c1", revision: int = 1, *, on: str = "2023-05-18", **other: Any
) -> ClaimSettled:
    """Return a settled stay of somebody with subsistence allowance."""
    said: dict[str, Any] = {
        "claim": claim, "person": PERSON, "revision": revision, "provider": "H1", "kind": "inpatient",
        "level": "L2", "discharge": date.fromisoformat(on), "category": "SUBSISTENCE", "pack": "p",
        "total_fee": "10000.00", "in_scope": "10000.00", "bmi": "7000.00", "cii": "0.00",
        "in_scope_paid": "7000.00",
    }  # fmt: skip
    return ClaimSettled.model_validate(said | other)


def reversed_(claim: str = "H1:c1", revision: int = 2) -> ClaimSettled:
    """Return that the hospital took it back."""
    zero = dict.fromkeys(("total_fee", "in_scope", "bmi", "cii", "in_scope_paid"), "0.00")
    return settled(claim, revision, outcome="reversed", **zero)


def held(claim: str = "H1:c1", revision: int = 2, day: str | None = "2023-05-18") -> ClaimHeld:
    """Return that it waits."""
    on = None if day is None else date.fromisoformat(day)
    return ClaimHeld(
        claim=claim, person=PERSON, revision=revision, reason="not_enrolled", discharge=on
    )


def refused(claim: str = "H1:c1", revision: int = 2) -> ClaimRefused:
    """Return that it is wrong."""
    return ClaimRefused(claim=claim, person=PERSON, revision=revision, reason="after_death")


class Person:
    """A person as assistance keeps one: facts, and what was announced."""

    def __init__(self) -> None:
        self.facts = Facts()
        self.stands: dict[str, Position] = {}

    def hear(self, *events: Event) -> list[GrantChange]:
        """Take facts in and decide."""
        for event in events:
            self.facts.add(event)
        changes = decide(PACKS, self.facts, self.stands)
        self.stands |= {change.claim: change.after for change in changes}
        return changes


def test_a_settled_bill_gets_an_answer_that_names_its_year() -> None:
    """The first is a grant, computed on the revision that was announced."""
    (change,) = Person().hear(settled())

    assert isinstance(change.event, AssistanceGranted)
    assert (change.event.revision, change.event.settlement_revision) == (1, 1)
    assert (change.year, change.event.benefit_year) == (2023, 2023)
    assert change.event.medical_assistance > 0
    assert change.after.pays["medical_assistance"] == change.event.medical_assistance


def test_zero_is_an_answer_too() -> None:
    """The bill waits for it."""
    (change,) = Person().hear(settled(category="NONE"))

    assert isinstance(change.event, AssistanceGranted)
    assert (change.event.medical_assistance, change.after.pays) == (0, {})


def test_the_same_again_is_no_news() -> None:
    """Told twice, decided once; asked again, nothing is compared again."""
    person = Person()
    person.hear(settled())

    assert person.hear(settled()) == []
    assert person.hear() == []


def test_a_later_revision_is_adjusted_by_what_it_adds() -> None:
    """Insurance pays less than was thought: assistance tops up."""
    person = Person()
    (first,) = person.hear(settled())

    (second,) = person.hear(settled(revision=2, bmi="6000.00", in_scope_paid="6000.00"))

    assert isinstance(second.event, AssistanceAdjusted)
    assert second.event.delta == sum(second.after.pays.values()) - sum(first.after.pays.values())
    assert second.event.delta > 0
    assert second.after.revision == 2


def test_a_new_revision_with_the_same_base_is_answered_all_the_same() -> None:
    """Its bill rests on that revision."""
    person = Person()
    person.hear(settled())

    (again,) = person.hear(settled(revision=2))

    assert again.event.settlement_revision == 2
    assert isinstance(again.event, AssistanceAdjusted)
    assert again.event.delta == 0


@pytest.mark.parametrize("ends", [reversed_(), held(), refused()], ids=lambda one: one.NAME)
def test_what_is_settled_no_longer_is_taken_back_once(ends: Event) -> None:
    """All of it, and nothing more when it is said again."""
    person = Person()
    (granted,) = person.hear(settled())

    (taken,) = person.hear(ends)

    assert isinstance(taken.event, AssistanceAdjusted)
    assert taken.event.delta == -sum(granted.after.pays.values())
    assert (taken.after.decided, taken.after.pays) == (WITHDRAWN, {})
    assert taken.year == 2023
    assert person.hear(ends) == []


@pytest.mark.parametrize("never", [reversed_(revision=1), held(revision=1), refused(revision=1)])
def test_what_was_never_settled_has_nothing_to_take_back(never: Event) -> None:
    """No answer waits for it."""
    assert Person().hear(never) == []


def test_an_older_revision_that_comes_late_changes_nothing() -> None:
    """The last word holds, whatever the bus does."""
    person = Person()
    person.hear(settled(revision=2, bmi="6000.00", in_scope_paid="6000.00"))

    assert person.hear(settled(revision=1)) == []
    assert person.facts.outcomes["H1:c1"].revision == 2
    assert person.facts.opened["H1:c1"].revision == 1


def test_an_earlier_bill_that_comes_late_reprices_the_later_ones_of_its_year() -> None:
    """The year's accumulators are those of the days of discharge, not of arrival."""
    person = Person()
    person.hear(settled("H1:later", on="2023-09-01", total_fee="90000.00", in_scope="90000.00",
                        bmi="20000.00", in_scope_paid="20000.00"))  # fmt: skip

    changes = person.hear(settled("H1:early", on="2023-02-01", total_fee="90000.00",
                                  in_scope="90000.00", bmi="20000.00", in_scope_paid="20000.00"))  # fmt: skip

    assert {change.claim for change in changes} == {"H1:early", "H1:later"}


def test_another_year_is_left_alone() -> None:
    """A bill of January does not reach into the year before."""
    person = Person()
    person.hear(settled("H1:a", on="2023-09-01"))
    before = person.facts.decisions(PACKS)["H1:a"]

    person.hear(settled("H1:b", on="2024-01-05"))

    assert person.facts.decisions(PACKS)["H1:a"] is before


def test_a_bill_settled_with_another_day_leaves_its_old_year() -> None:
    """Another copy of it counts now."""
    person = Person()
    person.hear(settled(on="2024-01-05"))

    (moved,) = person.hear(settled(revision=2, on="2023-12-30"))

    assert moved.year == 2023
    assert person.facts.several
    assert person.facts.linked_years is None
    assert [one.discharge.year for one in person.facts.person().claims] == [2023]


def test_years_hang_together_only_where_a_claim_changed_its_day() -> None:
    """Two claims of two years do not."""
    assert (
        collect([settled(on="2023-05-01"), settled("H1:b", on="2024-05-01")]).linked_years == set()
    )
    assert collect([settled(), held(day=None)]).linked_years is None


@pytest.mark.parametrize(
    ("event", "year"),
    [(settled(on="2024-02-29"), 2024), (held(), 2023), (held(day=None), EVER), (refused(), EVER)],
)
def test_an_outcome_is_about_the_year_of_its_day(event: Event, year: int) -> None:
    """One that names no day is read always."""
    reach = reach_of(event)

    assert (reach.year, reach.kin) == (year, ("outcome/H1:c1",))
    assert reach.touches == (frozenset() if year == EVER else {year})


def test_what_is_no_outcome_is_about_no_year() -> None:
    """And is no fact either, unless it is a payment by hand."""
    granted = AssistanceGranted(
        claim="H1:c1", person=PERSON, revision=1, settlement_revision=1, category="NONE", pack="p",
        medical_assistance=0,
    )  # fmt: skip

    assert reach_of(granted) == TIMELESS
    assert fact_id(granted) is None


def test_a_fact_is_told_apart_by_claim_and_revision() -> None:
    """Announced twice, it is one."""
    assert fact_id(settled(revision=3)) == (PERSON, "outcome/H1:c1/3")


def test_before_it_was_said_what_insurance_took_off_it_was_the_three_funds() -> None:
    """An announcement of the first version comes again."""
    old = settled(cii="100.00", supplement="50.00").model_copy(update={"in_scope_paid": None})

    assert insured_of(old) == yuan("7150.00")
    assert insured_of(settled()) == yuan("7000.00")


def test_what_is_outside_the_catalogue_is_the_family_s_own() -> None:
    """The part of the bill that no layer looks at."""
    claim = claim_of(settled(total_fee="12500.00"))

    assert claim.full_self_pay == yuan("2500.00")
    assert (claim.category, claim.paid) == ("SUBSISTENCE", {"insurance": yuan("7000.00")})
