"""The whole platform on one machine: embedded servers unless URLs are given, services, supervisor."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chassis.connecting import BusAccess
from chassis.embedded.nats import NatsServer
from chassis.embedded.postgres import PostgresServer
from chassis.embedded.processes import (
    PRIVATE,
    die_with_parent,
    end,
    keep_on_leash,
    port_is_taken,
    private_log,
)
from chassis.healthy import is_ready
from chassis.language import tr
from chassis.settings import VAULT_KEYS, Settings, servers_of
from chassis.store import as_login, role_of
from yingbao.running.accounts import console_environment
from yingbao.running.bus_keys import (
    OPERATOR,
    PARTNER_KEYS,
    keys_needed,
    users_of,
)
from yingbao.running.elsewhere import PHONE_LOG
from yingbao.running.first_keys import logins_of, make_keys, seeds_of
from yingbao.running.migrating import has_tables
from yingbao.running.place import (
    BUS,
    DATABASE,
    MONITOR,
    SUPERVISOR,
    USUAL_PORTS,
    Place,
    place_of,
    ports_for,
)
from yingbao.running.preparing import prepare
from yingbao.running.supervising import Supervisor, say

WORKERS: Mapping[str, int] = {"enrollment": 2}
"""How many processes of a service: a county's lists bring many people, and one folds on one core."""
SERVICES = ("enrollment", "settlement", "assistance", "notify", "gateway")
CONSOLE = "console"
_OWN = (
    "DATABASE_URL", "NATS_URL", "YINGBAO_BUS_SEED", *(f"YINGBAO_{one.upper()}" for one in VAULT_KEYS),
)  # fmt: skip
SECRETS = {"SECRETS_DIR", "YINGBAO_LANG", *_OWN, *(f"{one}_FILE" for one in _OWN)}
"""What a process is told for itself alone, and does not inherit."""
READY_SECONDS = 60.0


class StackError(Exception):
    """The stack did not come up; the message names the service and its log."""


