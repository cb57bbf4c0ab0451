"""The doors over HTTP and NATS, as partners and hospitals meet them; and that no identity leaks."""

import json
import signal
from typing import Any

from chassis.permissions import door_of
from tests.builders import an_id_number
from tests.integration.platform import Platform

HOSPITAL = "hospital/H34169903"


def a_bill_to_send(
    platform: Platform, certno: str, name: str = "c1", **other: Any
) -> dict[str, Any]:
    """Return a bill as a hospital sends it."""
    return {
        "claim": f"{platform.number}-{name}", "provider": "H34169903", "certno": certno, "kind": "inpatient",
        "level": "L2", "admit": "2023-05-10", "discharge": "2023-05-18", "total_fee": "10000.00",
        "in_scope": "10000.00",
    } | other  # fmt: skip


async def enrolled(platform: Platform, sequence: int) -> str:
    """Report a person's premium and status through the door; return the identity number."""
    number = an_id_number(sequence)
    common = {"certno": number, "name": "金丝雀", "phone": "19912345678", "township": "城关镇"}
    premium = {"coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20"}
    status = {"category": "SUBSISTENCE", "effective": "2023-01-01"}
    async with platform.http() as http:
        for source, name, body in (
            ("tax", "PremiumPaid", premium),
            ("civil_affairs", "StatusReported", status),
        ):
            answer = await http.post(
                f"/v1/reports/{source}/{name}", json=common | body, headers=platform.key(source)
            )
            assert answer.status_code == 202
    await platform.quiet()
    return number


async def test_a_hospital_gets_its_bill_in_one_call(platform: Platform) -> None:
    """One stop: the answer is the settled bill, in our names and in the national ones."""
    number = await enrolled(platform, 11)

    async with platform.http() as http:
        answer = await http.post(
            "/v1/claims", json=a_bill_to_send(platform, number), headers=platform.key(HOSPITAL)
        )

    assert answer.status_code == 200
    bill, national = answer.json()["bill"], answer.json()["national"]
    assert (bill["bmi"], bill["medical_assistance"], bill["personal_burden"]) == (
        "7600.00",
        "1800.00",
        "600.00",
    )
    assert (national["hifp_pay"], national["maf_pay"], national["psn_cash_pay"]) == (
        "7600.00",
        "1800.00",
        "600.00",
    )
    assert "person" not in bill


async def test_a_call_repeated_gets_the_same_bill_and_another_amount_a_conflict(
    platform: Platform,
) -> None:
    """A slow line costs the hospital nothing; a changed amount under the same number is refused."""
    number = await enrolled(platform, 12)
    bill = a_bill_to_send(platform, number)

    async with platform.http() as http:
        first = await http.post("/v1/claims", json=bill, headers=platform.key(HOSPITAL))
        again = await http.post("/v1/claims", json=bill, headers=platform.key(HOSPITAL))
        other = bill | {"total_fee": "9000.00", "in_scope": "9000.00"}
        conflict = await http.post("/v1/claims", json=other, headers=platform.key(HOSPITAL))

    assert first.json() == again.json()
    assert (conflict.status_code, conflict.json()["reason"]) == (409, "conflicting_resubmission")


async def test_a_batch_names_the_bill_that_contradicts_a_known_one(platform: Platform) -> None:
    """Other amounts, or another person, under a known number: that line alone is refused."""
    number, other = await enrolled(platform, 22), an_id_number(23)
    bill, second = a_bill_to_send(platform, number), a_bill_to_send(platform, number, "c2")

    async with platform.http() as http:

        async def send(*bills: dict[str, Any]) -> dict[str, Any]:
            lines = "\n".join(json.dumps(one) for one in bills).encode()
            answer = await http.post(
                "/v1/claims/batch", content=lines, headers=platform.key(HOSPITAL)
            )
            found: dict[str, Any] = answer.json()
            return found

        first = await send(bill)
        await platform.quiet()
        changed = bill | {"total_fee": "9000.00", "in_scope": "9000.00"}
        again = await send(bill, changed, second, second | {"certno": other})

    assert (first["accepted"], again["accepted"]) == (1, 2)
    assert [(one["line"], one["reason"]) for one in again["refused"]] == [
        (2, "conflicting_resubmission"), (4, "conflicting_resubmission"),
    ]  # fmt: skip


