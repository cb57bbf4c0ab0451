"""The trace of what is being handled: from headers, in every log line, passed on with what follows.

Spans are recorded only where ``OTEL_EXPORTER_OTLP_ENDPOINT`` names a collector (``chassis.spans``); without
one a trace is passed on as it came, which costs a header.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal, Protocol

from contracts.traceparent import HEADER, begun, heard

Kind = Literal["server", "consumer", "client", "internal"]
CURRENT: ContextVar[str] = ContextVar("traceparent", default="")
"""The ``traceparent`` of the call or question that is being answered; empty outside of any."""


class Span(Protocol):
    """A part of a trace that is being recorded."""

    @property
    def traceparent(self) -> str:
        """By which what follows from it goes on."""

    def end(self, outcome: str = "") -> None:
        """Note that it is done; ``outcome``: the reason if it failed."""


class Recorder(Protocol):
    """Who records spans."""

    def begin(self, name: str, kind: Kind, parent: str, about: Mapping[str, str]) -> Span:
        """Begin a span; ``parent``: a ``traceparent``, empty: of a new trace."""


@dataclass(slots=True)
class _Recording:
    """Whether this process records: set once, when it starts, as where its log goes."""

    recorder: Recorder | None = None


_RECORDING = _Recording()


def record_with(recorder: Recorder | None) -> None:
    """Record spans from now on, or none."""
    _RECORDING.recorder = recorder


def received(headers: Mapping[str, str] | None) -> str:
    """Return the trace that a message came with; empty if it has none."""
    return heard(headers.get(HEADER)) if headers else ""


def span(name: str, kind: Kind, parent: str, **about: str) -> Span | None:
    """Begin a span if spans are recorded. ``about``: attributes; never a person."""
    recorder = _RECORDING.recorder
    return None if recorder is None else recorder.begin(name, kind, parent, about)


@contextmanager
def within(name: str, kind: Kind, parent: str, **about: str) -> Iterator[str]:
    """Handle something as a part of a trace, which begins here if there is no ``parent``; yields its id."""
    part = span(name, kind, parent, **about)
    token = CURRENT.set(part.traceparent if part else parent or begun())
    try:
        yield CURRENT.get()
    except BaseException as error:
        if part:
            part.end(type(error).__name__)
        raise
    else:
        if part:
            part.end()
    finally:
        CURRENT.reset(token)
