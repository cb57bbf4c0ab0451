"""What is seen from outside the processes: do bus and database answer, who was refused, disk, keys, nights.

A service that hangs says nothing about itself; these series go on. ``Supervisor`` keeps them up to date.
"""

import asyncio
import json
import shutil
import socket
from collections import defaultdict
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from math import inf
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from cryptography import x509
from prometheus_client import CollectorRegistry, Counter, Gauge, Info

from chassis.bus_health import consumers_in
from chassis.clock import system_clock
from chassis.settings import servers_of
from services.gateway.partner_keys import read_keys
from yingbao.running.backing_up import DRILLS
from yingbao.running.bus_keys import ALL_SERVICES, PARTNER_KEYS
from yingbao.running.nightly import last_audit

SECONDS = 3.0
DAY = 86_400.0
REFUSED_KEY, REFUSED_SUBJECT = "refused_key", "refused_subject"
DURABLES = frozenset(one.durable for service in ALL_SERVICES for one in service.subscriptions)
_SAID = {
    "authentication error": REFUSED_KEY, "Authorization Violation": REFUSED_KEY,
    "Publish Violation": REFUSED_SUBJECT, "Subscription Violation": REFUSED_SUBJECT,
    "Permissions Violation": REFUSED_SUBJECT,
}  # fmt: skip
"""What the bus writes into its log when it refuses somebody."""


class Outside:
    """The series of a platform as a whole; labels name processes and consumers, never a person."""

    def __init__(self, directory: Path, partner_keys: Path | None = None) -> None:
        self._directory = directory
        self._partner_keys = partner_keys or directory / PARTNER_KEYS
        # Beside the keys: in a container both come from the operator's folder of secrets.
        self._drills = self._partner_keys.parent / DRILLS
        log = directory / "nats" / "nats.log"
        self._read = log.stat().st_size if log.exists() else 0
        self.registry = CollectorRegistry()
        Info("yingbao_build", "Which version runs", registry=self.registry).info(
            {"version": version("yingbao")}
        )
        self.restarts = Counter(
            "yingbao_process_restarts", "Processes that ended and were started again", ["child"],
            registry=self.registry,
        )  # fmt: skip
        self.refusals = Counter(
            "yingbao_bus_refusals", "Keys and subjects that the bus refused", ["kind"],
            registry=self.registry,
        )  # fmt: skip
        for kind in (REFUSED_KEY, REFUSED_SUBJECT):
            self.refusals.labels(kind)
        self._differences = self._gauge(
            "yingbao_audit_differences", "Differences that the last audit found"
        )
        self._audit_ran = self._gauge(
            "yingbao_audit_last_run_timestamp_seconds",
            "When the audit ran last; the start, if never",
        )
        self._started = system_clock().timestamp()
        self._bus_up = self._gauge("yingbao_bus_up", "1 if the bus answers")
        self._database_up = self._gauge("yingbao_database_up", "1 if the database answers")
        self._waiting = self._gauge(
            "yingbao_bus_waiting_messages", "Messages not taken or not acknowledged", "durable"
        )
        self._acknowledged = self._gauge(
            "yingbao_bus_acknowledged_sequence",
            "Up to where a consumer has acknowledged",
            "durable",
        )
        self._watch_what_ends()

    def _watch_what_ends(self) -> None:
        self._free = self._gauge("yingbao_disk_free_bytes", "Room on the data directory's disk")
        self._size = self._gauge("yingbao_disk_size_bytes", "Size of the data directory's disk")
        self._backed_up = self._gauge(
            "yingbao_backup_last_timestamp_seconds", "When a backup was written last; 0: never"
        )
        self._key_days = self._gauge(
            "yingbao_key_expires_days",
            "Days until somebody has no key of the door any more",
        )
        self._key_age = self._gauge(
            "yingbao_key_age_days", "Age of the oldest key that opens the door"
        )
        self._certificate_days = self._gauge(
            "yingbao_certificate_expires_days", "Days until the door's certificate ends"
        )
        self._certificate_days.set(inf)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self.registry)

    def look(
        self, database_url: str, bus_url: str, monitor_url: str, certificate: Path | None
    ) -> None:
        """Bring everything up to date; what cannot be asked is 0, or as it was."""
        self._database_up.set(asyncio.run(_answers(database_url)))
        self._look_at_bus(bus_url, monitor_url)
        disk = shutil.disk_usage(self._directory)
        self._free.set(disk.free)
        self._size.set(disk.total)
        self._read_refusals()
        self._look_at_keys(system_clock())
        audited = last_audit(self._directory)
        self._differences.set(0 if audited is None else audited.differences)
        self._audit_ran.set(self._started if audited is None else audited.at.timestamp())
        self._backed_up.set(_last_backup(self._drills))
        with suppress(OSError, ValueError):
            self._certificate_days.set(inf if certificate is None else _days_left(certificate))

    def _look_at_bus(self, bus_url: str, monitor_url: str) -> None:
        try:
            found = _consumers(monitor_url) if monitor_url else _greeted(bus_url)
        except (OSError, ValueError):
            self._bus_up.set(0)
            return
        self._bus_up.set(1)
        self._waiting.clear()
        self._acknowledged.clear()
        for one in found:
            waiting = one["num_pending"] + one["num_ack_pending"]
            self._waiting.labels(one["name"]).set(waiting)
            self._acknowledged.labels(one["name"]).set(one["ack_floor"]["stream_seq"])

    def _read_refusals(self) -> None:
        """Count what the bus wrote since the last look; a log that was set aside begins anew."""
        log = self._directory / "nats" / "nats.log"
        if not log.exists():
            return
        if log.stat().st_size < self._read:
            self._read = 0
        with log.open("rb") as lines:
            lines.seek(self._read)
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                kind = kind_of(line.decode(errors="replace"))
                if kind:
                    self.refusals.labels(kind).inc()

    def _look_at_keys(self, now: datetime) -> None:
        with suppress(OSError, ValueError):
            standing = [one for one in read_keys(self._partner_keys) if one.counts_on(now)]
            ends: defaultdict[str, float] = defaultdict(float)
            for key in standing:
                left = (key.expires - now).total_seconds() / DAY if key.expires else inf
                ends[key.holder] = max(ends[key.holder], left)
            self._key_days.set(min(ends.values(), default=inf))
            ages = [(now - one.created).total_seconds() / DAY for one in standing]
            self._key_age.set(max(ages, default=0))


