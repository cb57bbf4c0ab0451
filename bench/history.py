"""What a hospital's call costs for somebody with a long history, beside somebody with a short one."""

import random
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import httpx2

from bench.load import AT, coverage_of
from chassis.bus import publish
from chassis.privacy import person_key
from contracts.envelope import Message, enclose, event_id
from contracts.events.claims import ClaimSubmitted
from contracts.vocabulary import Kind
from policy.loader import PACKS
from yingbao.running.asking import Asker
from yingbao.running.stack import Stack
from yingbao.world.bills import make_bill
from yingbao.world.people import Resident

YEARS = tuple(range(2023, 2033))
SHORT, LONG = 20, 2_000
"""Bills of one year, and bills spread over ten."""
PEOPLE, CALLS, RESTARTS = 8, 15, 6
QUIET_SECONDS = 300


def ten_years(directory: Path) -> str:
    """Write a pack that goes on for ten years, so that the bills of all of them are settled."""
    text = (PACKS / "lixin-2023" / "pack.yaml").read_text()
    path = directory / "ten-years.yaml"
    path.write_text(text.replace("to: 2023-12-31", f"to: {YEARS[-1]}-12-31", 1))
    return str(path)


async def histories(stack: Stack, town: Sequence[Resident]) -> dict[str, Any]:
    """Measure calls for people with 20 bills in the year and with 2,000 over ten years, in turns.

    Warm, and the first call for each of them after settlement and assistance were started anew.
    """
    short, long = town[:PEOPLE], town[PEOPLE : 2 * PEOPLE]
    key = stack.keys()["person_key"]
    nc = await stack.bus().connect()
    async with Asker(stack.bus()) as asker:
        others = town[2 * PEOPLE : 4 * PEOPLE]
        lives = [(others, YEARS[:1], 0), (short, YEARS[:1], SHORT), (long, YEARS, LONG)]
        for people, years, bills in lives:
            for person in people:
                await publish(nc, _past(person_key(key, person.id_number), years, bills))
        await asker.quiet(seconds=QUIET_SECONDS)
        warm = await _calls(stack, short, long, CALLS)
        after: list[tuple[float, float]] = []
        for _ in range(RESTARTS):
            _start_anew(stack)
            await asker.quiet(seconds=QUIET_SECONDS)
            # The new processes warm up on others before it is these people's turn.
            await _calls(stack, others[:PEOPLE], others[PEOPLE:], 3)
            after += await _calls(stack, short, long, 1)
    await nc.close()
    return {"warm": _compared(warm), "after_restart": _compared(after)}


def _past(person: str, years: Sequence[int], count: int) -> list[Message]:
    """Return a person's covered years and as many bills as long ago, by date."""
    found = [enclose(coverage_of(person, years), source="bench", id_=event_id("c", person), at=AT)]
    each = count // len(years)
    for number in range(count):
        year, nth = years[number // each], number % each
        day = date(year, 1, 1) + timedelta(days=nth * 350 // each)
        event = ClaimSubmitted(
            claim=f"H34169903:{person[1:9]}-{number}", person=person, provider="H34169903",
            kind=Kind.CHRONIC_OUTPATIENT, level="L2", discharge=day, total_fee=42_000,
            in_scope=40_000, full_self_pay=2_000, received=AT,
        )  # fmt: skip
        found.append(enclose(event, source="bench", id_=event_id("b", event.claim), at=AT))
    return found


async def _calls(
    stack: Stack, short: Sequence[Resident], long: Sequence[Resident], times: int
) -> list[tuple[float, float]]:
    """Return pairs of seconds: a call for one with a short history, then for one with a long one."""
    rng, pairs = random.Random(times), []
    async with httpx2.AsyncClient(base_url=stack.gateway_url, timeout=30) as http:
        for number in range(times):
            for one, other in zip(short, long, strict=True):
                first = await _call(stack, http, rng, one, number)
                pairs.append((first, await _call(stack, http, rng, other, number)))
    return pairs


async def _call(
    stack: Stack, http: httpx2.AsyncClient, rng: random.Random, person: Resident, number: int
) -> float:
    bill = make_bill(rng, person, number) | {
        "claim": f"N{time.monotonic_ns()}", "kind": "chronic_outpatient", "level": "L2",
        "discharge": "2023-12-20", "settled": f"2023-12-20T09:{number:02d}:00+08:00",
    }  # fmt: skip
    bill.pop("admit", None)
    headers = {"X-Yingbao-Key": stack.keys()[f"hospital/{bill['provider']}"]}
    begun = time.monotonic()
    answer = await http.post("/v1/claims", json=bill, headers=headers)
    seconds = time.monotonic() - begun
    if answer.status_code != 200:
        raise SystemExit(f"the call was answered {answer.status_code}: {answer.text[:200]}")
    return seconds


def _start_anew(stack: Stack) -> None:
    for name in ("settlement", "assistance"):
        stack.children[name].terminate()
        stack.children[name].wait(30)
    time.sleep(1)
    stack.wait_ready()


def _compared(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    short, long = (median(one[side] for one in pairs) for side in (0, 1))
    return {
        "short_ms": round(short * 1000, 1), "long_ms": round(long * 1000, 1),
        "ratio": round(long / short, 2), "pairs": len(pairs),
    }  # fmt: skip
