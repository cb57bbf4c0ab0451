"""What happens to a message between being decided and being sent: nights, corrections, new phones, R, dead providers."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from chassis.runtime import Runtime
from services.notify.gateways import GatewayError, Outcome, Sms
from services.notify.phones import number_of, vault_of
from services.notify.receiving.store import opt_out
from services.notify.rules import Contact
from services.notify.sending import jobs, store
from services.notify.sending.rules import CHINA
from services.notify.store import save
from tests.integration.test_sms_storm import (
    BadProvider,
    Clock,
    a_sender,
    database,  # noqa: F401  a fixture
    lay_ready,
    states,
)

EVENING = datetime(2026, 11, 10, 22, 0, tzinfo=CHINA)
MORNING = datetime(2026, 11, 11, 8, 30, tzinfo=CHINA)


class Provider(BadProvider):
    """Answers each call alike, and knows who was told what."""

    def __init__(self, clock: Clock, kind: str = "sent", *, answers: bool = True) -> None:
        super().__init__(clock, random.Random(1), answers)
        self.kind, self.told, self.calls = kind, list[Sms](), 0

    async def send(self, messages: Sequence[Sms]) -> list[Outcome]:
        """Answer as ever."""
        self.calls += len(messages)
        if self.kind == "sent":
            self.told += messages
        return [Outcome(self.kind, reason="as ever")] * len(messages)  # type: ignore[arg-type]


@pytest.fixture
async def evening(database: str) -> Any:  # noqa: F811  the fixture of that name
    """A sender at ten in the evening, with one family's message laid ready."""
    clock = Clock(EVENING)
    sender = a_sender(database, clock, synthetic=False)
    await lay_ready(sender, 1, 1)
    yield sender, clock
    await sender.engine.dispose()


async def send_all(sender: Runtime, **gateways: Any) -> None:
    """Send until nothing is due, or nobody takes anything."""
    try:
        while await jobs.send_due(sender, gateways):
            pass
    except GatewayError:
        return


async def test_what_was_due_by_day_does_not_leave_at_night(evening: Any) -> None:
    """Notify was away from nine in the morning to eleven at night: its backlog waits for the next morning."""
    sender, clock = evening
    clock.now = EVENING.replace(hour=9)
    await jobs.address_open(sender)
    clock.now = EVENING.replace(hour=23)
    provider = Provider(clock)

    await send_all(sender, one=provider)
    at_night = provider.calls
    clock.now = MORNING
    await send_all(sender, one=provider)

    assert (at_night, provider.calls) == (0, 1)


async def test_a_phone_corrected_at_night_is_the_one_that_is_told(evening: Any) -> None:
    """The old number may be a stranger's; with the same number nobody is forgotten."""
    sender, clock = evening
    await jobs.address_open(sender)
    contacts = vault_of(sender.settings)
    for revision, phone in ((2, "19955550000"), (3, "19955550000")):
        sealed = contacts.seal(orjson.dumps({"phone": phone, "surname": "张"}).decode(), "p0")
        async with sender.turn() as turn:
            contact = Contact(revision, "城关镇", "南村", sealed, "p0")
            await save(turn.tx, [("p0", contact)], [], [], clock())
        await jobs.address_open(sender)
    provider = Provider(clock)

    clock.now = MORNING
    await send_all(sender, one=provider)

    assert [one.phone for one in provider.told] == ["19955550000"]


async def test_a_message_taken_back_before_it_was_addressed_or_sent_is_not_said(
    evening: Any,
) -> None:
    """The bill was corrected, or is not theirs at all: addressed already or not yet makes no difference."""
    sender, clock = evening
    async with sender.turn() as turn:
        await save(turn.tx, [], [], [f"{0:032x}"], clock())
    await jobs.address_open(sender)
    assert await states(sender.engine) == {}

    async with sender.engine.begin() as tx:
        await tx.execute(text("UPDATE sms SET state = 'created'"))
    await jobs.address_open(sender)
    async with sender.turn() as turn:
        await save(turn.tx, [], [], [f"{0:032x}"], clock())

    assert await states(sender.engine) == {"withdrawn": 1}


async def test_r_counts_for_what_is_on_its_way_and_comes_back(evening: Any) -> None:
    """R arrives while the provider is being called and takes nothing: the next try is not made."""
    sender, clock = evening
    await jobs.address_open(sender)
    clock.now = MORNING
    number = number_of(vault_of(sender.settings), "19900000000")

    class Refusing(Provider):
        async def send(self, messages: Sequence[Sms]) -> list[Outcome]:
            async with sender.turn() as turn:
                await opt_out(turn.tx, number, clock())
            return await super().send(messages)

    await send_all(sender, one=Refusing(clock, "unreachable"))
    clock.now += timedelta(minutes=6)
    provider = Provider(clock)
    await send_all(sender, one=provider)
    await jobs.address_open(sender)

    assert provider.calls == 0
    assert await states(sender.engine) == {"opted_out": 1}


async def test_what_waits_for_its_next_try_is_taken_back_as_well(evening: Any) -> None:
    """The provider surely took nothing: the bill was corrected meanwhile, so the old figures are not said."""
    sender, clock = evening
    await jobs.address_open(sender)
    clock.now = MORNING
    await send_all(sender, one=Provider(clock, "unreachable"))
    async with sender.turn() as turn:
        await save(turn.tx, [], [], [f"{0:032x}"], clock())
    clock.now += timedelta(minutes=6)
    provider = Provider(clock)
    await send_all(sender, one=provider)

    assert provider.calls == 0
    assert await states(sender.engine) == {"withdrawn": 1}


