"""Redelivery, poison, and the death of any part: nothing lost, nothing paid twice."""

import asyncio
import os
import signal

import pytest

from chassis import failpoints
from tests.builders import a_bill, yuan
from tests.integration.platform import PATIENCE, Platform


async def test_a_message_delivered_twice_pays_once(platform: Platform) -> None:
    """A copy that the dedupe window does not catch is a fact already known."""
    bill = a_bill(platform.claim(), person=platform.person)
    await platform.enrol()

    for attempt in range(3):
        await platform.publish(bill, attempt=attempt)
    await platform.quiet()

    assert await platform.booked(platform.claim()) == {
        "bmi": yuan("7600.00"),
        "person": yuan("2400.00"),
    }
    assert (await platform.bills())[platform.claim()]["bill_revision"] == 1


async def test_poison_among_good_messages_is_set_aside_alone(platform: Platform) -> None:
    """The good ones are settled; each bad one is kept whole, with its reason and its handler."""
    await platform.enrol()
    good = [
        a_bill(platform.claim(f"g{n}"), on=f"2023-05-1{n}", person=platform.person)
        for n in range(5)
    ]
    broken = b'{"claim": ' + str(platform.number).encode()
    huge = b'{"claim": "' + str(platform.number).encode() * 80_000
    negative = good[0].model_dump_json().replace('"10000.00"', '"-1.00"').encode()

    await platform.publish(*good[:3])
    await platform.publish_raw("claims.ClaimSubmitted.v1", broken, negative, huge)
    await platform.publish_raw("claims.Nonsense.v1", str(platform.number).encode())
    await platform.publish(*good[3:])
    await platform.quiet()
    await asyncio.sleep(1)

    assert set(await platform.bills()) == {bill.claim for bill in good}
    ours = {letter["payload"]: letter for letter in await platform.dead_letters()}
    assert ours[broken.decode()]["reason"] == "broken_json"
    assert ours[negative.decode()]["reason"] == "negative_amount"
    assert ours[negative.decode()]["handler"] == "settlement-claims"
    assert any(kept.endswith("[cut]") and str(platform.number) in kept for kept in ours)
    assert str(platform.number) not in ours  # no durable asks for an event that nobody knows


@pytest.mark.parametrize("place", failpoints.ALL)
async def test_a_service_killed_at_any_point_settles_each_bill_once(
    platform: Platform, place: str
) -> None:
    """Before the transaction, inside it, between commit and ack, between publish and its record."""
    stack, mark = platform.stack, platform.stack.directory / f"{place}.mark"
    await platform.enrol()
    await platform.quiet()
    stack.extra_environment["YINGBAO_FAILPOINT"] = f"{place}@{mark}"
    os.kill(stack.children["settlement"].pid, signal.SIGTERM)
    await asyncio.sleep(1)
    stack.wait_ready()

    bills = [
        a_bill(platform.claim(f"c{n}"), on=f"2023-05-1{n}", person=platform.person)
        for n in range(3)
    ]
    await platform.publish(*bills)
    await wait_for(mark.exists)
    stack.extra_environment.pop("YINGBAO_FAILPOINT")
    await wait_for_bills(platform, len(bills))

    for bill in bills:
        assert await platform.booked(bill.claim) == {
            "bmi": yuan("7600.00"),
            "person": yuan("2400.00"),
        }


@pytest.mark.parametrize("name", ["nats", "postgres"])
async def test_a_server_that_dies_is_started_again_by_itself(platform: Platform, name: str) -> None:
    """Nobody has to be awake: killed from outside, and the next bill is settled."""
    stack, server = platform.stack, getattr(platform.stack, name)
    await platform.enrol()
    await platform.quiet()
    before = server.process.pid
    os.kill(before, signal.SIGKILL)

    await wait_for(lambda: server.process.pid != before and server.process.poll() is None)
    stack.wait_ready()
    await platform.publish(a_bill(platform.claim(), person=platform.person))
    await wait_for_bills(platform, 1)


async def test_the_bus_killed_and_back_loses_nothing(platform: Platform) -> None:
    """Bills before, during and after the outage."""
    stack = platform.stack
    assert stack.nats is not None
    await platform.enrol()
    await platform.publish(a_bill(platform.claim("before"), person=platform.person))

    stack.nats.kill()
    await asyncio.sleep(1)
    stack.nats.start()
    await asyncio.sleep(2)
    await platform.publish(a_bill(platform.claim("after"), on="2023-05-19", person=platform.person))

    await wait_for_bills(platform, 2)


async def test_the_database_killed_and_back_loses_nothing(platform: Platform) -> None:
    """What came in meanwhile waits on the bus and is settled when the database answers."""
    stack = platform.stack
    assert stack.postgres is not None
    await platform.enrol()
    await platform.quiet()

    before = {name: child.pid for name, child in stack.children.items()}
    stack.postgres.kill()
    await platform.publish(
        a_bill(platform.claim("during"), on="2023-05-20", person=platform.person)
    )
    await asyncio.sleep(1.5)
    stack.postgres.start()

    await wait_for_bills(platform, 1)
    # Nothing gives up: an outage is waited out by the loops, the sets and every job.
    assert {name: child.pid for name, child in stack.children.items()} == before


async def test_a_deleted_consumer_comes_back_by_itself(platform: Platform) -> None:
    """NATS is silent about it; the watchdog is not."""
    await platform.enrol()
    await platform.quiet()
    await platform.bus.jetstream().delete_consumer("CLAIMS", "settlement-claims")

    await platform.publish(a_bill(platform.claim(), person=platform.person))

    await wait_for_bills(platform, 1)


async def test_every_ledger_equals_a_fold_from_scratch(platform: Platform) -> None:
    """After all of the above, for every person: facts, decisions and books agree."""
    await platform.quiet()

    for audit in await platform.asker.audits():
        assert audit.differences == []
        assert audit.chain_breaks == 0


async def wait_for(condition: object) -> None:
    """Wait for up to 30 s."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.1)


async def wait_for_bills(platform: Platform, count: int) -> None:
    """Wait until the person's bills are all there."""
    async with asyncio.timeout(PATIENCE):
        while len(await platform.bills()) < count:
            await asyncio.sleep(0.2)
