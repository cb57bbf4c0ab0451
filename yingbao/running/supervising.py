"""Keeps a platform running: starts again what ended, follows keys, rotates logs, and says what it did."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from wsgiref.simple_server import WSGIServer

from prometheus_client import start_http_server

from chassis.bus_health import trouble_of
from chassis.clock import CHINA, system_clock
from chassis.connecting import BusAccess
from chassis.embedded.nats import NatsServer, reload_users
from chassis.embedded.postgres import PostgresServer
from chassis.embedded.processes import ServerError, private_log
from chassis.settings import Settings
from yingbao.running.bus_keys import users_of
from yingbao.running.letters import LETTER_SECONDS, LetterKeeper
from yingbao.running.nightly import Nightly
from yingbao.running.operator import Place
from yingbao.running.outside import Outside
from yingbao.running.restarts import Restarts
from yingbao.running.rotating import rotate

LOOK_SECONDS = 0.5
HOST, WATCH_SECONDS = "127.0.0.1", 5.0
LOG_BYTES_READ = 4_000
BUS_SECONDS, ROOM_BYTES = 5.0, 128 << 20
"""So often the bus is asked how it is; with less room it would only fail again."""


class Supervised(Protocol):
    """What is kept running: servers, and processes by name."""

    directory: Path
    nats: NatsServer | None
    postgres: PostgresServer | None
    children: dict[str, subprocess.Popen[bytes]]

    @property
    def database_url(self) -> str:
        """The database, as its owner."""

    @property
    def nats_url(self) -> str:
        """The bus."""

    def start_process(self, name: str) -> None:
        """Start a process, or start it again."""

    def bus(self) -> BusAccess:
        """How the operator connects to the bus."""

    def keys(self) -> dict[str, str]:
        """The platform's keys."""


