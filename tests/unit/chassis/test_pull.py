"""What the puller does when a request ends without messages."""

import asyncio
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest
from nats.errors import ConnectionClosedError, OutboundBufferLimitError

from chassis.bus import Subscription
from chassis.pull import Intake, Puller

HEADERS = "Nats-Pending-Messages"
SUBSCRIPTION = Subscription("CLAIMS", "test", ("claims.>",), "explicit")


async def status(code: str, pending: str = "") -> tuple[bool, int]:
    """Let a request of 100 end with a status; return whether the taker is woken, and the credit left."""
    arrived = asyncio.Event()
    client = cast("Any", SimpleNamespace(stats={"reconnects": 0}))
    one = Subscription("CLAIMS", "test", ("claims.>",), "explicit")
    puller = Puller(client, one, 100, arrived)
    puller._requested = 100
    headers = {"Status": code} | ({HEADERS: pending} if pending else {})
    await puller._receive(cast("Any", SimpleNamespace(reply="", headers=headers)))
    return arrived.is_set(), puller._requested


@pytest.mark.parametrize(
    ("code", "pending", "woken", "credit"),
    [
        ("408", "100", True, 0),
        ("408", "40", True, 60),
        ("409", "", False, 0),
        ("503", "", False, 0),
    ],
)
async def test_an_expired_request_is_asked_for_again_at_once_and_no_other(
    code: str, pending: str, woken: bool, credit: int
) -> None:
    """A bill that comes just after the expiry must not wait for the taker's second of patience."""
    assert await status(code, pending) == (woken, credit)


class Away:
    """A connection on which nothing can be asked: for a while, or for good."""

    stats: ClassVar[dict[str, int]] = {"reconnects": 0}

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def publish(self, *_: object, **__: object) -> None:
        """Fail as the library does."""
        raise self._error


async def test_a_bus_that_is_away_for_a_while_is_asked_again() -> None:
    """Its buffer is full, and it will be back: the taker goes on, and nothing ends."""
    intake = Intake(Away(OutboundBufferLimitError()), [SUBSCRIPTION], 8)  # type: ignore[arg-type]

    assert await intake.take() == {}


async def test_a_connection_that_is_closed_for_good_ends_the_process() -> None:
    """Nobody opens it again but a new process; a taker that went on would take nothing for ever."""
    intake = Intake(Away(ConnectionClosedError()), [SUBSCRIPTION], 8)  # type: ignore[arg-type]

    with pytest.raises(ConnectionClosedError):
        await intake.take()
