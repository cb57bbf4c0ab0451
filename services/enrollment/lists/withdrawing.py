"""Takes a full list back: what it said, by its rows and by its silence, is no fact any more.

The withdrawal goes out as a fact about each person of the list and comes back like every other, so
everybody returns to what the other lists say, with the days that they gave.
"""

from datetime import date
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.runtime import Runtime
from chassis.telemetry import logger
from contracts.envelope import Message, enclose, event_id
from contracts.events.enrollment import FullListSettled
from contracts.events.lists import ListingWithdrawn
from contracts.lists import Withdrawal
from contracts.vocabulary import Category, Source
from services.enrollment.lists import store as list_store
from services.enrollment.lists.parts_store import Part, replace_parts, stragglers

State = Literal["closed", "superseded", "withdrawn"]
Action = Literal["withdrawn", "reinstated"]


async def withdraw(runtime: Runtime, asked: Withdrawal) -> bool:
    """Withdraw a list, counted or not; False if there is no such one, or it is withdrawn already."""
    async with runtime.turn() as turn:
        found = await list_store.withdraw_list(turn.tx, asked.batch, asked.holder, asked.why)
        if found is None:
            return False
        source, month = found[:2]
        turn.pass_on([settled(runtime, source, asked.batch, "withdrawn")])
        part = Part(source, asked.batch, (), whole=True)
        turn.pass_on(await _of_everybody(turn.tx, runtime, part))
        turn.pass_on(await replaced(turn.tx, runtime, source, month))
        logger().info("lists.withdrawn", source=source, messages=len(turn.messages))
    return True


async def replaced(
    tx: AsyncConnection,
    runtime: Runtime,
    source: str,
    month: date,
    *,
    by: str = "",
    counting: str = "",
) -> list[Message]:
    """Return what is announced of a month's lists of which more or less counts than before.

    ``by``: the list that changed it; ``counting``: it is about to count.
    """
    messages = []
    for part in await replace_parts(tx, source, month, counting):
        if part.whole:
            messages.append(settled(runtime, source, part.batch, "superseded"))
        messages += await _of_everybody(tx, runtime, part, by)
    return messages


async def _of_everybody(
    tx: AsyncConnection, runtime: Runtime, part: Part, by: str = ""
) -> list[Message]:
    people = await list_store.people_on(tx, part.source, part.batch)
    return [_of_person(runtime, part, person, by) for person in people]


async def undo_stragglers(runtime: Runtime) -> bool:
    """Withdraw what a withdrawn list said of people whose rows arrived later; each until it is folded."""
    async with runtime.turn() as turn:
        found = await stragglers(turn.tx)
        turn.pass_on([_of_person(runtime, one.part, one.person) for one in found])
    return False


def _of_person(runtime: Runtime, part: Part, person: str, by: str = "") -> Message:
    """Return the word that now holds about a person's rows on a list."""
    at = runtime.clock()
    action: Action = "withdrawn" if part.whole or part.gone else "reinstated"
    event = ListingWithdrawn(
        source=Source(part.source), received=at, person=person, batch=part.batch, action=action,
        categories=tuple(Category(one) for one in part.gone), by=by,
    )  # fmt: skip
    key = event_id(action, part.source, part.batch, person, at.isoformat())
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
