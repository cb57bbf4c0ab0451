"""No number of a person is found outside the vault: not in logs, streams, files, metrics or subjects."""

import asyncio

from contracts.subjects import STREAMS
from tests.builders import an_id_number
from tests.integration.platform import Platform
from tests.integration.test_doors import HOSPITAL, a_bill_to_send, enrolled


async def test_no_identity_number_is_found_anywhere_outside(platform: Platform) -> None:
    """Canaries through every door, then a search: logs, streams, database files, WAL, metrics."""
    canaries = [an_id_number(500 + n) for n in range(4)]
    for n in range(4):
        number = await enrolled(platform, 500 + n)
        async with platform.http() as http:
            bad = {"total_fee": "1.00"} if n == 3 else {}
            bill = a_bill_to_send(platform, number, f"canary{n}", **bad)
            await http.post("/v1/claims", json=bill, headers=platform.key(HOSPITAL))
            roster = f"姓名,证件号码,缴费金额,乡镇\n甲,{number},x,城关镇\n乙,{number},350.00,城关镇".encode()
            await http.post(
                "/v1/rosters/tax", files={"file": ("t.csv", roster)}, headers=platform.key("tax")
            )
    await platform.publish_raw("claims.ClaimSubmitted.v1", b'{"certno": 1')
    await platform.quiet()
    await platform.rows("CHECKPOINT")

    found = []
    for path in platform.stack.directory.rglob("*"):
        if path.is_file() and path.name not in {
            "keys.json",
            "keys-to-hand-out.json",
            "phones.jsonl",
        }:
            content = await asyncio.to_thread(path.read_bytes)
            found += [
                (path.name, n) for n, canary in enumerate(canaries) if canary.encode() in content
            ]
    assert found == []


async def test_no_person_is_found_in_a_metric_or_a_subject(platform: Platform) -> None:
    """Labels and subjects are bounded words."""
    number = await enrolled(platform, 17)
    async with platform.http() as http:
        await http.post(
            "/v1/claims", json=a_bill_to_send(platform, number), headers=platform.key(HOSPITAL)
        )
        pages = [(await http.get("/metrics/")).text]
        for service in ("enrollment", "settlement", "assistance", "notify"):
            page = await http.get(f"http://127.0.0.1:{platform.stack.ports[service]}/metrics")
            pages.append(page.text)
    key = (await platform.rows("SELECT person FROM settlement.person LIMIT 1"))[0]["person"]

    assert all("yingbao_" in page for page in pages)
    assert not any(number in page or key in page for page in pages)
    for stream in STREAMS:
        info = await platform.bus.jetstream().stream_info(stream.name, subjects_filter=">")
        assert not any(
            len(token) == 27
            for subject in info.state.subjects or {}
            for token in subject.split(".")
        )
