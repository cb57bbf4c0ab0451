"""Asks the services questions over the bus, and tells when they have nothing left to do."""

import asyncio
import time
from collections.abc import Collection
from typing import Any, TypeVar

import nats
import orjson
from nats.aio.client import Client
from pydantic import BaseModel, TypeAdapter

from chassis.bus import Subscription
from contracts import questions
from contracts.questions import (
    AboutClaim,
    AboutYear,
    AreaLevel,
    AuditAnswer,
    Everything,
    ExplainAnswer,
    LedgerAnswer,
    MessagesAnswer,
    ProgressAnswer,
    TownshipAnswer,
)
from services.assistance.app import SERVICE as ASSISTANCE
from services.enrollment.app import SERVICE as ENROLLMENT
from services.notify.app import SERVICE as NOTIFY
from services.settlement.app import SERVICE as SETTLEMENT

Answer = TypeVar("Answer")
LOOK_SECONDS = 0.15
ALL_SERVICES = (ENROLLMENT, SETTLEMENT, ASSISTANCE, NOTIFY)


def subscriptions_of(names: Collection[str]) -> list[Subscription]:
    """Return the durable consumers of the named services."""
    return [one for service in ALL_SERVICES if service.name in names for one in service.listens]


class Asker:
    """A connection for questions; ``services`` are those that run. Use ``async with``."""

    def __init__(self, nats_url: str, services: Collection[str] | None = None) -> None:
        self._url = nats_url
        names = [one.name for one in ALL_SERVICES] if services is None else services
        self._subscriptions = subscriptions_of(names)
        self.nc: Client | None = None

    async def __aenter__(self) -> "Asker":
        self.nc = await nats.connect(
            self._url.split(","), max_reconnect_attempts=-1, reconnect_time_wait=1
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.nc is not None:
            await self.nc.close()

    async def ask(
        self, subject: str, question: BaseModel, answer: type[Answer], *, wait: float = 60
    ) -> Answer:
        """Ask and return the answer. Raises the bus's own errors: nobody there, or too slow."""
        if self.nc is None:
            raise RuntimeError("use 'async with Asker(...)'")
        reply = await self.nc.request(
            subject,
            question.model_dump_json().encode(),
            timeout=wait,
            headers={"content-type": "application/json"},
        )
        return TypeAdapter(answer).validate_json(reply.data)

    async def equation(self, year: int, level: AreaLevel = "township") -> list[TownshipAnswer]:
        """Return the roster equation of a year."""
        question = AboutYear(year=year, level=level)
        return await self.ask(questions.ENROLLMENT_EQUATION, question, list[TownshipAnswer])

    async def explain(self, claim: str) -> tuple[ExplainAnswer, ExplainAnswer]:
        """Return settlement's and assistance's explanation of a claim."""
        about = AboutClaim(claim=claim)
        return (
            await self.ask(questions.SETTLEMENT_EXPLAIN, about, ExplainAnswer),
            await self.ask(questions.ASSISTANCE_EXPLAIN, about, ExplainAnswer),
        )

    async def ledgers(self) -> tuple[LedgerAnswer, LedgerAnswer]:
        """Return settlement's and assistance's ledger totals."""
        return (
            await self.ask(questions.SETTLEMENT_LEDGER, Everything(), LedgerAnswer),
            await self.ask(questions.ASSISTANCE_LEDGER, Everything(), LedgerAnswer),
        )

    async def audits(self) -> tuple[AuditAnswer, AuditAnswer]:
        """Fold everything from scratch in both money services."""
        return (
            await self.ask(questions.SETTLEMENT_AUDIT, Everything(), AuditAnswer, wait=300),
            await self.ask(questions.ASSISTANCE_AUDIT, Everything(), AuditAnswer, wait=300),
        )

    async def progress(self) -> ProgressAnswer:
        """Return how far settlement is."""
        return await self.ask(questions.SETTLEMENT_PROGRESS, Everything(), ProgressAnswer)

    async def messages(self) -> MessagesAnswer:
        """Return how many SMS are in each state."""
        return await self.ask(questions.NOTIFY_MESSAGES, Everything(), MessagesAnswer)

    async def waiting(self) -> int:
        """Return how many messages the consumers have still to handle or to acknowledge."""
        if self.nc is None:
            raise RuntimeError("use 'async with Asker(...)'")
        total = 0
        for one in self._subscriptions:
            subject = f"$JS.API.CONSUMER.INFO.{one.stream}.{one.durable}"
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