@dataclass(slots=True)
class Stack:
    """Servers and services. Use as a context manager: everything started here is ended here.

    ``county``: whose townships lists may name: a code that has a table, or the path of one. ``console``:
    with the pages for people.
    """

    directory: Path
    gateway_port: int = 0
    packs: str = "lixin-2023"
    county: str = "341623"
    synthetic: bool = False
    console: bool = False
    extra_environment: dict[str, str] = field(default_factory=dict)
    nats: NatsServer | None = None
    postgres: PostgresServer | None = None
    services: tuple[str, ...] = SERVICES
    workers: Mapping[str, int] = field(default_factory=lambda: WORKERS)
    ports: dict[str, int] = field(default_factory=dict)
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _supervisor: Supervisor | None = None
    _told: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> "Stack":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def gateway_url(self) -> str:
        """Where partners and hospitals knock."""
        scheme = "http" if Settings().http_cert_file is None else "https"
        return f"{scheme}://127.0.0.1:{self.ports['gateway']}"

    @property
    def nats_url(self) -> str:
        """The bus."""
        return Settings().nats_url or (self.nats.url if self.nats else "")

    def bus(self, holder: str = OPERATOR) -> BusAccess:
        """Return how somebody connects to the bus: the operator, a service, a department, a hospital."""
        ca_file = Settings().bus_ca_file
        return BusAccess(
            servers_of(self.nats_url), holder, seeds_of(self.directory)[holder], ca_file
        )

    @property
    def database_url(self) -> str:
        """The database."""
        return Settings().database_url or (self.postgres.url if self.postgres else "")

    def start(self) -> None:
        """Start what is missing, then every service, then wait until all are ready."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.directory.chmod(0o700)
        if self.gateway_port and port_is_taken(self.gateway_port):
            port = self.gateway_port
            raise StackError(tr("port {port} is taken; choose another with --port", port=port))
        self._told = self.keys()
        self.start_servers()
        self._prepare()
        wanted = [name for name in (*self.processes, SUPERVISOR) if name not in self.ports]
        usual = USUAL_PORTS if self.gateway_port else {}
        self.ports |= ports_for(wanted, place_of(self.directory), usual)
        if self.gateway_port and "gateway" in self.ports:
            self.ports["gateway"] = self.gateway_port
        for name in self.processes:
            self.start_process(name)
        self.wait_ready()
        self._keep_place()
        self._supervisor = Supervisor(self)
        self._supervisor.begin(self.ports[SUPERVISOR])

    def _prepare(self) -> None:
        logins, bus = logins_of(self.directory), self.bus(OPERATOR)
        done = prepare(self.directory, bus, self.database_url, self.services, logins)
        if done:
            say(self.directory, f"the database is older than the bus; {done}")

    def _port(self, name: str) -> int:
        return ports_for([name], place_of(self.directory))[name]

    def _keep_place(self) -> None:
        place = Place(
            self.nats_url, self.gateway_url if "gateway" in self.ports else "", dict(self.ports)
        )
        if self.nats is not None:
            place.ports |= {BUS: self.nats.port, MONITOR: self.nats.monitor_port}
        if self.postgres is not None:
            place.ports[DATABASE] = self.postgres.port
        place.write(self.directory)

    def start_servers(self) -> None:
        """Start the embedded bus and database where no URL is given."""
        if not Settings().database_url:
            self.postgres = self.postgres or PostgresServer(
                self.directory / "postgres", self._port(DATABASE)
            )
            self.postgres.start()
        if not Settings().nats_url:
            self.nats = self.nats or NatsServer(
                self.directory / "nats", self._port(BUS), self._port(MONITOR)
            )
            self.nats.users = users_of(self.directory)
            self.nats.start()

    @property
    def processes(self) -> list[str]:
        """The names of the processes: each service's first, and its further ones."""
        further = {name: range(2, self.workers.get(name, 1) + 1) for name in self.services}
        found = [one for name in further for one in (name, *(f"{name}-{n}" for n in further[name]))]
        return [*found, CONSOLE] if self.console else found

    def start_process(self, name: str) -> None:
        """Start a service, or a further process of it, such as ``enrollment-2``."""
        log = self.directory / "logs" / f"{name}.log"
        log.parent.mkdir(exist_ok=True, mode=0o700)
        with private_log(log) as sink:
            self.children[name] = subprocess.Popen(
                [sys.executable, "-m", "yingbao", "serve", name.partition("-")[0]],
                env=self.environment(name),
                stdout=sink,
                stderr=sink,
                preexec_fn=die_with_parent,
                umask=PRIVATE,
            )
        keep_on_leash(self.children[name].pid)

    def environment(self, name: str) -> dict[str, str]:
        """Return what a process is told: where things are, its own logins, the keys of its rooms."""
        service = name.partition("-")[0]
        found = {one: value for one, value in os.environ.items() if one not in SECRETS}
        if service == CONSOLE:
            port = self.ports[CONSOLE]
            told = console_environment(self.directory, self.gateway_url, port)
            return found | told | self.extra_environment
        found |= {
            "NATS_URL": self.nats_url,
            "YINGBAO_BUS_SEED": seeds_of(self.directory)[service],
            "YINGBAO_HTTP_PORT": str(self.ports.get(name, 0)),
            "YINGBAO_PACKS": self.packs,
            "YINGBAO_REGION": self.county,
            "YINGBAO_SYNTHETIC": "true" if self.synthetic else "false",
            "YINGBAO_SMS_LOG": str(self.phone_log),
        }
        if has_tables(service):
            password = logins_of(self.directory)[service]
            found["DATABASE_URL"] = as_login(self.database_url, role_of(service), password)
        if self.nats is not None:
            found["NATS_MONITOR_URL"] = self.nats.monitor_url
        # All processes have the keys of the start: one that is started again later seals as the others do.
        keys = self._told or self.keys()
        found |= {f"YINGBAO_{one.upper()}": keys[one] for one in keys_needed(service)}
        if service == "gateway":
            found["YINGBAO_PARTNER_KEYS_FILE"] = str(self.directory / PARTNER_KEYS)
        return found | self.extra_environment

    @property
    def console_url(self) -> str:
        """Where people sign in; empty without a console."""
        scheme = self.gateway_url.partition(":")[0]
        return f"{scheme}://127.0.0.1:{self.ports[CONSOLE]}" if self.console else ""

    @property
    def phone_log(self) -> Path:
        """What phones would show."""
        return self.directory / PHONE_LOG

    def keys(self) -> dict[str, str]:
        """Return this installation's keys (``make_keys``)."""
        return make_keys(self.directory, self.county)

    def wait_ready(self) -> None:
        """Wait until every service is ready. Raises StackError with the end of its log.

        A service that ends is started again by the supervisor, once there is one.
        """
        deadline = time.monotonic() + READY_SECONDS
        for name in self.processes:
            while not self._is_ready(name):
                child = self.children[name]
                gone = child.poll() is not None and self._supervisor is None
                if gone or time.monotonic() > deadline:
                    log = self.directory / "logs" / f"{name}.log"
                    tail = log.read_text(errors="replace")[-1500:]
                    late = tr("{name} did not become ready", name=name)
                    raise StackError(f"{late}; {log}:\n{tail}")
                time.sleep(0.1)

    def _is_ready(self, name: str) -> bool:
        return is_ready(self.ports[name], secured=Settings().http_cert_file is not None)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Hold every service still for a moment, so that a load can be laid ready."""
        for child in self.children.values():
            child.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for child in self.children.values():
                child.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End services first, so that they finish their turns, then the servers."""
        if self._supervisor is not None:
            self._supervisor.rest()
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        for child in self.children.values():
            end(child)
        self.children.clear()
        for server in (self.nats, self.postgres):
            if server is not None:
                server.stop()
        if self._supervisor is not None:
            self._supervisor.end()
            self._supervisor = None


def temporary_directory(prefix: str) -> Path:
    """Return a new directory for a run that keeps nothing."""
    return Path(tempfile.mkdtemp(prefix=f"yingbao-{prefix}-"))
