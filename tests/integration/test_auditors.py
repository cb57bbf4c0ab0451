"""Somebody who looks at the whole county and changes nothing: by no route, no form, no list."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.console.accounts import open_with, read_accounts
from services.gateway.app import ROUTES
from services.gateway.caller import READING
from tests.builders import an_id_number
from tests.integration.browsing import PASSWORD, TOWN, Person
from tests.integration.platform import Platform
from tests.integration.test_console import enrolled
from yingbao.running.accounts import ACCOUNTS, add_account, end_account, persons_of_bureau
from yingbao.running.holders import KeyProblemError
from yingbao.running.stack import Stack

OWN = an_id_number(841)
FILLED = {
    "source": "civil_affairs", "name": "StatusReported", "claim": "H34169901:1", "year": "2023", "kind": "not_enrolled",
    "person": "p" + "a" * 26, "batch": "b" * 32, "proposal": "p" * 32, "attachment": "0" * 32, "duty": "0" * 32,
    "message": "0" * 32, "task": "0" * 32, "number": "1", "id": "0" * 32, "pack": "lixin-2023",
}  # fmt: skip


@pytest.fixture
async def auditor(stack: Stack, console: FastAPI) -> AsyncIterator[Person]:
    """An auditor, signed in, as long as the test lasts."""
    add_account(
        stack.directory,
        stack.county,
        "audit",
        "审计丁",
        "",
        PASSWORD,
        second_factor=False,
        auditor=True,
    )
    found = Person(console)
    await found.sign_in("audit")
    yield found
    end_account(stack.directory, "audit")


def changing() -> list[str]:
    """Return the address of every route that does something."""
    found = [
        route.path.format(**FILLED)
        for room, _ in ROUTES
        for route in room.router.routes
        if isinstance(route, APIRoute) and "POST" in route.methods and route.path not in READING
    ]
    assert len(found) > 20
    return found


@pytest.mark.usefixtures("auditor")
async def test_an_auditor_is_refused_by_every_route_that_does_something(
    stack: Stack, platform: Platform
) -> None:
    """Before anything is read of what was sent; and is let in by those that only look."""
    opened = open_with(read_accounts(stack.directory / ACCOUNTS)["audit"], PASSWORD)
    assert opened
    keys = {"X-Yingbao-Key": opened.key}
    async with platform.http() as http:
        refused = {path: await http.post(path, json={}, headers=keys) for path in changing()}
        looked = await http.post(
            "/v1/enrollment/persons/find", json={"word": "zxm", "why": "抽查"}, headers=keys
        )
        listed = await http.get("/v1/claims", headers=keys)

    told = {path: (one.status_code, one.json().get("reason")) for path, one in refused.items()}
    assert {path: one for path, one in told.items() if one != (403, "only_reads")} == {}
    assert (looked.status_code, listed.status_code) == (200, 200)


async def test_an_auditor_sees_everybody_and_no_form_that_does_something(
    platform: Platform, stack: Stack, auditor: Person
) -> None:
    """Whom the county knows, who read what; what the page would send is refused in words."""
    await enrolled(platform, OWN, "钱审阅", TOWN)
    found = await auditor.post("/people", word=OWN)
    desk = await auditor.get("/desk")
    access = await auditor.get("/access")
    sent = await auditor.post("/reports/refund", certno=OWN)
    officer = await auditor.post(
        "/officers", post="officer", name="甲", phone="13900000000", townships=TOWN
    )

    assert "钱审阅" in found.text
    assert '<body class="only-reads">' in desk.text
    assert "审计 audit" in access.text
    assert (officer.status_code, sent.status_code) == (403, 403)
    assert "该账号只能查询，不能办理" in officer.text
    assert "audit" not in persons_of_bureau(stack.directory)


def test_an_auditor_has_no_township(stack: Stack) -> None:
    """One who looks at the whole county is no township's."""
    with pytest.raises(KeyProblemError):
        add_account(stack.directory, stack.county, "x.y", "甲", TOWN, PASSWORD, auditor=True)
