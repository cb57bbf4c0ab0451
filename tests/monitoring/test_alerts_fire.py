"""Real faults on a real platform: each alert is with Alertmanager in its time, and over once it is mended.

The table that is printed is kept in docs/runbook/drills.md.
"""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.integration.own_county import County, a_bill
from tests.monitoring.watching import Watching


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    """A county of its own, to be hurt."""
    async with County(tmp_path / "watched") as found:
        yield found


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Hold a process and all its children still."""
    parent = psutil.Process(pid)
    held = [parent, *parent.children(recursive=True)]
    for one in held:
        one.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for one in held:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGCONT)


def told(fault: str, alert: str, fired: float, healed: float | None = None) -> None:
    """Print a line of the drills' table."""
    heals = "" if healed is None else f"{healed:.0f} s"
    sys.stderr.write(f"| {fault} | [{alert}]({alert}.md) | {fired:.0f} s | {heals} |\n")


@pytest.mark.timeout(900)
async def test_faults_make_their_alerts_fire(
    county: County, binaries: Path, tmp_path: Path
) -> None:
    """Strangers, an unreadable message, a crash loop, a process that hangs, a bus and a database that do."""
    await county.enrol()
    with Watching(binaries, tmp_path / "watching", county.stack.directory) as watching:
        told("none", "DeadMansSwitch", watching.fires("DeadMansSwitch", 20))
        await strangers_and_an_unreadable_message(county, watching)
        await a_crash_loop(county, watching)
        await a_service_that_hangs(county, watching)
        await a_bus_that_hangs(county, watching)
        await a_database_that_hangs(county, watching)
    await county.settled(2)


async def strangers_and_an_unreadable_message(county: County, watching: Watching) -> None:
    """Thirty wrong keys; and a message of no known shape, the first of its reason."""
    async with httpx2.AsyncClient(base_url=county.stack.gateway_url) as http:
        for number in range(30):
            await http.get("/v1/enrollment/2023/counts", headers={"X-Yingbao-Key": f"no{number}"})
    fired = await asyncio.to_thread(watching.fires, "SomebodyTriesKeys", 30)
    told("30 wrong keys at the door", "SomebodyTriesKeys", fired)

    nc = county.asker.nc
    assert nc is not None
    await nc.jetstream().publish("claims.ClaimSubmitted.v1", b"{")
    fired = await asyncio.to_thread(watching.fires, "MessagesSetAside", 30, process="settlement")
    told("an unreadable message, the first of its reason", "MessagesSetAside", fired)


async def a_crash_loop(county: County, watching: Watching) -> None:
    """Notify is killed five times."""
    begun = time.monotonic()
    for _ in range(5):
        before = county.stack.children["notify"].pid
        county.stack.children["notify"].kill()
        async with asyncio.timeout(30):
            while county.stack.children["notify"].pid == before:
                await asyncio.sleep(0.2)
    await asyncio.to_thread(watching.fires, "ProcessRestartsOften", 60, child="notify")
    told("notify killed five times", "ProcessRestartsOften", time.monotonic() - begun)
    await asyncio.to_thread(watching.up, 7)


async def a_service_that_hangs(county: County, watching: Watching) -> None:
    """Settlement stands still with a bill waiting: it cannot say so itself."""
    begun = time.monotonic()
    with frozen(county.stack.children["settlement"].pid):
        assert await county.bills(0, 1) == 1
        await asyncio.to_thread(watching.fires, "TargetDown", 100, process="settlement")
        down = time.monotonic() - begun
        await asyncio.to_thread(
            watching.fires, "ConsumerStandsStill", 260, durable="settlement-claims"
        )
        still = time.monotonic() - begun
    healed = await asyncio.to_thread(watching.ends, "TargetDown", 60, process="settlement")
    told("settlement hangs", "TargetDown", down, healed)
    moves = await asyncio.to_thread(
        watching.ends, "ConsumerStandsStill", 60, durable="settlement-claims"
    )
    told("settlement hangs with a bill waiting", "ConsumerStandsStill", still, moves)


async def a_bus_that_hangs(county: County, watching: Watching) -> None:
    """The door accepts all the same; what it has decided grows old."""
    nats = county.stack.nats
    assert nats is not None
    assert nats.process is not None
    begun = time.monotonic()
    with frozen(nats.process.pid):
        answer = await county.post("/v1/claims", "hospital/H34169903", json=a_bill(1))
        assert answer.status_code == 202
        await asyncio.to_thread(watching.fires, "BusDown", 90)
        down = time.monotonic() - begun
        await asyncio.to_thread(watching.fires, "OutboxGrowsOld", 240, process="gateway")
        old = time.monotonic() - begun
    told("the bus hangs", "BusDown", down, await asyncio.to_thread(watching.ends, "BusDown", 60))
    grown = await asyncio.to_thread(watching.ends, "OutboxGrowsOld", 120, process="gateway")
    told("the bus hangs after a bill was accepted", "OutboxGrowsOld", old, grown)


async def a_database_that_hangs(county: County, watching: Watching) -> None:
    """Existing and new connections alike."""
    postgres = county.stack.postgres
    assert postgres is not None
    assert postgres.process is not None
    with frozen(postgres.process.pid):
        down = await asyncio.to_thread(watching.fires, "DatabaseDown", 90)
    healed = await asyncio.to_thread(watching.ends, "DatabaseDown", 60)
    told("the database hangs", "DatabaseDown", down, healed)
