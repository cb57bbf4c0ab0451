"""Serves an application until a signal ends it, the same way for every process."""

import gc
import os
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import uvicorn
from nats.errors import Error as NatsError

from chassis.telemetry import configure_logs
from chassis.tracing import record_with

COLLECTOR = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Served(Protocol):
    """What serving needs to know: where to listen, with which certificate, how much to log."""

    @property
    def http_host(self) -> str:
        """Where it listens."""

    @property
    def http_port(self) -> int:
        """On which port."""

    @property
    def http_cert_file(self) -> Path | None:
        """Its certificate, in PEM; None: without TLS."""

    @property
    def http_key_file(self) -> Path | None:
        """Its private key."""

    @property
    def log_level(self) -> str:
        """What is logged."""


def _calm_collector() -> None:
    """Look for cycles rarely: events make none, and remembered persons are long-lived."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _record_spans(name: str) -> None:
    """Record spans if a collector is named; the SDK is loaded only then."""
    off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if not off and any(os.environ.get(one) for one in COLLECTOR):
        from chassis.spans import exporting  # noqa: PLC0415

        record_with(exporting(name))


def run(app: Any, settings: Served, name: str) -> None:
    """Serve an ASGI application until a signal ends it."""
    configure_logs(name, settings.log_level)
    _record_spans(name)
    _calm_collector()
    config = uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        loop="auto",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=15,
        ssl_certfile=settings.http_cert_file,
        ssl_keyfile=settings.http_key_file,
    )
    with suppress(KeyboardInterrupt, NatsError):
        uvicorn.Server(config).run()
