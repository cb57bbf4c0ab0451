"""Who may say and hear what on the bus, from what each service declares. Pure.

The bus believes nobody: whoever connects proves a key, and may publish and subscribe only what stands
here. Nothing is allowed by default, and nobody hears another's inbox.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from chassis.bus import Subscription
from contracts.asking import Query
from contracts.events.base import Event
from contracts.events.deadletter import DeadLettered
from contracts.subjects import Stream, stream_of

API = "$JS.API"
EVERYTHING = (">",)


@dataclass(frozen=True, slots=True)
class Permissions:
    """What one holder of a key may publish and subscribe; ``replies``: it may answer what it hears."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    replies: bool = False


def token_of(holder: str) -> str:
    """Return a holder as a part of a subject: ``hospital/H34169901`` → ``hospital.H34169901``.

    A township's Chinese name is percent-encoded: clients exist that carry ASCII only.
    """
    return ".".join(quote(part, safe="").replace(".", "%2E") for part in holder.split("/"))


def inbox_of(holder: str) -> str:
    """Return the beginning of a holder's own inboxes; nobody else may listen there."""
    return f"_INBOX.{token_of(holder)}"


def of_operator() -> Permissions:
    """The platform's operator: everything. Its key stays on the platform's own machine."""
    return Permissions(EVERYTHING, EVERYTHING)


def of_service(
    name: str,
    *,
    says: Iterable[type[Event]],
    reads: Iterable[Subscription] = (),
    hears: Iterable[str] = (),
    answers: Iterable[str] = (),
    asks: Iterable[Query[Any, Any]] = (),
) -> Permissions:
    """Return what a service needs and no more.

    ``reads``: its durable consumers. ``hears``: subjects it is woken by, without reading a stream.
    """
    spoken: tuple[type[Event], ...] = (*says, DeadLettered)
    publish = [subject_said(event, name) for event in spoken]
    publish += [subject for stream in streams_of(spoken) for subject in _own(stream.name)]
    publish += [subject for one in reads for subject in _consumer(one)]
    publish += sorted(one.subject for one in asks)
    answered = tuple(answers)
    subscribe = (f"{inbox_of(name)}.>", *answered, *hears)
    return Permissions(tuple(publish), subscribe, replies=bool(answered))


def of_partner(holder: str) -> Permissions:
    """A department, township or hospital: its own doors, and its own inboxes for the receipts."""
    return Permissions((f"{door_of(holder)}.*.v1",), (f"{inbox_of(holder)}.>",))


def door_of(holder: str) -> str:
    """Return the beginning of a holder's doors, ``door.tax``, ``door.hospital.H34169901``."""
    return f"door.{token_of(holder)}"


def subject_said(event: type[Event], service: str) -> str:
    """Name the subject, or the pattern of subjects, that a service says an event on."""
    return event.SUBJECT.replace("*", service) if event is DeadLettered else event.SUBJECT


def streams_of(says: Iterable[type[Event]]) -> tuple[Stream, ...]:
    """Return the streams that a service speaks on; whoever speaks may have to set a message aside."""
    spoken: tuple[type[Event], ...] = (*says, DeadLettered)
    found = {stream.name: stream for stream in (stream_of(event.SUBJECT) for event in spoken)}
    return tuple(found.values())


def _own(stream: str) -> list[str]:
    """A stream is made, and made again after a loss, by who speaks on it, and who waits for receipts."""
    # Not UPDATE: a stream can be told to repeat its messages on any subject, with nobody's permissions.
    whole = [f"{API}.STREAM.{what}.{stream}" for what in ("INFO", "CREATE")]
    return [*whole, f"{API}.CONSUMER.LIST.{stream}"]


def _consumer(one: Subscription) -> list[str]:
    where = f"{one.stream}.{one.durable}"
    return [
        f"{API}.STREAM.INFO.{one.stream}",
        f"{API}.CONSUMER.INFO.{where}", f"{API}.CONSUMER.DURABLE.CREATE.{where}",
        f"{API}.CONSUMER.MSG.NEXT.{where}", f"$JS.ACK.{where}.>",
    ]  # fmt: skip


def allows(patterns: Iterable[str], subject: str) -> bool:
    """Tell whether a subject lies within one of the patterns, as the server reads them."""
    return any(_matches(pattern.split("."), subject.split(".")) for pattern in patterns)


def _matches(pattern: list[str], subject: list[str]) -> bool:
    """A pattern is allowed within another where every subject of it is: ``>`` lies only within ``>``."""
    for place, part in enumerate(pattern):
        if part == ">":
            return len(subject) > place
        if place >= len(subject) or (part not in {"*", subject[place]}) or subject[place] == ">":
            return False
    return len(pattern) == len(subject)
