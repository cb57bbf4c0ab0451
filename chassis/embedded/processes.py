"""Starting, finding and ending server processes of our own."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom
from typing import BinaryIO

import psutil

_PR_SET_PDEATHSIG = 1
PRIVATE = 0o077
"""Mask of a child that writes what nobody else on the machine may read."""
LINUX = sys.platform.startswith("linux")


class ServerError(Exception):
    """A server did not start; the message ends with the last lines of its log."""


_GIVEN: set[int] = set()
_CHANCE, OWN_PORTS = SystemRandom(), (20_000, 32_000)


def private_log(path: Path) -> BinaryIO:
    """Open a log to append to, for its owner only: amounts and numbers of families may stand in one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "ab")


def free_port() -> int:
    """Return a loopback port that nobody listens on, and that was not given out here before.

    Below those from which the system takes one for each outgoing connection: between choosing and
    listening somebody's call would take it.
    """
    while True:
        port = _CHANCE.randrange(*OWN_PORTS)
        if port not in _GIVEN and not port_is_taken(port):
            _GIVEN.add(port)
            return port


def port_is_taken(port: int) -> bool:
    """Tell whether somebody holds a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def is_root() -> bool:
    """Tell whether this process may do everything; on Windows nobody is root."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def die_with_parent() -> None:
    """Run in the child: ask the kernel to end it when its parent dies.

    Elsewhere than on Linux a watcher does this (``keep_on_leash``).
    """
    if LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def keep_on_leash(child: int) -> None:
    """End a child when this process dies, where the kernel does not do that by itself."""
    if not LINUX:
        leash(os.getpid(), child)


def leash(parent: int, child: int) -> subprocess.Popen[bytes]:
    """Start a watcher that ends ``child`` once ``parent`` is gone, and ends with the child."""
    return subprocess.Popen(
        [sys.executable, "-m", "chassis.embedded.leash", str(parent), str(child)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers. Raises ServerError if it ends or stays silent for 30 s."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if ready():
            return
        time.sleep(0.05)
    end(process)
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
        command = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return bool(command) and program in Path(command[0]).name
