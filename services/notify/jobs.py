"""Takes open messages to the gateway. A message is marked ``sending`` on disk before the call."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from chassis.privacy import SealError, Vault, vault
from chassis.service import Runtime
from chassis.telemetry import logger
from contracts.envelope import Message, enclose, event_id
from contracts.events.notify import SmsFailed, SmsSent
from services.notify import store
from services.notify.gateway import GatewayError, PhoneLog, Sms, SmsGateway
from services.notify.list_jobs import release
from services.notify.rules import OFFICER, parts_of, render
from services.notify.settings import SIGNATURE, phone_log_of

PER_SECOND = 300
"""What a county's SMS account usually carries; a backlog waits rather than starve settlement."""

BATCH = 150
IDLE_SECONDS = 1.0
OFFICER_PLACE = "officer"


async def keep_sending(runtime: Runtime) -> None:
    """Send what is open, for ever. An outage of database or gateway only delays."""
    gateway = PhoneLog(phone_log_of(runtime.settings), SIGNATURE)
    contacts = vault(runtime.settings.contact_key.get_secret_value(), runtime.settings.cipher_suite)
    await _prepare(runtime, gateway, contacts)
    while True:
        try:
            sent = await send_open(runtime, gateway, contacts)
        except Exception as error:  # noqa: BLE001  the sender must outlive any outage
            logger().warning("notify.send_delayed", reason=type(error).__name__)
            sent = 0
            await _prepare(runtime, gateway, contacts)
        await asyncio.sleep(sent / PER_SECOND if sent else IDLE_SECONDS)


async def _prepare(runtime: Runtime, gateway: SmsGateway, contacts: Vault) -> None:
    """Learn the officers' phones, and settle what a crash or an outage left in ``sending``."""
    while True:
        try:
            async with runtime.engine.begin() as tx:
                path = runtime.settings.officers_file
                if path is not None:
                    await store.save_officers(
                        tx, await asyncio.to_thread(_officers, path, contacts)
                    )
                unsure = await store.sending_keys(tx)
            taken = await gateway.was_sent(unsure)
            states = {key: "sent" if key in taken else "created" for key in unsure}
            await _record(runtime, [], states)
        except Exception as error:  # noqa: BLE001  start again when the database is there
            logger().warning("notify.prepare_delayed", reason=type(error).__name__)
            await asyncio.sleep(IDLE_SECONDS)
        else:
            return


def _officers(path: Path, contacts: Vault) -> list[tuple[str, str, str]]:
    found = []
    for one in orjson.loads(path.read_bytes()):
        tag = event_id(one["township"], one["phone"])[:12]
        sealed = contacts.seal(orjson.dumps(one).decode(), OFFICER_PLACE)
        found.append((one["township"], sealed, tag))
    return found


async def send_open(runtime: Runtime, gateway: SmsGateway, contacts: Vault) -> int:
    """Send one batch of open messages; returns how many were open."""
    async with runtime.engine.begin() as tx:
        await release(tx)
        rows = await store.take_open(tx, BATCH)
    if not rows:
        return 0
    async with runtime.engine.connect() as reading:
        families, officers = await store.recipients(reading, rows)
    outgoing, states = _address(rows, families, officers, contacts)
    try:
        await gateway.send(outgoing)
    except GatewayError as error:
        logger().warning("notify.gateway_refused", reason=str(error), count=len(outgoing))
        states |= {row.key: "created" for row in rows if row.key not in states}
    else:
        states |= {row.key: "sent" for row in rows if row.key not in states}
    await _record(runtime, outgoing, states)
    return len(rows)


def _address(
    rows: Sequence[Any],
    families: dict[str, tuple[str, str]],
    officers: dict[str, list[tuple[str, str]]],
    contacts: Vault,
) -> tuple[list[Sms], dict[str, str]]:
    """Resolve phones and write the texts; a message without a phone is a named state, not a loss."""
    outgoing: list[Sms] = []
    states: dict[str, str] = {}
    for row in rows:
        if row.audience == OFFICER:
            found = [(sealed, OFFICER_PLACE) for _, sealed in officers.get(row.township, [])]
        else:
            found = [families[row.person]] if row.person in families else []
        surname = _surname(families.get(row.person), contacts)
        try:
            for sealed, place in found:
                phone = orjson.loads(contacts.open(sealed, place))["phone"]
                text = render(row.template, orjson.loads(row.words), surname)
                outgoing.append(Sms(row.key, phone, text, parts_of(text, SIGNATURE)))
        except (SealError, ValueError, KeyError):
            states[row.key] = "unreadable_contact"
            continue
        if not found:
            states[row.key] = "no_recipient"
    return outgoing, states


def _surname(family: tuple[str, str] | None, contacts: Vault) -> str:
    if family is None:
        return "某"
    try:
        return str(orjson.loads(contacts.open(*family)).get("surname") or "某")
    except (SealError, ValueError):
        return "某"


async def _record(runtime: Runtime, outgoing: Sequence[Sms], states: dict[str, str]) -> None:
    """Write the outcome and announce it, in one transaction."""
    if not states:
        return
    at = runtime.clock()
    parts: dict[str, int] = {}
    for one in outgoing:
        parts[one.key] = max(parts.get(one.key, 1), one.parts)
    messages: list[Message] = []
    for key, state in states.items():
        event: SmsSent | SmsFailed
        if state == "sent":
            event = SmsSent(message=key, parts=parts.get(key, 1), sent=at)
        elif state == "created":
            continue
        else:
            event = SmsFailed(message=key, reason=state)
        id_ = event_id(event.NAME, key, state)
        messages.append(enclose(event, source="notify", id_=id_, at=at))
    if runtime.outbox is None:
        raise RuntimeError("the sender starts after the outbox")
    async with runtime.engine.begin() as tx:
        await store.finish(tx, states)
        await runtime.outbox.write(tx, messages)
    await runtime.outbox.relay(messages)
