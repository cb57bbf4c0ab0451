"""Takes a full list back: what it said, by its rows and by its silence, is no fact any more.

The withdrawal goes out as a fact about each person of the list and comes back like every other, so
everybody returns to what the other lists say, with the days that they gave.
"""

from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.service import Runtime
from chassis.telemetry import logger
from contracts.envelope import Message, enclose, event_id
from contracts.events.enrollment import FullListSettled
from contracts.events.partner import ListingWithdrawn
from contracts.lists import Withdrawal
from contracts.vocabulary import Source
from services.enrollment import list_store

State = Literal["closed", "superseded", "withdrawn"]


async def withdraw(runtime: Runtime, asked: Withdrawal) -> bool:
    """Withdraw a list, counted or not; False if there is no such one, or it is withdrawn already."""
    if runtime.outbox is None:
        raise RuntimeError("questions are answered once the outbox is there")
    async with runtime.engine.begin() as tx:
        found = await list_store.withdraw_list(tx, asked.batch, asked.holder, asked.why)
        if found is None:
            return False
        messages = await gone(tx, runtime, found[0], asked.batch, "withdrawn")
        await runtime.outbox.write(tx, messages)
    logger().info("lists.withdrawn", source=found[0], people=len(messages) - 1)
    await runtime.outbox.relay(messages)
    return True


async def gone(
    tx: AsyncConnection, runtime: Runtime, source: str, batch: str, state: State
) -> list[Message]:
    """Return what is announced of a list that counts no longer: of the list, and of each person on it."""
    at = runtime.clock()
    messages = [settled(runtime, source, batch, state)]
    for person in await list_store.people_on(tx, source, batch):
        event = ListingWithdrawn(source=Source(source), received=at, person=person, batch=batch)
        key = event_id("withdrawn", source, batch, person)
        messages.append(enclose(event, source="enrollment", id_=key, at=at))
    return messages


def settled(runtime: Runtime, source: str, batch: str, state: State) -> Message:
    """Return the announcement that a list counts, or counts no longer."""
    at = runtime.clock()
    event = FullListSettled(batch=f"{source}/{batch}", state=state, settled=at)
    return enclose(event, source="enrollment", id_=event_id("settled", source, batch, state), at=at)
