"""Settles tries of whose outcome nobody knows: their process is gone, or the line broke."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import orjson

from chassis.jobs import Job
from chassis.privacy import SealError, Vault
from chassis.runtime import Runtime
from chassis.telemetry import logger
from services.notify.gateways import NO_LAG, SmsGateway, Tried, gateways_of
from services.notify.phones import vault_of
from services.notify.sending import store
from services.notify.sending.jobs import STALE, hours_of_row, record
from services.notify.sending.rules import GIVE_UP, again
from services.notify.sending.store import Result

ASK_AT_ONCE = 500


async def ask_unsure(runtime: Runtime) -> bool:
    """Settle tries whose outcome nobody knows. A provider may be asked, or tells by receipt."""
    gateways, now = gateways_of(runtime.settings), runtime.clock()
    askable = [name for name, one in gateways.items() if await one.taken([]) is not None]
    async with runtime.look() as connection:
        rows = await store.unsure(connection, now - STALE, now - GIVE_UP, askable, ASK_AT_ONCE)
    if not rows:
        return False
    by_provider: defaultdict[str, list[Tried]] = defaultdict(list)
    for row in rows:
        by_provider[row.provider].append(_tried(row, vault_of(runtime.settings)))
    taken = {name: await _taken(gateways.get(name), tried) for name, tried in by_provider.items()}
    lags = {name: gateways[name].lag if name in gateways else NO_LAG for name in by_provider}
    results = [
        one
        for row in rows
        if (one := _settled(row, taken[row.provider], lags[row.provider], runtime))
    ]
    await record(runtime, rows, results)
    return False


async def _taken(gateway: SmsGateway | None, tried: Sequence[Tried]) -> set[str] | None:
    """Ask a provider what it took; one that does not say, or is used no more, holds up no other's answer."""
    try:
        return await gateway.taken(tried) if gateway else None
    except OSError as error:
        logger().warning("notify.provider_does_not_say", reason=type(error).__name__)
        return None


def _tried(row: Any, contacts: Vault) -> Tried:
    try:
        phone = str(orjson.loads(contacts.open(row.sealed, row.id))["phone"])
    except (SealError, ValueError):
        phone = ""
    return Tried(row.id, phone, row.claimed)


def _settled(row: Any, taken: set[str] | None, lag: timedelta, runtime: Runtime) -> Result | None:
    """Return what an unsure try is now. Who never hears of it is on the list of people to call."""
    now = runtime.clock()
    if taken is not None:
        if row.id in taken:
            return Result(row.id, row.attempts, "sent")
        if now - row.claimed < lag:  # it may have been taken and not be listed yet
            return None
        retry = again(0, 1, row.first_try, now, hours_of_row(runtime, row))
        state = "created" if retry else "failed"
        return Result(row.id, row.attempts, state, due=retry, reason="not_taken")
    if now - row.claimed >= GIVE_UP:
        return Result(row.id, row.attempts, "failed", reason="unknown_outcome")
    if row.state == "unknown":
        return None
    return Result(row.id, row.attempts, "unknown", reason="no_answer")


JOBS = (Job("asking", ask_unsure, seconds=2.0),)
