"""What an operator does at night: look at what was set aside, and send it back."""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nats.aio.client import Client
from nats.js.errors import BadRequestError, NotFoundError

from chassis.bus import publish, read_stream
from chassis.clock import system_clock
from chassis.connecting import BusAccess
from chassis.language import tr
from chassis.privacy import Vault, vault
from chassis.settings import EXAMPLE_KEY, Settings, servers_of
from chassis.tracing import received
from contracts.envelope import Message, event_id
from contracts.events.deadletter import DeadLettered
from contracts.subjects import DEADLETTER
from yingbao.running.bus_keys import BUS_KEYS, OPERATOR
from yingbao.running.private_files import read_private


class NoStackError(Exception):
    """Nothing says where the bus is; the message says how to tell."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a running platform is, and the operators' key."""

    bus: BusAccess
    operator_key: str


def find(data: Path) -> Place:
    """Find a platform: from the environment, else from the data directory of ``yingbao up``."""
    described = data / "stack.json"
    told = Settings()
    url, key = told.nats_url, told.operator_key.get_secret_value()
    key = "" if key == EXAMPLE_KEY else key
    if not url and described.exists():
        url = json.loads(described.read_text(encoding="utf-8"))["nats_url"]
    key = key or read_private(data / "keys.json").get("operator_key", "")
    seed = told.bus_seed.get_secret_value() or read_private(data / BUS_KEYS).get(OPERATOR, "")
    if not url or not key:
        raise NoStackError(
            tr(
                "no running platform: set NATS_URL, "
                "YINGBAO_BUS_SEED and YINGBAO_OPERATOR_KEY, or --data (not {data})",
                data=data,
            )
        )
    return Place(BusAccess(servers_of(url), OPERATOR, seed, told.bus_ca_file), key)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter, its number on the stream, and the input, opened."""

    number: int
    letter: DeadLettered
    payload: str
    trace: str = ""

    def described(self) -> dict[str, Any]:
        """Return all but the input as JSON."""
        return {"number": self.number} | self.letter.model_dump(
            mode="json", exclude={"payload_sealed"}
        )


@dataclass(frozen=True, slots=True)
class Which:
    """Which letters a command is about: these numbers, or all of a service and a reason."""

    numbers: tuple[int, ...] = ()
    service: str = ""
    reason: str = ""

    def takes(self, found: DeadLetter) -> bool:
        """Tell whether a letter is one of them."""
        if self.numbers:
            return found.number in self.numbers
        letter = found.letter
        return self.service in {"", letter.service} and self.reason in {"", letter.reason}


async def letters(nc: Client, place: Place) -> AsyncIterator[DeadLetter]:
    """Return every dead letter, oldest first."""
    operators = vault(place.operator_key, "AES-256-GCM")
    async for raw in read_stream(nc.jetstream(), DEADLETTER):
        yield _opened(raw.metadata.sequence.stream, raw.data, operators, raw.headers)


def _opened(
    number: int, data: bytes, operators: Vault, headers: Mapping[str, str] | None
) -> DeadLetter:
    letter = DeadLettered.model_validate_json(data)
    opened = operators.open(letter.payload_sealed, letter.message)
    return DeadLetter(number, letter, opened, received(headers))


async def one_letter(nc: Client, place: Place, number: int) -> DeadLetter:
    """Return one dead letter. Raises LookupError."""
    try:
        raw = await nc.jetstream().get_msg(DEADLETTER.name, number)
    except NotFoundError:
        raise LookupError(tr("there is no dead letter {number}", number=number)) from None
    operators = vault(place.operator_key, "AES-256-GCM")
    return _opened(number, raw.data or b"", operators, raw.headers)


async def chosen(nc: Client, place: Place, which: Which) -> list[DeadLetter]:
    """Return the letters that a command is about. Raises LookupError for a number that is not there."""
    if which.numbers:
        return [await one_letter(nc, place, number) for number in which.numbers]
    return [found async for found in letters(nc, place) if which.takes(found)]


async def retry(nc: Client, found: DeadLetter) -> str:
    """Send a dead letter back to where it came from, and take it off the list; returns the subject.

    What fails again comes as a new letter. Raises ValueError if only its sender can send it again.
    """
    subject = found.letter.subject
    if subject.startswith("door."):
        raise ValueError(tr("refused at the door: only the sender can correct and send it again"))
    # A random id: the dedupe window must not swallow a second attempt.
    id_ = event_id(found.letter.message, secrets.token_hex(8))
    body = found.payload.encode()
    message = Message(id_, "operator", subject, system_clock(), body, found.trace)
    await publish(nc, [message])
    await close(nc, found)
    return subject


async def close(nc: Client, found: DeadLetter) -> None:
    """Take a letter off the list. A stream of version 0.1 keeps everything; there it stays listed."""
    with suppress(BadRequestError):
        await nc.jetstream().delete_msg(DEADLETTER.name, found.number)


async def connect(place: Place) -> Client:
    """Connect to the bus, or fail within a few seconds."""
    return await place.bus.connect(connect_timeout=3, allow_reconnect=False)
