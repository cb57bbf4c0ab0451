"""Finds the recipients of open messages, and when each may be told."""

import asyncio
from pathlib import Path
from weakref import WeakKeyDictionary

import orjson

from chassis.privacy import Vault, vault
from chassis.runtime import Runtime
from chassis.settings import Settings
from chassis.telemetry import logger
from contracts.envelope import event_id
from contracts.events.notify import SmsFailed
from services.notify.list_jobs import release
from services.notify.sending import store
from services.notify.sending.addressing import (
    ADDRESSED,
    BUNDLED,
    OFFICER_PLACE,
    address,
    deliveries,
    number_of,
)
from services.notify.sending.rules import Hours, day_of, hours_of

ADDRESS_AT_ONCE = 500


def contacts_of(runtime: Runtime) -> Vault:
    """Return the vault of phones."""
    return vault_of(runtime.settings)


def vault_of(settings: Settings) -> Vault:
    """Return the vault of phones that these settings open."""
    return vault(settings.contact_key.get_secret_value(), settings.cipher_suite)


def hours_for(runtime: Runtime) -> Hours:
    """Return when notices may leave."""
    return hours_of(runtime.settings.sms_hours, made_up=runtime.settings.synthetic)


async def address_open(runtime: Runtime) -> bool:
    """Find the recipients of open messages and when each may be told; True if there may be more."""
    contacts, hours, now = contacts_of(runtime), hours_for(runtime), runtime.clock()
    await _learn_officers(runtime, contacts)
    async with runtime.turn() as turn:
        await release(turn.tx)
        await store.stop_opted_out(turn.tx, now)
        rows = await store.take_open(turn.tx, hours.last_opening(now), ADDRESS_AT_ONCE)
        found = address(rows, *await store.recipients(turn.tx, rows), contacts)
        numbers = sorted({number_of(contacts, one[2]) for one in found.recipients})
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


async def _learn_officers(runtime: Runtime, contacts: Vault) -> None:
    """Take over the officers' phones as their file names them now; one that cannot be read stops nobody."""
    path = runtime.settings.officers_file
    written = path.stat().st_mtime_ns if path is not None and path.exists() else 0
    if path is None or _officers_of.get(runtime) == written:
        return
    try:
        officers = await asyncio.to_thread(_officers, path, contacts)
    except (ValueError, KeyError, TypeError) as error:
        _officers_of[runtime] = written  # said once; it is read again when it was mended
        logger().error("notify.officers_unread", reason=type(error).__name__)
        return
    except OSError as error:
        logger().error("notify.officers_unread", reason=type(error).__name__)
        return
    async with runtime.turn() as turn:
        await store.save_officers(turn.tx, officers)
    _officers_of[runtime] = written


_officers_of: WeakKeyDictionary[Runtime, int] = WeakKeyDictionary()
"""When the file of officers was written that was read last."""


def _officers(path: Path, contacts: Vault) -> list[tuple[str, str, str]]:
    found = {}
    for officer in orjson.loads(path.read_bytes()):
        if not all(
            isinstance(officer[name], str) and officer[name] for name in ("township", "phone")
        ):
            raise ValueError("an officer has a township and a phone")
        tag = number_of(contacts, f"{officer['township']}/{officer['phone']}")[:12]
        sealed = contacts.seal(orjson.dumps(officer).decode(), OFFICER_PLACE)
        found[officer["township"], tag] = (officer["township"], sealed, tag)
    return list(found.values())
