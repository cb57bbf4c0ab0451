"""The embedded way: a file with one JSON object a message, what a phone would show, for demos and tests.

In a county of made-up people somebody may also write from such a phone; the token that proves it lies
beside the file, for whoever may read it.
"""

import hmac
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import orjson

from chassis.routes import Call
from chassis.settings import Settings
from services.notify.gateways import (
    NO_LAG,
    PLAIN,
    CallbackRefusedError,
    Outcome,
    Receipt,
    Received,
    Sms,
    Tried,
)
from services.notify.settings import phone_log_of

PER_SECOND = 1_000.0


class PhoneLog:
    """Knows what it took, as it is written there."""

    thanks, lag = PLAIN, NO_LAG

    def __init__(self, path: Path, *, may_answer: bool = False) -> None:
        self.rate = PER_SECOND
        self._path = path
        self._may_answer = may_answer
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

    async def taken(self, tried: Sequence[Tried]) -> set[str] | None:
        """Look the ids up in the log."""
        if not tried or not self._path.exists():
            return set()
        wanted = {one.id for one in tried}
        with self._path.open("rb") as source:
            return {key for line in source if (key := _key_of(line)) in wanted}

    def receipts(self, call: Call) -> list[Receipt]:
        """A file sends no receipts."""
        raise CallbackRefusedError

    def received(self, call: Call) -> list[Received]:
        """Read what a made-up person writes: ``from``, ``text`` and the ``token`` of the file beside."""
        known = token_of(self._path) if self._may_answer else ""
        if not known or not hmac.compare_digest(
            call.query.get("token", "").encode(), known.encode()
        ):
            raise CallbackRefusedError
        if not call.query.get("from"):
            raise ValueError("no sender")
        return [Received(call.query["from"], call.query.get("text", ""))]


def _key_of(line: bytes) -> str:
    try:
        return str(orjson.loads(line)["key"])
    except (orjson.JSONDecodeError, KeyError):
        return ""


def token_of(log: Path) -> str:
    """Return the token of whoever writes from a phone of this log; made when it is first asked for."""
    path = log.with_suffix(".token")
    with suppress(FileExistsError):
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_hex(16), encoding="ascii")
    return path.read_text(encoding="ascii")


def make(settings: Settings) -> PhoneLog:
    """Return the log that the settings name."""
    return PhoneLog(phone_log_of(settings), may_answer=settings.synthetic)
