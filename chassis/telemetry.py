"""Logs and metrics. Counts and opaque keys only: a redaction pass removes whatever slipped in."""

import logging
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from chassis.tracing import CURRENT
from contracts.envelope import Message
from contracts.personal import REDACTED, redact
from contracts.traceparent import trace_of

_NAMED = frozenset({"id_number", "name", "phone", "payload", "identity", "contact", "certno"})


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: REDACTED if key in _NAMED else _clean(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(one) for one in value]
    return value


def redaction(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Clean every value of a log line (a structlog processor)."""
    extra = event.pop("extra", None)
    if isinstance(extra, dict):
        event.update(extra)
    for key in list(event):
        event[key] = REDACTED if key in _NAMED else _clean(event[key])
    return event


def traced(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say in every line of which trace it is (a structlog processor)."""
    if current := CURRENT.get():
        event.setdefault("trace", trace_of(current))
    return event


def configure_logs(service: str, level: str = "INFO") -> None:
    """Write one JSON object a line to standard error, for our own and for library loggers."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        traced,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        structlog.processors.format_exc_info,
        redaction,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("uvicorn.access", "faststream", "nats", "alembic", "httpx2", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    structlog.contextvars.bind_contextvars(service=service)


def logger() -> structlog.stdlib.BoundLogger:
    """Return the process's logger."""
    found: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("yingbao")
    return found


TRACES_SHOWN = 20


def turn_line(
    durables: Mapping[str, int],
    announced: Sequence[Message],
    seconds: float,
    traces: Sequence[str] = (),
    *,
    bad: int = 0,
) -> None:
    """Write the one line of a turn: what was taken, what follows, how long it took, and whose traces.

    ``bad``: how many were set aside. Beyond ``TRACES_SHOWN`` only their count is told: that is a backlog.
    """
    found = [one for one in dict.fromkeys(map(trace_of, traces)) if one]
    more = {"traces_more": len(found) - TRACES_SHOWN} if len(found) > TRACES_SHOWN else {}
    logger().info(
        "turn", taken=dict(durables), announced=len(announced), set_aside=bad,
        ms=round(seconds * 1000, 1), traces=found[:TRACES_SHOWN], **more,
    )  # fmt: skip


SECURITY_KINDS = ("refused_key", "refused_subject", "over_quota", "refused_callback")


class Metrics:
    """The series every service exposes; labels never carry an identifier."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)  # memory, CPU, since when
        self.messages = Counter(
            "yingbao_messages", "Messages handled, by event and outcome",
            ["event", "outcome"], registry=self.registry,
        )  # fmt: skip
        self.batch = Histogram(
            "yingbao_batch_seconds", "One turn of the loop, from the transaction to the acks",
            registry=self.registry, buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )  # fmt: skip
        self.announced = Counter(
            "yingbao_announced_events", "Events written to the outbox", ["event"],
            registry=self.registry,
        )  # fmt: skip
        self.deadletters = Counter(
            "yingbao_deadlettered_messages", "Messages set aside, by reason", ["reason"],
            registry=self.registry,
        )  # fmt: skip
        self.deadletters.labels("bug")  # so that the first is an increase
        self.retries = Counter(
            "yingbao_batch_retries", "Turns repeated because the world was broken",
            registry=self.registry,
        )  # fmt: skip
        self._watch_outbox_and_consumers()

    def _watch_outbox_and_consumers(self) -> None:
        self.outbox_unsent = Gauge(
            "yingbao_outbox_unsent_messages", "Outbox rows not yet confirmed by the bus",
            registry=self.registry,
        )  # fmt: skip
        self.outbox_kept = Gauge(
            "yingbao_outbox_kept_messages", "Outbox rows that not everybody has received yet",
            registry=self.registry,
        )  # fmt: skip
        self.streams_lost = Counter(
            "yingbao_streams_lost", "Streams found to have been made again", ["stream"],
            registry=self.registry,
        )  # fmt: skip
        self.outbox_age = Gauge(
            "yingbao_outbox_oldest_seconds", "Age of the oldest unconfirmed outbox row",
            registry=self.registry,
        )  # fmt: skip
        self.pending = Gauge(
            "yingbao_consumer_pending_messages", "Messages the consumer has still to take",
            ["durable"], registry=self.registry,
        )  # fmt: skip
        self.stalled = Gauge(
            "yingbao_consumer_stalled", "1 when messages wait and nothing moves", ["durable"],
            registry=self.registry,
        )  # fmt: skip
        self._watch_answers_and_streams()

    def _watch_answers_and_streams(self) -> None:
        self.answers = Counter(
            "yingbao_answers", "Questions answered, by subject and outcome",
            ["subject", "outcome"], registry=self.registry,
        )  # fmt: skip
        self.job_failures = Counter(
            "yingbao_job_failures", "Background jobs that failed, by job and kind",
            ["job", "kind"], registry=self.registry,
        )  # fmt: skip
        self.latency = Histogram(
            "yingbao_door_request_seconds", "A request at the door, by kind", ["kind"],
            registry=self.registry,
        )  # fmt: skip
        self.stream_used = Gauge(
            "yingbao_stream_used_ratio", "Bytes of a stream, as a share of what it may hold",
            ["stream"], registry=self.registry,
        )  # fmt: skip
        self.stream_days_left = Gauge(
            "yingbao_stream_days_until_full", "Days until a stream refuses, if as much comes as came",
            ["stream"], registry=self.registry,
        )  # fmt: skip
        self.streams_remade = Counter(
            "yingbao_streams_remade", "Streams that were gone and were made again", ["stream"],
            registry=self.registry,
        )  # fmt: skip
        self.security_events = Counter(
            "yingbao_security_events", "Refused keys and subjects, by kind", ["kind"],
            registry=self.registry,
        )  # fmt: skip
        for kind in SECURITY_KINDS:
            self.security_events.labels(kind)  # so that the first is an increase
        self._gauges: dict[str, Gauge] = {}
        self._counters: dict[str, Counter] = {}

    def counter(self, name: str, text: str, labels: Sequence[str]) -> Counter:
        """Return a service's own counter, made when it is counted first."""
        if name not in self._counters:
            self._counters[name] = Counter(name, text, labels, registry=self.registry)
        return self._counters[name]

    def gauge(self, name: str, text: str, labels: Sequence[str]) -> Gauge:
        """Return a service's own gauge, made when it is set first."""
        if name not in self._gauges:
            self._gauges[name] = Gauge(name, text, labels, registry=self.registry)
        return self._gauges[name]
