"""Messages taken together: what each says, and which trace it came with."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nats.aio.msg import Msg

from chassis import tracing
from chassis.factset import Fact
from contracts.envelope import Message


@dataclass(slots=True)
class Item:
    """A message that is a fact. ``span``: the part of its trace that is being recorded, if parts are."""

    msg: Msg
    durable: str
    fact: Fact
    trace: str = ""
    span: tracing.Span | None = None


@dataclass(slots=True)
class Batch:
    """Messages taken together, decoded while the turn before was still being written."""

    messages: list[Msg]
    durables: Counter[str]
    items: list[Item]
    bad: list[Message]


def traced(msg: Msg, durable: str, fact: Fact) -> Item:
    """Return a fact with the trace that it came with, a part of which begins here if parts are recorded."""
    trace, name = tracing.received(msg.headers), fact.event.NAME
    part = tracing.span(f"process {name}", "consumer", trace, subject=msg.subject)
    return Item(msg, durable, fact, part.traceparent if part else trace, part)


def traces_of(items: Sequence[Item]) -> dict[str, str]:
    """Return traces by person, and by bill: what follows from a turn goes on with them."""
    found: dict[str, str] = {}
    for item in items:
        if item.trace:
            found[item.fact.person] = found[getattr(item.fact.event, "claim", "")] = item.trace
    found.pop("", None)
    return found


def lanes(items: list[Item]) -> tuple[list[Item], list[Item]]:
    """Split a batch by person, so that one half computes while the other waits for the disk.

    A person's key ends in base32, a to z and 2 to 7: "j" leaves about half on each side.
    """
    halves: tuple[list[Item], list[Item]] = ([], [])
    for item in items:
        halves[item.fact.person[-1] > "j"].append(item)
    return halves
