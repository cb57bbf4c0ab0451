"""What sends an SMS. One protocol; the embedded default writes to a phone log on this machine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import orjson


@dataclass(frozen=True, slots=True)
class Sms:
    """A message on its way out: key, phone, text without signature, number of parts."""

    key: str
    phone: str
    text: str
    parts: int


class GatewayError(OSError):
    """The gateway did not take the messages; they stay open and are tried again, later each time."""


class SmsGateway(Protocol):
    """A way to phones. Sending the same key twice to one gateway must be recognisable."""

    async def send(self, messages: list[Sms]) -> None:
        """Hand messages over. Raises GatewayError if none was taken."""

    async def was_sent(self, keys: list[str]) -> set[str]:
        """Return which of these keys the gateway has taken: asked after a crash, never guessed."""


class PhoneLog:
    """A file with one JSON object a message: what a phone would show, for demos and tests."""

    def __init__(self, path: Path, signature: str) -> None:
        self._path = path
        self._signature = signature
        path.parent.mkdir(parents=True, exist_ok=True)

    async def send(self, messages: list[Sms]) -> None:
        """Append and flush."""
        lines = [
            orjson.dumps(
                {"key": one.key, "phone": one.phone, "text": f"【{self._signature}】{one.text}",
                 "parts": one.parts}
            )
            for one in messages
        ]  # fmt: skip
        try:
            with self._path.open("ab") as sink:
                sink.write(b"\n".join(lines) + b"\n")
        except OSError as error:
            raise GatewayError(type(error).__name__) from error

    async def was_sent(self, keys: list[str]) -> set[str]:
        """Look the keys up in the log."""
        if not keys or not self._path.exists():
            return set()
        wanted = set(keys)
        with self._path.open("rb") as source:
            return {key for line in source if (key := _key_of(line)) in wanted}


def _key_of(line: bytes) -> str:
    try:
        return str(orjson.loads(line)["key"])
    except (orjson.JSONDecodeError, KeyError):
        return ""
