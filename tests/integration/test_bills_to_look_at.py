"""Bills that are sent twice, held, refused or taken back: what the hospital hears, and who looks at them."""

import asyncio
from typing import Any

import pytest

from tests.builders import an_id_number
from tests.integration.platform import PATIENCE, Platform

HOSPITAL = "hospital/H34169903"


class Hospital:
    """A hospital, and one person who is insured."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.number = an_id_number(platform.number % 900 + 90, code="370899")

    def bill(self, claim: str, **change: Any) -> dict[str, Any]:
        """Return a stay of eight days."""
        return {
            "claim": f"{self.platform.number}-{claim}", "provider": "H34169903", "certno": self.number,
            "kind": "inpatient", "level": "L2", "admit": "2023-05-10", "discharge": "2023-05-18",
            "settled": "2023-05-18T10:00:00+08:00", "total_fee": "12000.00", "in_scope": "10000.00",
            "class_b_prepay": "600.00", "over_limit_self_pay": "100.00", "full_self_pay": "1300.00",
        } | change  # fmt: skip

    async def insure(self) -> None:
        """Pay the premium."""
        await self.platform.report(
            "tax", "PremiumPaid", certno=self.number, name="戊", coverage_year=2023, amount="350.00",
            paid_on="2022-12-20", township="城关镇", village="东村",
        )  # fmt: skip
        await self.platform.quiet()

    async def call(self, method: str, path: str, holder: str = HOSPITAL, **more: Any) -> Any:
        """Call the door."""
        async with self.platform.http() as http:
            return await http.request(method, path, headers=self.platform.key(holder), **more)

    async def send(self, claim: str, **change: Any) -> Any:
        """Send a bill and wait."""
        return await self.call("POST", "/v1/claims", json=self.bill(claim, **change))

    async def send_many(self, *bills: dict[str, Any]) -> list[dict[str, Any]]:
        """Send bills as a batch."""
        import json

        content = "\n".join(json.dumps(one) for one in bills)
        answer = await self.call("POST", "/v1/claims/batch", content=content.encode())
        found: list[dict[str, Any]] = answer.json()["receipts"]
        return found

    async def hears(self, **issues: str) -> None:
        """Wait until the desk has exactly these issues about this person's bills."""
        async with asyncio.timeout(PATIENCE):
            while await self.issues() != issues:
                await asyncio.sleep(0.2)

    async def issues(self) -> dict[str, str]:
        """Return this person's issues about bills: kind → state."""
        query = "SELECT kind, state FROM enrollment.issue WHERE detail LIKE $1"
        rows = await self.platform.rows(query, f"%{self.platform.number}-%")
        return {row["kind"]: row["state"] for row in rows}


@pytest.fixture
async def hospital(platform: Platform) -> Hospital:
    """A hospital with an insured person."""
    found = Hospital(platform)
    await found.insure()
    return found


async def test_a_stay_sent_again_under_a_new_number_is_held_with_an_issue(
    hospital: Hospital,
) -> None:
    """It stands in a list that hospital and bureau can page; the bureau's word settles it."""
    first, again = await hospital.send("a"), await hospital.send("b")

    assert (first.status_code, again.status_code) == (200, 202)
    assert again.json()["reason"] == "possible_duplicate"
    await hospital.hears(possible_duplicate="open")
    for holder in (HOSPITAL, "bureau"):
        page = (await hospital.call("GET", "/v1/claims?state=questioned&limit=1000", holder)).json()
        (line,) = [
            one for one in page["claims"] if one["claim"].endswith(f"{hospital.platform.number}-b")
        ]
        assert (line["question"], line["other"]) == (
            "possible_duplicate",
            f"H34169903:{hospital.platform.number}-a",
        )
    assert (await hospital.call("GET", "/v1/claims", "hospital/H34169904")).json()["claims"] == []

    ref = f"H34169903:{hospital.platform.number}-b"
    said = await hospital.call(
        "POST", f"/v1/claims/{ref}/dismissal", "bureau", json={"why": "两次住院"}
    )
    await hospital.platform.quiet()

    assert said.status_code == 202
    assert (await hospital.call("GET", f"/v1/claims/{ref}")).json()["status"] == "settled"
    await hospital.hears(possible_duplicate="closed")


