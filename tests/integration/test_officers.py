"""Officers are set at the door: who is told, who stands in, what they have to do, and what is refused."""

import asyncio
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from tests.integration.own_county import County, a_number
from tests.integration.platform import PATIENCE
from yingbao.cli import app

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


async def sent(county: County, count: int, phone: str = "") -> list[dict[str, str]]:
    """Wait until so many messages were sent, and return them."""
    log, found = county.stack.phone_log, list[dict[str, str]]()
    async with asyncio.timeout(PATIENCE):
        while len(found) < count:
            await asyncio.sleep(0.2)
            lines = log.read_text().splitlines() if log.exists() else []
            said = [json.loads(line) for line in lines]
            found = [one for one in said if phone in {"", one["phone"]}]
    return found


async def phones(county: County, count: int) -> list[str]:
    """Wait until so many messages were sent, and return to whom."""
    return [one["phone"] for one in await sent(county, count)]


async def texts(county: County, phone: str, count: int) -> list[str]:
    """Wait until so many messages are on a phone, and return them."""
    return [one["text"] for one in await sent(county, count, phone)]


async def write(county: County, phone: str, text: str) -> None:
    """Write from a phone."""
    told = ["message", "write", phone, text, "--data", str(county.stack.directory)]
    answer = await asyncio.to_thread(CliRunner().invoke, app, told)
    assert answer.exit_code == 0, answer.output


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


async def tasks(county: County, holder: str, **params: str) -> list[dict[str, Any]]:
    """Return what a holder has to do."""
    answer = await county.http.get(
        "/v1/worklist",
        params={"why": "入户核对", **params},
        headers={"X-Yingbao-Key": county.stack.keys()[holder]},
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["tasks"]
    return found


async def test_a_task_is_on_the_list_with_a_name_until_its_officer_says_that_it_is_done(
    room: Path,
) -> None:
    """By SMS from the officer's own phone, or at the door; a stranger's phone and another office close nothing."""
    async with County(room / "county") as county:
        await county.post("/v1/officers", "bureau", json=an_officer(OWN))
        for n in (1, 2):
            await granted(county, n, "东村")
            await phones(county, n)
        await county.asker.quiet()
        own = await tasks(county, "township_office/城关镇", village="东村")
        first, second = own
        assert {(one["name"], one["village"], one["what"]) for one in own} == {
            ("乙", "东村", "新增低保对象")
        }
        assert {one["last4"] for one in own} == {a_number(n)[-4:] for n in (1, 2)}
        assert await tasks(county, "township_office/张村镇") == []

        await write(county, DEPUTY, f"办结#{first['code']}")
        await write(county, OWN, f"办结#{first['code']}#已入户")
        refused, done = (await texts(county, DEPUTY, 1))[0], (await texts(county, OWN, 3))[2]
        other = f"/v1/worklist/{second['task']}/done"
        foreign = await county.post(other, "township_office/张村镇", json={})
        left = await tasks(county, "bureau")
        sheet = await county.http.get(
            "/v1/worklist.xlsx",
            params={"why": "入户核对"},
            headers={"X-Yingbao-Key": county.stack.keys()["bureau"]},
        )
        closed = await county.post(other, "township_office/城关镇", json={"note": "已核对"})

        assert "不在您的待办中" in refused
        assert "已登记办结。城关镇尚有1件未办结" in done
        assert [one["task"] for one in left] == [second["task"]]
        rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content)).get_sheet_by_index(0)
        cells = [str(cell) for row in rows.to_python() for cell in row]
        assert {"待办清单", "乙", "新增低保对象", second["code"]} <= set(cells)
        assert a_number(1) not in cells
        assert (foreign.status_code, closed.status_code) == (404, 200)
        assert await tasks(county, "bureau") == []


async def test_what_is_mended_leaves_the_list_by_itself(room: Path) -> None:
    """A pass finds somebody who is not enrolled; the premium comes, the next pass closes it."""
    async with County(room / "county") as county:
        await granted(county, 1, "东村")
        await county.asker.quiet()

        async def review() -> None:
            order = {"number": 1, "as_of": "2023-06-01"}
            answer = await county.post("/v1/enrollment/2023/reviews", "bureau", json=order)
            assert answer.status_code == 200, answer.text
            await county.asker.quiet()

        await review()
        assert "应参未参" in {one["what"] for one in await tasks(county, "bureau")}
        premium = {
            "certno": a_number(1), "name": "乙", "township": "城关镇", "village": "东村",
            "coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20",
        }  # fmt: skip
        await county.post("/v1/reports/tax/PremiumPaid", "tax", json=premium)
        await county.asker.quiet()
        await review()

        assert "应参未参" not in {one["what"] for one in await tasks(county, "bureau")}
