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
Action = Literal["withdrawn", "reinstated"]


async def withdraw(runtime: Runtime, asked: Withdrawal) -> bool:
    """Withdraw a list, counted or not; False if there is no such one, or it is withdrawn already."""
    if runtime.outbox is None:
        raise RuntimeError("questions are answered once the outbox is there")
    async with runtime.engine.begin() as tx:
        found = await list_store.withdraw_list(tx, asked.batch, asked.holder, asked.why)
        if found is None:
            return False
        source = found[0]
        messages = await gone(tx, runtime, source, asked.batch, "withdrawn")
        back = await list_store.reinstate(tx, source, asked.batch)
        if back is not None:
            messages += await said_again(tx, runtime, source, back)
        await runtime.outbox.write(tx, messages)
    logger().info("lists.withdrawn", source=source, messages=len(messages))
    await runtime.outbox.relay(messages)
    return True


async def gone(
    tx: AsyncConnection, runtime: Runtime, source: str, batch: str, state: State
) -> list[Message]:
    """Return what is announced of a list that counts no longer: of the list, and of each person on it."""
    messages = [settled(runtime, source, batch, state)]
    people = await list_store.people_on(tx, source, batch)
    return messages + [_of_person(runtime, source, batch, person, "withdrawn") for person in people]


async def said_again(
    tx: AsyncConnection, runtime: Runtime, source: str, batch: str
) -> list[Message]:
    """Return what is announced of the people of a list that counts again."""
    people = await list_store.people_on(tx, source, batch)
    return [_of_person(runtime, source, batch, person, "reinstated") for person in people]


async def undo_stragglers(runtime: Runtime) -> list[Message]:
    """Withdraw what a withdrawn list said of people whose rows arrived later; each until it is folded."""
    if runtime.outbox is None:
        return []
    async with runtime.engine.begin() as tx:
        found = await list_store.stragglers(tx)
        messages = [_of_person(runtime, *one, "withdrawn") for one in found]
        await runtime.outbox.write(tx, messages)
    return messages


def _of_person(runtime: Runtime, source: str, batch: str, person: str, action: Action) -> Message:
    at = runtime.clock()
    event = ListingWithdrawn(
        source=Source(source), received=at, person=person, batch=batch, action=action
    )
    key = event_id(action, source, batch, person, at.isoformat())
    return enclose(event, source="enrollment", id_=key, at=at)


def settled(
    runtime: Runtime, source: str, batch: str, state: State, *, opening: bool = False
) -> Message:
    """Return the announcement that a list counts, or counts no longer."""
    at = runtime.clock()
    event = FullListSettled(batch=f"{source}/{batch}", state=state, settled=at, opening=opening)
    return enclose(
        event,
        source="enrollment",
        id_=event_id("settled", source, batch, state, at.isoformat()),
        at=at,
    )
