"""Debian's Prometheus and Alertmanager, unpacked once into the environment; nothing is installed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def binaries() -> Path:
    """Return where promtool, prometheus, prometheus-alertmanager and amtool are."""
    place = Path(sys.prefix) / "prometheus"
    subprocess.run([ROOT / "scripts" / "fetch_prometheus.sh", place], check=True)
    return place / "unpacked" / "usr" / "bin"
