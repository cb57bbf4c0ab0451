"""A bad day of SMS providers, on a virtual clock and a real database, with two senders at once."""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import store as schemas
from chassis.embedded.postgres import PostgresServer
from chassis.routes import Call
from chassis.runtime import Runtime
from chassis.settings import Settings
from chassis.telemetry import Metrics
from services.notify.gateways import (
    NO_LAG,
    PLAIN,
    GatewayError,
    Outcome,
    Receipt,
    Received,
    Sms,
    Tried,
)
from services.notify.phones import vault_of
from services.notify.receiving.answers import take_receipt
from services.notify.sending import jobs, unsure_jobs
from services.notify.sending.rules import CHINA

MESSAGES = int(os.environ.get("YINGBAO_STORM_MESSAGES", "1500"))
"""Messages of the storm: 1,500 by itself, 20,000 by ``make sms-storm``."""
KEY = "1f" * 16 + "a3b4c5d6e7f80912" * 2
FINAL = {"sent", "delivered", "failed"}


@dataclass
class Clock:
    """A clock that is moved by hand."""

    now: datetime = datetime(2026, 11, 10, 9, 0, tzinfo=CHINA)

    def __call__(self) -> datetime:
        """Return the moment."""
        return self.now


class NoBus:
    """Announcements are not of interest here."""

    async def write(self, *_: Any) -> None:
        """Keep nothing."""

    async def relay(self, *_: Any) -> None:
        """Say nothing."""


@dataclass
class BadProvider:
    """Of ten calls three fail, and one loses its answer, half of those after the message was taken.

    ``answers``: it can be asked what it took; otherwise receipts tell, five of a hundred hours late.
    """

    clock: Clock
    chance: random.Random
    answers: bool
    rate: float = 1e9
    took: Counter[str] = field(default_factory=Counter)
    tried: set[str] = field(default_factory=set)
    late: list[tuple[datetime, str]] = field(default_factory=list)
    thanks: tuple[bytes, str] = PLAIN
    lag: timedelta = NO_LAG

    async def send(self, messages: Sequence[Sms]) -> list[Outcome]:
        """Take some, refuse some, and answer not always."""
        return [self._send(one.id) for one in messages]

    def _send(self, id_: str) -> Outcome:
        self.tried.add(id_)
        fate = self.chance.random()
        if fate < 0.30:
            return Outcome("unreachable", reason="http_503")
        if fate < 0.35:
            return Outcome("unsure", reason="ReadTimeout")
        self.took[id_] += 1
        if not self.answers:
            wait = timedelta(hours=3) if self.chance.random() < 0.05 else timedelta(seconds=90)
            due = self.clock() + wait * self.chance.random()
            self.late += [(due, id_)] * self.chance.choice((1, 1, 2))
        return Outcome("unsure", reason="ReadTimeout") if fate < 0.40 else Outcome("sent")

    async def taken(self, tried: Sequence[Tried]) -> set[str] | None:
        """Answer, if it answers."""
        return {one.id for one in tried if self.took[one.id]} if self.answers else None

    def receipts(self, call: Call) -> list[Receipt]:
        """Nobody calls."""
        return []

    def received(self, call: Call) -> list[Received]:
        """Nobody writes."""
        raise ValueError


@pytest.fixture
async def database(room: Path) -> AsyncIterator[str]:
    """A database with notify's tables."""
    server = PostgresServer(room / "postgres")
    await asyncio.to_thread(server.start)
    await schemas.migrate(Settings(database_url=server.url), "notify", "secret")
    yield server.url
    await asyncio.to_thread(server.stop)


def a_sender(url: str, clock: Clock, **settings: Any) -> Runtime:
    """Return a notify process's runtime, as far as sending needs it."""
    told = Settings(
        database_url=url,
        contact_key=SecretStr(KEY),
        synthetic=settings.pop("synthetic", True),
        **settings,
    )
    engine = schemas.make_engine(told, "notify", as_owner=True)
    return Runtime("notify", told, clock, Metrics(), engine, None, NoBus(), None)  # type: ignore[arg-type]


