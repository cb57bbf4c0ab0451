"""What the puller does when a request ends without messages."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chassis.bus import Subscription
from chassis.pull import Puller

HEADERS = "Nats-Pending-Messages"


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
