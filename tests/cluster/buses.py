"""Three nats-servers as ``deploy/cluster/nats.conf`` has them, one on each machine."""

import json
import secrets
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from chassis.embedded.nats import USERS_FILE, _binary, users_text
from chassis.permissions import Permissions
from tests.cluster.machines import Machine

CONFIG = Path(__file__).parents[2] / "deploy" / "cluster" / "nats.conf"
READY_SECONDS = 60.0


class Bus:
    """The bus of a county on three machines."""

    def __init__(
        self, room: Path, machines: list[Machine], users: Mapping[str, Permissions]
    ) -> None:
        self.machines = machines
        self.room = room
        self.running: dict[int, subprocess.Popen[bytes]] = {}
        password = secrets.token_hex(16)
        self.environment = {"BUS_ROUTES_PASSWORD": password} | {
            f"BUS_{one.number}": json.dumps(f"nats://routes:{password}@{one.address}:6222")
            for one in machines
        }
        for one in machines:
            home = self._home(one)
            home.mkdir(parents=True)
            shutil.copy(CONFIG, home)
            (home / USERS_FILE).write_text(users_text(users), encoding="utf-8")

    @property
    def url(self) -> str:
        """Where clients connect: any of the three."""
        return ",".join(f"nats://{one.address}:4222" for one in self.machines)

    @property
    def monitor_url(self) -> str:
        """Where the three tell how they are."""
        return ",".join(f"http://{one.address}:8222" for one in self.machines)

    def _home(self, machine: Machine) -> Path:
        return self.room / f"bus-{machine.number}"

    def start(self, *machines: Machine) -> None:
        """Start the servers of some machines, or all."""
        for one in machines or self.machines:
            home = self._home(one)
            told = {
                "BUS_NAME": f"bus-{one.number}", "BUS_ADDRESS": one.address,
                "BUS_STORE": str(home / "store"),
            }  # fmt: skip
            self.running[one.number] = one.run(
                [_binary(), "-c", str(home / CONFIG.name)], home / "log", self.environment | told
            )

    def kill(self, machine: Machine) -> None:
        """End a server as a loss of power would end its program."""
        self.running[machine.number].kill()
        self.running[machine.number].wait()

    def wait_whole(self) -> None:
        """Wait until the three are well and have all that they were away for. Raises TimeoutError."""
        deadline = time.monotonic() + READY_SECONDS
        for one in self.machines:
            while not _is_well(f"http://{one.address}:8222/healthz"):
                if time.monotonic() > deadline:
                    log = (self._home(one) / "log").read_text(errors="replace")
                    raise TimeoutError(f"bus-{one.number} is not well:\n{log[-2000:]}")
                time.sleep(0.2)

    def leader_of(self, stream: str) -> Machine:
        """Return the machine whose server leads a stream, once one does. Raises TimeoutError."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            leaders = {
                found.get("cluster", {}).get("leader", "")
                for one in self.machines
                for found in _streams(one)
                if found["name"] == stream
            }
            for one in self.machines:
                if f"bus-{one.number}" in leaders:
                    return one
            time.sleep(0.2)
        raise TimeoutError(f"{stream} has no leader")

    def copies(self) -> dict[str, int]:
        """Return how many machines hold each stream."""
        held: dict[str, int] = {}
        for one in self.machines:
            for found in _streams(one):
                held[found["name"]] = held.get(found["name"], 0) + 1
        return held

    def stop(self) -> None:
        """End all."""
        for one in self.running.values():
            one.terminate()
        for one in self.running.values():
            try:
                one.wait(10)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()


def _is_well(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _streams(machine: Machine) -> list[dict[str, object]]:
    try:
        url = f"http://{machine.address}:8222/jsz?streams=true"
        with urllib.request.urlopen(url, timeout=2) as answer:
            told = json.load(answer)
    except OSError:
        return []
    return [
        one for each in told.get("account_details") or () for one in each.get("stream_detail") or ()
    ]
