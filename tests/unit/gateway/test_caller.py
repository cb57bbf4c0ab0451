"""Who calls, and how far each may see and speak: the same for HTTP and NATS."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.asking import Scope
from contracts.vocabulary import Source
from services.gateway.caller import COUNTY, Caller, caller_named, caller_of
from services.gateway.partner_keys import PartnerKeys
from services.gateway.refusals import RefusedError

BUREAU, TOWNSHIP, HOSPITAL, DEPARTMENT = (
    caller_named(one)
    for one in ("bureau", "township_office/张村镇", "hospital/H1", "civil_affairs")
)


def refusal(asked: Callable[[], object]) -> tuple[str, str, int]:
    """Return reason, field and status of what is refused."""
    with pytest.raises(RefusedError) as refused:
        asked()
    return refused.value.reason, refused.value.field, refused.value.status


def test_a_key_says_role_area_and_name() -> None:
    """The bureau sees the county, a township office its own, a hospital and a department nothing of it."""
    assert Caller("bureau", "bureau", COUNTY) == BUREAU
    assert Caller("township_office/张村镇", "township", "张村镇") == TOWNSHIP
    assert (HOSPITAL.role, HOSPITAL.name) == ("hospital", "H1")
    assert (DEPARTMENT.role, DEPARTMENT.name) == ("department", "civil_affairs")


def test_a_key_that_nobody_holds_is_refused_before_anything_is_read() -> None:
    """Neither an empty key nor a wrong one is somebody."""
    for key in ("", "x"):
        assert refusal(lambda key=key: caller_of(PartnerKeys(None), key)) == (
            "key_refused", "", 401,
        )  # fmt: skip


def test_only_officers_see_people_and_only_the_bureau_the_county() -> None:
    """Hospitals and departments are no officers."""
    assert (BUREAU.officer(), TOWNSHIP.officer()) == (COUNTY, "张村镇")
    BUREAU.county()
    assert refusal(TOWNSHIP.county) == ("outside_area", "", 403)
    for one in (HOSPITAL, DEPARTMENT):
        assert refusal(one.officer) == ("key_refused", "office", 403)


def test_only_a_hospital_sends_bills() -> None:
    """And it is known by its code."""
    assert HOSPITAL.hospital() == "H1"
    for one in (BUREAU, TOWNSHIP, DEPARTMENT):
        assert refusal(one.hospital) == ("key_refused", "provider", 403)


@pytest.mark.parametrize(
    ("caller", "source"),
    [
        (BUREAU, Source.BUREAU),
        (TOWNSHIP, Source.TOWNSHIP_OFFICE),
        (DEPARTMENT, Source.CIVIL_AFFAIRS),
    ],
)
def test_everybody_speaks_for_their_own_department_only(caller: Caller, source: Source) -> None:
    """A township office too, over either door."""
    assert caller.speaks_for(source.value) is source
    assert refusal(lambda: caller.speaks_for("tax")) == ("key_refused", "source", 403)
    assert refusal(lambda: caller.speaks_for("weather")) == ("unknown_source", "source", 404)


REFUSED = {
    Scope.INSIDE: {"bureau", "township", "hospital", "department"},
    Scope.OPERATOR: {"bureau", "township", "hospital", "department"},
    Scope.COUNTY: {"township", "hospital", "department"},
    Scope.OFFICER: {"hospital", "department"},
    Scope.OWNER: set(),
}
"""Scope of a question → whose caller it is not asked for; what has an owner is looked at by its route."""


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("who", [BUREAU, TOWNSHIP, HOSPITAL, DEPARTMENT], ids=lambda one: one.role)
def test_a_question_is_asked_for_those_whom_its_scope_names(who: Caller, scope: Scope) -> None:
    """One table for HTTP, NATS and console: contracts say who may ask, and no route forgets it."""
    if who.role in REFUSED[scope]:
        assert refusal(lambda: who.passes(scope))[2] == 403
    else:
        who.passes(scope)


def test_an_officers_route_asks_for_its_caller_and_never_for_the_door() -> None:
    """What is asked for the door itself passes any scope; the rooms of officers may not."""
    office = Path(__file__).parents[3] / "services" / "gateway" / "office"
    asked = [
        path.name
        for path in office.glob("*.py")
        if re.search(r"\bask(_pages)?\(", path.read_text())
    ]

    assert asked == []


def test_a_hospital_s_key_names_the_hospital() -> None:
    """A key that says hospital and no more would see every hospital's bills."""
    caller = caller_named("hospital")

    assert caller.role == "department"
    with pytest.raises(RefusedError):
        caller.hospital()
