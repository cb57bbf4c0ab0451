"""``make bench``: bills a second from ClaimSubmitted to SmsRequested, and a hospital call's latency.

The raw limits of bus and database are measured in the same run, because machines differ and this
one may be busy: the ratio is the result. Everything is durable (``sync_interval: always``,
``synchronous_commit=on``) and on loopback.
"""

import argparse
import asyncio
import json
import os
import resource
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import uvloop
from nats.aio.client import Client

from bench.history import histories, ten_years
from bench.load import bills, enrolled, people
from bench.raw import commit_limit, publish_limit
from chassis.bus import publish
from yingbao.running.asking import Asker
from yingbao.running.stack import Stack, temporary_directory
from yingbao.world.hospital import call_at_rate
from yingbao.world.people import make_town

WAIT_SECONDS = 300
CLAIM_HOPS = 4


async def requested(nc: Client) -> int:
    """Return how many SmsRequested events are committed on the stream."""
    query = orjson.dumps({"subjects_filter": "notify.SmsRequested.v1"})
    reply = await nc.request("$JS.API.STREAM.INFO.NOTIFY", query, timeout=10)
    state = orjson.loads(reply.data)["state"]
    return sum(state.get("subjects", {}).values())


def cpu_seconds(stack: Stack) -> dict[str, float]:
    """Return the CPU time each process has used; PostgreSQL's backends are added up."""
    found = {name: _cpu_of(child.pid) for name, child in stack.children.items()}
    if stack.nats is not None and stack.nats.process is not None:
        found["nats-server"] = _cpu_of(stack.nats.process.pid)
    if stack.postgres is not None and stack.postgres.process is not None:
        pid = stack.postgres.process.pid
        backends = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        found["postgresql"] = sum(_cpu_of(int(one)) for one in backends)
    return found


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def throughput(stack: Stack, count: int) -> dict[str, Any]:
    """Put a backlog of bills on the stream, let the services go, wait for each bill's SMS request."""
    persons = people(max(500, count // 3))
    nc = await stack.bus().connect()
    async with Asker(stack.bus()) as asker:
        await publish(nc, enrolled(persons))
        await asker.quiet(seconds=WAIT_SECONDS)
        await publish(nc, bills(persons, min(count, 2_000), seed=2))
        await asker.quiet(seconds=WAIT_SECONDS)
        before, cpu = await requested(nc), cpu_seconds(stack)
        load = bills(persons, count)
        with stack.paused():
            await publish(nc, load)
            started = time.monotonic()
        while (done := await requested(nc) - before) < count:
            if time.monotonic() - started > WAIT_SECONDS:
                raise SystemExit(f"only {done} of {count} bills came through")
            await asyncio.sleep(0.1)
        seconds = time.monotonic() - started
        after = cpu_seconds(stack)
    await nc.close()
    return {
        "bills": count,
        "seconds": round(seconds, 2),
        "bills_per_second": round(count / seconds),
        "cpu_us_per_bill": {name: round((after[name] - cpu[name]) / count * 1e6) for name in after},
    }


async def measure(count: int, calls: int) -> dict[str, Any]:
    """Run everything once."""
    directory = temporary_directory("bench")
    try:
        town = make_town(7, 500)
        with Stack(directory, packs=ten_years(directory), synthetic=True) as stack:
            limits = {
                "raw_publish_per_second": await publish_limit(stack.bus()),
                "raw_commit_per_second": await commit_limit(stack.database_url),
            }
            found = await throughput(stack, count)
            found |= limits
            found["latency"] = await call_at_rate(stack, town, calls, per_second=20)
            found["history"] = await histories(stack, town[100:])
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    # A bill crosses the bus and the database once a hop: the limit is what one hop may use.
    hop = min(found["raw_publish_per_second"], found["raw_commit_per_second"]) / CLAIM_HOPS
    found["ratio_to_raw_limit"] = round(found["bills_per_second"] / hop, 3)
    found["client_cpu_seconds"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_utime, 1)
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bills", type=int, default=20_000)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    wanted = parser.parse_args()
    found = uvloop.run(measure(wanted.bills, wanted.calls))
    if wanted.json:
        print(json.dumps(found))
        return 0
    print(f"bills per second, end to end     {found['bills_per_second']:>8,}")
    print(f"raw JetStream atomic publish /s  {found['raw_publish_per_second']:>8,}")
    print(f"raw PostgreSQL batch commit /s   {found['raw_commit_per_second']:>8,}")
    print(f"ratio to the raw limit of a hop  {found['ratio_to_raw_limit']:>8}")
    latency = found["latency"]
    print(
        f"hospital call at 20/s            p50 {latency['p50_ms']} ms, p99 {latency['p99_ms']} ms"
    )
    for when, calls in found["history"].items():
        print(
            f"call, long to short history      {calls['ratio']} {when.replace('_', ' ')}"
            f" ({calls['long_ms']} to {calls['short_ms']} ms)"
        )
    print(
        "CPU a bill (µs)                  "
        + ", ".join(f"{name} {used}" for name, used in found["cpu_us_per_bill"].items())
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
