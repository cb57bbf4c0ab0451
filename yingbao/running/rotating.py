"""Keeps logs from growing for ever: a large one is set aside, compressed, and the oldest are dropped."""

import gzip
import shutil
from collections.abc import Iterable
from pathlib import Path

LOG_BYTES_MAX = 50 << 20
KEPT = 5


def rotate(logs: Iterable[Path], most: int = LOG_BYTES_MAX, kept: int = KEPT) -> list[Path]:
    """Set aside logs that are too large; returns which. Their writers append, so they go on in the same file.

    Between copy and cut a writer may add a line that is lost from the log; nothing is booked there.
    """
    return [
        log for log in logs if log.exists() and log.stat().st_size > most and _set_aside(log, kept)
    ]


def _set_aside(log: Path, kept: int) -> bool:
    older = [log.with_name(f"{log.name}.{number}.gz") for number in range(1, kept + 1)]
    for newer, old in zip(reversed(older[:-1]), reversed(older[1:]), strict=True):
        if newer.exists():
            newer.replace(old)
    with log.open("rb") as source, gzip.open(older[0], "wb") as target:
        shutil.copyfileobj(source, target)
    older[0].chmod(0o600)
    with log.open("r+b") as opened:
        opened.truncate(0)
    return True
