"""CloudEvents 1.0 in binary mode over NATS headers."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from contracts.events.base import Event
from contracts.subjects import event_name, stream_of, subject_of
from contracts.traceparent import HEADER

SPEC_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Message:
    """An event ready to publish: who says it under which id, when, on which subject, in JSON.

    ``trace``: the ``traceparent`` of what it follows from; empty if nobody asked for it.
    """

    id: str
    source: str
    subject: str
    at: datetime
    payload: bytes
    trace: str = ""

    @property
    def stream(self) -> str:
        """The stream that stores it."""
        return stream_of(self.subject).name

    @property
    def owner(self) -> str:
        """The first word of the subject: who speaks on its stream."""
        return self.subject.split(".", 1)[0]

    @property
    def headers(self) -> dict[str, str]:
        """``ce-*`` attributes, the message id for the dedupe window, and the trace, if there is one."""
        traced = {HEADER: self.trace} if self.trace else {}
        return {
            "Nats-Msg-Id": f"{self.source}/{self.id}",
            "ce-id": self.id,
            **_shared_headers(self.source, self.subject, self.at),
            **traced,
        }


def event_id(*parts: object) -> str:
    """Derive an event's id from what makes it that event, so that a repeat has the same id."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def enclose(event: Event, *, source: str, id_: str, at: datetime, trace: str = "") -> Message:
    """Wrap an event for the bus."""
    payload = event.__pydantic_serializer__.to_json(event)
    return Message(id_, source, subject_of(event), at, payload, trace)


@lru_cache(maxsize=64)
def _shared_headers(source: str, subject: str, at: datetime) -> dict[str, str]:
    """Return the headers that all events of a kind share within a batch."""
    return {
        "ce-specversion": SPEC_VERSION,
        "ce-source": f"/yingbao/{source}",
        "ce-type": f"cn.yingbao.{event_name(subject)}.{subject.rsplit('.', 1)[-1]}",
        "ce-time": at.isoformat(),
        "content-type": "application/json",
    }
