"""What an operator does at night: look at what was set aside, and send it back."""

import json
import os
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from chassis.bus import publish
from chassis.clock import system_clock
from chassis.connecting import BusAccess
from chassis.privacy import vault
from chassis.settings import Settings
from contracts.envelope import Message, event_id
from contracts.events.deadletter import DeadLettered
from yingbao.running.bus_keys import BUS_KEYS, OPERATOR
from yingbao.running.keys import read_private


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
    url, key = told.nats_url, os.environ.get("YINGBAO_OPERATOR_KEY", "")
    if not url and described.exists():
        url = json.loads(described.read_text(encoding="utf-8"))["nats_url"]
    key = key or read_private(data / "keys.json").get("operator_key", "")
    seed = told.bus_seed.get_secret_value() or read_private(data / BUS_KEYS).get(OPERATOR, "")
    if not url or not key:
        raise NoStackError(
            "no running platform: set NATS_URL, YINGBAO_BUS_SEED and YINGBAO_OPERATOR_KEY, or --data"
            f" (not {data})"
        )
    return Place(BusAccess(tuple(url.split(",")), OPERATOR, seed, told.bus_ca_file), key)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter, its number on the stream, and the input, opened."""

    number: int
    letter: DeadLettered
    payload: str

    def described(self) -> dict[str, Any]:
        """Return all but the input as JSON."""
        return {"number": self.number} | self.letter.model_dump(
            mode="json", exclude={"payload_sealed"}
        )


async def letters(nc: Client, place: Place) -> AsyncIterator[DeadLetter]:
    """Return every dead letter, oldest first."""
    js = nc.jetstream()
    operators = vault(place.operator_key, "AES-256-GCM")
    state = (await js.stream_info("DEADLETTER")).state
    for number in range(max(1, state.first_seq), state.last_seq + 1):
        try:
            raw = await js.get_msg("DEADLETTER", number)
        except NotFoundError:
            continue
        letter = DeadLettered.model_validate_json(raw.data or b"")
        yield DeadLetter(number, letter, operators.open(letter.payload_sealed, letter.message))


async def one_letter(nc: Client, place: Place, number: int) -> DeadLetter:
    """Return one dead letter. Raises LookupError."""
    async for found in letters(nc, place):
        if found.number == number:
            return found
    raise LookupError(f"there is no dead letter {number}")


async def retry(nc: Client, place: Place, number: int) -> str:
    """Send a dead letter back to where it came from; returns the subject.

    Raises LookupError if it is not there, ValueError if only its sender can send it again.
    """
    found = await one_letter(nc, place, number)
    subject = found.letter.subject
    if subject.startswith("door."):
        raise ValueError("refused at the door: only the sender can correct and send it again")
    # A random id: the dedupe window must not swallow a second attempt.
    id_ = event_id(found.letter.message, secrets.token_hex(8))
    message = Message(id_, "operator", subject, system_clock(), found.payload.encode())
    await publish(nc, [message])
    return subject


async def connect(place: Place) -> Client:
    """Connect to the bus, or fail within a few seconds."""
    return await place.bus.connect(connect_timeout=3, allow_reconnect=False)