async def test_a_reversal_and_a_look_at_it(platform: Platform) -> None:
    """The bill is withdrawn, and reading it says so."""
    number = await enrolled(platform, 13)
    bill = a_bill_to_send(platform, number)

    async with platform.http() as http:
        await http.post("/v1/claims", json=bill, headers=platform.key(HOSPITAL))
        path = f"/v1/claims/{bill['claim']}"
        taken = await http.post(
            f"{path}/reversal", json={"certno": number}, headers=platform.key(HOSPITAL)
        )
        await platform.quiet()
        seen = await http.get(path, headers=platform.key(HOSPITAL))

    assert taken.status_code == 202
    assert (seen.json()["status"], seen.json()["bill"]["total_fee"]) == ("reversed", "0.00")


async def test_a_reversal_in_another_persons_name_is_refused(platform: Platform) -> None:
    """The bill stands; the hospital is told that this person has none of that number."""
    number = await enrolled(platform, 19)
    bill = a_bill_to_send(platform, number)

    async with platform.http() as http:
        await http.post("/v1/claims", json=bill, headers=platform.key(HOSPITAL))
        path = f"/v1/claims/{bill['claim']}"
        answer = await http.post(
            f"{path}/reversal", json={"certno": an_id_number(20)}, headers=platform.key(HOSPITAL)
        )
        seen = await http.get(path, headers=platform.key(HOSPITAL))

    assert (answer.status_code, answer.json()["reason"]) == (404, "unknown_claim")
    assert seen.json()["status"] == "settled"


async def test_the_door_takes_bills_while_settlement_is_away(platform: Platform) -> None:
    """202 and where to look; the bill is settled when the service is back."""
    number = await enrolled(platform, 21)
    bill = a_bill_to_send(platform, number)
    settlement = platform.stack.children["settlement"]

    settlement.send_signal(signal.SIGSTOP)
    async with platform.http() as http:
        answer = await http.post("/v1/claims", json=bill, headers=platform.key(HOSPITAL))
        settlement.send_signal(signal.SIGCONT)
        await platform.quiet()
        seen = await http.get(f"/v1/claims/{bill['claim']}", headers=platform.key(HOSPITAL))

    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    assert seen.json()["bill"]["bmi"] == "7600.00"


async def test_a_person_not_enrolled_is_answered_at_once(platform: Platform) -> None:
    """Held, with the reason; not a time-out."""
    async with platform.http() as http:
        answer = await http.post(
            "/v1/claims",
            json=a_bill_to_send(platform, an_id_number(99)),
            headers=platform.key(HOSPITAL),
        )

    assert answer.status_code == 202
    assert (answer.json()["status"], answer.json()["reason"]) == ("held", "not_enrolled")


