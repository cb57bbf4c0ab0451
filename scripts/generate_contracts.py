"""Generate, and with ``--check`` compare, what outsiders read: schemas, golden events, AsyncAPI.

A change that an old reader could not follow is refused: events are additive only.
"""

import argparse
import json
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import jsonschema_rs
from faststream.nats import JStream, NatsBroker
from faststream.specification.asyncapi import AsyncAPI
from jsonschema_rs.canonical import Containment

from chassis.asking import Answers
from chassis.bus import Subscription
from contracts.events.base import Event
from contracts.examples import EXAMPLES
from contracts.subjects import BY_NAME, EVENTS, stream_of
from services.assistance.app import SERVICE as ASSISTANCE
from services.enrollment.app import SERVICE as ENROLLMENT
from services.gateway.door_channels import with_door
from services.gateway.event_channels import with_headers
from services.gateway.reply_channels import with_replies
from services.notify.app import SERVICE as NOTIFY
from services.settlement.app import SERVICE as SETTLEMENT

ROOT = Path(__file__).parent.parent / "contracts"


def file_name(event: type[Event]) -> str:
    """Name the files of an event version."""
    return f"{event.NAME}.v{event.VERSION}.json"


def pretty(document: Any) -> str:
    """Write JSON the same way every time."""
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def schema_of(event: type[Event]) -> dict[str, Any]:
    """Return an event's JSON Schema, as readers see it: unknown fields are allowed."""
    return event.model_json_schema(mode="validation")


def asyncapi() -> dict[str, Any]:
    """Let FastStream write the document: every channel, who listens and who speaks."""
    broker = NatsBroker("nats://localhost:4222", description="County bus")
    services = (ENROLLMENT, SETTLEMENT, ASSISTANCE, NOTIFY)
    for service in services:
        for answer in service.answers:
            declare_answer(broker, answer)
        for subscription in service.listens:
            for model in events_of(subscription, without=service.kept_events):
                declare_reader(broker, service.name, subscription, model, FOLDED)
        for kept in service.keeps:
            for model in events_of(kept.subscription):
                declare_reader(broker, service.name, kept.subscription, model, KEPT)
        for event in service.says:
            broker.publisher(event.SUBJECT, title=f"{service.name}:{event.NAME}", schema=event)
    document = AsyncAPI(broker, title="Yingbao", version="1", schema_version="3.0.0")
    found: dict[str, Any] = json.loads(document.to_specification().to_json())
    queries = [one.query for service in services for one in service.answers]
    return with_headers(with_replies(with_door(found), queries), EXAMPLES)


FOLDED = "Add the fact to the person's set, fold, announce the difference."
KEPT = "Keep the message in a set of its own; twice changes nothing."


def declare_answer(broker: NatsBroker, one: Answers) -> None:
    """Declare a question: the chassis answers it, FastStream documents it."""

    async def answer(question: Any) -> Any: ...

    answer.__doc__ = one.answer.__doc__
    answer.__annotations__ = {"question": one.query.asked, "return": one.query.answer}
    broker.subscriber(
        one.query.subject, queue=one.query.service, title=one.query.subject,
        description=f"{one.answer.__doc__} Asked by: {one.query.scope}; within {one.query.seconds:g} s.",
    )(answer)  # fmt: skip


def events_of(subscription: Subscription, without: Collection[str] = ()) -> list[type[Event]]:
    """Return the events that a durable consumer delivers."""
    return [
        event
        for event in EVENTS
        for subject in subscription.subjects
        if (subject.endswith(">") or subject == event.SUBJECT)
        and stream_of(event.SUBJECT).name == subscription.stream
        and event.NAME not in without
    ]


def declare_reader(
    broker: NatsBroker, service: str, subscription: Subscription, model: type[Event], what: str
) -> None:
    """Declare a channel that a durable consumer reads: the chassis consumes it, FastStream documents it."""

    async def handle(message: Any) -> None: ...

    handle.__doc__ = what
    handle.__annotations__ = {"message": model, "return": None}
    broker.subscriber(
        model.SUBJECT,
        stream=JStream(subscription.stream, declare=False),
        title=f"{subscription.durable}:{model.NAME}",
        description=f"{service}, durable {subscription.durable}, explicit ack after commit",
    )(handle)


def breaking(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Tell whether a reader of the new version could fail on a message of the old one.

    The writer is closed (it sends what it declares), the reader is open (it ignores the rest).
    """
    writer = jsonschema_rs.canonicalize(_closed(old))
    reader = jsonschema_rs.canonicalize(new)
    return reader.covers(writer) is not Containment.YES


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    closed = dict(schema)
    if "properties" in closed:
        closed["additionalProperties"] = False
    if "$defs" in closed:
        closed["$defs"] = {name: _closed(part) for name, part in closed["$defs"].items()}
    return closed


def wanted() -> dict[Path, str]:
    """Return every generated file and its text."""
    files = {ROOT / "schemas" / file_name(e): pretty(schema_of(e)) for e in EVENTS}
    files[ROOT / "asyncapi.json"] = pretty(asyncapi())
    for event in EVENTS:
        example = EXAMPLES[event.NAME]
        files[ROOT / "golden" / file_name(event)] = pretty(json.loads(example.model_dump_json()))
    return files


def problems() -> list[str]:
    """Return what keeps the committed files from being the truth."""
    found = []
    for path, text in wanted().items():
        name = path.relative_to(ROOT)
        if not path.exists():
            found.append(f"{name} is missing: run 'make contracts'")
        elif path.read_text(encoding="utf-8") != text:
            found.append(f"{name} is out of date: run 'make contracts'")
    return found + broken_promises()


def broken_promises() -> list[str]:
    """Compare every committed schema with the model: a released reader must go on working."""
    found = []
    for path in sorted((ROOT / "schemas").glob("*.json")):
        name = path.name.split(".", 1)[0]
        old = json.loads(path.read_text(encoding="utf-8"))
        if name not in BY_NAME:
            found.append(f"event {name} was removed: released events stay")
        elif breaking(old, schema_of(BY_NAME[name])):
            found.append(f"event {name} changed in a way that breaks old messages: make a v2")
    return found


def main() -> int:
    """Write or check the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, only compare")
    if parser.parse_args().check:
        found = problems()
        print("\n".join(found) if found else "contracts: up to date, nothing broken")
        return 1 if found else 0
    broken = broken_promises()
    if broken:
        print("\n".join(broken))
        return 1
    for path, text in wanted().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"contracts: {len(EVENTS)} events written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
