"""Has a workbook opened once in a process of its own, which may take only so much time and memory.

A library that is given a hostile file may take all memory, or end the process it runs in: better that one
than the door. What it opened within its limits is then opened here, and takes no more.
"""

import os
import subprocess
import sys
import threading
from typing import IO

from services.gateway.intake.reading.limits import SECONDS_MAX
from services.gateway.refusals import RefusedError

TRIED_BY = "services.gateway.intake.reading.trying"
PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "HOME", "TMPDIR")
"""What the process is told of ours: where Python is, and no key."""
_at_once = threading.BoundedSemaphore(2)


def open_elsewhere_first(content: IO[bytes]) -> None:
    """Raise RefusedError for a file whose opening ends a process, or takes longer or more than it may."""
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    with _at_once:
        try:
            done = subprocess.run(
                [sys.executable, "-m", TRIED_BY], input=content.read(), capture_output=True,
                env=environment | {"OPENBLAS_NUM_THREADS": "1"}, timeout=2 * SECONDS_MAX, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise RefusedError("file_too_large", status=413) from None
    content.seek(0)
    if done.returncode:
        raise RefusedError("file_too_large", status=413)
