"""A county's year under another pack: ordered from the page, worked out behind, and nothing is changed by it."""

import asyncio
import re
from typing import Any

from tests.integration.browsing import Person
from tests.integration.platform import PATIENCE, Platform


async def finished(platform: Platform, pack: str, against: str) -> dict[str, Any]:
    """Wait until the latest order of two packs has its result; return it."""
    async with asyncio.timeout(PATIENCE), platform.http() as http:
        while True:
            listed = (await http.get("/v1/what-if", headers=platform.key("bureau"))).json()
            found = next(one for one in listed if (one["pack"], one["against"]) == (pack, against))
            assert not found["failed"]
            if found["finished"]:
                answer = await http.get(
                    f"/v1/what-if/{found['id']}", headers=platform.key("bureau")
                )
                result: dict[str, Any] = answer.json()
                return result
            await asyncio.sleep(0.3)


async def test_a_year_is_compared_under_two_packs_and_nothing_is_changed_by_it(
    platform: Platform, household: str, clerk: Person
) -> None:
    """From the page to the result; under the same pack nobody wins or loses; books stay as they are."""
    before = [one.digest for one in await platform.asker.audits()]
    await clerk.get("/what-if?year=2023")

    told = await clerk.post("/what-if", year="2023", pack="lixin-2023", against="wenshang-2020")
    other = await finished(platform, "lixin-2023", "wenshang-2020")
    page = await clerk.get(f"/what-if/{other['id']}")
    listed = await clerk.get("/what-if")
    async with platform.http() as http:
        same = {"year": 2023, "pack": "lixin-2023", "against": "lixin-2023"}
        taken = await http.post("/v1/what-if", json=same, headers=platform.key("bureau"))
        wrong = await http.post(
            "/v1/what-if", json=same | {"against": "../x"}, headers=platform.key("bureau")
        )
        town = await http.post(
            "/v1/what-if", json=same, headers=platform.key("township_office/城关镇")
        )
    nothing = await finished(platform, "lixin-2023", "lixin-2023")

    assert household
    assert "已开始测算" in told.text
    assert other["result"]["claims"] >= 2
    assert (other["done"], other["result"]["years_moved"]) == (other["total"], -3)
    assert "各基金支出" in page.text
    assert re.search(r"比较结算单\d+张，涉及\d+人", page.text)
    assert f"/what-if/{other['id']}" in listed.text
    assert (taken.status_code, wrong.status_code, town.status_code) == (202, 404, 403)
    everybody = nothing["result"]["everybody"]
    assert (everybody["winners"], everybody["losers"]) == (0, 0)
    for fund in nothing["result"]["funds"].values():
        assert fund["before"] == fund["after"]
    assert [one.digest for one in await platform.asker.audits()] == before
