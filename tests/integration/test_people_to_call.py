"""Whoever no phone reached is called: the list, by whose people they are, and that it was done."""

import asyncio
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from tests.integration.own_county import County, a_bill, a_number
from tests.integration.platform import PATIENCE
from yingbao.cli import app

WITHOUT_PHONE, OTHERS = 7_000, 7_001


async def enrol(county: County, n: int, township: str) -> None:
    """Have somebody insured who gave no phone."""
    person = {"certno": a_number(n), "name": "乙", "township": township}
    premium = {"coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20"}
    status = {"category": "SUBSISTENCE", "effective": "2023-01-01"}
    await county.post("/v1/reports/tax/PremiumPaid", "tax", json=person | premium)
    await county.post(
        "/v1/reports/civil_affairs/StatusReported", "civil_affairs", json=person | status
    )


async def listed(county: County, holder: str, **params: Any) -> list[dict[str, Any]]:
    """Return the list as a holder sees it, as far as it is about bills."""
    answer = await county.http.get(
        "/v1/messages/calls",
        params=params,
        headers={"X-Yingbao-Key": county.stack.keys()[holder]},
    )
    assert answer.status_code == 200, answer.text
    lines: list[dict[str, Any]] = answer.json()["lines"]
    return [one for one in lines if one["template"] == "bill_issued"]


async def test_a_family_without_a_phone_is_on_its_townships_list_until_it_was_told(
    room: Path,
) -> None:
    """Nobody is left untold in silence, and no office sees or closes another's."""
    async with County(room / "county") as county:
        await enrol(county, WITHOUT_PHONE, "城关镇")
        await enrol(county, OTHERS, "张村镇")
        for n, at in ((WITHOUT_PHONE, "b1"), (OTHERS, "b2")):
            bill = a_bill(0) | {"certno": a_number(n), "claim": at}
            await county.post("/v1/claims", "hospital/H34169903", json=bill)
        await county.settled(2)
        async with asyncio.timeout(PATIENCE):
            while len(await listed(county, "bureau")) < 2:
                await asyncio.sleep(0.3)

        own = await listed(county, "township_office/城关镇")
        key = own[0]["message"]
        assert [(one["township"], one["reason"]) for one in own] == [("城关镇", "no_recipient")]
        assert (own[0]["title"], own[0]["name"]) == ("费用结算", "")
        named = await listed(county, "township_office/城关镇", why="电话告知")
        assert (named[0]["name"], named[0]["last4"]) == ("乙", a_number(WITHOUT_PHONE)[-4:])
        whose = await county.count(
            "SELECT count(*) FROM enrollment.access WHERE what = 'calls'"
            " AND holder = 'township_office/城关镇' AND why = '电话告知'"
        )
        assert whose == 1
        assert await listed(county, "bureau", township="张村镇", limit=1) != own
        others = await county.post(
            f"/v1/messages/{key}/called", "township_office/张村镇", json={"note": "不是我镇的"}
        )
        told = await county.post(
            f"/v1/messages/{key}/called", "township_office/城关镇", json={"note": "已上门告知"}
        )
        again = await county.post(f"/v1/messages/{key}/called", "bureau", json={})
        hospital = await county.post(f"/v1/messages/{key}/called", "hospital/H34169903", json={})
        assert [one.status_code for one in (others, told, again, hospital)] == [404, 200, 404, 403]
        assert await listed(county, "township_office/城关镇") == []

        said = await asyncio.to_thread(
            CliRunner().invoke, app, ["message", "calls", "--data", str(county.stack.directory)]
        )
        assert "张村镇  费用结算  没有手机号" in said.output
        assert a_number(OTHERS) not in said.output
