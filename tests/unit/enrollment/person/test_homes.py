"""A township office speaks of its own people; what it says of others counts for nothing."""

from datetime import date

import pytest

from contracts.events.partner import ChronicAssessmentReported, FlagApplied, FlagDecided
from contracts.vocabulary import Category, Source
from policy.loader import load_pack
from services.enrollment.person.fold import Person, fold_person
from tests.builders import MORNING, PERSON, a_grant, a_premium, a_reason

LX = [load_pack("lixin-2023")]
TOWN, OTHER = "城关镇", "望疃镇"


def assessed(office: str) -> ChronicAssessmentReported:
    """Return what an office, or the county, says about a chronic disease."""
    return ChronicAssessmentReported(
        source=Source.TOWNSHIP_OFFICE, received=MORNING, person=PERSON, disease="E11",
        applied_on=date(2023, 3, 1), result="granted", certificate_no="M1", office=office,
    )  # fmt: skip


def applied(office: str, minute: int = 0, contact: str = "") -> FlagApplied:
    """Return an office's application."""
    return FlagApplied(
        source=Source.TOWNSHIP_OFFICE, received=MORNING.replace(minute=minute), person=PERSON,
        contact_sealed=contact, township=office,
        category=Category("REGISTERED_POOR"), filed_on=date(2023, 3, 1), office=office,
    )  # fmt: skip


def folded(*facts: object) -> Person:
    """Return the person that these facts make."""
    return fold_person(LX, PERSON, facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(("office", "counts"), [(TOWN, True), (OTHER, False), ("", True)])
def test_an_office_is_believed_about_people_whom_a_list_calls_its_own(
    office: str, counts: bool
) -> None:
    """And the county about everybody."""
    found = folded(a_grant(), assessed(office), applied(office))

    assert [bool(found.chronic), bool(found.applications)] == [counts, counts]


def test_a_person_who_moved_keeps_what_the_earlier_office_said() -> None:
    """The certificate was granted while the person lived there; moving takes nothing away."""
    moved = a_grant().model_copy(
        update={
            "township": OTHER,
            "received": MORNING.replace(day=28),
            "category": Category("REGISTERED_POOR"),
        }
    )
    found = folded(a_grant(), assessed(TOWN), moved)

    assert found.township == OTHER
    assert len(found.chronic) == 1


def test_of_somebody_on_no_list_the_first_office_is_believed_until_a_list_says_otherwise() -> None:
    """A family that falls poor is known to its township first."""
    assert folded(assessed(OTHER)).chronic
    assert not folded(assessed(OTHER), a_grant()).chronic
    assert not folded(a_grant(), assessed(OTHER)).chronic


def test_two_people_with_the_same_history_in_two_townships_are_not_taken_for_one() -> None:
    """What is remembered of one history is not read for somebody whose office may not speak."""
    here = folded(a_grant(), assessed(TOWN), a_reason("ARMY"))
    there = folded(
        a_grant().model_copy(update={"township": OTHER}), assessed(TOWN), a_reason("ARMY")
    )

    assert here.chronic
    assert not there.chronic


def test_a_stranger_office_gives_a_family_no_phone() -> None:
    """Otherwise its SMS would go where anybody says."""
    found = folded(a_grant(), applied(OTHER, contact="typed by another office"))

    assert found.township == TOWN
    assert found.contact_sealed == ""


def test_of_two_offices_the_one_that_applied_first_is_believed_until_a_list_decides() -> None:
    """A second one does not take the person over."""
    first, second = applied(TOWN, 1, "a"), applied(OTHER, 2, "b")

    for facts in ((first, second), (second, first)):
        found = folded(*facts)
        assert (found.township, found.contact_sealed) == (TOWN, "a")
        assert len(found.applications) == 1
    assert folded(first, second, a_grant().model_copy(update={"township": OTHER})).township == OTHER


def test_a_flag_that_the_county_granted_stays_when_a_list_names_another_township() -> None:
    """The county has looked at it; paying elsewhere takes it from nobody."""
    granted = FlagDecided(
        source=Source.BUREAU, received=MORNING, person=PERSON, category=Category("REGISTERED_POOR"),
        flag_year=2024, decision="approved", decided_on=date(2023, 12, 30),
    )  # fmt: skip
    elsewhere = a_premium().model_copy(update={"township": OTHER})

    assert folded(applied(TOWN), granted, elsewhere).identities
    assert folded(elsewhere, granted, applied(TOWN)).identities
