"""What is seen from outside the processes: do bus and database answer, who was refused, disk, keys, nights.

A service that hangs says nothing about itself; these series go on. ``Supervisor`` keeps them up to date.
"""

import asyncio
import json
import shutil
import urllib.request
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from math import inf
from pathlib import Path
from typing import Any

import asyncpg
from cryptography import x509
from prometheus_client import CollectorRegistry, Counter, Gauge, Info

from chassis.clock import system_clock
from services.gateway.partner_keys import read_keys
from yingbao.running.backing_up import DRILLS
from yingbao.running.bus_keys import PARTNER_KEYS

SECONDS = 3.0
DAY = 86_400.0
REFUSED_KEY, REFUSED_SUBJECT = "refused_key", "refused_subject"
_SAID = {
    "authentication error": REFUSED_KEY, "Authorization Violation": REFUSED_KEY,
    "Publish Violation": REFUSED_SUBJECT, "Subscription Violation": REFUSED_SUBJECT,
    "Permissions Violation": REFUSED_SUBJECT,
}  # fmt: skip
"""What the bus writes into its log when it refuses somebody."""


class Outside:
    """The series of a platform as a whole; labels name processes and consumers, never a person."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._read = 0
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
        self.audit_differences = self._gauge(
            "yingbao_audit_differences", "Differences that the last night's audit found"
        )
        self.audits = Counter(
            "yingbao_audit_runs",
            "Audits that the nights ran since the start",
            registry=self.registry,
        )
        self.audit_ran = self._gauge(
            "yingbao_audit_last_run_timestamp_seconds",
            "When the audit ran last; start counts as one",
        )
        self.audit_ran.set_to_current_time()
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
            "Days until the first key of the door ends; infinity: none does",
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

    def look(self, database_url: str, monitor_url: str, certificate: Path | None) -> None:
        """Bring everything up to date; what cannot be asked is 0, or as it was."""
        self._database_up.set(asyncio.run(_answers(database_url)))
        self._look_at_bus(monitor_url)
        disk = shutil.disk_usage(self._directory)
        self._free.set(disk.free)
        self._size.set(disk.total)
        self._read_refusals()
        self._look_at_keys(system_clock())
        self._backed_up.set(_last_backup(self._directory / DRILLS))
        if certificate is not None:
            self._certificate_days.set(_days_left(certificate))

    def _look_at_bus(self, monitor_url: str) -> None:
        try:
            found = _consumers(monitor_url) if monitor_url else []
        except (OSError, ValueError):
            self._bus_up.set(0)
            return
        self._bus_up.set(1)
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
            standing = [
                one for one in read_keys(self._directory / PARTNER_KEYS) if one.counts_on(now)
            ]
            ends = [(one.expires - now).total_seconds() / DAY for one in standing if one.expires]
            self._key_days.set(min(ends, default=inf))
            ages = [(now - one.created).total_seconds() / DAY for one in standing]
            self._key_age.set(max(ages, default=0))


def kind_of(line: str) -> str:
    """Return what the bus refused by a line of its log; empty: nothing."""
    return next((kind for said, kind in _SAID.items() if said in line), "")


def _consumers(monitor_url: str) -> list[dict[str, Any]]:
    url = f"{monitor_url}/jsz?streams=true&consumers=true"
    with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310  our own URL
        told = json.load(answer)
    return [
        consumer
        for account in told.get("account_details") or ()
        for stream in account.get("stream_detail") or ()
        for consumer in stream.get("consumer_detail") or ()
        if not consumer["name"].startswith("_")
    ]


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
    noted = [json.loads(line) for line in drills.read_text(encoding="utf-8").splitlines() if line]
    made = [datetime.fromisoformat(one["at"]) for one in noted if one["what"] == "backup"]
    return max((one.timestamp() for one in made), default=0.0)


def _days_left(certificate: Path) -> float:
    ends = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    return (ends - system_clock()).total_seconds() / DAY
