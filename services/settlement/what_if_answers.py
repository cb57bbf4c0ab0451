"""Takes an order to compare a year under two packs, and tells how far it is and what came out."""

from chassis.asking import answers
from chassis.runtime import Runtime
from contracts.asking import Confirmed
from contracts.envelope import event_id
from contracts.whatif import (
    SETTLEMENT_WHAT_IF,
    SETTLEMENT_WHAT_IFS,
    WhatIf,
    WhatIfOrder,
    WhatIfPage,
)
from policy.loader import load_packs, pack_names
from services.settlement import what_if_store


async def order(runtime: Runtime, asked: WhatIfOrder) -> Confirmed:
    """Write an order down; not found: a pack that is not there, or the same is being worked out."""
    known = {*pack_names(), *(one.name for one in load_packs(runtime.settings.packs))}
    if not {asked.pack, asked.against} <= known:
        return Confirmed(found=False)
    now = runtime.clock()
    id_ = event_id("what_if", str(asked.year), asked.pack, asked.against, now.isoformat())
    async with runtime.turn() as turn:
        row = asked.model_dump() | {"id": id_, "ordered": now}
        return Confirmed(found=await what_if_store.order(turn.tx, row))


async def orders(runtime: Runtime, page: WhatIfPage) -> list[WhatIf]:
    """Return the orders, or one with its result."""
    async with runtime.look() as connection:
        if not page.id:
            return await what_if_store.latest(connection, page.most)
        found = await what_if_store.one(connection, page.id)
    return [] if found is None else [found]


ANSWERS = (answers(SETTLEMENT_WHAT_IF, order), answers(SETTLEMENT_WHAT_IFS, orders))
