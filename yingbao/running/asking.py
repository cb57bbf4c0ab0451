"""Asks the services questions over the bus, and tells when they have nothing left to do."""

import asyncio
import time
from collections.abc import Collection
from typing import Any, TypeVar

import nats
import orjson
from nats.aio.client import Client

from chassis.asking import ask
from chassis.bus import Subscription
from chassis.connecting import BusAccess
from contracts.asking import Everything, Query, Question
from contracts.bill_questions import (
    ASSISTANCE_AUDIT,
    ASSISTANCE_BOOK,
    ASSISTANCE_EXPLAIN,
    NOTIFY_MESSAGES,
    SETTLEMENT_AUDIT,
    SETTLEMENT_BOOK,
    SETTLEMENT_EXPLAIN,
    SETTLEMENT_PROGRESS,
    AboutClaim,
    AuditAnswer,
    BookAnswer,
    ExplainAnswer,
    MessagesAnswer,
    ProgressAnswer,
)
from contracts.questions import ENROLLMENT_EQUATION, AboutFigure, AreaLevel, TownshipAnswer
from services.assistance.app import SERVICE as ASSISTANCE
from services.enrollment.app import SERVICE as ENROLLMENT
from services.notify.app import SERVICE as NOTIFY
from services.settlement.app import SERVICE as SETTLEMENT

Asked = TypeVar("Asked", bound=Question)
Answer = TypeVar("Answer")
LOOK_SECONDS = 0.15
ALL_SERVICES = (ENROLLMENT, SETTLEMENT, ASSISTANCE, NOTIFY)


def subscriptions_of(names: Collection[str]) -> list[Subscription]:
    """Return the durable consumers of the named services."""
    return [
        one for service in ALL_SERVICES if service.name in names for one in service.subscriptions
    ]


class Asker:
    """A connection for questions; ``services`` are those that run. Use ``async with``."""

    def __init__(self, bus: BusAccess, services: Collection[str] | None = None) -> None:
        self._bus = bus
        names = [one.name for one in ALL_SERVICES] if services is None else services
        self._subscriptions = subscriptions_of(names)
        self.nc: Client | None = None

    async def __aenter__(self) -> "Asker":
        self.nc = await self._bus.connect(max_reconnect_attempts=-1, reconnect_time_wait=1)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.nc is not None:
            await self.nc.close()

    async def ask(self, query: Query[Asked, Answer], question: Asked) -> Answer:
        """Ask and return the answer. Raises AskError: nobody there, too slow, or refused."""
        if self.nc is None:
            raise RuntimeError("use 'async with Asker(...)'")
        return await ask(self.nc, query, question)

    async def equation(self, year: int, level: AreaLevel = "township") -> list[TownshipAnswer]:
        """Return the roster equation of a year."""
        return await self.ask(ENROLLMENT_EQUATION, AboutFigure(year=year, level=level))

    async def explain(self, claim: str) -> tuple[ExplainAnswer, ExplainAnswer]:
        """Return settlement's and assistance's explanation of a claim."""
        about = AboutClaim(claim=claim)
        return await self.ask(SETTLEMENT_EXPLAIN, about), await self.ask(ASSISTANCE_EXPLAIN, about)

    async def ledgers(self) -> tuple[BookAnswer, BookAnswer]:
        """Return settlement's and assistance's ledger totals."""
        every = Everything()
        return await self.ask(SETTLEMENT_BOOK, every), await self.ask(ASSISTANCE_BOOK, every)

    async def audits(self) -> tuple[AuditAnswer, AuditAnswer]:
        """Fold everything from scratch in both money services."""
        every = Everything()
        return await self.ask(SETTLEMENT_AUDIT, every), await self.ask(ASSISTANCE_AUDIT, every)

    async def progress(self) -> ProgressAnswer:
        """Return how far settlement is."""
        return await self.ask(SETTLEMENT_PROGRESS, Everything())

    async def messages(self) -> MessagesAnswer:
        """Return how many SMS are in each state."""
        return await self.ask(NOTIFY_MESSAGES, Everything())

    async def waiting(self) -> int:
        """Return how many messages the consumers have still to handle or to acknowledge."""
        if self.nc is None:
            raise RuntimeError("use 'async with Asker(...)'")
        total = 0
        for subscription in self._subscriptions:
            subject = f"$JS.API.CONSUMER.INFO.{subscription.stream}.{subscription.durable}"
            info: dict[str, Any] = orjson.loads((await self.nc.request(subject, timeout=10)).data)
            if "error" in info:
                return 1
            total += info["num_pending"] + info["num_ack_pending"]
        return total

    async def quiet(self, *, seconds: float = 120, looks: int = 3) -> float:
        """Wait until nothing waits in several looks in a row; return when the first of them was.

        The moment is of ``time.monotonic``. Raises TimeoutError.
        """
        async with asyncio.timeout(seconds):
            calm, since = 0, time.monotonic()
            while calm < looks:
                looked = time.monotonic()
                try:
                    still = await self.waiting() == 0
                except (nats.errors.Error, OSError):
                    still = False
                since = since if still and calm else looked
                calm = calm + 1 if still else 0
                await asyncio.sleep(LOOK_SECONDS)
        return since
