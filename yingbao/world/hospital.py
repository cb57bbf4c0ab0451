"""A hospital that calls the door one bill at a time, at a steady rate, and waits for each answer."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from typing import Any

import httpx2

from yingbao.running.stack import Stack
from yingbao.world.bills import make_bill
from yingbao.world.people import Resident


async def paced(
    call: Callable[[int], Coroutine[Any, Any, None]], count: int, *, per_second: float
) -> None:
    """Start ``count`` calls at a steady rate, however long each of them takes."""
    begun = time.monotonic()
    running = []
    for number in range(count):
        await asyncio.sleep(max(0.0, begun + number / per_second - time.monotonic()))
        running.append(asyncio.create_task(call(number)))
    await asyncio.gather(*running)


async def call_at_rate(
    stack: Stack, town: list[Resident], calls: int, *, per_second: float, series: str = "L"
) -> dict[str, Any]:
    """Enrol the town, then call; returns p50, p99 (ms) and the answers by HTTP status.

    ``series``: how the bills' numbers begin.
    """
    keys = stack.keys()
    rng = random.Random(11)  # noqa: S311  made-up bills need no secret randomness
    latencies: list[float] = []
    statuses: dict[str, int] = {}
    async with httpx2.AsyncClient(base_url=stack.gateway_url, timeout=30) as http:
        for person in town[:100]:
            report = {
                "certno": person.id_number, "name": person.name, "phone": person.phone,
                "coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20",
                "township": person.township,
            }  # fmt: skip
            await http.post(
                "/v1/reports/tax/PremiumPaid", json=report, headers={"X-Yingbao-Key": keys["tax"]}
            )
        await asyncio.sleep(2)

        async def call(number: int) -> None:
            bill = make_bill(rng, town[number % 100], number) | {"claim": f"{series}{number:07d}"}
            headers = {"X-Yingbao-Key": keys[f"hospital/{bill['provider']}"]}
            begun = time.monotonic()
            answer = await http.post("/v1/claims", json=bill, headers=headers)
            latencies.append(time.monotonic() - begun)
            status = str(answer.status_code)
            statuses[status] = statuses.get(status, 0) + 1

        await paced(call, calls, per_second=per_second)
    ordered = sorted(latencies)
    return {
        "calls": calls,
        "p50_ms": round(ordered[len(ordered) // 2] * 1000),
        "p99_ms": round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000),
        "statuses": statuses,
    }
