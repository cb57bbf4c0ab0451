"""A filing by SMS: from a citizen's phone to a bill settled as filed, with every refusal on the way."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from tests.integration.own_county import County, a_bill, a_number
from tests.integration.platform import PATIENCE
from yingbao.cli import app

PHONE, OTHER_PHONE = "19912340000", "19988880000"
NOTICES = ("费用", "困难身份")
"""In what nobody asked for."""
TODAY = (datetime.now(UTC) + timedelta(hours=8)).date()


async def write(county: County, phone: str, text: str) -> None:
    """Write from a phone, as a person would."""
    told = ["message", "write", phone, text, "--data", str(county.stack.directory)]
    answer = await asyncio.to_thread(CliRunner().invoke, app, told)
    assert answer.exit_code == 0, answer.output


async def answers(county: County, phone: str, count: int) -> list[str]:
    """Wait for so many answers on a phone's screen, and return them."""
    log, found = county.stack.phone_log, list[str]()
    async with asyncio.timeout(PATIENCE):
        while len(found) < count:
            await asyncio.sleep(0.2)
            lines = log.read_text().splitlines() if log.exists() else []
            said = [json.loads(line) for line in lines]
            found = [
                one["text"] for one in said
                if one["phone"] == phone and not any(word in one["text"] for word in NOTICES)
            ]  # fmt: skip
    return found


async def bill_of(county: County, claim: str) -> dict[str, Any]:
    """Return a bill as the hospital sees it."""
    key = county.stack.keys()["hospital/H34169903"]
    answer = await county.http.get(f"/v1/claims/{claim}", headers={"X-Yingbao-Key": key})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_citizen_files_and_asks_by_sms_and_a_stranger_learns_nothing(room: Path) -> None:
    """Another's phone, a wrong name and a wrong form file nothing; the right one is filed once, said twice."""
    async with County(room / "county") as county:
        await county.enrol()
        who = {"certno": a_number(0), "name": "甲", "township": "城关镇", "phone": PHONE}
        paid = {"coverage_year": TODAY.year, "amount": "400.00", "paid_on": TODAY.isoformat()}
        premium = await county.post("/v1/reports/tax/PremiumPaid", "tax", json=who | paid)
        assert premium.status_code == 202, premium.text
        await county.asker.quiet()
        rest = f"{a_number(0)[-6:]}#上海市#{TODAY:%Y%m%d}"

        await write(county, OTHER_PHONE, f"备案#甲#{rest}")
        await write(county, PHONE, f"备案#乙#{rest}")
        await write(county, PHONE, f"备案#甲#{rest[:-8]}")
        strangers = await answers(county, OTHER_PHONE, 1)
        refused = await answers(county, PHONE, 2)
        await write(county, PHONE, f"备案#甲#{rest}")
        await answers(county, PHONE, 3)
        await county.asker.quiet()
        await write(county, PHONE, f" 备案＃甲＃{rest}")
        await write(county, PHONE, f"查询#甲#{a_number(0)[-6:]}")
        screen = await answers(county, PHONE, 5)

        assert ["未找到与本手机号" in one for one in strangers] == [True]
        assert sorted("未找到与本手机号" in one for one in refused) == [False, True]
        assert sum("已办成：上海市" in one for one in screen) == 2
        assert sum(f"{TODAY.year}年度" in one and "上海市" in one for one in screen) == 1
        filed = "SELECT count(*) FROM enrollment.fact WHERE event = 'OutOfAreaFiled'"
        assert await county.count(filed) == 1
        read = "SELECT count(*) FROM enrollment.access WHERE holder = 'sms'"
        assert await county.count(read) == 4
        assert not await county.count(
            "SELECT count(*) FROM notify.received WHERE state <> 'answered'"
        )


async def test_a_bill_settled_before_its_filing_is_settled_again_as_filed(room: Path) -> None:
    """The bureau files it afterwards: sixty per cent and not fifty, and the trail of the bill says so."""
    async with County(room / "county") as county:
        await county.enrol()
        bill = a_bill(0) | {"area": "out_unfiled", "total_fee": "20000.00", "in_scope": "20000.00"}
        bill.pop("level")
        sent = await county.post("/v1/claims", "hospital/H34169903", json=bill)
        assert sent.json()["bill"]["bmi"] == "8000.00"

        filing = {
            "certno": a_number(0),
            "name": "甲",
            "place": "上海市",
            "valid_from": "2023-01-01",
        }
        told = await county.post("/v1/reports/bureau/OutOfAreaFiled", "bureau", json=filing)
        assert told.status_code == 202, told.text
        await county.asker.quiet()
        nowhere = filing | {"place": "浦东新区"}
        refused = await county.post("/v1/reports/bureau/OutOfAreaFiled", "bureau", json=nowhere)

        assert (await bill_of(county, str(bill["claim"])))["bill"]["bmi"] == "9600.00"
        assert (refused.status_code, refused.json()["reason"]) == (422, "unknown_place")
