"""Two persons: what one clerk pays or confirms holds once another one has looked at it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from services.console.accounts import open_with
from tests.integration.browsing import PASSWORD, Person
from tests.integration.platform import Platform
from tests.integration.test_lists_answered import County
from tests.integration.test_paid_by_hand import a_household, number, row_of
from yingbao.running.accounts import add_account, end_account

LOGINS = {"maker": "经办甲", "checker": "复核乙"}


@pytest.fixture
async def two(platform: Platform) -> AsyncIterator[dict[str, str]]:
    """Two persons of the bureau; their keys at the door."""
    stack, keys = platform.stack, {}
    for login, name in LOGINS.items():
        made = add_account(
            stack.directory, stack.county, login, name, "", PASSWORD, second_factor=False
        )
        opened = open_with(made.account, PASSWORD)
        assert opened is not None
        keys[login] = opened.key
    yield keys
    for login in LOGINS:
        end_account(stack.directory, login)


class Desk:
    """Somebody at the door."""

    def __init__(self, platform: Platform, key: str) -> None:
        self._platform, self._key = platform, key

    async def post(self, path: str, **body: Any) -> httpx2.Response:
        """Say something."""
        async with self._platform.http() as http:
            return await http.post(path, json=body, headers={"X-Yingbao-Key": self._key})

    async def waiting(self, about: str) -> list[dict[str, Any]]:
        """Return what waits for a second person about a bill or a list."""
        async with self._platform.http() as http:
            answer = await http.get("/v1/approvals", headers={"X-Yingbao-Key": self._key})
        return [one for one in answer.json() if one["about"] == about]

    async def pay(self, certno: str, claim: str, amount: str) -> httpx2.Response:
        """Register a payment by hand."""
        return await self.post(
            "/v1/reports/bureau/ManualAssistancePaid", certno=certno, amount=amount,
            claim=f"H34169901:{claim}", paid_on="2023-09-01", signed=True,
        )  # fmt: skip


async def test_a_payment_holds_once_another_person_has_approved_it(
    platform: Platform, two: dict[str, str]
) -> None:
    """Checked at once, so that its maker hears of a mistake; paid only after the second look, and once."""
    maker, checker = Desk(platform, two["maker"]), Desk(platform, two["checker"])
    bureau = Desk(platform, platform.stack.keys()["bureau"])
    claim = f"TP{platform.number}"
    await a_household(platform, number(31), claim)
    due = (await row_of(platform, claim))["应发金额（元）"]

    above = await maker.pay(number(31), claim, "9999999.00")
    told = await maker.pay(number(31), claim, due)
    again = await maker.pay(number(31), claim, due)
    (waits,) = await checker.waiting(f"H34169901:{claim}")
    before = (await row_of(platform, claim))["已发金额（元）"]
    own = await maker.post(f"/v1/approvals/{waits['id']}/approval")
    nobodys = await bureau.post(f"/v1/approvals/{waits['id']}/approval")
    both = await asyncio.gather(
        *(checker.post(f"/v1/approvals/{waits['id']}/approval") for _ in range(2))
    )

    await platform.quiet()
    assert above.json()["reason"] == "above_due"
    assert told.status_code == 202
    assert told.json()["status"] == "awaits_approval"
    assert (again.status_code, again.json()["reason"]) == (409, "awaits_approval")
    assert waits["says"].startswith("发放")
    assert number(31) not in str(waits)
    assert before == "0.00"
    assert own.json()["reason"] == nobodys.json()["reason"] == "not_another_person"
    assert sorted(one.status_code for one in both) == [200, 409]
    assert (await row_of(platform, claim))["未发金额（元）"] == "0.00"
    (kept,) = await platform.rows(
        "SELECT holder, decider, outcome FROM gateway.proposal WHERE id = $1", waits["id"]
    )
    assert tuple(kept) == ("bureau/maker", "bureau/checker", "approved")


async def test_what_is_given_back_is_not_paid_and_can_be_proposed_anew(
    platform: Platform, two: dict[str, str]
) -> None:
    """With a reason that names nobody; its maker may take it back, and a township sees none of it."""
    maker, checker = Desk(platform, two["maker"]), Desk(platform, two["checker"])
    town = Desk(platform, platform.stack.keys()["township_office/张村镇"])
    claim = f"TR{platform.number}"
    await a_household(platform, number(32), claim)
    await maker.pay(number(32), claim, "100.00")
    (first,) = await checker.waiting(f"H34169901:{claim}")

    named = await checker.post(f"/v1/approvals/{first['id']}/return", why=f"{number(32)}不对")
    back = await checker.post(f"/v1/approvals/{first['id']}/return", why="金额与单据不符")
    late = await checker.post(f"/v1/approvals/{first['id']}/approval")
    await maker.pay(number(32), claim, "90.00")
    (second,) = await maker.waiting(f"H34169901:{claim}")
    own = await maker.post(f"/v1/approvals/{second['id']}/return", why="填错金额")
    foreign = await town.post(f"/v1/approvals/{second['id']}/return", why="看看而已")

    await platform.quiet()
    assert named.json()["reason"] == "identity_in_text"
    assert (back.status_code, own.status_code) == (200, 200)
    assert (late.status_code, late.json()["reason"]) == (409, "decided_already")
    assert foreign.status_code == 403
    assert second["mine"]
    assert (await row_of(platform, claim))["已发金额（元）"] == "0.00"


async def test_a_list_that_shrank_is_confirmed_by_one_person_after_the_other(
    platform: Platform, two: dict[str, str], console: FastAPI
) -> None:
    """Through the pages: the first click removes nobody, and only the other person has the button."""
    county = County(
        platform, "双人村", "突发严重困难", date(1970, 1, 1), source="rural_revitalisation"
    )
    await county.taken(county.rows(*range(1, 31)), "2022-04")
    asked = await county.taken(county.rows(*range(1, 11)), "2022-05")
    assert asked["state"] == "question"
    maker, checker = Person(console), Person(console)
    await maker.sign_in("maker")
    await checker.sign_in("checker")
    await maker.get("/lists")

    first = await maker.post(f"/lists/{asked['batch']}/confirmation")
    (waits,) = await Desk(platform, two["checker"]).waiting(asked["batch"])
    button = f"/approvals/{waits['id']}/approval"
    lists = await maker.get("/lists")
    own, theirs = await maker.get("/approvals"), await checker.get("/approvals")
    today = await checker.get("/")
    still = await county.standing()
    await checker.get("/approvals")
    done = await checker.post(button)

    assert "须由另一人复核" in first.text
    assert waits["says"].endswith("上期在册30人，未列入20人将移出")
    assert "确认或撤回已提交，待复核" in lists.text
    assert button not in own.text
    assert button in theirs.text
    assert "待复核事项" in today.text
    assert len(still) == 30
    assert "复核通过" in done.text
    async with asyncio.timeout(60):
        while len(await county.standing()) != 10:
            await asyncio.sleep(0.2)


async def test_a_list_that_counts_is_withdrawn_by_one_person_after_the_other(
    platform: Platform, two: dict[str, str]
) -> None:
    """Withdrawing is a confirmation the other way round; of approving and giving back at once one is done."""
    county = County(
        platform, "撤双人村", "返贫致贫", date(1971, 1, 1), source="rural_revitalisation"
    )
    taken = await county.taken(county.rows(*range(1, 6)), "2022-09")
    maker, checker = Desk(platform, two["maker"]), Desk(platform, two["checker"])
    path = f"/v1/lists/{taken['batch']}/withdrawal"

    told = await maker.post(path, why="报送有误")
    (waits,) = await checker.waiting(taken["batch"])
    stand = len(await county.standing())
    where = f"/v1/approvals/{waits['id']}"
    done, back = await asyncio.gather(
        checker.post(f"{where}/approval"), maker.post(f"{where}/return", why="不撤了")
    )

    assert taken["state"] == "closed"
    assert told.json()["notes"]
    assert waits["kind"] == "withdrawal"
    assert stand == 5
    assert sorted((done.status_code, back.status_code)) == [200, 409]
    (kept,) = await platform.rows(
        "SELECT outcome, decider FROM gateway.proposal WHERE id = $1", waits["id"]
    )
    if kept["outcome"] == "returned":
        assert len(await county.standing()) == 5
        return
    assert kept["decider"] == "bureau/checker"
    async with asyncio.timeout(60):
        while await county.standing():
            await asyncio.sleep(0.2)