async def test_a_hanging_provider_is_tried_with_one_message_at_a_time(database: str) -> None:  # noqa: F811
    """Nobody knows what it took, so it gets no more than it must: the backlog stays to be sent."""
    clock = Clock()
    sender = a_sender(database, clock)
    await lay_ready(sender, 400, 400)
    await jobs.address_open(sender)
    hanging = Provider(clock, "unsure", answers=False)

    for _ in range(10):
        await send_all(sender, one=hanging)

    assert hanging.calls <= 150 + 9
    assert (await states(sender.engine))["created"] >= 400 - 159
    await sender.engine.dispose()


async def test_the_second_provider_is_asked_at_once_for_the_whole_backlog(database: str) -> None:  # noqa: F811
    """S1: a dead first provider holds nobody up; every message reaches the second without a pause."""
    clock = Clock()
    sender = a_sender(database, clock)
    await lay_ready(sender, 400, 400)
    await jobs.address_open(sender)
    dead, alive = Provider(clock, "unreachable"), Provider(clock)

    while await jobs.send_due(sender, {"one": dead, "two": alive}):
        pass

    assert (dead.calls, alive.calls) == (400, 400)
    await sender.engine.dispose()


async def test_a_late_result_of_an_old_try_does_not_undo_a_newer_one(database: str) -> None:  # noqa: F811
    """A slow sender was taken for dead, another has sent; what the slow one thinks is of no interest."""
    clock = Clock()
    slow, other = (a_sender(database, clock) for _ in range(2))
    await lay_ready(slow, 1, 1)
    await jobs.address_open(slow)
    async with slow.turn() as turn:
        (row,) = await store.claim(turn.tx, ["one"], 1, clock())
    clock.now += jobs.STALE + timedelta(seconds=1)
    async with other.turn() as turn:
        await store.finish(turn.tx, [store.Result(row.id, 1, "created", due=clock())], clock())
    provider = Provider(clock)
    await send_all(other, one=provider)

    async with slow.turn() as turn:
        news = await store.finish(turn.tx, [store.Result(row.id, 1, "created")], clock())

    assert (news, provider.calls) == (set(), 1)
    assert await states(slow.engine) == {"sent": 1}
    for one in (slow, other):
        await one.engine.dispose()


async def test_operators_see_what_is_due_and_a_night_is_not(evening: Any) -> None:
    """A message that waits for the morning is counted, and has no age; one that was not addressed has."""
    sender, clock = evening
    await jobs.count(sender)
    unaddressed = sender.metrics.registry.get_sample_value(
        "notify_sms_waiting_messages", {"state": "unaddressed"}
    )
    await jobs.address_open(sender)
    await jobs.count(sender)
    sample = sender.metrics.registry.get_sample_value
    found = [
        sample(name, {"state": "created"})
        for name in ("notify_sms_waiting_messages", "notify_sms_oldest_seconds")
    ]
    clock.now = MORNING + timedelta(hours=2)
    await jobs.count(sender)

    assert (unaddressed, found) == (1, [1, 0])
    assert sample("notify_sms_oldest_seconds", {"state": "created"}) == 7200


async def test_what_every_provider_refuses_grows_old_though_it_is_due_later_each_time(
    evening: Any,
) -> None:
    """For an hour nobody takes it: the age that an operator is called by counts from the first try."""
    sender, clock = evening
    clock.now = EVENING.replace(hour=9)
    await jobs.address_open(sender)
    for _ in range(13):
        await send_all(sender, a=Provider(clock, "unreachable"))
        clock.now += timedelta(minutes=5)

    async with sender.look() as connection:
        by_day = await store.waiting(connection, clock.now)

    assert by_day["created"] == (1, 3900.0)


async def test_what_was_refused_in_the_evening_does_not_call_an_operator_at_night(
    evening: Any,
) -> None:
    """Its next try is in the morning, and nobody could do anything before."""
    sender, clock = evening
    clock.now = EVENING.replace(hour=20, minute=28)
    await jobs.address_open(sender)
    await send_all(sender, a=Provider(clock, "unreachable"))

    async with sender.look() as connection:
        at_night = await store.waiting(connection, EVENING)

    assert at_night["created"] == (1, 0.0)


async def test_a_healthy_provider_is_found_behind_one_that_hangs(database: str) -> None:  # noqa: F811
    """In doubt each is tried in turn; what the hanging one was given is in doubt, the rest is told."""
    clock = Clock()
    sender = a_sender(database, clock)
    await lay_ready(sender, 400, 400)
    await jobs.address_open(sender)
    hanging, alive = Provider(clock, "unsure", answers=False), Provider(clock)

    for _ in range(12):
        await send_all(sender, one=hanging, two=alive)

    assert hanging.calls <= 150
    assert alive.calls == 400 - hanging.calls
    assert (await states(sender.engine))["sent"] == alive.calls
    await sender.engine.dispose()


async def test_yesterdays_evening_does_not_count_towards_the_four_hours(evening: Any) -> None:
    """Tried at a quarter past eight in the evening, refused again in the morning: it goes on being tried."""
    sender, clock = evening
    clock.now = EVENING.replace(hour=20, minute=10)
    await jobs.address_open(sender)
    dead = Provider(clock, "unreachable")
    await send_all(sender, one=dead)
    clock.now = MORNING
    await send_all(sender, one=dead)

    assert dead.calls == 2
    assert await states(sender.engine) == {"created": 1}
