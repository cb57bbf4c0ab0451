"""What an event carries beside its body, in the AsyncAPI document, and an example of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.clock import CHINA
from contracts.envelope import Message
from contracts.events.base import Event
from contracts.subjects import subject_of
from contracts.traceparent import HEADER

SCHEMA = "EventHeaders"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
AT = datetime(2023, 6, 1, 10, 0, tzinfo=CHINA)
WORDS = {
    "Nats-Msg-Id": "By it the bus knows a repeat within two minutes.",
    "ce-id": "The event's id: the same however often it is said.",
    "ce-specversion": "CloudEvents.",
    "ce-source": "Who said it.",
    "ce-type": "What happened, and the version of its body.",
    "ce-time": "When it was said.",
    "content-type": "Of the body.",
    HEADER: "W3C Trace Context: of the call that it follows from; missing if nothing did.",
}


def with_headers(document: dict[str, Any], events: Mapping[str, Event]) -> dict[str, Any]:
    """Give each message that is an event (name → example) its headers and an example.

    FastStream's own correlation id goes: no event carries one.
    """
    document["components"]["schemas"][SCHEMA] = HEADERS
    for title, message in document["components"]["messages"].items():
        message.pop("correlationId", None)
        said = title.split(":")
        event = events.get(said[1]) if len(said) > 1 and said[0] != "door" else None
        if event is not None and "payload" in message:
            message["headers"] = {"$ref": f"#/components/schemas/{SCHEMA}"}
            message["examples"] = [
                {"headers": _headers(event), "payload": event.model_dump(mode="json")}
            ]
    return document


def _headers(event: Event) -> dict[str, str]:
    subject = subject_of(event)
    return Message("5f1d", subject.split(".", 1)[0], subject, AT, b"{}", TRACE).headers


HEADERS = {
    "type": "object",
    "required": sorted(WORDS.keys() - {HEADER}),
    "properties": {name: {"type": "string", "description": said} for name, said in WORDS.items()},
}
