"""``make torture``: random kill -9 of services, bus and database while bills flow.

The same bills run twice: undisturbed, and under kills. Both runs must end in the same ledger
digest, with every bill known once, a message for every standing bill, and no break in the chains.
"""

import argparse
import asyncio
import logging
import random
import shutil
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from nats.aio.client import Client
from rich.console import Console
from rich.progress import Progress

from bench.load import bills, digest_of, enrolled, people
from chassis.bus import PublishError, publish
from chassis.embedded.processes import ServerError
from contracts.envelope import Message, event_id
from yingbao.running.asking import Asker
from yingbao.running.stack import Stack, temporary_directory

SERVICES = ("settlement", "assistance", "notify")
CHUNK, START_TRIES = 100, 15
QUIET_SECONDS = 900.0


@dataclass(slots=True)
class Ending:
    """How a run ended."""

    digest: str = ""
    claims: int = 0
    messages: int = 0
    problems: list[str] = field(default_factory=list)
    kills: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


async def keep_publishing(nc: Client, messages: list[Message], kills: int, ending: Ending) -> None:
    """Publish in chunks and never give one up, as a hospital's queue would; kills come all the while."""
    for start in range(0, len(messages), CHUNK):
        while sum(ending.kills.values()) < kills * start // len(messages):  # noqa: ASYNC110  a count
            await asyncio.sleep(0.02)
        while True:
            try:
                await publish(nc, messages[start : start + CHUNK])
                break
            except PublishError:
                await asyncio.sleep(0.3)


async def keep_killing(stack: Stack, kills: int, rng: random.Random, ending: Ending) -> None:
    """Kill something at random moments, services mostly; only who lives counts."""
    while sum(ending.kills.values()) < kills:
        await asyncio.sleep(rng.uniform(0.15, 0.8))
        victim = rng.choices([*SERVICES, "nats", "postgres"], [29, 28, 28, 10, 5])[0]
        if victim in SERVICES:
            alive = [
                name
                for name in stack.processes
                if name.partition("-")[0] == victim and lives(stack, name)
            ]
            if not alive:
                continue
            stack.children[rng.choice(alive)].kill()
        else:
            server: Any = stack.nats if victim == "nats" else stack.postgres
            server.kill()
            await asyncio.sleep(rng.uniform(0.0, 0.5))
            await started_again(server)
        ending.kills[victim] = ending.kills.get(victim, 0) + 1


def lives(stack: Stack, name: str) -> bool:
    """Tell whether a process is there to be killed: one that was waits some seconds for its next start."""
    return stack.children[name].poll() is None


async def started_again(server: Any) -> None:
    """Start a server again; its port can be held for a moment by whoever was just calling it."""
    for _ in range(START_TRIES):
        try:
            server.start()
        except ServerError:
            await asyncio.sleep(2)
        else:
            return
    server.start()


async def run(
    count: int, kills: int, seed: int, console: Console, instances: int = 1,
    patience: float = QUIET_SECONDS,
) -> Ending:  # fmt: skip
    """Run the bills once; ``kills`` 0 is the undisturbed run. ``instances``: processes of every service."""
    logging.getLogger("nats").setLevel(logging.CRITICAL)  # it prints a trace for every kill
    directory = temporary_directory("torture")
    ending = Ending()
    rng = random.Random(seed)
    persons = people(max(100, count // 5))
    started = time.monotonic()
    try:
        stack = Stack(directory, services=SERVICES, workers=dict.fromkeys(SERVICES, instances))
        stack.extra_environment["YINGBAO_ACK_WAIT_SECONDS"] = "3"
        with stack, Progress(console=console, transient=True) as bars:
            bars.add_task(f"{count} bills, {kills} kills", total=None)
            nc = await stack.bus().connect(max_reconnect_attempts=-1)
            async with Asker(stack.bus(), SERVICES) as asker:
                everything = enrolled(persons) + bills(persons, count, seed=seed)
                rng.shuffle(everything)
                publishing = asyncio.create_task(keep_publishing(nc, everything, kills, ending))
                await keep_killing(stack, kills, rng, ending)
                await publishing
                await settle_down(stack, asker, patience)
                await look(stack, asker, count, ending)
            await nc.close()
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    ending.seconds = round(time.monotonic() - started, 1)
    return ending


async def settle_down(stack: Stack, asker: Asker, patience: float) -> None:
    """Wait until services are up again and nothing waits, neither on the bus nor in an outbox."""
    stack.wait_ready()
    async with asyncio.timeout(patience):
        while True:
            await asker.quiet(seconds=patience)
            if await count_rows(stack, "SELECT sum(n) FROM ({})") == 0:
                return
            await asyncio.sleep(1)


async def count_rows(stack: Stack, query: str) -> int:
    """Count over the outboxes of all services."""
    parts = " UNION ALL ".join(f"SELECT count(*) AS n FROM {s}.outbox" for s in SERVICES)
    connection = await asyncpg.connect(stack.database_url)
    try:
        return int(await connection.fetchval(query.format(parts) + " AS counts"))
    finally:
        await connection.close()


async def look(stack: Stack, asker: Asker, count: int, ending: Ending) -> None:
    """Audit both ledgers and count what must be there exactly once."""
    audits = await asker.audits()
    progress = await asker.progress()
    connection = await asyncpg.connect(stack.database_url)
    standing = await connection.fetch(
        "SELECT person, claim, bill_revision FROM settlement.claim WHERE outcome = 'settled'"
    )
    told = await connection.fetch("SELECT key FROM notify.sms WHERE audience = 'family'")
    keys = {event_id("bill", row[0], row[1], row[2]) for row in standing}
    ending.messages = len(keys & {row[0] for row in told})
    amounts = await connection.fetch(
        "SELECT claim, bill::json->>'personal_burden' AS burden FROM settlement.claim ORDER BY claim"
    )
    await connection.close()
    ending.claims = progress.claims
    ending.digest = digest_of([a.digest for a in audits] + [f"{r[0]}{r[1]}" for r in amounts])
    for audit in audits:
        ending.problems += audit.differences
        if audit.chain_breaks:
            ending.problems.append(f"{audit.chain_breaks} breaks in a ledger chain")
    if progress.claims != count:
        ending.problems.append(f"{count} bills went in, {progress.claims} are known")
    if ending.messages != progress.outcomes.get("settled", 0):
        ending.problems.append(f"only {ending.messages} standing bills reached notify: {progress}")
    if progress.billed != progress.outcomes.get("settled", 0):
        ending.problems.append(f"not every settled claim has its bill: {progress}")


def main() -> int:
    """Run both and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bills", type=int, default=5_000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--instances", type=int, default=1, help="processes of every service")
    parser.add_argument("--patience", type=float, default=QUIET_SECONDS, help="until all is quiet")
    wanted = parser.parse_args()
    console = Console(stderr=True)
    calm = asyncio.run(
        run(wanted.bills, 0, wanted.seed, console, wanted.instances, wanted.patience)
    )
    torn = asyncio.run(
        run(wanted.bills, wanted.kills, wanted.seed, console, wanted.instances, wanted.patience)
    )
    print(f"undisturbed  {calm.claims} bills  digest {calm.digest}  {calm.seconds} s")
    print(f"{wanted.kills} kills     {torn.claims} bills  digest {torn.digest}  {torn.seconds} s")
    print(f"killed       {torn.kills}")
    problems = calm.problems + torn.problems
    if calm.digest != torn.digest:
        problems.append("the ledgers differ")
    print("\n".join(problems) if problems else "nothing lost, nothing paid twice")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
