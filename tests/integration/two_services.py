"""Settlement and assistance without a bus, on a database of their own: facts in, announcements out."""

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.batch import Item
from chassis.clock import system_clock
from chassis.factset import ADAPTERS, Fact
from chassis.outbox import Outbox
from chassis.privacy import vault
from chassis.service import Service
from chassis.settings import Settings
from chassis.store import make_engine, migrate
from chassis.telemetry import Metrics
from chassis.work import Tools, Worker
from contracts.events.base import Event
from contracts.subjects import event_name
from policy.loader import PACKS
from services.assistance.app import SERVICE as ASSISTANCE
from services.settlement.app import SERVICE as SETTLEMENT
from tests.integration.platform import Platform


@dataclass
class Side:
    """A service without a bus: events go in as facts, and what it announces comes back."""

    service: Service
    engine: AsyncEngine
    settings: Settings
    worker: Worker[Any, Any, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget everything that is not in the database."""
        nobody = cast("Client", None)
        outbox, sealed = Outbox(nobody, self.engine, Metrics()), vault("00" * 32, "AES-256-GCM")
        tools = Tools(nobody, self.engine, outbox, sealed, system_clock, Metrics())
        self.worker = Worker(self.service.room(self.settings), [], tools)

    def fail_once(self) -> None:
        """Let the next decision break, as a bug in a rule does."""
        decide = self.worker._room.decide

        def broken(known: Any) -> Any:
            self.worker._room.decide = decide  # type: ignore[method-assign]
            raise ArithmeticError("planted")

        self.worker._room.decide = broken  # type: ignore[method-assign]

    async def hear(self, events: Sequence[Event]) -> list[Event]:
        """Decide about a batch in one turn."""
        room, items = self.service.room(self.settings), []
        for event in events:
            whose = room.fact_of(event)
            if whose is not None:
                body = event.model_dump_json().encode()
                fact = Fact(*whose, event, body, room.reach_of(event))
                message = Msg(cast("Any", None), subject=event.SUBJECT, data=body)
                items.append(Item(message, "", fact))
        if not items:
            return []
        said = await self.worker._transaction(items, [])
        return [
            ADAPTERS[event_name(one.subject)].validate_json(one.payload)
            for one in said
            if not one.subject.startswith("deadletter.")
        ]


@dataclass
class County:
    """Settlement and assistance on one database of their own, talking to each other."""

    settlement: Side
    assistance: Side

    async def live(self, events: Sequence[Event], rng: random.Random) -> None:
        """Tell a life in small batches in any order; both forget what they remember now and then."""
        waiting = list(events)
        rng.shuffle(waiting)
        turns = 0
        while waiting:
            turns += 1
            assert turns < 2_000, "they talk for ever"
            batch = [waiting.pop(0) for _ in range(min(len(waiting), rng.randint(1, 4)))]
            for side in (self.settlement, self.assistance):
                if rng.random() < 0.5:
                    side.restart()
                said = await side.hear(batch)
                waiting += said
                if said and rng.random() < 0.2:
                    waiting.insert(0, rng.choice(said))

    async def restarted(self) -> None:
        """Start both anew: what they know is what the database holds."""
        for side in (self.settlement, self.assistance):
            side.restart()

    async def rows(self, query: str) -> list[Any]:
        """Ask the database."""
        async with self.settlement.engine.connect() as connection:
            return list((await connection.execute(text(query))).all())


@pytest.fixture
async def county(platform: Platform, tmp_path: Path) -> AsyncIterator[County]:
    """Both services on a database of their own, with a pack that covers the three years."""
    pack = (PACKS / "lixin-2023" / "pack.yaml").read_text()
    three_years = tmp_path / "three-years.yaml"
    three_years.write_text(pack.replace("to: 2023-12-31", "to: 2025-12-31", 1))
    server = platform.stack.database_url
    connection = await asyncpg.connect(server)
    await connection.execute("DROP DATABASE IF EXISTS years")
    await connection.execute("CREATE DATABASE years")
    await connection.close()
    settings = Settings(database_url=f"{server.rpartition('/')[0]}/years", packs=str(three_years))
    sides = []
    for service in (SETTLEMENT, ASSISTANCE):
        await migrate(settings, service.name)
        engine = make_engine(settings, service.name, as_owner=True)
        sides.append(Side(service, engine, settings))
    yield County(*sides)
    for side in sides:
        await side.engine.dispose()
