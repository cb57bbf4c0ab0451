"""Takes messages to phones. A try is marked on disk before the call; any number of processes may send."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

import orjson
from prometheus_client import Counter

from chassis import failpoints
from chassis.jobs import Job
from chassis.privacy import SealError, Vault
from chassis.runtime import Runtime, Turn
from chassis.store import is_world_broken
from chassis.telemetry import logger
from chassis.tracing import span
from contracts.envelope import event_id
from contracts.events.notify import SmsFailed, SmsSent
from contracts.traceparent import trace_of
from services.notify.gateways import (
    GatewayError,
    Outcome,
    Sms,
    SmsGateway,
    gateways_of,
)
from services.notify.phones import vault_of
from services.notify.sending import store
from services.notify.sending.addressing_jobs import address_open, hours_for
from services.notify.sending.rules import ALL_DAY, Hours, again
from services.notify.sending.store import Result

END_SECONDS, RECORD_TRIES = 8.0, 5
SEND_AT_ONCE = 150
KEPT, FORGOTTEN_AT_ONCE = timedelta(days=30), 5_000
"""So long a phone and a text are kept after a message came to its end, for whoever asks what was said."""
SECONDS_AT_ONCE = 1.0
"""So many seconds of a provider's pace are claimed at once: what a killed process had claimed is unsure."""
STALE = timedelta(seconds=60)
"""A try that nobody has finished by then has lost its process; a claim's calls take less than that."""


async def send(runtime: Runtime) -> bool:
    """Hand over what is due, at the providers' pace; True if there was something."""
    gateways, loop = gateways_of(runtime.settings), asyncio.get_running_loop()
    begun = loop.time()
    rows = await send_due(runtime, gateways)
    if rows:
        pace = len(rows) / min(one.rate for one in gateways.values())
        await asyncio.sleep(max(0.0, begun + pace - loop.time()))
    return bool(rows)


async def send_due(runtime: Runtime, gateways: Mapping[str, SmsGateway]) -> list[Any]:
    """Try each due delivery once; returns them. Raises GatewayError if no provider took anything."""
    now = runtime.clock()
    trying = asyncio.ensure_future(_send_due(runtime, gateways, now))
    try:
        return await asyncio.shield(trying)
    except asyncio.CancelledError:
        # The process is being ended: what was claimed is told first, or nobody would know what was.
        await asyncio.wait({trying}, timeout=END_SECONDS)
        raise


async def _send_due(
    runtime: Runtime, gateways: Mapping[str, SmsGateway], now: datetime
) -> list[Any]:
    pace, trust = min(one.rate for one in gateways.values()), _trust_of(runtime)
    most = 1 if trust.doubtful else max(1, min(SEND_AT_ONCE, int(pace * SECONDS_AT_ONCE)))
    start = trust.start % len(gateways)
    # Answers first, and at any hour; what was due by day and was not sent waits for the morning as well.
    awake = hours_for(runtime).opening(now) <= now
    async with runtime.turn() as turn:
        rows = await store.claim(turn.tx, list(gateways), most, now, start, answers=True)
        if not rows and awake:
            rows = await store.claim(turn.tx, list(gateways), most, now, start)
    if not rows:
        return rows
    failpoints.reach(failpoints.BEFORE_CALL)
    outcomes = await _call(rows, gateways, vault_of(runtime.settings))
    failpoints.reach(failpoints.AFTER_CALL)
    results = [_result(runtime, row, outcomes[row.id], len(gateways)) for row in rows]
    await record(runtime, rows, results)
    _back_off(runtime, rows, outcomes, len(gateways))
    return rows


@dataclass(slots=True)
class _Trust:
    """Which provider a sender begins with, and whether its last messages were taken by nobody for sure."""

    start: int = 0
    doubtful: bool = False


_trusts: WeakKeyDictionary[Runtime, _Trust] = WeakKeyDictionary()


def _trust_of(runtime: Runtime) -> _Trust:
    return _trusts.setdefault(runtime, _Trust())


def _back_off(
    runtime: Runtime, rows: Sequence[Any], outcomes: Mapping[str, Outcome], providers: int
) -> None:
    """Raise GatewayError if no provider took anything, so that the sender waits, longer each time.

    It goes on with single messages and with the next provider first, until one is taken. A message whose
    next provider has not been tried yet is no reason to wait.
    """
    found, trust = [outcomes[row.id] for row in rows], _trust_of(runtime)
    if any(one.kind == "sent" for one in found):
        trust.doubtful = False
        return
    troubled = [one for one in found if one.kind in {"unsure", "unreachable"}]
    unsure = any(one.kind == "unsure" for one in troubled)
    if troubled and (unsure or all(row.attempts >= providers for row in rows)):
        trust.doubtful, trust.start = True, trust.start + 1
        reason = troubled[0].reason
        logger().warning("notify.no_provider_takes_messages", reason=reason, count=len(rows))
        raise GatewayError(f"no provider takes messages: {reason}")


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
        known = opened.get("template", ""), opened.get("words", {})
        sms = Sms(row.id, opened["phone"], opened["text"], row.parts, *known)
        by_provider[row.provider].append(sms)
    traces = {row.id: row.trace for row in rows}
    for name, messages in by_provider.items():
        parts = [span("send sms", "client", traces[one.id], provider=name) for one in messages]
        said = await gateways[name].send(messages)
        for part, one in zip(parts, said, strict=True):
            if part:
                part.end("" if one.kind == "sent" else one.reason or one.kind)
        outcomes |= {sms.id: one for sms, one in zip(messages, said, strict=True)}
    return outcomes


