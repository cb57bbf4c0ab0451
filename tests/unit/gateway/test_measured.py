"""A body is measured while it is read, and nobody is cut off while the answer is being made."""

import asyncio

import pytest
from starlette.types import Message

from services.gateway import threshold
from services.gateway.refusals import RefusedError
from services.gateway.threshold import _measured


def sender(*chunks: bytes, then: float = 0.0) -> object:
    """Return a caller that sends its chunks, and then says nothing for a while before it goes."""
    left: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks) - 1}
        for number, chunk in enumerate(chunks)
    ]

    async def receive() -> Message:
        if left:
            return left.pop(0)
        await asyncio.sleep(then)
        return {"type": "http.disconnect"}

    return receive


async def test_a_long_answer_is_not_cut_because_its_caller_says_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A register with progress takes minutes; the body was read in the first seconds."""
    monkeypatch.setattr(threshold, "SILENCE_SECONDS", 0.05)
    receive = _measured(sender(b"a", b"b", then=0.2), most=10)  # type: ignore[arg-type]

    assert [(await receive())["body"] for _ in range(2)] == [b"a", b"b"]
    assert (await receive())["type"] == "http.disconnect"


async def test_a_caller_that_stops_in_the_middle_is_sent_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It keeps a place that others need."""
    monkeypatch.setattr(threshold, "SILENCE_SECONDS", 0.05)

    async def silent() -> Message:
        await asyncio.sleep(1)
        return {"type": "http.request", "body": b"", "more_body": True}

    with pytest.raises(RefusedError, match="body_too_slow"):
        await _measured(silent, most=10)()


async def test_what_is_too_large_is_noticed_at_the_first_byte_too_many() -> None:
    """Whatever was said about the size."""
    receive = _measured(sender(b"x" * 6, b"x" * 6), most=10)  # type: ignore[arg-type]

    await receive()
    with pytest.raises(RefusedError, match="body_too_large"):
        await receive()
