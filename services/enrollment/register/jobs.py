"""Confirms from the register that somebody is enrolled whose bill is held because no premium is known.

A million residents stand in the register and need no fact each; a bill that waits asks for one person.
"""

import asyncio
from contextlib import suppress

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.listening import keep_listening
from chassis.service import Runtime
from chassis.store import is_world_broken
from chassis.telemetry import logger
from contracts.envelope import Message, enclose, event_id
from contracts.events.enrollment import EnrolmentConfirmed
from contracts.events.settlement import ClaimHeld

DURABLE = "enrollment-held"
NOT_ENROLLED = "not_enrolled"
LOOK_SECONDS = 5.0
"""How often a register that has come in since is looked into."""
COMMITTED_SECONDS = 0.05
"""What a question needs to be committed; the next look finds one that took longer."""
_ASK = text(
    "INSERT INTO coverage_asked (person, year) VALUES (:person, :year) ON CONFLICT DO NOTHING"
)
_NAMED = (
    "(EXISTS (SELECT 1 FROM register_row AS entry WHERE entry.year = latest.year"
    " AND entry.batch = latest.batch AND entry.person = asked.person) OR EXISTS"
    " (SELECT 1 FROM resident CROSS JOIN LATERAL unnest(formerly) AS earlier (number)"
    " JOIN register_row AS entry ON entry.year = latest.year AND entry.batch = latest.batch"
    " AND entry.person = earlier.number WHERE resident.person = asked.person))"
)
_FOUND = text(
    # Who is found is confirmed; whom a newer register no longer has is asked about again from now on.
    "UPDATE coverage_asked AS asked SET confirmed = CASE WHEN named.stands THEN named.batch END"
    f" FROM (SELECT asked.person, asked.year, latest.batch, {_NAMED} AS stands FROM coverage_asked AS asked"
    " JOIN latest_register AS latest ON latest.year = asked.year AND latest.kind = 'enrolled'"
    " WHERE asked.confirmed IS DISTINCT FROM latest.batch) AS named"
    " WHERE asked.person = named.person AND asked.year = named.year"
    " AND (named.stands OR asked.confirmed IS NOT NULL)"
    " RETURNING asked.person, asked.year, named.batch, named.stands"
)


async def keep_confirming(runtime: Runtime) -> None:
    """Confirm whoever the latest whole register names, at once when a bill asks, else now and then."""
    asked = asyncio.Event()

    async def note(tx: AsyncConnection, _: str, body: bytes) -> None:
        held = ClaimHeld.model_validate_json(body)
        if held.reason == NOT_ENROLLED and held.discharge is not None:
            await tx.execute(_ASK, {"person": held.person, "year": held.discharge.year})
            asked.set()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(keep_listening(runtime, "SETTLEMENT", DURABLE, [ClaimHeld.SUBJECT], note))
        tasks.create_task(_keep_looking(runtime, asked))


async def _keep_looking(runtime: Runtime, asked: asyncio.Event) -> None:
    while True:
        with suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), LOOK_SECONDS)
        asked.clear()
        await asyncio.sleep(COMMITTED_SECONDS)
        try:
            messages = await confirm_found(runtime)
        except (DBAPIError, OSError) as error:
            if not is_world_broken(error):
                raise
            logger().warning("confirming.retry", reason=type(error).__name__)
        else:
            if messages and runtime.outbox is not None:
                await runtime.outbox.relay(messages)


async def confirm_found(runtime: Runtime) -> list[Message]:
    """Return what is announced about people whom the register names, or names no longer."""
    if runtime.outbox is None:
        return []
    async with runtime.engine.begin() as tx:
        rows = (await tx.execute(_FOUND)).all()
        at = runtime.clock()
        messages = [
            enclose(
                EnrolmentConfirmed(
                    person=row.person, coverage_year=row.year, batch=row.batch, known=at, stands=row.stands
                ),
                source="enrollment", id_=event_id("confirmed", row.person, row.year, at.isoformat()), at=at,
            )
            for row in rows
        ]  # fmt: skip
        await runtime.outbox.write(tx, messages)
    return messages