async def test_what_may_not_come_in_is_answered_with_status_and_reason(platform: Platform) -> None:
    """No key, another's key, too large, broken, unknown: a table of doors that stay shut."""
    bill = a_bill_to_send(platform, an_id_number(14))
    hospital, tax = platform.key(HOSPITAL), platform.key("tax")
    cases: list[tuple[str, dict[str, Any], int, str]] = [
        ("/v1/claims", {"json": bill}, 401, "key_refused"),
        ("/v1/claims", {"json": bill, "headers": {"X-Yingbao-Key": "x"}}, 401, "key_refused"),
        ("/v1/claims", {"json": bill | {"provider": "H2"}, "headers": hospital}, 403, "key_refused"),
        ("/v1/claims", {"content": b"{", "headers": hospital}, 400, "broken_json"),
        ("/v1/claims", {"content": b"x" * 2_000_000, "headers": hospital}, 413, "body_too_large"),
        ("/v1/claims", {"json": bill | {"total_fee": "1.00"}, "headers": hospital}, 422, "amounts_do_not_add_up"),
        ("/v1/claims/x/reversal", {"json": {"certno": an_id_number(14)}, "headers": tax}, 403, "key_refused"),
        ("/v1/claims/x%20y/reversal", {"json": {"certno": an_id_number(14)}, "headers": hospital}, 422, "invalid_value"),
        ("/v1/reports/police/DeathReported", {"json": {}, "headers": tax}, 403, "key_refused"),
        ("/v1/reports/nobody/DeathReported", {"json": {}, "headers": tax}, 404, "unknown_source"),
        ("/v1/reports/tax/DeathReported", {"json": {}, "headers": tax}, 404, "unknown_event"),
        ("/v1/rosters/tax", {"files": {"file": ("t.csv", b"x" * 30_000_001)}, "headers": tax}, 413, "file_too_large"),
        ("/v1/rosters/tax", {"files": {"file": ("t.csv", b"\xff\xff")}, "headers": tax}, 422, "wrong_encoding"),
    ]  # fmt: skip

    async with platform.http() as http:
        for path, content, status, reason in cases:
            answer = await http.post(path, **content)
            assert (answer.status_code, answer.json()["reason"]) == (status, reason), path
        missing = [
            await http.get(f"/v1/claims/{name}", headers=hospital) for name in ("none", "x%20y")
        ]

    assert [one.status_code for one in missing] == [404, 404]


async def test_what_was_refused_is_kept_where_an_operator_finds_it(platform: Platform) -> None:
    """The sender is told, and the input is kept, sealed."""
    bad = a_bill_to_send(platform, an_id_number(15), in_scope="1.00")

    async with platform.http() as http:
        await http.post("/v1/claims", json=bad, headers=platform.key(HOSPITAL))

    kept = [one for one in await platform.dead_letters() if bad["claim"] in one["payload"]]
    assert [(one["service"], one["reason"]) for one in kept] == [
        ("gateway", "amounts_do_not_add_up")
    ]


async def test_a_partner_without_http_hands_its_facts_over_nats(platform: Platform) -> None:
    """The same checks and a receipt as the reply; its own door tells who it is, and no key travels."""
    body = {"certno": an_id_number(16), "died": "2023-05-20"}
    rows = f"姓名,身份证号,人员类别,乡镇\n甲,{an_id_number(18)},低保,城关镇\n乙,1,低保,城关镇"

    async def hand_over(
        holder: str, name: str, content: object, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        bus = await platform.stack.bus(holder).connect()
        try:
            reply = await bus.request(
                f"{door_of(holder)}.{name}.v1", raw, timeout=5, headers=headers
            )
        finally:
            await bus.close()
        found: dict[str, Any] = json.loads(reply.data)
        return found

    taken = await hand_over("police", "DeathReported", body)
    foreign = await hand_over("police", "PremiumPaid", body)
    wrong = await hand_over("police", "DeathReported", {"certno": "1", "died": "2023-05-20"})
    bill = await hand_over(HOSPITAL, "ClaimSubmitted", a_bill_to_send(platform, an_id_number(16)))
    listed = await hand_over(
        "civil_affairs", "Roster", rows.encode("gb18030"), {"yingbao-month": "2023-01-01"}
    )
    reversal = await hand_over(
        HOSPITAL, "ClaimReversed", {"claim": f"{platform.number}-c1", "certno": an_id_number(16)}
    )
    township = await hand_over("township_office/城关镇", "PremiumPaid", body)

    assert taken["accepted"]
    assert (listed["rows"], listed["rejected"][0]["reason"]) == (1, "id_malformed")
    assert reversal["claim"] == f"H34169903:{platform.number}-c1"
    assert (foreign["reason"], township["reason"]) == ("unknown_event", "unknown_event")
    assert wrong["reason"] == "id_malformed"
    assert bill["accepted"]
