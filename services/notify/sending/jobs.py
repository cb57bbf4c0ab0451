"""Takes messages to phones. A try is marked on disk before the call; any number of processes may send."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from prometheus_client import Counter

from chassis import failpoints
from chassis.jobs import Job
from chassis.privacy import SealError, Vault, vault
from chassis.runtime import Runtime, Turn
from chassis.telemetry import logger
from contracts.envelope import event_id
from contracts.events.notify import SmsFailed, SmsSent
from services.notify.gateways import GatewayError, Outcome, Sms, SmsGateway, gateways_of
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
from services.notify.sending.rules import GIVE_UP, Hours, again, day_of, hours_of
from services.notify.sending.store import Result

ADDRESS_AT_ONCE, SEND_AT_ONCE, ASK_AT_ONCE = 500, 150, 500
CALL_SECONDS = 5.0
"""So many seconds of a provider's pace are taken at once: a claim is short."""
STALE = timedelta(seconds=20)
"""A try that nobody has finished by then has lost its process; calls take five seconds at most."""


def contacts_of(runtime: Runtime) -> Vault:
    """Return the vault of phones."""
    settings = runtime.settings
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


async def send(runtime: Runtime) -> bool:
    """Hand over what is due, at the providers' pace; True if there was something."""
    gateways = gateways_of(runtime.settings)
    rows = await send_due(runtime, gateways)
    if rows:
        await asyncio.sleep(len(rows) / min(one.rate for one in gateways.values()))
    return bool(rows)


async def send_due(runtime: Runtime, gateways: Mapping[str, SmsGateway]) -> list[Any]:
    """Try each due delivery once; returns them. Raises GatewayError if no provider took anything."""
    pace = min(one.rate for one in gateways.values())
    most = max(1, min(SEND_AT_ONCE, int(pace * CALL_SECONDS)))
    async with runtime.turn() as turn:
        rows = await store.claim(turn.tx, list(gateways), most, runtime.clock())
    if not rows:
        return rows
    failpoints.reach(failpoints.BEFORE_CALL)
    outcomes = await _call(rows, gateways, contacts_of(runtime))
    failpoints.reach(failpoints.AFTER_CALL)
    results = [_result(runtime, row, outcomes[row.id], len(gateways)) for row in rows]
    await _record(runtime, rows, results)
    if all(one.kind == "unreachable" for one in outcomes.values()):
        raise GatewayError(f"no provider takes messages: {next(iter(outcomes.values())).reason}")
    return rows


async def _call(
    rows: Sequence[Any], gateways: Mapping[str, SmsGateway], contacts: Vault
) -> dict[str, Outcome]:
    """Hand each row to the provider whose turn it is."""
    by_provider: defaultdict[str, list[Sms]] = defaultdict(list)
    outcomes: dict[str, Outcome] = {}
    for row in rows:
        try:
            opened = orjson.loads(contacts.open(row.sealed, row.id))
        except (SealError, ValueError):
            outcomes[row.id] = Outcome("refused", reason="unreadable_contact")
            continue
        sms = Sms(row.id, opened["phone"], opened["text"], row.parts)
        by_provider[row.provider].append(sms)
    for name, messages in by_provider.items():
        said = await gateways[name].send(messages)
        outcomes |= {sms.id: one for sms, one in zip(messages, said, strict=True)}
    return outcomes


def _result(runtime: Runtime, row: Any, outcome: Outcome, providers: int) -> Result:
    match outcome.kind:
        case "sent":
            return Result(row.id, "sent", reference=outcome.reference)
        case "refused":
            return Result(row.id, "failed", reason=outcome.reason)
        case "unsure":
            return Result(row.id, "unknown", reason=outcome.reason)
    now = runtime.clock()
    retry = again(row.attempts, providers, row.first_try, now, hours_for(runtime))
    if retry is None:
        return Result(row.id, "failed", reason="no_provider")
    return Result(row.id, "created", due=retry, reason=outcome.reason)


async def _record(runtime: Runtime, rows: Sequence[Any], results: Sequence[Result]) -> None:
    """Write outcomes and announce them, in one transaction."""
    by_id = {row.id: row for row in rows}
    async with runtime.turn() as turn:
        news = await store.finish(turn.tx, results, runtime.clock())
        for one in results:
            _outcomes(runtime).labels(by_id[one.id].provider, one.state).inc()
            if one.id in news:
                _announce(turn, by_id[one.id], one)


def _outcomes(runtime: Runtime) -> Counter:
    return runtime.metrics.counter(
        "notify_sms_outcomes", "What became of tries, by provider", ["provider", "outcome"]
    )


def _announce(turn: Turn, row: Any, result: Result) -> None:
    if result.state == "sent":
        event = SmsSent(message=row.message, parts=row.parts, sent=turn.clock())
        turn.say(event, event_id("SmsSent", row.id))
    elif result.state == "failed":
        reason = result.reason or "failed"
        turn.say(SmsFailed(message=row.message, reason=reason), event_id("SmsFailed", row.id))


async def ask_unsure(runtime: Runtime) -> bool:
    """Settle tries whose outcome nobody knows. A provider may be asked, or tells by receipt."""
    gateways, now = gateways_of(runtime.settings), runtime.clock()
    async with runtime.look() as connection:
        rows = await store.unsure(connection, now - STALE, ASK_AT_ONCE)
    if not rows:
        return False
    by_provider: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_provider[row.provider].append(row.id)
    taken = {
        name: await gateways[name].taken(ids) if name in gateways else None
        for name, ids in by_provider.items()
    }
    results = [one for row in rows if (one := _settled(row, taken[row.provider], runtime))]
    await _record(runtime, rows, results)
    return False


def _settled(row: Any, taken: set[str] | None, runtime: Runtime) -> Result | None:
    """Return what an unsure try is now. Who never hears of it is on the list of people to call."""
    now = runtime.clock()
    if taken is not None:
        sent = row.id in taken
        return Result(row.id, "sent") if sent else Result(row.id, "created", due=now)
    if now - row.first_try >= GIVE_UP:
        return Result(row.id, "failed", reason="unknown_outcome")
    return Result(row.id, "unknown", reason="no_answer") if row.state == "sending" else None


async def count(runtime: Runtime) -> bool:
    """Tell operators how many messages wait, and for how long the oldest has been due."""
    async with runtime.look() as connection:
        found = await store.waiting(connection, runtime.clock())
    metrics = runtime.metrics
    numbers = metrics.gauge("notify_sms_waiting_messages", "Messages not sent yet", ["state"])
    ages = metrics.gauge("notify_sms_oldest_seconds", "How long the oldest has been due", ["state"])
    for state in ("created", "sending", "unknown"):
        number, age = found.get(state, (0, 0.0))
        numbers.labels(state).set(number)
        ages.labels(state).set(age)
    return False


JOBS = (
    Job("addressing", address_open, seconds=0.5),
    Job("sending", send, seconds=0.5, alone=False),
    Job("asking", ask_unsure, seconds=2.0),
    Job("counting", count, seconds=15.0),
)