def kind_of(line: str) -> str:
    """Return what the bus refused by a line of its log; empty: nothing."""
    return next((kind for said, kind in _SAID.items() if said in line), "")


def _consumers(monitor_url: str) -> list[dict[str, Any]]:
    return [one for one in consumers_in(monitor_url) if one["name"] in DURABLES]


def _greeted(bus_url: str) -> list[dict[str, Any]]:
    """Have the bus say who it is; it tells nothing of its consumers. Raises OSError, or ValueError."""
    for server in servers_of(bus_url):
        place = urlsplit(server)
        with (
            suppress(OSError),
            socket.create_connection(
                (place.hostname or "", place.port or 4222), SECONDS
            ) as connection,
        ):
            if connection.recv(4).startswith(b"INFO"):
                return []
    raise ValueError("no bus")


async def _answers(database_url: str) -> bool:
    try:
        connection = await asyncpg.connect(database_url, timeout=SECONDS)
        try:
            await connection.fetchval("SELECT 1", timeout=SECONDS)
        finally:
            connection.terminate()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    return True


def _last_backup(drills: Path) -> float:
    """Return when a backup was written last, of the drills that were noted; 0: never."""
    if not drills.exists():
        return 0.0
    last = 0.0
    for line in drills.read_text(encoding="utf-8").splitlines():
        with suppress(ValueError, KeyError, TypeError):  # a line that was cut hides no other
            noted = json.loads(line)
            if noted["what"] == "backup":
                last = max(last, datetime.fromisoformat(noted["at"]).timestamp())
    return last


def _days_left(certificate: Path) -> float:
    ends = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    return (ends - system_clock()).total_seconds() / DAY
