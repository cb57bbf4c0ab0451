"""Finds the recipients of open messages, and when each may be told."""

from collections.abc import Sequence

from chassis.runtime import Runtime, Turn
from contracts.envelope import event_id
from contracts.events.notify import SmsFailed
from services.notify.list_jobs import release
from services.notify.officers.rules import Watch, on_duty
from services.notify.officers.store import running
from services.notify.phones import number_of, vault_of
from services.notify.sending import store
from services.notify.sending.addressing import ADDRESSED, BUNDLED, address, deliveries
from services.notify.sending.rules import Hours, day_of, hours_of
from services.notify.worklist.store import open_counts

ADDRESS_AT_ONCE = 500


def hours_for(runtime: Runtime) -> Hours:
    """Return when notices may leave."""
    return hours_of(runtime.settings.sms_hours, made_up=runtime.settings.synthetic)


async def address_open(runtime: Runtime) -> bool:
    """Find the recipients of open messages and when each may be told; True if there may be more."""
    contacts, hours, now = vault_of(runtime.settings), hours_for(runtime), runtime.clock()
    async with runtime.turn() as turn:
        await release(turn.tx)
        await store.stop_opted_out(turn.tx, now)
        rows = await store.take_open(turn.tx, hours.last_opening(now), ADDRESS_AT_ONCE)
        families = await store.families(turn.tx, rows)
        townships = sorted({row.township for row in rows if row.township})
        tasks = await open_counts(turn.tx, now, townships)
        found = address(rows, families, await _watches(turn, townships), contacts, tasks)
        numbers = sorted({number_of(contacts, one.phone) for one in found.recipients})
        a_day = 0 if runtime.settings.synthetic else runtime.settings.sms_a_day
        told = await store.told(turn.tx, numbers, day_of(now)) if a_day else {}
        out = await store.opted_out(turn.tx, numbers)
        new = deliveries(found, contacts, now, hours, a_day, told, out)
        await store.save_mornings(turn.tx, found.mornings)
        await store.save(turn.tx, new, now)
        await store.addressed(turn.tx, found.states)
        for key, (state, _) in found.states.items():
            if state not in {ADDRESSED, BUNDLED}:
                turn.say(SmsFailed(message=key, reason=state), event_id("SmsFailed", key, state))
    return len(rows) >= ADDRESS_AT_ONCE


async def _watches(turn: Turn, townships: Sequence[str]) -> dict[str, Watch]:
    """Return who is on duty today in townships."""
    today = day_of(turn.clock())
    duties = await running(turn.tx, today) if townships else []
    return {one: on_duty(duties, one, today) for one in townships}
