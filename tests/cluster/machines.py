"""Three machines of one county in network namespaces: each can be cut off, or lose its power, by itself.

The application's machine is the test's own namespace. Needs root, for the namespaces.
"""

import grp
import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

NETWORK = "10.213.7"
BRIDGE = "yb-bridge"
COUNT = 3


class MachineError(Exception):
    """A machine could not be made; the message says what is missing."""


def _ip(*words: str, check: bool = True) -> None:
    told = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if check and told.returncode:
        raise MachineError(f"ip {' '.join(words)}: {told.stderr.strip()}")


class Machine:
    """A namespace with a line to the others."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.name = f"yb-m{number}"
        self.address = f"{NETWORK}.{10 + number}"

    def make(self) -> None:
        """Lay the line."""
        ours, theirs = f"yb-a{self.number}", f"yb-b{self.number}"
        _ip("netns", "add", self.name)
        _ip("link", "add", ours, "type", "veth", "peer", "name", theirs)
        _ip("link", "set", theirs, "netns", self.name)
        _ip("link", "set", ours, "master", BRIDGE)
        _ip("link", "set", ours, "up")
        for words in (
            ("addr", "add", f"{self.address}/24", "dev", theirs), ("link", "set", theirs, "up"),
            ("link", "set", "lo", "up"),
        ):  # fmt: skip
            _ip("-n", self.name, *words)

    def cut(self) -> None:
        """Cut the line: nothing goes in or out, and nobody is told."""
        _ip("link", "set", f"yb-a{self.number}", "down")

    def mend(self) -> None:
        """Mend the line."""
        _ip("link", "set", f"yb-a{self.number}", "up")

    def pids(self, user: str, wanted: Callable[[str], bool]) -> list[int]:
        """Return a user's processes on it whose program is wanted."""
        told = subprocess.run(
            ["ip", "netns", "pids", self.name], capture_output=True, text=True, check=True
        )
        found = []
        for one in map(int, told.stdout.split()):
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(one)
                if process.username() == user and wanted(process.name()):
                    found.append(one)
        return found

    def run(
        self, command: list[str], log: Path, environment: dict[str, str] | None = None, user: str = "",
    ) -> "subprocess.Popen[bytes]":  # fmt: skip
        """Start a program on it, as a user if one is named; it ends with the test, however that ends."""
        become = ["--reuid", user, "--regid", user_group(user), "--clear-groups"] if user else []
        with log.open("ab") as sink:
            return subprocess.Popen(
                ["ip", "netns", "exec", self.name, "setpriv", *become, "--pdeathsig", "KILL", *command],
                stdout=sink, stderr=sink, cwd="/", env=os.environ | (environment or {}),
            )  # fmt: skip


def user_group(user: str) -> str:
    """Name a user's own group."""
    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name


@contextmanager
def three_machines() -> Iterator[list[Machine]]:
    """Yield three machines on one network; whatever was left of others by that name is taken away."""
    if os.geteuid() != 0:
        raise MachineError("network namespaces need root: run this as root")
    if not shutil.which("ip"):
        raise MachineError("Debian's iproute2 is needed: apt-get install iproute2")
    machines = [Machine(number) for number in range(1, COUNT + 1)]
    _clear(machines)
    _ip("link", "add", BRIDGE, "type", "bridge")
    _ip("addr", "add", f"{NETWORK}.1/24", "dev", BRIDGE)
    _ip("link", "set", BRIDGE, "up")
    try:
        for one in machines:
            one.make()
        yield machines
    finally:
        _clear(machines)


def _clear(machines: list[Machine]) -> None:
    for one in machines:
        _ip("netns", "delete", one.name, check=False)
        _ip("link", "delete", f"yb-a{one.number}", check=False)
    _ip("link", "delete", BRIDGE, check=False)
