"""A machine goes, and nobody's bill does: bus and database on three machines, while hospitals send.

``make test-cluster ROUNDS=50,50,20,10``: 50 leaders of the bus killed, 50 machines cut off, 20 PostgreSQL that take writes killed,
and 10 such machines lost.
"""

import asyncio
import os
import random
import statistics
from collections.abc import Awaitable, Callable

import pytest

from tests.cluster.county import ClusteredCounty
from tests.cluster.machines import Machine

pytestmark = pytest.mark.timeout(4 * 3600)
KILLS, CUTS, CRASHES, LOSSES = (
    int(one) for one in os.environ.get("YINGBAO_CLUSTER_ROUNDS", "1,1,1,1").split(",")
)
CUT_SECONDS = 15.0
STREAMS = ("CLAIMS", "SETTLEMENT", "ASSISTANCE", "NOTIFY")


async def whole_again(county: ClusteredCounty) -> None:
    """Wait until every machine is back with all it was away for."""
    await asyncio.to_thread(county.bus.wait_whole)
    await asyncio.to_thread(county.databases.wait_whole)


async def kill_a_leader(county: ClusteredCounty, stream: str) -> float:
    """Kill the server that leads a stream; return after how long a bill is answered."""
    leader = county.bus.leader_of(stream)
    county.bus.kill(leader)
    seconds = await county.answered_again()
    county.bus.start(leader)
    await whole_again(county)
    return seconds


async def cut_off(county: ClusteredCounty, machine: Machine) -> float:
    """Cut a machine off from everybody for a while; return after how long a bill is answered."""
    machine.cut()
    seconds = await county.answered_again()
    await asyncio.sleep(max(0.0, CUT_SECONDS - seconds))
    machine.mend()
    await whole_again(county)
    return seconds


async def crash_the_primary(county: ClusteredCounty) -> float:
    """Kill the PostgreSQL that takes writes; return after how long a bill is answered."""
    primary = county.databases.primary()
    assert primary is not None
    county.databases.crash(primary)
    seconds = await county.answered_again()
    await whole_again(county)
    return seconds


async def lose_the_primary(county: ClusteredCounty) -> float:
    """Kill Patroni and PostgreSQL on the primary's machine; return after how long a bill is answered."""
    primary = county.databases.primary()
    assert primary is not None
    county.databases.lose(primary)
    seconds = await county.answered_again()
    assert county.databases.primary() is not primary
    county.databases.start_database(primary)
    await whole_again(county)
    return seconds


async def repeated(what: str, times: int, fault: Callable[[], Awaitable[float]]) -> None:
    """Make a fault several times, and print after how long a bill was answered."""
    seconds = [await fault() for _ in range(times)]
    if seconds:
        middle, worst = statistics.median(seconds), max(seconds)
        said = (
            f"{what}: {times}, a bill answered after {middle:.1f} s (median), {worst:.1f} s (worst)"
        )
        print(said, flush=True)


async def test_machines_fail_one_after_the_other_and_nothing_is_lost_or_told_twice(
    county: ClusteredCounty,
) -> None:
    """Every accepted bill is settled once, both books fold to what they say, no phone hears anything twice."""
    chance = random.Random(7)
    await county.enrol()
    assert set(county.bus.copies().values()) == {3}, "every stream on three machines"
    county.begin()

    await repeated(
        "leaders of the bus killed", KILLS, lambda: kill_a_leader(county, chance.choice(STREAMS))
    )
    await repeated(
        "machines cut off", CUTS, lambda: cut_off(county, chance.choice(county.bus.machines))
    )
    await repeated("PostgreSQL killed", CRASHES, lambda: crash_the_primary(county))
    await repeated("primaries' machines lost", LOSSES, lambda: lose_the_primary(county))
    await county.end()
    await county.settled(county.accepted + county.probes, seconds=180)

    print(f"{county.accepted} bills accepted meanwhile, 0 lost, 0 twice")
    settled = await county.count("SELECT count(*) FROM settlement.claim WHERE outcome = 'settled'")
    assert settled == county.accepted + county.probes
    await county.digests()
    told_to = await county.sent()
    assert len(told_to) == len(set(told_to)), "nobody is told twice"
