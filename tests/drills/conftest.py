"""Debian's Prometheus and Alertmanager, as for the drills of every CI run."""

from tests.monitoring.conftest import binaries

__all__ = ["binaries"]