async def lay_ready(sender: Runtime, count: int, phones: int) -> None:
    """Write messages about bills of some families, as the fold would have."""
    contacts, words = vault_of(sender.settings), {"discharge": "5月1日", "kind": "住院"}
    async with sender.engine.begin() as tx:
        for n in range(phones):
            sealed = contacts.seal(
                orjson.dumps({"phone": f"1990000{n:04d}", "surname": "张"}).decode(), f"p{n}"
            )
            await tx.execute(
                text("INSERT INTO contact VALUES (:p, 1, '城关镇', :s, :p)"),
                {"p": f"p{n}", "s": sealed},
            )
        rows = [
            {"k": f"{n:032x}", "p": f"p{n % phones}", "w": orjson.dumps(words).decode()}
            for n in range(count)
        ]
        await tx.execute(
            text(
                "INSERT INTO sms (key, person, audience, template, township, words)"
                " VALUES (:k, :p, 'family', 'bill_withdrawn', '', :w)"
            ),
            rows,
        )


async def states(engine: AsyncEngine) -> Counter[str]:
    """Return how many deliveries are in each state."""
    async with engine.connect() as connection:
        return Counter(dict(map(tuple, await connection.execute(  # type: ignore[arg-type]
            text("SELECT state, count(*) FROM delivery GROUP BY state")
        ))))  # fmt: skip


async def minute(sender: Runtime, gateways: Mapping[str, Any]) -> None:
    """Do what a sender does in a minute: send until nothing is due, wait out an outage."""
    try:
        while await jobs.send_due(sender, gateways):
            pass
    except GatewayError:
        return


@pytest.mark.parametrize("answers", [True, False], ids=["can be asked", "tells by receipts"])
async def test_a_bad_day_of_providers_leaves_nobody_untold_or_told_twice(
    database: str, answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two senders, two bad providers, late and repeated receipts: all final within four hours, nobody twice."""
    clock, chance = Clock(), random.Random(7)
    begun = clock.now
    gateways = {name: BadProvider(clock, chance, answers) for name in ("one", "two")}
    for module in (jobs, unsure_jobs):
        monkeypatch.setattr(module, "gateways_of", lambda _: gateways)
    senders = [a_sender(database, clock) for _ in range(2)]
    await lay_ready(senders[0], MESSAGES, 500)
    while await jobs.address_open(senders[0]):
        pass

    while clock.now - begun < timedelta(hours=4, minutes=30):
        await asyncio.gather(*(minute(one, gateways) for one in senders))
        await unsure_jobs.ask_unsure(senders[1])
        for gateway in gateways.values():
            ready = [one for one in gateway.late if one[0] <= clock.now]
            gateway.late = [one for one in gateway.late if one[0] > clock.now]
            chance.shuffle(ready)
            for _, id_ in ready:
                await take_receipt(senders[0], Receipt(id_, "delivered"))
        if not set(await states(senders[0].engine)) - FINAL and not any(
            g.late for g in gateways.values()
        ):
            break
        clock.now += timedelta(minutes=1)

    found = await states(senders[0].engine)
    took = sum((one.took for one in gateways.values()), Counter[str]())
    tried = set().union(*(one.tried for one in gateways.values()))
    assert sum(found.values()) == MESSAGES == len(tried)
    assert set(found) <= FINAL
    assert not [id_ for id_, times in took.items() if times > 1]
    # What was never taken and cannot be asked about is not sent again: a person calls (one in fourteen here).
    assert found["failed"] <= (0 if answers else MESSAGES // 10)
    assert len(took) >= found["sent"] + found["delivered"]
    for one in senders:
        await one.engine.dispose()


async def test_nothing_leaves_at_night_and_three_a_day_reach_a_phone(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """§12 on a virtual clock: ten bills of a family decided at 20:29 take four days, always after half past eight."""
    clock = Clock(datetime(2026, 11, 10, 20, 29, tzinfo=CHINA))
    calm = BadProvider(clock, random.Random(1), answers=True)
    left: list[datetime] = []

    async def send(messages: Sequence[Sms]) -> list[Outcome]:
        left.extend([clock.now] * len(messages))
        return [Outcome("sent")] * len(messages)

    monkeypatch.setattr(calm, "send", send)
    monkeypatch.setattr(jobs, "gateways_of", lambda _: {"calm": calm})
    sender = a_sender(database, clock, synthetic=False)
    await lay_ready(sender, 10, 1)
    await jobs.address_open(sender)

    for _ in range(4 * 24 * 12):
        await minute(sender, {"calm": calm})
        clock.now += timedelta(minutes=5)

    assert len(left) == 10
    assert Counter(moment.day for moment in left) == {10: 3, 11: 3, 12: 3, 13: 1}
    assert all((8, 30) <= (one.hour, one.minute) < (20, 30) for one in left)
    await sender.engine.dispose()
