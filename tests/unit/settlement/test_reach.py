"""Which benefit years a fact is about: what is kept where, and what has to be read for it."""

from datetime import date

import pytest

from contracts.events.assistance import AssistanceGranted
from contracts.events.base import Event
from contracts.events.claims import DuplicateDismissed
from contracts.events.forwarding import CarriedFact
from contracts.events.settlement import ClaimsForwarded
from contracts.reach import EVER, WITH_ITS_KIN
from services.settlement.reach import reach_of, years_of_stay
from tests.builders import MORNING, PERSON, RIGHT, a_bill, a_reversal, a_status, covered


def granted(year: int | None) -> AssistanceGranted:
    """Return what assistance says of a bill; of a version before, it says no year."""
    return AssistanceGranted(
        claim="H1:c1", person=PERSON, revision=1, settlement_revision=1, benefit_year=year,
        category="SUBSISTENCE", pack="p", medical_assistance=100,
    )  # fmt: skip


def dismissed() -> DuplicateDismissed:
    """Return that a bill is a stay of its own."""
    return DuplicateDismissed(claim="H1:c1", person=PERSON, received=MORNING)


def forwarded() -> ClaimsForwarded:
    """Return what a wrong number sends to the right one."""
    carried = CarriedFact(event="ClaimSubmitted", body=a_bill().model_dump_json())
    return ClaimsForwarded(person=RIGHT, formerly=PERSON, revision=1, facts=(carried,))


def test_a_bill_is_about_the_year_of_its_discharge() -> None:
    """C3: the discharge day says which year's benefits it uses up."""
    reach = reach_of(a_bill(on="2023-05-18"))

    assert (reach.year, reach.touches) == (2023, {2023})
    assert reach.kin == ("claim/H1:c1",)


@pytest.mark.parametrize(
    ("admit", "kept", "touches"),
    [
        ("2023-01-02", 2023, {2023}),
        ("2022-12-31", EVER, {2022, 2023}),
        ("2020-06-01", EVER, {2020, 2021, 2022, 2023}),
        ("2024-02-01", 2023, {2023}),
    ],
)
def test_a_stay_over_new_year_is_about_every_year_it_touches(
    admit: str, kept: int, touches: set[int]
) -> None:
    """It may overlap stays of the years before; one admitted after its discharge is of one year."""
    bill = a_bill(on="2023-01-10", admit=date.fromisoformat(admit))

    reach = reach_of(bill)

    assert (reach.year, reach.touches) == (kept, touches)


def test_years_of_a_visit_without_a_day_of_admission_are_one() -> None:
    """An outpatient comes and goes."""
    assert list(years_of_stay(a_bill(on="2023-12-31"))) == [2023]


@pytest.mark.parametrize("event", [a_reversal(), dismissed()], ids=lambda one: one.NAME)
def test_what_is_said_of_a_bill_by_its_number_is_about_that_bill(event: Event) -> None:
    """It names no day: the bill's own facts say which years they are."""
    reach = reach_of(event)

    assert (reach.year, reach.touches, reach.kin) == (EVER, frozenset(), ("claim/H1:c1",))


def test_what_assistance_says_is_read_with_its_kin_only() -> None:
    """Once a bill rests on it, it says nothing new until more comes about the same bill."""
    reach = reach_of(granted(2023))

    assert (reach.year, reach.touches) == (WITH_ITS_KIN, {2023})
    assert reach.kin == ("assistance/H1:c1",)


def test_what_assistance_said_before_it_named_a_year_finds_it_by_the_bill() -> None:
    """An announcement of the version before comes again."""
    reach = reach_of(granted(None))

    assert (reach.year, reach.touches) == (WITH_ITS_KIN, frozenset())
    assert reach.kin == ("assistance/H1:c1", "claim/H1:c1")


@pytest.mark.parametrize(
    "event", [a_status(), covered(2023), forwarded()], ids=lambda one: one.NAME
)
def test_what_is_said_of_the_person_is_about_every_year(event: Event) -> None:
    """An identity, a death or coverage may change any bill; so may what comes from another number."""
    reach = reach_of(event)

    assert (reach.year, reach.touches) == (EVER, None)
