"""No number of a person is found outside the vault: not in logs, streams, files, metrics or subjects."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any

from contracts.subjects import STREAMS
from services.gateway.intake.examples import EXAMPLES
from services.gateway.intake.reports import REPORTS
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


SPELLINGS = (
    lambda phone, _: f"{phone[:3]}-{phone[3:7]}-{phone[7:]}",
    lambda phone, _: f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}",
    lambda phone, _: "".join(chr(ord(sign) + 0xFEE0) for sign in phone),
    lambda _, number: f"{number[:6]} {number[6:14]} {number[14:]}",
    lambda _, number: number,
)
ABOUT_THE_PERSON = {"certno", "new_certno", "name", "phone", "household_head", "head_certno"}
"""Fields that are there for who somebody is; the door seals them."""


async def test_no_free_field_of_any_door_carries_a_number_further(platform: Platform) -> None:
    """Every text of every report, of a bill and of a reversal, in five spellings; then a search."""
    sent, taken = 0, []
    written: list[str] = []
    async with platform.http() as http:
        for where, holder, body in doors(platform):
            for name, value in body.items():
                if not isinstance(value, str) or name in ABOUT_THE_PERSON:
                    continue
                for spelling in SPELLINGS:
                    if name == "claim" and spelling in SPELLINGS[1:3]:
                        continue  # neither a plus sign nor full width makes the number of a bill
                    sent += 1
                    number = an_id_number(777, date(1961, 2, 3) + timedelta(days=sent))
                    canary = spelling(f"198{sent:08d}", number)  # no phone of anybody here
                    written += [canary, canary.replace(" ", "").replace("-", "")]
                    answer = await http.post(
                        where, json=body | {name: canary}, headers=platform.key(holder)
                    )
                    assert canary not in answer.text
                    if answer.status_code < 400:
                        taken.append((where, name, canary))
    await platform.quiet()
    await platform.rows("CHECKPOINT")

    assert taken == []
    assert sent > 150
    found = []
    for path in platform.stack.directory.rglob("*"):
        if path.is_file() and path.name not in {"keys.json", "keys-to-hand-out.json"}:
            content = await asyncio.to_thread(path.read_bytes)
            found += [(path.name, one) for one in written if one.encode() in content]
    assert found == []


def doors(platform: Platform) -> list[tuple[str, str, dict[str, Any]]]:
    """Return (path, holder, body) of everything that can be sent, each with its texts filled."""
    found = []
    for name, (_, _, sources) in REPORTS.items():
        source = min(source.value for source in sources)
        holder = "township_office/城关镇" if source == "township_office" else source
        texts = {
            one: "x"
            for one, field in REPORTS[name][0].model_fields.items()
            if field.annotation is str
        }
        found.append((f"/v1/reports/{source}/{name}", holder, texts | EXAMPLES[name]))
    number = an_id_number(778, date(1962, 2, 3))
    bill = a_bill_to_send(platform, number, "canary-bill") | {
        "why_not_one_stop": "x",
        "disease": "I63",
    }
    found.append(("/v1/claims", HOSPITAL, bill))
    path = f"/v1/claims/{platform.number}-canary-bill/reversal"
    found.append((path, HOSPITAL, {"certno": number, "reason": "x"}))
    return found


async def test_a_bill_numbered_with_its_patient_is_refused_everywhere(platform: Platform) -> None:
    """The number of a bill stands in paths, books and logs: in the body, in a batch, in a reversal's path."""
    number = an_id_number(779, date(1962, 2, 3))
    bill = a_bill_to_send(platform, number) | {"claim": number}
    async with platform.http() as http:
        key = platform.key(HOSPITAL)
        single = await http.post("/v1/claims", json=bill, headers=key)
        batch = await http.post("/v1/claims/batch", content=json.dumps(bill), headers=key)
        path = await http.post(
            f"/v1/claims/{number}/reversal", json={"certno": number}, headers=key
        )

    assert single.json()["reason"] == path.json()["reason"] == "identity_in_text"
    assert batch.json()["refused"][0]["reason"] == "identity_in_text"
    assert number not in single.text + batch.text + path.text


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
