"""What one part says, the next must have, to the fen: a forged word is found by the audit, and named."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest

from contracts.events.assistance import AssistanceAdjusted
from tests.builders import an_id_number
from tests.integration.own_county import BILLS, County, a_number
from tests.integration.platform import Platform
from tests.integration.test_operator import yingbao
from yingbao.running.reconciling import CHECKS, Difference, reconcile


async def found(county: County) -> list[Difference]:
    """Return the differences as of now."""
    return await reconcile(county.stack.database_url, grace=0)


async def test_a_county_after_a_day_of_bills_has_no_difference_and_every_edit_is_named(
    room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forged decision, an edited book, a fact that no door took, a bill that was lost: each by its claim."""
    monkeypatch.setattr("yingbao.running.reconciling.AGAIN_SECONDS", 0.05)
    async with County(room / "held") as county:
        await county.enrol()
        await county.bills(0, BILLS)
        await county.settled(BILLS)
        assert await found(county) == []

        owner = await asyncpg.connect(county.stack.database_url)
        edits = {
            "assisted_not_billed": "UPDATE assistance.claim SET pays ="
            " jsonb_set(pays::jsonb, '{medical_assistance}', '1')::text WHERE claim = 'H34169903:b3'",
            "settled_not_assisted": "UPDATE settlement.claim SET pays ="
            " jsonb_set(pays::jsonb, '{bmi}', '1')::text WHERE claim = 'H34169903:b4'",
            "billed_not_told": "UPDATE settlement.claim SET bill_revision = 9 WHERE claim = 'H34169903:b5'",
            "reported_not_heard": "DELETE FROM enrollment.fact WHERE ctid = (SELECT ctid FROM enrollment.fact"
            " WHERE event = 'PremiumPaid' LIMIT 1)",
            "heard_not_reported": "DELETE FROM gateway.intake WHERE ctid = (SELECT ctid FROM gateway.intake"
            " WHERE subject LIKE 'partner.%.StatusReported.v1' LIMIT 1)",
            "accepted_not_heard": "DELETE FROM settlement.fact WHERE event = 'ClaimSubmitted'"
            " AND convert_from(body, 'UTF8')::json->>'claim' = 'H34169903:b6'",
            "heard_not_accepted": "DELETE FROM gateway.intake WHERE subject = 'claims.ClaimSubmitted.v1'"
            " AND convert_from(payload, 'UTF8')::json->>'claim' = 'H34169903:b7'",
        }
        for check, edit in edits.items():
            await owner.execute("BEGIN")
            await owner.execute(edit)
            await owner.execute("COMMIT")
            named = [one for one in await found(county) if one.check == check]
            assert len(named) == 1, (check, named)
        await owner.close()
        assert set(edits) == {one.name for one in CHECKS}


async def test_what_is_sent_a_second_time_is_said_once_and_differs_in_nothing(
    room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list and a batch of bills, again when the bus no longer knows them for repeats: one fact each."""
    monkeypatch.setattr("yingbao.running.reconciling.AGAIN_SECONDS", 0.05)
    async with County(room / "again") as county:
        await county.enrol()
        nc = county.asker.nc
        assert nc is not None
        js = nc.jetstream()
        for name in ("PARTNER", "CLAIMS"):
            config = (await js.stream_info(name)).config
            config.duplicate_window = 0.1
            await js.update_stream(config)
        lines = ["姓名,身份证号,人员类别,乡镇,村"]
        lines += [f"甲,{a_number(n)},低保对象,城关镇,东村" for n in range(3)]
        facts = (
            "SELECT (SELECT count(*) FROM enrollment.fact) + (SELECT count(*) FROM settlement.fact)"
        )

        counts = []
        for _ in range(2):
            taken = await county.post(
                "/v1/rosters/civil_affairs", "civil_affairs",
                files={"file": ("list.csv", "\n".join(lines).encode())},
            )  # fmt: skip
            assert taken.status_code in {200, 202}, taken.text
            assert await county.bills(0, 2) == 2
            await county.settled(2)
            counts.append(await county.count(facts))
            await asyncio.sleep(0.5)

        assert counts[0] == counts[1]
        assert await found(county) == []


async def test_a_word_that_no_service_said_is_found(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the operator's key somebody can still speak as assistance; the next audit names the bill."""
    monkeypatch.setattr("yingbao.running.reconciling.AGAIN_SECONDS", 0.05)
    number = an_id_number(871)
    common = {"certno": number, "name": "甲", "township": "城关镇"}
    premium = {"coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20"}
    status = {"category": "SUBSISTENCE", "effective": "2023-01-01"}
    assert await platform.report("tax", "PremiumPaid", **common, **premium) == 202
    assert await platform.report("civil_affairs", "StatusReported", **common, **status) == 202
    await platform.quiet()
    bill = {
        "claim": f"{platform.number}-f", "provider": "H34169903", "certno": number, "kind": "inpatient",
        "level": "L2", "admit": "2023-05-10", "discharge": "2023-05-18", "total_fee": "10000.00",
        "in_scope": "10000.00",
    }  # fmt: skip
    async with platform.http() as http:
        answer = await http.post(
            "/v1/claims", json=bill, headers=platform.key("hospital/H34169903")
        )
    assert answer.json()["status"] == "settled", answer.text
    await platform.quiet()
    claim = f"H34169903:{platform.number}-f"
    rows = await platform.rows("SELECT person FROM settlement.claim WHERE claim = $1", claim)
    forged = AssistanceAdjusted(
        claim=claim, person=rows[0]["person"], revision=2, settlement_revision=1, category="SUBSISTENCE",
        pack="lixin-2023", medical_assistance=100_000, delta=-80_000,
    )  # fmt: skip

    await platform.publish(forged)
    await platform.quiet()
    named = await reconcile(platform.stack.database_url, grace=0)

    mine = [one for one in named if one.what == claim]
    assert [(one.check, one.other.split(":")[0]) for one in mine] == [
        ("assisted_not_billed", "revision 2")
    ]
    shown = await asyncio.to_thread(yingbao, platform, "audit", "--json")
    assert json.loads(shown.stdout)["checks"] == [one.name for one in CHECKS]
