"""Officers are set at the door: who is told, who stands in, what a township sees, and what is refused."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.integration.own_county import County, a_number

TODAY = (datetime.now(UTC) + timedelta(hours=8)).date()
OWN, DEPUTY, GUIDE = "19900000001", "19900000002", "19900000003"


def an_officer(phone: str, **other: Any) -> dict[str, Any]:
    """Return an officer of 城关镇 since last year."""
    said = {"post": "officer", "name": "甲", "phone": phone, "first": "2025-01-01"}
    return said | {"townships": ["城关镇"]} | other


async def granted(county: County, n: int, village: str) -> None:
    """Have civil affairs name somebody."""
    status = {
        "certno": a_number(n), "name": "乙", "township": "城关镇", "village": village,
        "category": "SUBSISTENCE", "effective": "2023-01-01",
    }  # fmt: skip
    answer = await county.post(
        "/v1/reports/civil_affairs/StatusReported", "civil_affairs", json=status
    )
    assert answer.status_code == 202, answer.text


async def phones(county: County, count: int) -> list[str]:
    """Wait until so many messages were sent, and return to whom."""
    log, found = county.stack.phone_log, list[str]()
    async with asyncio.timeout(30):
        while len(found) < count:
            await asyncio.sleep(0.2)
            lines = log.read_text().splitlines() if log.exists() else []
            found = [str(json.loads(line)["phone"]) for line in lines]
    return found


async def test_whoever_is_on_duty_is_told_and_a_deputy_instead(room: Path) -> None:
    """Officer and guide first; then a deputy stands in for the officer, and the guide's time ends."""
    async with County(room / "county") as county:
        first = await county.post("/v1/officers", "bureau", json=an_officer(OWN))
        guide = await county.post(
            "/v1/officers", "bureau", json=an_officer(GUIDE, village="东村", post="guide")
        )
        again = await county.post("/v1/officers", "bureau", json=an_officer(OWN))
        assert first.json() == again.json()
        await granted(county, 1, "东村")
        assert sorted(await phones(county, 2)) == [OWN, GUIDE]

        away = an_officer(DEPUTY, townships=[], stands_in_for=first.json()["duty"])
        away |= {"first": TODAY.isoformat(), "last": TODAY.isoformat()}
        deputy = await county.post("/v1/officers", "bureau", json=away)
        yesterday = (TODAY - timedelta(days=1)).isoformat()
        ended = await county.post(
            f"/v1/officers/{guide.json()['duty']}/end", "bureau", json={"last": yesterday}
        )
        assert (deputy.status_code, ended.status_code) == (200, 200), deputy.text + ended.text
        await granted(county, 2, "东村")

        assert sorted(await phones(county, 3)) == sorted([OWN, GUIDE, DEPUTY])
        key = {"X-Yingbao-Key": county.stack.keys()["township_office/城关镇"]}
        seen = (await county.http.get("/v1/officers", headers=key)).json()["officers"]
        on = {"on": TODAY.isoformat()}
        now = (await county.http.get("/v1/officers", params=on, headers=key)).json()["officers"]
        assert {one["phone"] for one in seen} == {OWN, GUIDE, DEPUTY}
        assert {one["phone"] for one in now} == {OWN, DEPUTY}
        assert {(one["ended_by"], one["last"]) for one in seen if one["phone"] == GUIDE} == {
            ("bureau", yesterday)
        }


async def test_what_is_no_duty_is_refused_and_nobody_else_may_set_one(room: Path) -> None:
    """A landline, a village of two townships, a place that is none, days the wrong way round."""
    async with County(room / "county") as county:

        async def refused(holder: str = "bureau", **other: Any) -> tuple[int, str]:
            answer = await county.post("/v1/officers", holder, json=an_officer(OWN) | other)
            return answer.status_code, answer.json()["reason"]

        assert await refused(phone="0558-8812345") == (422, "phone_unreadable")
        assert await refused(townships=["城关镇", "张村镇"], village="东村") == (
            422,
            "township_empty",
        )
        assert await refused(townships=["无名镇"]) == (422, "unknown_township")
        assert await refused(last="2024-12-31") == (422, "bad_date")
        assert await refused(townships=[], stands_in_for="0" * 32) == (404, "unknown_duty")
        assert await refused(name=a_number(1)) == (422, "identity_in_text")
        assert await refused("township_office/城关镇") == (403, "outside_area")
        assert await refused("civil_affairs") == (403, "key_refused")
        key = {"X-Yingbao-Key": county.stack.keys()["township_office/张村镇"]}
        others = {"township": "城关镇"}
        foreign = await county.http.get("/v1/officers", params=others, headers=key)
        assert foreign.status_code == 403
