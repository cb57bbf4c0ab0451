"""``make bench-flood``: what one key at twenty times its quota costs the others, in one run.

Hospitals call at a steady rate, alone and then beside a department that sends as it should not. The quota is
made small, so that twenty times as much can be sent from the same two cores; who floods is answered 429.
"""

import asyncio
import json
import shutil
import sys
import time
from collections import Counter
from typing import Any

import httpx2
import uvloop

from yingbao.running.stack import Stack, temporary_directory
from yingbao.world.hospital import call_at_rate
from yingbao.world.people import make_town

QUOTA_A_MINUTE = 600
TIMES = 20
CALLS, PER_SECOND = 400, 10.0


async def flood(stack: Stack, answers: Counter[int]) -> None:
    """Send twenty times the quota, evenly, until cancelled."""
    every = 60 / (QUOTA_A_MINUTE * TIMES)
    headers = {"X-Yingbao-Key": stack.keys()["police"]}
    waiting: set[asyncio.Task[None]] = set()
    async with httpx2.AsyncClient(base_url=stack.gateway_url, timeout=30) as http:

        async def once() -> None:
            answer = await http.post("/v1/reports/police/DeathReported", headers=headers, json={})
            answers[answer.status_code] += 1

        due = time.monotonic()
        while True:
            due += every
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            task = asyncio.create_task(once())
            waiting.add(task)
            task.add_done_callback(waiting.discard)


async def measure() -> dict[str, Any]:
    """Measure the hospitals' calls alone, beside the flood, and alone again."""
    directory = temporary_directory("flood")
    town = make_town(7, 300)
    try:
        stack = Stack(directory, synthetic=True)
        stack.extra_environment["YINGBAO_CALLS_A_MINUTE"] = str(QUOTA_A_MINUTE)
        with stack:
            await call_at_rate(stack, town, 100, per_second=PER_SECOND, series="W")
            alone = await call_at_rate(stack, town[100:], CALLS, per_second=PER_SECOND, series="A")
            answers: Counter[int] = Counter()
            flooding = asyncio.create_task(flood(stack, answers))
            beside = await call_at_rate(stack, town[200:], CALLS, per_second=PER_SECOND, series="B")
            flooding.cancel()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return {
        "alone": alone, "beside": beside, "flood": dict(answers),
        "p99_ratio": round(beside["p99_ms"] / max(1, alone["p99_ms"]), 2),
    }  # fmt: skip


def main() -> int:
    """Measure and print."""
    found = uvloop.run(measure())
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
