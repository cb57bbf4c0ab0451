"""Which worker runs what: folders whose tests share a platform stay together, everything else by file.

``--dist loadgroup`` groups nothing with this pytest: marks are written where it no longer reads them.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = ("tests/integration/", "tests/monitoring/", "tests/e2e/")


class ByRoom(LoadScopeScheduling):
    """One worker for each folder of tests that would slow each other, else a file to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        folder = next((one for one in TOGETHER if nodeid.startswith(one)), "")
        return folder or nodeid.split("::", 1)[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByRoom:
    """Have tests dealt out by room."""
    return ByRoom(config, log)
