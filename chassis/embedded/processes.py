"""Starting, finding and ending server processes of our own."""

import ctypes
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1


class ServerError(Exception):
    """A server did not start; the message ends with the last lines of its log."""


_GIVEN: set[int] = set()


def free_port() -> int:
    """Return a loopback port that nobody listens on, and that was not given out here before."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _GIVEN:
            _GIVEN.add(port)
            return port


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent dies, so that no server is left behind."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers. Raises ServerError if it ends or stays silent for 30 s."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if ready():
            return
        time.sleep(0.05)
    tail = log.read_text(errors="replace")[-800:] if log.exists() else ""
    raise ServerError(f"{Path(str(process.args[0])).name} did not start:\n{tail}")  # type: ignore[index]


def answers(port: int) -> bool:
    """Tell whether something accepts connections on a loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def end(process: subprocess.Popen[bytes] | None, sign: signal.Signals = signal.SIGTERM) -> None:
    """End a process we started: politely, then firmly."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(sign)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def is_running(pid: int, program: str) -> bool:
    """Tell whether a process id belongs to a running program of this name."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return program in Path(command.split(b"\0", 1)[0].decode(errors="replace")).name
