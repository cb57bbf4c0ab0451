"""Compares a year under two packs behind everything else, some people at a time."""

import asyncio

from chassis import factset
from chassis.jobs import Job
from chassis.runtime import Runtime
from chassis.store import is_world_broken
from contracts.whatif import WhatIf, WhatIfResult
from policy.loader import load_pack, load_packs
from policy.pack import Pack
from services.settlement import what_if_store
from services.settlement.comparing import Compared

EVERY_SECONDS = 2.0
A_TIME = 100
"""So many people are compared before bills that wait have their turn."""


async def compare_next(runtime: Runtime) -> bool:
    """Work the order out that waits longest; tell whether another one may wait."""
    async with runtime.look() as connection:
        order = await what_if_store.next_one(connection)
    if order is None:
        return False
    try:
        result = await worked_out(runtime, order)
    except Exception as error:
        # Once is enough, also for a pack that is gone: another try would fail again.
        if isinstance(error, FileNotFoundError) or not is_world_broken(error):
            async with runtime.turn() as turn:
                await what_if_store.fail(turn.tx, order.id, type(error).__name__)
        raise
    async with runtime.turn() as turn:
        await what_if_store.finish(turn.tx, order.id, result, runtime.clock())
    return True


async def worked_out(runtime: Runtime, order: WhatIf) -> WhatIfResult:
    """Compare everybody who has bills in the year."""
    packs = load_packs(runtime.settings.packs)
    first, second = (_pack_named(packs, name) for name in (order.pack, order.against))
    compared, after, done = Compared(first, second, order.year, packs), "", 0
    while True:
        async with runtime.look() as connection:
            persons = await what_if_store.persons(connection, order.year, after, A_TIME)
            known = await factset.read_events(connection, persons) if persons else {}
        if not persons:
            return compared.result()
        await asyncio.to_thread(compared.add, known)
        after, done = persons[-1], done + len(persons)
        async with runtime.turn() as turn:
            await what_if_store.get_on(turn.tx, order.id, done)


def _pack_named(packs: list[Pack], name: str) -> Pack:
    """Return the pack that the county decides by, or another one that is there."""
    return next((one for one in packs if one.name == name), None) or load_pack(name)


JOBS = (Job("what_if", compare_next, seconds=EVERY_SECONDS),)
