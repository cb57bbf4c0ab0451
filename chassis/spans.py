"""Records spans and hands them to a collector over OTLP/HTTP, with OpenTelemetry's own SDK.

Loaded only where a collector is named. Its settings are OpenTelemetry's environment variables: endpoint,
headers, sampler, batch sizes. Names of messaging's attributes are not settled there yet: all stand here.
"""

import atexit
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Thread

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.release import VERSION
from chassis.tracing import Kind, Recorder, Span
from contracts.traceparent import HEADER, is_clean

SUBJECT, SYSTEM, OPERATION = (
    "messaging.destination.name", "messaging.system", "messaging.operation.type",
)  # fmt: skip
NAMES = {"subject": SUBJECT, "method": "http.request.method", "provider": "peer.service"}
"""Our word for an attribute → OpenTelemetry's."""
END_SECONDS = 2.0
CONTEXTS = TraceContextTextMapPropagator()


class CleanIds(RandomIdGenerator):
    """Ids in which nobody's number can be read."""

    def generate_trace_id(self) -> int:
        """Return an id of 128 bits."""
        while not is_clean(f"{(found := super().generate_trace_id()):032x}"):
            pass
        return found

    def generate_span_id(self) -> int:
        """Return an id of 64 bits."""
        while not is_clean(f"{(found := super().generate_span_id()):016x}"):
            pass
        return found


def exporting(service: str) -> "OtlpRecorder":
    """Return a recorder that hands over as the environment says, and the rest when the process ends."""
    names = {"service.namespace": "yingbao", "service.name": service, "service.version": VERSION}
    provider = TracerProvider(
        resource=Resource.create(names), id_generator=CleanIds(), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    atexit.register(_hand_over, provider)
    return OtlpRecorder(provider.get_tracer("yingbao", VERSION))


def _hand_over(provider: TracerProvider) -> None:
    """Hand over what is left; a collector that is away keeps no process from ending."""
    ending = Thread(target=provider.shutdown, daemon=True)
    ending.start()
    ending.join(END_SECONDS)


@dataclass(slots=True)
class OtlpRecorder(Recorder):
    """Begins spans of OpenTelemetry; what is finished is handed over from a thread of its own."""

    tracer: trace.Tracer

    def begin(self, name: str, kind: Kind, parent: str, about: Mapping[str, str]) -> Span:
        """Begin a span as a part of ``parent``'s trace."""
        context = CONTEXTS.extract({HEADER: parent}) if parent else None
        attributes = {NAMES.get(key, key): value for key, value in about.items()}
        if SUBJECT in attributes:
            attributes |= {SYSTEM: "nats", OPERATION: "process"}
        begun = self.tracer.start_span(name, context, SpanKind[kind.upper()], attributes=attributes)
        return OtlpSpan(begun)


@dataclass(slots=True)
class OtlpSpan(Span):
    """A span of OpenTelemetry."""

    span: trace.Span

    @property
    def traceparent(self) -> str:
        """Return it as a header."""
        own = self.span.get_span_context()
        return f"00-{own.trace_id:032x}-{own.span_id:016x}-{own.trace_flags:02x}"

    def end(self, outcome: str = "") -> None:
        """Note that it is done."""
        if outcome:
            self.span.set_status(StatusCode.ERROR, outcome)
        self.span.end()
