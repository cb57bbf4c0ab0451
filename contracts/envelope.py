"""CloudEvents 1.0 in binary mode over NATS headers."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from contracts.events.base import Event
from contracts.subjects import stream_of, subject_of

SPEC_VERSION = "1.0"


@dataclass(frozen=True, slots=True)
class Message:
    """An event ready to publish: subject, stream, headers, payload (UTF-8 JSON)."""

    id: str
    subject: str
    stream: str
    headers: dict[str, str]
    payload: bytes


def event_id(*parts: object) -> str:
    """Derive an event's id from what makes it that event, so that a repeat has the same id."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def enclose(event: Event, *, source: str, id_: str, at: datetime) -> Message:
    """Wrap an event for the bus: ``ce-*`` attributes and the message id for the dedupe window."""
    subject = subject_of(event)
    headers = {
        "Nats-Msg-Id": f"{source}/{id_}",
        "ce-id": id_,
        **_constant_headers(source, event.NAME, event.VERSION, at),
    }
    payload = event.__pydantic_serializer__.to_json(event)
    return Message(id_, subject, stream_of(subject).name, headers, payload)


@lru_cache(maxsize=64)
def _constant_headers(source: str, name: str, version: int, at: datetime) -> dict[str, str]:
    """Return the headers that all events of a kind share within a batch."""
    return {
        "ce-specversion": SPEC_VERSION,
        "ce-source": f"/yingbao/{source}",
        "ce-type": f"cn.yingbao.{name}.v{version}",
        "ce-time": at.isoformat(),
        "content-type": "application/json",
    }
