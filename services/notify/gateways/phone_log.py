"""The embedded way: a file with one JSON object a message, what a phone would show, for demos and tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from chassis.settings import Settings
from services.notify.gateways import CallbackRefusedError, Outcome, Receipt, Received, Sms
from services.notify.settings import phone_log_of

PER_SECOND = 1_000.0


class PhoneLog:
    """Knows what it took, as it is written there."""

    def __init__(self, path: Path) -> None:
        self.rate = PER_SECOND
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    async def send(self, messages: Sequence[Sms]) -> list[Outcome]:
        """Append and flush: all or nothing."""
        lines = [
            orjson.dumps({"key": one.id, "phone": one.phone, "text": one.text, "parts": one.parts})
            for one in messages
        ]
        try:
            with self._path.open("ab") as sink:
                sink.write(b"\n".join(lines) + b"\n")
        except OSError as error:
            return [Outcome("unreachable", reason=type(error).__name__)] * len(messages)
        return [Outcome("sent", one.id) for one in messages]

    async def taken(self, ids: Sequence[str]) -> set[str] | None:
        """Look the ids up in the log."""
        if not ids or not self._path.exists():
            return set()
        wanted = set(ids)
        with self._path.open("rb") as source:
            return {key for line in source if (key := _key_of(line)) in wanted}

    def receipt(self, query: Mapping[str, str]) -> Receipt:
        """A file sends no receipts."""
        raise CallbackRefusedError

    def received(self, query: Mapping[str, str]) -> Received:
        """Nobody answers a file."""
        raise CallbackRefusedError


def _key_of(line: bytes) -> str:
    try:
        return str(orjson.loads(line)["key"])
    except (orjson.JSONDecodeError, KeyError):
        return ""


def make(settings: Settings) -> PhoneLog:
    """Return the log that the settings name."""
    return PhoneLog(phone_log_of(settings))
