"""A hospital's month: what was booked to it, for its own eyes, as data, as a sheet, and as a text to its desk."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from chassis.runtime import Runtime
from contracts.officers import HOSPITAL_DESK
from services.notify.desks.jobs import remind
from services.notify.sending import jobs
from tests.integration.own_county import County, a_number
from tests.integration.platform import PATIENCE
from tests.integration.test_doors import HOSPITAL
from tests.integration.test_sms_storm import (
    Clock,
    a_sender,
    database,  # noqa: F401  a fixture
)
from tests.integration.test_sms_waits import Provider, send_all
from tests.sheets import lines_of, page_of
from yingbao.running.keys import add_key

MONTH = f"{datetime.now(UTC) + timedelta(hours=8):%Y-%m}"
COUNT = 12
DESK = f"{HOSPITAL_DESK}H34169903"


@pytest.fixture
async def county(room: Path) -> AsyncIterator[County]:
    """A county with a dozen settled bills of one hospital."""
    async with County(room / "county") as found:
        await found.enrol()
        await found.bills(0, COUNT)
        await found.settled(COUNT)
        yield found


async def asked(county: County, holder: str, month: str = MONTH) -> Any:
    """Ask for a month's statements."""
    key = {"X-Yingbao-Key": county.stack.keys()[holder]}
    return await county.http.get("/v1/statements", params={"month": month}, headers=key)


async def test_a_statement_is_what_was_booked_less_what_was_taken_back(county: County) -> None:
    """Twelve bills; one is reversed: the month has both bookings, and the funds what is left."""
    before = (await asked(county, "bureau")).json()["statements"]
    (line,) = before
    paid = await county.count(
        "SELECT sum((bill::jsonb ->> 'bmi')::numeric * 100)::bigint FROM settlement.claim"
    )
    assert (line["provider"], line["claims"]) == ("H34169903", COUNT)
    assert Decimal(line["funds"]["bmi"]) * 100 == paid

    taken = await county.post("/v1/claims/b0/reversal", HOSPITAL, json={"certno": a_number(0)})
    assert taken.status_code == 202, taken.text
    async with asyncio.timeout(PATIENCE):
        while (after := (await asked(county, HOSPITAL)).json()["statements"][0]) == line:
            await asyncio.sleep(0.3)
    left = await county.count(
        "SELECT sum((pays::jsonb ->> 'bmi')::numeric)::bigint FROM settlement.claim"
    )
    assert after["claims"] == COUNT
    assert Decimal(after["funds"]["bmi"]) * 100 == left < paid

    key = await asyncio.to_thread(
        add_key, county.stack.directory, county.stack.county, "insurer/cic"
    )
    theirs = await county.http.get(
        "/v1/statements", params={"month": MONTH}, headers={"X-Yingbao-Key": key.key}
    )
    elsewhere = await county.http.get("/v1/claims", headers={"X-Yingbao-Key": key.key})
    assert [
        one["funds"].keys() - {"cii", "supplement"} for one in theirs.json()["statements"]
    ] == []
    assert (theirs.status_code, elsewhere.status_code) == (200, 403)

    assert (await asked(county, HOSPITAL, "2023-01")).json()["statements"] == []
    assert (await asked(county, "civil_affairs")).status_code == 403
    assert (await asked(county, "township_office/城关镇")).status_code == 403
    assert (await asked(county, "hospital/H34169901")).json()["statements"] == []
    assert (await asked(county, "bureau", "2023-13")).status_code == 422

    bureau = {"X-Yingbao-Key": county.stack.keys()["bureau"]}
    sheet = await county.http.get(f"/v1/statements.xlsx?month={MONTH}", headers=bureau)
    (row,) = lines_of(sheet.content)
    assert (row["结算笔数"], row["合计（元）"]) == (COUNT, after["total"])
    page = page_of(sheet.content)
    assert "填报单位（盖章）" in page["A2"].value
    assert page["A1"].value == f"{MONTH[:4]}年{int(MONTH[5:])}月医疗机构结算对账单（不含医疗救助）"


async def test_desks_are_set_and_refused_what_does_not_go_together(county: County) -> None:
    """A hospital's desk has a hospital, no desk has a township, and the list says where somebody sits."""

    async def said(**what: Any) -> Any:
        body = {"name": "甲", "phone": "19900000009", "first": "2023-01-01"} | what
        return await county.post("/v1/officers", "bureau", json=body)

    assert (await said(post="hospital_desk", hospital="H34169903")).status_code == 200
    assert (await said(post="clerk")).status_code == 200
    wrong = [
        await said(post="hospital_desk"),
        await said(post="clerk", hospital="H34169903"),
        await said(post="clerk", townships=["城关镇"]),
        await said(post="officer", hospital="H34169903", townships=["城关镇"]),
    ]
    assert [(one.status_code, one.json()["reason"]) for one in wrong] == [
        (422, "invalid_value")
    ] * 4
    key = {"X-Yingbao-Key": county.stack.keys()["bureau"]}
    listed = (await county.http.get("/v1/officers", headers=key)).json()["officers"]
    assert sorted((one["post_zh"], one["place_zh"]) for one in listed) == [
        ("医院医保办", "H34169903"),
        ("县局经办", "县医保局"),
    ]


async def test_a_hospitals_desk_is_told_once_a_month_by_day(database: str) -> None:  # noqa: F811
    """In the first days of June, of May: asked for every ten minutes, said once, and not at night."""
    clock = Clock(datetime(2026, 6, 1, 22, 0, tzinfo=UTC).astimezone())
    sender: Runtime = a_sender(database, clock, synthetic=False)
    sealed = jobs.vault_of(sender.settings).seal(
        orjson.dumps({"name": "甲", "phone": "19900000009"}).decode(), "officer"
    )
    async with sender.engine.begin() as tx:
        await tx.execute(
            text(
                "INSERT INTO duty (id, townships, village, post, first, contact_sealed, number, holder,"
                " recorded) VALUES ('d', ARRAY[:desk], '', 'hospital_desk', '2026-01-01', :sealed, 'n',"
                " 'bureau', now())"
            ),
            {"desk": DESK, "sealed": sealed},
        )
    provider, told_by = Provider(clock), list[int]()
    try:
        for hours in (0, 1, 6, 30, 54):
            clock.now = datetime(2026, 6, 1, 20, 0, tzinfo=UTC) + timedelta(hours=hours)
            await remind(sender)
            await jobs.address_open(sender)
            await send_all(sender, one=provider)
            told_by.append(len(provider.told))
    finally:
        await sender.engine.dispose()

    assert told_by == [0, 0, 1, 1, 1]
    (told,) = provider.told
    assert told.phone == "19900000009"
    assert "2026年5月医保结算对账单" in told.text