async def test_the_same_bill_some_seconds_later_is_the_bill_that_stands(hospital: Hospital) -> None:
    """Another time of settlement, a disease filled in: 200; other amounts: 409 and which."""
    first = await hospital.send("a")
    later = await hospital.send("a", settled="2023-05-18T10:00:40+08:00", disease="I10")
    other = await hospital.send("a", total_fee="12000.01", full_self_pay="1300.01")
    batch = await hospital.send_many(hospital.bill("a", settled="2023-05-18T10:01:00+08:00"))

    assert later.status_code == 200
    assert later.json()["bill"] == first.json()["bill"]
    assert (other.status_code, other.json()["reason"], other.json()["field"]) == (
        409, "conflicting_resubmission", "total_fee",
    )  # fmt: skip
    assert "full_self_pay" in other.json()["detail"]
    assert batch[0]["accepted"] is True


async def test_a_number_that_was_taken_back_says_so(hospital: Hospital) -> None:
    """In a call and in a batch; nothing is accepted that counts for nothing."""
    await hospital.send("a")
    claim = f"{hospital.platform.number}-a"
    await hospital.call("POST", f"/v1/claims/{claim}/reversal", json={"certno": hospital.number})
    await hospital.platform.quiet()

    call, (receipt,) = await hospital.send("a"), await hospital.send_many(hospital.bill("a"))

    assert (call.status_code, call.json()["reason"]) == (409, "claim_reversed")
    assert (receipt["accepted"], receipt["reason"]) == (False, "claim_reversed")


async def test_a_bill_that_was_refused_can_be_mended_under_its_number(hospital: Hospital) -> None:
    """A refused bill does not use up its number."""
    refused = await hospital.send("a", hospital_reduction="9000.00")
    mended = await hospital.send("a")

    assert (refused.status_code, refused.json()["reason"]) == (422, "reduction_above_remainder")
    assert (mended.status_code, mended.json()["status"]) == (200, "settled")


async def test_a_line_at_the_end_of_time_does_not_take_its_batch_along(hospital: Hospital) -> None:
    """It gave 500; now it has its reason, and its neighbours are taken."""
    ends = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
    lines = [hospital.bill(f"e{n}", settled=end) for n, end in enumerate(ends)]

    receipts = await hospital.send_many(lines[0], hospital.bill("good"), lines[1])

    assert [(one["accepted"], one.get("reason")) for one in receipts] == [
        (False, "bad_date"), (True, None), (False, "bad_date"),
    ]  # fmt: skip


async def test_a_bill_that_nothing_covers_is_answered_at_once_and_opens_an_issue(
    platform: Platform,
) -> None:
    """A hospital's counter does not wait a second for the register."""
    hospital = Hospital(platform)
    await hospital.send("warm", certno=an_id_number(77, code="522699"))
    started = asyncio.get_running_loop().time()

    answer = await hospital.send("a")

    assert asyncio.get_running_loop().time() - started < 0.9
    assert (answer.status_code, answer.json()["reason"]) == (202, "not_enrolled")
    await hospital.hears(bill_held="open")


async def test_a_bill_after_death_is_refused_and_somebody_looks_at_it(hospital: Hospital) -> None:
    """A wrong death, or somebody else under the number: an officer has to know."""
    for source in ("civil_affairs", "police"):
        await hospital.platform.report(
            source, "DeathReported", certno=hospital.number, died="2023-05-01"
        )
    await hospital.platform.quiet()

    answer = await hospital.send("a", admit="2023-06-01", discharge="2023-06-08", settled=None)

    assert (answer.status_code, answer.json()["reason"]) == (422, "after_death")
    await hospital.hears(bill_after_death="open")
