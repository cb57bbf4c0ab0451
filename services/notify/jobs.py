"""Takes open messages to the gateway. A message is marked ``sending`` on disk before the call."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from chassis.jobs import Job
from chassis.privacy import SealError, Vault, vault
from chassis.runtime import Runtime
from chassis.telemetry import logger
from contracts.envelope import event_id
from contracts.events.notify import SmsFailed, SmsSent
from services.notify import store
from services.notify.gateway import GatewayError, PhoneLog, Sms, SmsGateway
from services.notify.list_jobs import release
from services.notify.rules import OFFICER, parts_of, render
from services.notify.settings import SIGNATURE, phone_log_of

PER_SECOND = 300
"""What a county's SMS account usually carries; a backlog waits rather than starve settlement."""

BATCH = 150
OFFICER_PLACE = "officer"


async def send(runtime: Runtime) -> bool:
    """Send what is open, at the gateway's pace; True if there was something."""
    gateway = PhoneLog(phone_log_of(runtime.settings), SIGNATURE)
    contacts = vault(runtime.settings.contact_key.get_secret_value(), runtime.settings.cipher_suite)
    await _settle_unsure(runtime, gateway)
    sent = await send_open(runtime, gateway, contacts)
    await asyncio.sleep(sent / PER_SECOND)
    return sent > 0


async def _settle_unsure(runtime: Runtime, gateway: SmsGateway) -> None:
    """Settle what a crash or an outage left in ``sending``: the gateway knows what it took."""
    async with runtime.look() as connection:
        unsure = await store.sending_keys(connection)
    if unsure:
        taken = await gateway.was_sent(unsure)
        states = {key: "sent" if key in taken else "created" for key in unsure}
        await _record(runtime, [], states)


async def _learn_officers(runtime: Runtime, contacts: Vault) -> None:
    """Take over the officers' phones as their file names them now; one that cannot be read stops nobody."""
    path = runtime.settings.officers_file
    if path is None:
        return
    try:
        officers = await asyncio.to_thread(_officers, path, contacts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger().error("notify.officers_unread", reason=type(error).__name__)
        return
    async with runtime.turn() as turn:
        await store.save_officers(turn.tx, officers)


def _officers(path: Path, contacts: Vault) -> list[tuple[str, str, str]]:
    found = []
    for officer in orjson.loads(path.read_bytes()):
        if not all(
            isinstance(officer[name], str) and officer[name] for name in ("township", "phone")
        ):
            raise ValueError("an officer has a township and a phone")
        tag = event_id(officer["township"], officer["phone"])[:12]
        sealed = contacts.seal(orjson.dumps(officer).decode(), OFFICER_PLACE)
        found.append((officer["township"], sealed, tag))
    return found


async def send_open(runtime: Runtime, gateway: SmsGateway, contacts: Vault) -> int:
    """Send one batch of open messages; returns how many were open. Raises GatewayError."""
    async with runtime.turn() as turn:
        await release(turn.tx)
        rows = await store.take_open(turn.tx, BATCH)
    if not rows:
        return 0
    await _learn_officers(runtime, contacts)
    async with runtime.look() as reading:
        families, officers = await store.recipients(reading, rows)
    outgoing, states = _address(rows, families, officers, contacts)
    try:
        await gateway.send(outgoing)
    except GatewayError as error:
        logger().warning("notify.gateway_refused", reason=str(error), count=len(outgoing))
        await _record(runtime, outgoing, {row.key: "created" for row in rows} | states)
        raise
    await _record(runtime, outgoing, {row.key: "sent" for row in rows} | states)
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
    at = runtime.clock()
    parts: dict[str, int] = {}
    for one in outgoing:
        parts[one.key] = max(parts.get(one.key, 1), one.parts)
    async with runtime.turn() as turn:
        await store.finish(turn.tx, states)
        for key, state in states.items():
            event: SmsSent | SmsFailed
            if state == "sent":
                event = SmsSent(message=key, parts=parts.get(key, 1), sent=at)
            elif state == "created":
                continue
            else:
                event = SmsFailed(message=key, reason=state)
            turn.say(event, event_id(event.NAME, key, state))


async def count(runtime: Runtime) -> bool:
    """Tell operators how many messages wait, and how long the oldest has."""
    async with runtime.look() as connection:
        found = await store.waiting(connection)
    metrics = runtime.metrics
    numbers = metrics.gauge("notify_sms_waiting_messages", "Messages not sent yet", ["state"])
    ages = metrics.gauge("notify_sms_oldest_seconds", "Age of the oldest of them", ["state"])
    for state in store.WAITING:
        number, age = found.get(state, (0, 0.0))
        numbers.labels(state).set(number)
        ages.labels(state).set(age)
    return False


JOBS = (Job("sending", send, seconds=1.0), Job("counting", count, seconds=15.0))
