"""Which worker runs what: folders whose tests share a platform stay together, everything else by file.

``--dist loadgroup`` groups nothing with this pytest: marks are written where it no longer reads them.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]
TOGETHER = ("tests/integration/", "tests/monitoring/", "tests/e2e/")
SHARED = re.compile(r"\b(platform: Platform|stack: Stack|bus: Client)\b")
"""What a test asks for that works on the one platform of its folder."""


class ByRoom(LoadScopeScheduling):
    """One worker for each folder's shared platform, one for those with their own; else a file to who is free."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        folder = next((one for one in TOGETHER if file.startswith(one)), "")
        return f"{folder}{'' if shares(file) else 'alone'}" if folder else file


@cache
def shares(file: str) -> bool:
    """Tell whether a file's tests work on the platform that its folder shares."""
    return SHARED.search((ROOT / file).read_text("utf-8")) is not None


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByRoom:
    """Have tests dealt out by room."""
    return ByRoom(config, log)