class Supervisor:
    """A thread that looks twice a second.

    It outlives its children: the kernel ends a child when the thread that started it ends, and they are
    to finish their turns.
    """

    def __init__(self, stack: Supervised) -> None:
        self._stack = stack
        self._restarts = Restarts()
        self._resting = threading.Event()
        self._ended = threading.Event()
        self._bus_due = 0.0
        self._failed: dict[str, str] = {}
        self._server: WSGIServer | None = None
        self._outside = Outside(stack.directory)
        self._watch_due = 0.0
        self._nightly = Nightly(
            stack.directory, lambda: stack.database_url, self._say, system_clock()
        )

    def begin(self, port: int) -> None:
        """Begin to look, and to tell at a port what is seen."""
        self._server, _ = start_http_server(port, HOST, registry=self._outside.registry)
        for name in self._stack.children:
            self._restarts.started(name, time.monotonic())
            self._outside.restarts.labels(name)
        threading.Thread(target=self._run, daemon=True).start()
        if "gateway" in self._stack.children:  # what was set aside is the door's
            threading.Thread(target=self._keep_letters, daemon=True).start()

    def rest(self) -> None:
        """Start nothing any more: the platform is being ended."""
        self._resting.set()

    def end(self) -> None:
        """Let the thread go, once no child is left."""
        self._ended.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _run(self) -> None:
        parts = (
            self._servers, self._bus, self._keys, self._children, self._watch, self._old_logs, self._night,
        )  # fmt: skip
        while not self._resting.wait(LOOK_SECONDS):
            for part in parts:
                self._try(part)
        self._ended.wait()

    def _keep_letters(self) -> None:
        """Keep what was set aside: of its own, as it waits for bus and database, and a child must not."""
        stack = self._stack
        keeper = LetterKeeper(
            lambda: Place(stack.bus(), stack.keys()["operator_key"]), lambda: stack.database_url
        )

        def letters() -> None:
            keeper.look()

        while not self._resting.wait(LETTER_SECONDS):
            self._try(letters)

    def _try(self, part: Callable[[], None]) -> None:
        """Do one thing; what fails is said once, tried again at the next look, and stops nothing else."""
        try:
            part()
        except Exception as error:  # noqa: BLE001  a thread that ends would take every child with it
            what = f"{part.__name__.strip('_')} failed: {type(error).__name__}: {error}"
            if self._failed.get(part.__name__) != what:
                self._failed[part.__name__] = what
                self._say(what[:500])
        else:
            self._failed.pop(part.__name__, None)

    def _children(self) -> None:
        for name, child in list(self._stack.children.items()):
            if (code := child.poll()) is not None and not self._resting.is_set():
                self._start_again(name, code)

    def _watch(self) -> None:
        """Look from outside every few seconds."""
        now = time.monotonic()
        if now < self._watch_due:
            return
        self._watch_due = now + WATCH_SECONDS
        nats = self._stack.nats
        monitor = nats.monitor_url if nats is not None else Settings().nats_monitor_url
        certificate = Settings().http_cert_file
        self._outside.look(self._stack.database_url, self._stack.nats_url, monitor, certificate)

    def _old_logs(self) -> None:
        rotate(self._logs())

    def _night(self) -> None:
        self._nightly.look(system_clock().astimezone(CHINA))

    def _servers(self) -> None:
        """Start the bus or the database again if it died; what fails is tried again at the next look."""
        for server in (self._stack.nats, self._stack.postgres):
            if server is not None and server.died and not self._resting.is_set():
                try:
                    server.start()
                except (ServerError, OSError) as error:
                    self._say(f"{type(server).__name__}: {error}")
                else:
                    self._say(f"{type(server).__name__} had ended and was started again")

    def _bus(self) -> None:
        """Start the bus again that cannot write although there is room: it does not try by itself."""
        nats, now = self._stack.nats, time.monotonic()
        if nats is None or nats.died or now < self._bus_due:
            return
        self._bus_due = now + BUS_SECONDS
        trouble = trouble_of(nats.monitor_url)
        room = shutil.disk_usage(nats.directory).free
        if trouble and room > ROOM_BYTES and not self._resting.is_set():
            self._say(f"the bus is started again, {room >> 20} MB are free: {trouble}")
            nats.stop()
            nats.wanted = True  # should the start fail, it is one that ended, and is tried again
            nats.start()

    def _keys(self) -> None:
        """Let the bus follow keys that ended by themselves; whoever changes one by command does so too."""
        nats = self._stack.nats
        if nats is not None and nats.users != (users := users_of(self._stack.directory)):
            nats.users = users
            reload_users(nats.directory, users)

    def _start_again(self, name: str, code: int) -> None:
        """Start a process again once it is due, and say why it ended; what fails is tried again."""
        now = time.monotonic()
        wait = self._restarts.ended(name, code, now)
        if wait is not None:
            last = self._last_line(name)
            self._say(f"{name} ended with {code}, next start in {wait:.1f} s: {last}")
        if not self._restarts.due(name, now):
            return
        try:
            self._stack.start_process(name)
        except (OSError, ValueError) as error:
            self._say(f"{name}: {error}")
        else:
            self._restarts.started(name, time.monotonic())
            self._outside.restarts.labels(name).inc()

    def _last_line(self, name: str) -> str:
        log = self._stack.directory / "logs" / f"{name}.log"
        with log.open("rb") as opened:
            opened.seek(max(0, log.stat().st_size - LOG_BYTES_READ))
            lines = opened.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it said nothing"

    def _logs(self) -> list[Path]:
        directory = self._stack.directory
        inside = [directory / "nats" / "nats.log", directory / "postgres" / "postgres.log"]
        return [*sorted((directory / "logs").glob("*.log")), *inside]

    def _say(self, what: str) -> None:
        say(self._stack.directory, what)


def say(directory: Path, what: str) -> None:
    """Tell whoever watches, and whoever looks tomorrow."""
    sys.stderr.write(f"{what}\n")
    (directory / "logs").mkdir(exist_ok=True, mode=0o700)
    with suppress(OSError), private_log(directory / "logs" / "supervisor.log") as sink:
        sink.write(f"{system_clock().isoformat(timespec='seconds')} {what}\n".encode())
