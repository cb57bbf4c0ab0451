"""Two PostgreSQL under Patroni as ``deploy/cluster/patroni.yml`` has them, and etcd on three machines."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from chassis.embedded import binaries
from chassis.embedded.postgres import UNPRIVILEGED
from tests.cluster.machines import Machine, MachineError

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "deploy" / "cluster" / "patroni.yml"
ETCD = ROOT / "var" / "etcd"
OWNER = "yingbao"
READY_SECONDS = 180.0
PATRONI = "patroni[etcd3,psycopg3]"


class Databases:
    """A primary and its standby, and who decides which is which."""

    def __init__(self, room: Path, machines: list[Machine]) -> None:
        self.room = room
        self.witnesses = machines
        self.machines = machines[:2]
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.password, replication = secrets.token_hex(16), secrets.token_hex(16)
        shutil.chown(self.room, UNPRIVILEGED)
        self.room.chmod(0o755)
        shutil.copy(CONFIG, self.room)
        self.python, self.site, self.etcd = _python(), _site(self.room), _etcd(self.room)
        self.shared = {
            "PATRONI_ETCD3_HOSTS": ",".join(f"{one.address}:2379" for one in machines),
            "PATRONI_SUPERUSER_USERNAME": OWNER, "PATRONI_SUPERUSER_PASSWORD": self.password,
            "PATRONI_REPLICATION_USERNAME": "standby", "PATRONI_REPLICATION_PASSWORD": replication,
            "PATRONI_RESTAPI_USERNAME": "patroni", "PATRONI_RESTAPI_PASSWORD": secrets.token_hex(16),
            "PATRONI_REWIND_USERNAME": OWNER, "PATRONI_REWIND_PASSWORD": self.password,
            "PATRONI_POSTGRESQL_BIN_DIR": str(_programs()), "PYTHONPATH": str(self.site),
            "HOME": str(self.room), "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    @property
    def url(self) -> str:
        """Where the owner connects: whichever of the two takes writes."""
        hosts = ",".join(f"{one.address}:5432" for one in self.machines)
        return (
            f"postgresql://{OWNER}:{self.password}@{hosts}/postgres?target_session_attrs=read-write"
        )

    def start(self) -> None:
        """Start everything and wait until there is a primary with a synchronous standby."""
        for one in self.witnesses:
            self.start_witness(one)
        for one in self.machines:
            self.start_database(one)
            if one is self.machines[0]:
                self.wait_for(lambda: self.primary() is not None)
        self.wait_whole()

    def start_witness(self, machine: Machine) -> None:
        """Start etcd on a machine."""
        name, here = f"etcd-{machine.number}", f"http://{machine.address}"
        peers = ",".join(f"etcd-{one.number}=http://{one.address}:2380" for one in self.witnesses)
        self.running[name] = machine.run(
            [
                str(self.etcd), "--name", name, "--data-dir", str(self.room / name),
                "--listen-peer-urls", f"{here}:2380", "--initial-advertise-peer-urls", f"{here}:2380",
                "--listen-client-urls", f"{here}:2379,http://127.0.0.1:2379",
                "--advertise-client-urls", f"{here}:2379", "--initial-cluster", peers,
                "--initial-cluster-state", "new", "--enable-v2=false",
            ],
            self.room / f"{name}.log", user=UNPRIVILEGED,
        )  # fmt: skip

    def start_database(self, machine: Machine) -> None:
        """Start Patroni, which starts PostgreSQL."""
        name = f"database-{machine.number}"
        told = {
            "PATRONI_NAME": name, "PATRONI_RESTAPI_CONNECT_ADDRESS": f"{machine.address}:8008",
            "PATRONI_POSTGRESQL_LISTEN": f"{machine.address}:5432",
            "PATRONI_POSTGRESQL_CONNECT_ADDRESS": f"{machine.address}:5432",
            "PATRONI_POSTGRESQL_DATA_DIR": str(self.room / name),
            "PATRONI_POSTGRESQL_PGPASS": str(self.room / f"{name}.pgpass"),
        }  # fmt: skip
        self.running[name] = machine.run(
            [self.python, "-m", "patroni", str(self.room / CONFIG.name)],
            self.room / f"{name}.log", self.shared | told, UNPRIVILEGED,
        )  # fmt: skip

    def crash(self, machine: Machine) -> None:
        """Kill every process of PostgreSQL on a machine; Patroni lives and sees it."""
        _kill(machine.pids(UNPRIVILEGED, lambda program: program == "postgres"))

    def lose(self, machine: Machine) -> None:
        """Kill Patroni and every process of PostgreSQL on a machine at once, as a loss of power does."""
        name = f"database-{machine.number}"
        _kill(machine.pids(UNPRIVILEGED, lambda program: program != "etcd"))
        self.running[name].kill()
        self.running[name].wait()

    def primary(self) -> Machine | None:
        """Return who takes writes, as Patroni says."""
        return next((one for one in self.machines if _answers(one, "primary")), None)

    def standby(self) -> Machine | None:
        """Return who has every commit before it is answered."""
        return next((one for one in self.machines if _answers(one, "synchronous")), None)

    def wait_whole(self) -> None:
        """Wait until there is a primary and a synchronous standby."""
        self.wait_for(lambda: self.primary() is not None and self.standby() is not None)

    def wait_for(self, there: Callable[[], bool]) -> None:
        """Wait. Raises TimeoutError with the end of the logs."""
        deadline = time.monotonic() + READY_SECONDS
        while not there():
            if time.monotonic() > deadline:
                logs = [
                    f"{one.name}: {one.read_text(errors='replace')[-1500:]}"
                    for one in sorted(self.room.glob("*.log"))
                ]
                raise TimeoutError("\n".join(logs))
            time.sleep(0.3)

    def stop(self) -> None:
        """End all."""
        for one in self.machines:
            if f"database-{one.number}" in self.running:
                self.lose(one)
        for one in self.running.values():
            one.kill()
            one.wait()


def _kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _answers(machine: Machine, role: str) -> bool:
    try:
        url = f"http://{machine.address}:8008/{role}"
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(json.load(answer)["state"] == "running")
    except OSError:
        return False


def _etcd(room: Path) -> Path:
    """Return etcd from Debian's package, unpacked and not installed, where the unprivileged user can run it."""
    program = ETCD / "unpacked" / "usr" / "bin" / "etcd"
    if not program.exists():
        raise MachineError("etcd is not there: make test-cluster fetches it")
    return Path(shutil.copy(program, room))


def _programs() -> Path:
    found = binaries.installed()
    return binaries.programs(binaries.public_copy(found, lambda _: True))


def _python() -> str:
    """Return a Python of this version that the unprivileged user can run."""
    wanted = f"python{sys.version_info.major}.{sys.version_info.minor}"
    # Through a shell: setpriv's own first program still has root's rights.
    become = [
        "setpriv",
        "--reuid",
        UNPRIVILEGED,
        "--clear-groups",
        "sh",
        "-c",
        'exec "$0" -c "import ssl"',
    ]
    for one in (sys._base_executable, f"/usr/bin/{wanted}"):  # type: ignore[attr-defined]
        if (
            Path(one).exists()
            and not subprocess.run([*become, one], capture_output=True, check=False).returncode
        ):
            return one
    raise MachineError(f"{wanted} outside of a private home is needed: apt-get install {wanted}")


def _site(room: Path) -> Path:
    """Install Patroni where the unprivileged user can read it."""
    site = room / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--target", str(site), PATRONI], check=True
    )  # fmt: skip
    return site
