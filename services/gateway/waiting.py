"""Lets a hospital's call wait for its bill: a wake-up from the bus, the answer from settlement."""

import asyncio
from collections import defaultdict

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from chassis.asking import ask
from chassis.clock import monotonic
from contracts.bill_questions import (
    SETTLEMENT_CLAIM,
    SETTLEMENT_CLAIMS,
    AboutClaim,
    AboutClaims,
    ClaimAnswer,
)
from contracts.events.settlement import BillIssued, ClaimHeld, ClaimRefused

NOT_ENROLLED = "not_enrolled"
REGISTER_SECONDS = 0.25
"""So long a call waits for the register to know somebody whom no premium is known of."""
WAKE_UPS = (BillIssued, ClaimHeld, ClaimRefused)


async def ask_claims(nc: Client, claims: list[str]) -> dict[str, ClaimAnswer]:
    """Ask settlement which of these claims it knows. Raises AskError."""
    found = await ask(nc, SETTLEMENT_CLAIMS, AboutClaims(claims=claims))
    return {one.claim: one for one in found}


class Waiters:
    """Wakes calls up when something about their claim was announced. Listens only while needed."""

    def __init__(self, nc: Client) -> None:
        self._nc = nc
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._listening: list[Subscription] = []
        self._lock = asyncio.Lock()

    async def expect(self, claim: str) -> asyncio.Event:
        """Begin to listen for a claim, before it is published, so that nothing is missed.

        The bus takes what comes on one connection in its order, so that nothing has to be confirmed: waiting
        for that would make a bus that hangs stop every call.
        """
        woken = asyncio.Event()
        async with self._lock:
            self._waiting[claim].add(woken)
            if not self._listening:
                self._listening = [
                    await self._nc.subscribe(event.SUBJECT, cb=self._wake) for event in WAKE_UPS
                ]
        return woken

    async def forget(self, claim: str, woken: asyncio.Event) -> None:
        """Stop waiting; the last one out stops listening."""
        async with self._lock:
            self._waiting[claim].discard(woken)
            if not self._waiting[claim]:
                del self._waiting[claim]
            if not self._waiting:
                for subscription in self._listening:
                    await subscription.unsubscribe()
                self._listening = []

    async def _wake(self, msg: Msg) -> None:
        # An announcement is read for its claim only: a hundred a second, of which one may be waited for.
        marker = b'"claim":"'
        start = msg.data.find(marker) + len(marker)
        claim = msg.data[start : msg.data.find(b'"', start)].decode()
        for woken in self._waiting.get(claim, ()):
            woken.set()

    async def outcome(self, claim: str, woken: asyncio.Event, seconds: float) -> ClaimAnswer | None:
        """Return the claim's answer once it is decided; None if that takes longer than ``seconds``.

        A claim held for want of coverage waits a little longer: the register may know the person.
        """
        deadline = monotonic() + seconds
        answer: ClaimAnswer | None = None
        while (left := deadline - monotonic()) > 0:
            try:
                await asyncio.wait_for(woken.wait(), left)
            except TimeoutError:
                return answer
            woken.clear()
            found = await ask(self._nc, SETTLEMENT_CLAIM, AboutClaim(claim=claim))
            if found.outcome == "held" and found.reason == NOT_ENROLLED:
                if answer is None:
                    deadline = min(deadline, monotonic() + REGISTER_SECONDS)
                answer = found
            elif found.bill is not None or found.outcome in {"held", "refused"}:
                return found
        return answer
