"""The lists of the insurance system, on the whole platform: who is enrolled, exempt, flagged."""

import asyncio
from pathlib import Path

import openpyxl

from chassis.privacy import person_key
from tests.integration.platform import PATIENCE, Platform
from tests.integration.test_county import listed, number
from tests.integration.test_operator import yingbao

TOWN = "王人镇"


async def test_a_bill_of_somebody_whom_only_the_register_knows_is_settled(
    platform: Platform, tmp_path: Path
) -> None:
    """Held until the register comes, then settled by itself; the next one within the call."""
    bills = [
        {
            "claim": f"{platform.number}-{one}", "provider": "H34169901", "certno": number(41),
            "kind": "inpatient", "level": "L2", "admit": f"2023-0{one}-10", "discharge": f"2023-0{one}-18",
            "total_fee": "10000.00", "in_scope": "10000.00",
        }
        for one in (1, 2)
    ]  # fmt: skip
    hospital = platform.key("hospital/H34169901")
    register = tmp_path / "参保名单.csv"
    register.write_text(f"姓名,身份证号,乡镇\n李四一,{number(41)},{TOWN}\n", encoding="utf-8")

    async with platform.http() as http:
        held = await http.post("/v1/claims", json=bills[0], headers=hospital)
        await http.post(
            "/v1/registers/2023", files={"file": register.read_bytes()},
            headers=platform.key("bureau"),
        )  # fmt: skip
        async with asyncio.timeout(PATIENCE):
            while True:
                seen = await http.get(f"/v1/claims/{bills[0]['claim']}", headers=hospital)
                if seen.status_code == 200:
                    break
                await asyncio.sleep(0.3)
        known = await http.post("/v1/claims", json=bills[1], headers=hospital)

    assert (held.status_code, held.json()["reason"]) == (202, "not_enrolled")
    assert seen.json()["status"] == "settled"
    assert known.json()["status"] == "settled"


async def test_a_corrected_register_sends_a_bill_back_that_rested_on_it(
    platform: Platform, tmp_path: Path
) -> None:
    """Settled because the register had the name; the corrected one has not, a third one has again."""
    bill = {
        "claim": f"{platform.number}-r", "provider": "H34169901", "certno": number(71),
        "kind": "inpatient", "level": "L2", "admit": "2023-03-10", "discharge": "2023-03-18",
        "total_fee": "10000.00", "in_scope": "10000.00",
    }  # fmt: skip
    hospital = platform.key("hospital/H34169901")

    async def register(*people: int) -> None:
        rows = "".join(f"李{n},{number(n)},{TOWN}\n" for n in people)
        async with platform.http() as http:
            sent = await http.post(
                "/v1/registers/2023", files={"file": f"姓名,身份证号,乡镇\n{rows}".encode()},
                headers=platform.key("bureau"),
            )  # fmt: skip
        assert sent.status_code == 200, sent.text

    async def until(status: str) -> None:
        async with asyncio.timeout(PATIENCE), platform.http() as http:
            while True:
                seen = await http.get(f"/v1/claims/{bill['claim']}", headers=hospital)
                if seen.json()["status"] == status:
                    return
                await asyncio.sleep(0.3)

    await register(71, 72)
    async with platform.http() as http:
        await http.post("/v1/claims", json=bill, headers=hospital)
    await until("settled")
    await register(72)
    await until("held")
    await register(71, 72)
    await until("settled")


async def test_the_systems_exempt_and_flagged_are_compared_by_the_second_pass(
    platform: Platform, tmp_path: Path
) -> None:
    """One of low income flagged in the system, one not, and one exempt whom no department ever named."""
    await listed(platform, (81, "标一"), (82, "标二"), town=TOWN)
    for sequence in (81, 82):
        body = {
            "certno": number(sequence), "name": "标", "coverage_year": 2023, "amount": "35.00",
            "paid_on": "2023-01-05", "township": TOWN,
        }  # fmt: skip
        assert await platform.report("tax", "PremiumPaid", **body) == 202
    await platform.quiet()
    head = "姓名,身份证号,乡镇\n"
    for kind, people in (("flagged", (81,)), ("exempt", (83,))):
        path = tmp_path / f"{kind}.csv"
        path.write_text(head + "".join(f"标{n},{number(n)},{TOWN}\n" for n in people), "utf-8")
        done = await asyncio.to_thread(
            yingbao, platform, "roster", "system", str(path), "--kind", kind, "--year", "2023"
        )
        assert done.returncode == 0, done.stderr
    await platform.quiet()

    async with platform.http() as http:
        headers = platform.key("bureau")
        order = {"number": 2, "as_of": "2023-12-31"}
        await http.post("/v1/enrollment/2023/reviews", json=order, headers=headers)
        found = await http.get(
            "/v1/enrollment/2023/issues", params={"township": TOWN}, headers=headers
        )
    kinds = {(one["person"], one["kind"]) for one in found.json()["issues"]}
    keys = [
        person_key(platform.stack.keys()["person_key"], number(sequence))
        for sequence in (81, 82, 83)
    ]

    assert (keys[1], "flag_missing") in kinds
    assert (keys[0], "flag_missing") not in kinds
    assert (keys[2], "exempt_off_roster") in kinds


async def test_the_citys_check_list_is_answered_from_rosters_and_register(
    platform: Platform, tmp_path: Path
) -> None:
    """One on the roster and unpaid, one whom only the register knows, one nobody knows."""
    await listed(platform, (91, "查一"), town=TOWN)
    async with platform.http() as http:
        await http.post(
            "/v1/registers/2023",
            files={"file": f"姓名,身份证号,乡镇\n查二,{number(92)},{TOWN}\n".encode()},
            headers=platform.key("bureau"),
        )  # fmt: skip
    await platform.quiet()
    path = tmp_path / "核查名单.csv"
    rows = "".join(
        f"{name},{number(n)},\n" for n, name in ((91, "查一"), (92, "查二"), (93, "查三"))
    )
    path.write_text(f"姓名,身份证号,核查结果\n{rows}", encoding="utf-8")

    done = await asyncio.to_thread(
        yingbao, platform, "roster", "check", str(path), "--year", "2023", "--why", "市局核查"
    )

    page = openpyxl.load_workbook(tmp_path / "核查名单.answered.xlsx").worksheets[0]
    results = [row[2].value for row in page.iter_rows(min_row=2)]
    assert done.returncode == 0, done.stderr
    assert results == ["应参未参，已列入整改", "已参保", "本县无此人参保和名册信息"]
