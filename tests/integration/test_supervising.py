"""`yingbao up` as systemd runs it: what dies comes back, and a polite end is one for every part."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from chassis.embedded.processes import free_port


@pytest.fixture
def up(room: Path) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """Start the whole platform on a directory, as often as wanted; each is ended."""
    started = []

    def start() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "yingbao", "up", "--county", "341623", "--synthetic"]
        port = json.loads(told.read_text())["ports"]["gateway"] if told.exists() else free_port()
        with (room / "up.log").open("ab") as sink:
            command += ["--data", str(room / "data"), "--port", str(port)]
            started.append(subprocess.Popen(command, stdout=sink, stderr=sink))
        return started[-1]

    told = room / "data" / "stack.json"
    yield start
    for one in started:
        if one.poll() is None:
            one.kill()
            one.wait()


async def ready(room: Path) -> dict[str, int]:
    """Wait until every process answers; return the ports."""
    async with httpx2.AsyncClient(timeout=2) as http, asyncio.timeout(90):
        while True:
            await asyncio.sleep(0.3)
            try:
                ports: dict[str, int] = json.loads((room / "data" / "stack.json").read_text())[
                    "ports"
                ]
                own = [
                    one for name, one in ports.items() if not name.startswith(("nats", "postgres"))
                ]
                answers = [await http.get(f"http://127.0.0.1:{port}/readyz") for port in own]
            except (httpx2.HTTPError, FileNotFoundError):
                continue
            if all(answer.status_code == 200 for answer in answers):
                return ports


def server(process: "subprocess.Popen[bytes]", program: str) -> psutil.Process:
    """Return a server that the platform started."""
    return next(
        one
        for one in psutil.Process(process.pid).children()
        if Path(one.cmdline()[0]).name == program
    )


async def test_bus_and_database_come_back_by_themselves_and_a_polite_end_reaches_everybody(
    up: Callable[[], "subprocess.Popen[bytes]"], room: Path
) -> None:
    """Kill -9 of both under `up`; then SIGTERM, and a second start on the same ports."""
    process = up()
    ports = await ready(room)

    for program in ("nats-server", "postgres"):
        before = server(process, program)
        before.kill()
        async with asyncio.timeout(30):
            while not [
                one for one in psutil.Process(process.pid).children()
                if one.pid != before.pid and one.status() != psutil.STATUS_ZOMBIE
                and Path((one.cmdline() or [""])[0]).name == program
            ]:  # fmt: skip
                await asyncio.sleep(0.2)
    await ready(room)
    process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    await asyncio.to_thread(process.wait, 40)

    logs = room / "data" / "logs"
    for service in ("enrollment", "settlement", "assistance", "notify"):
        assert "service.stopped" in (logs / f"{service}.log").read_text(), service
    assert "database system is shut down" in (room / "data/postgres/postgres.log").read_text()
    said = (logs / "supervisor.log").read_text()
    assert "NatsServer had ended and was started again" in said
    assert "PostgresServer had ended and was started again" in said
    assert time.monotonic() - begun < 40
    up()
    assert await ready(room) == ports
