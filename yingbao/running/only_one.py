"""One platform at a time on a data directory: the second says so in one line."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chassis.language import tr

LOCK = "up.lock"


class AlreadyUpError(Exception):
    """Somebody runs on the data directory; the message names the process."""


@contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """Hold a data directory. Raises AlreadyUpError if another process does.

    The system lets go of the lock when its holder ends, however it ends.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.read(descriptor, 20).decode(errors="replace").strip() or "?"
            raise AlreadyUpError(
                tr(
                    "already running on {directory} (process {pid}): stop it, or choose another --data",
                    directory=directory,
                    pid=pid,
                )
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)
