"""CloudEvents 1.0 in binary mode over NATS headers."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from contracts.events.base import Event
from contracts.subjects import event_name, stream_of, subject_of

SPEC_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Message:
    """An event ready to publish: who says it under which id, when, on which subject, in JSON."""

    id: str
    source: str
    subject: str
    at: datetime
    payload: bytes

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
        """``ce-*`` attributes, and the message id for the dedupe window."""
        return {
            "Nats-Msg-Id": f"{self.source}/{self.id}",
            "ce-id": self.id,
            **_shared_headers(self.source, self.subject, self.at),
        }


def event_id(*parts: object) -> str:
    """Derive an event's id from what makes it that event, so that a repeat has the same id."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def enclose(event: Event, *, source: str, id_: str, at: datetime) -> Message:
    """Wrap an event for the bus."""
    return Message(id_, source, subject_of(event), at, event.__pydantic_serializer__.to_json(event))


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