def _result(runtime: Runtime, row: Any, outcome: Outcome, providers: int) -> Result:
    match outcome.kind:
        case "sent":
            return Result(row.id, row.attempts, "sent", reference=outcome.reference)
        case "refused":
            return Result(row.id, row.attempts, "failed", reason=outcome.reason)
        case "unsure":
            return Result(row.id, row.attempts, "unknown", reason=outcome.reason)
    return _again(runtime, row, providers, outcome.reason)


def _again(runtime: Runtime, row: Any, providers: int, reason: str) -> Result:
    """Return a try that surely reached nobody, to be made again: at once with the next provider."""
    if row.attempts < providers:
        return Result(row.id, row.attempts, "created", reason=reason)  # its place in the line stays
    retry = again(
        row.attempts, providers, row.first_try, runtime.clock(), hours_of_row(runtime, row)
    )
    if retry is None:
        return Result(row.id, row.attempts, "failed", reason="no_provider")
    return Result(row.id, row.attempts, "created", due=retry, reason=reason)


def hours_of_row(runtime: Runtime, row: Any) -> Hours:
    """Return when a message may leave: an answer to what somebody wrote at any hour (§12)."""
    return ALL_DAY if row.audience == "sender" else hours_for(runtime)


async def record(runtime: Runtime, rows: Sequence[Any], results: Sequence[Result]) -> None:
    """Write outcomes and announce them, in one transaction; an outage is waited out: only we know them."""
    for attempt in range(RECORD_TRIES):
        try:
            await _write(runtime, rows, results)
        except Exception as error:
            if not is_world_broken(error) or attempt == RECORD_TRIES - 1:
                raise
            await asyncio.sleep(attempt + 1)
        else:
            break
    by_id = {row.id: row for row in rows}
    for one in results:
        row = by_id[one.id]
        _outcomes(runtime).labels(row.provider, one.state).inc()
        logger().info(
            "sms", message=row.message, delivery=one.id, provider=row.provider, state=one.state,
            reason=one.reason, attempt=one.attempts, trace=trace_of(row.trace),
        )  # fmt: skip


async def _write(runtime: Runtime, rows: Sequence[Any], results: Sequence[Result]) -> None:
    by_id = {row.id: row for row in rows}
    async with runtime.turn() as turn:
        news = await store.finish(turn.tx, results, runtime.clock())
        told = [by_id[one.id] for one in results if one.id in news and one.state == "sent"]
        await say_sent(turn, {row.id: (row.message, row.parts, row.trace) for row in told})
        for one in results:
            if one.id in news and one.state == "failed":
                row = by_id[one.id]
                failed = SmsFailed(message=row.message, reason=one.reason or "failed")
                turn.say(failed, event_id("SmsFailed", one.id), row.trace)


async def say_sent(turn: Turn, told: Mapping[str, tuple[str, int, str]]) -> None:
    """Announce that deliveries were taken: id → (message, parts, trace); of a morning's also its parts."""
    parts = {message: count for message, count, _ in told.values()}
    for id_, (message, count, trace) in told.items():
        event = SmsSent(message=message, parts=count, sent=turn.clock())
        turn.say(event, event_id("SmsSent", id_), trace)
    for key, morning in await store.bundled(turn.tx, list(parts)):
        event = SmsSent(message=key, parts=parts[morning], sent=turn.clock())
        turn.say(event, event_id("SmsSent", morning, key))


def _outcomes(runtime: Runtime) -> Counter:
    return runtime.metrics.counter(
        "notify_sms_outcomes", "What became of tries, by provider", ["provider", "outcome"]
    )


async def count(runtime: Runtime) -> bool:
    """Tell operators how many messages wait, and for how long the oldest has been due."""
    async with runtime.look() as connection:
        found = await store.waiting(connection, runtime.clock())
    metrics = runtime.metrics
    numbers = metrics.gauge("notify_sms_waiting_messages", "Messages not sent yet", ["state"])
    ages = metrics.gauge("notify_sms_oldest_seconds", "How long the oldest has been due", ["state"])
    for state in ("created", "sending", "unknown", "unaddressed"):
        number, age = found.get(state, (0, 0.0))
        numbers.labels(state).set(number)
        ages.labels(state).set(age)
    return False


async def forget(runtime: Runtime) -> bool:
    """Clear phones and texts of messages that came to their end long ago; True if there may be more."""
    async with runtime.turn() as turn:
        found = await store.forget(turn.tx, runtime.clock() - KEPT, FORGOTTEN_AT_ONCE)
    return found >= FORGOTTEN_AT_ONCE


JOBS = (
    Job("forgetting", forget, seconds=600.0),
    Job("addressing", address_open, seconds=0.5),
    Job("sending", send, seconds=0.5, alone=False),
    Job("counting", count, seconds=15.0),
)
