"""``make bench-enrollment``: a county's register and roster in, the whole equation, one status change."""

import argparse
import asyncio
import csv
import random
import shutil
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx2

from bench.pipeline import cpu_seconds
from contracts.identity import SYNTHETIC_ADDRESS_CODES, check_character
from yingbao.running.asking import Asker
from yingbao.running.stack import Stack, temporary_directory
from yingbao.world.people import TOWNSHIPS

YEAR = 2023
WAIT_SECONDS = 600
CATEGORIES = ("低保对象", "特困人员", "边缘易致贫户")


def numbers(count: int) -> Iterator[str]:
    """Yield identity numbers that no real person can have, all different."""
    codes = sorted(SYNTHETIC_ADDRESS_CODES)
    for n in range(count):
        born = date(1940, 1, 1) + timedelta(days=n % 25_000)
        first = f"{codes[(n // 25_000) % 4]}{born:%Y%m%d}{n // 100_000 + 1:03d}"
        yield first + check_character(first)


def write_files(directory: Path, enrolled: int, listed: int) -> tuple[Path, Path]:
    """Write a register and a roster; one in twenty on the roster is not in the register."""
    draw = random.Random(4)
    register, roster = directory / "register.csv", directory / "roster.csv"
    known = listed * 19 // 20
    with (
        register.open("w", encoding="gb18030", newline="") as all_of_them,
        roster.open("w", encoding="gb18030", newline="") as some,
    ):
        everybody, poor = csv.writer(all_of_them), csv.writer(some)
        everybody.writerow(["姓名", "身份证号", "乡镇"])
        poor.writerow(["姓名", "身份证号", "人员类别", "乡镇", "村"])
        for n, number in enumerate(numbers(enrolled + listed // 20)):
            town = TOWNSHIPS[n % len(TOWNSHIPS)]
            name = f"甲{n % 997}"
            if n < enrolled:
                everybody.writerow([name, number, town])
            if n < known or n >= enrolled:
                poor.writerow([name, number, draw.choice(CATEGORIES), town, f"村{n % 300}"])
    return register, roster


def memory_mib(stack: Stack) -> dict[str, int]:
    """Return the most memory each process has held."""
    found = {}
    for name, child in stack.children.items():
        status = Path(f"/proc/{child.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        found[name] = int(peak.split()[1]) // 1024
    return found


def send(stack: Stack, holder: str, path: str, file: Path, **params: str) -> dict[str, object]:
    """Send a file to the door."""
    headers = {"X-Yingbao-Key": stack.keys()[holder]}
    with file.open("rb") as content:
        answer = httpx2.post(
            f"{stack.gateway_url}{path}", params=params, files={"file": content},
            headers=headers, timeout=WAIT_SECONDS,
        )  # fmt: skip
    answer.raise_for_status()
    found: dict[str, object] = answer.json()
    return found


async def closed(stack: Stack) -> None:
    """Wait until the full list is closed."""
    headers = {"X-Yingbao-Key": stack.keys()["bureau"]}
    async with httpx2.AsyncClient(base_url=stack.gateway_url, timeout=60) as http:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                lists = (await http.get("/v1/lists", headers=headers)).json()
                if lists and all(one["state"] == "closed" for one in lists):
                    return
                await asyncio.sleep(0.5)


async def latencies(stack: Stack, asker: Asker, changes: int) -> list[float]:
    """Report statuses one by one, 20 a second; return milliseconds until StatusChanged is on the bus."""
    if asker.nc is None:
        raise RuntimeError("use 'async with Asker(...)'")
    heard: asyncio.Queue[float] = asyncio.Queue()

    async def hear(_: object) -> None:
        heard.put_nowait(time.perf_counter())

    subscription = await asker.nc.subscribe("enrollment.StatusChanged.v1", cb=hear)
    headers = {"X-Yingbao-Key": stack.keys()["rural_revitalisation"]}
    waits = []
    async with httpx2.AsyncClient(base_url=stack.gateway_url, timeout=30) as http:
        for number in list(numbers(2_000_000 // 400 * 400))[-changes:]:
            body = {
                "certno": number, "name": "乙", "category": "BACK_TO_POVERTY",
                "effective": "2023-06-01", "township": TOWNSHIPS[0],
            }  # fmt: skip
            started = time.perf_counter()
            answer = await http.post(
                "/v1/reports/rural_revitalisation/StatusReported", json=body, headers=headers
            )
            answer.raise_for_status()
            waits.append((await asyncio.wait_for(heard.get(), 10) - started) * 1000)
            await asyncio.sleep(max(0.0, started + 0.05 - time.perf_counter()))
    await subscription.unsubscribe()
    return sorted(waits)


async def measure(stack: Stack, enrolled: int, listed: int) -> None:
    """Import, compare, change; print the figures."""
    register, roster = write_files(stack.directory, enrolled, listed)
    async with Asker(stack.bus(), ("enrollment",)) as asker:
        started = time.monotonic()
        await asyncio.to_thread(send, stack, "bureau", f"/v1/registers/{YEAR}", register)
        sent = time.monotonic()
        await asyncio.to_thread(
            send, stack, "civil_affairs", "/v1/rosters/civil_affairs", roster,
            month=f"{YEAR}-05-01", full="true",
        )  # fmt: skip
        listed_sent = time.monotonic()
        await closed(stack)
        await asker.quiet(seconds=WAIT_SECONDS)
        imported = time.monotonic()
        lines = await asker.equation(YEAR)
        compared = time.monotonic()
        waits = await latencies(stack, asker, 200)
    missing = sum(line.missing for line in lines)
    print(f"register of {enrolled:,} and roster of {listed:,}: {imported - started:.1f} s")
    print(f"  of it the register until it is on the bus: {sent - started:.1f} s")
    print(f"  of it the roster until it is on the bus: {listed_sent - sent:.1f} s")
    print(f"equation: {compared - imported:.1f} s, {missing:,} missing")
    print(
        f"one status to StatusChanged: p50 {waits[len(waits) // 2]:.0f} ms, p99 {waits[-2]:.0f} ms"
    )
    print("peak memory MiB:", memory_mib(stack))
    print("CPU seconds:", {name: round(value) for name, value in cpu_seconds(stack).items()})


def main() -> None:
    """Run once on servers and services of its own."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--enrolled", type=int, default=1_060_000)
    options.add_argument("--listed", type=int, default=200_000)
    chosen = options.parse_args()
    directory = temporary_directory("bench")
    try:
        with Stack(directory, synthetic=True, services=("enrollment", "gateway")) as stack:
            asyncio.run(measure(stack, chosen.enrolled, chosen.listed))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
