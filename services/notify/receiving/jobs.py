"""Answers what people wrote: asks enrollment who is meant, and writes back to the phone it came from."""

from datetime import timedelta
from typing import Any

import orjson

from chassis.bus import AT_A_TIME, Subscription
from chassis.jobs import Job
from chassis.listening import Kept
from chassis.privacy import SealError, Vault, vault
from chassis.runtime import Runtime, Turn
from chassis.store import is_world_broken
from chassis.telemetry import logger
from contracts.envelope import event_id
from contracts.events.enrollment import CitizenAnswered
from contracts.events.notify import CitizenAsked
from contracts.officers import OFFICER_PLACE
from contracts.personal import redact
from services.notify.officers import store as officers
from services.notify.phones import number_of, vault_of
from services.notify.receiving import store
from services.notify.receiving.rules import (
    REPLIES_A_DAY,
    Done,
    Reply,
    Unclear,
    Wish,
    answer_reply,
    read,
    unclear_reply,
)
from services.notify.rules import parts_of, render
from services.notify.sending.addressing import Recipient, sealed_sms
from services.notify.sending.rules import day_of
from services.notify.sending.store import Delivery
from services.notify.sending.store import save as save_deliveries
from services.notify.settings import SIGNATURE
from services.notify.worklist import store as tasks

AT_ONCE, INDEX_AT_ONCE, PERSONS_MAX = 100, 2_000, 500
PATIENCE = timedelta(minutes=10)
"""So long a message waits until every phone of the registers can be found."""


async def index_phones(runtime: Runtime) -> bool:
    """Work out by which keyed hash contacts are found; True if there may be more."""
    contacts = vault_of(runtime.settings)
    async with runtime.turn() as turn:
        rows = await store.unindexed(turn.tx, INDEX_AT_ONCE)
        await store.index(turn.tx, [(row.person, _number(row, contacts)) for row in rows])
        duties = await officers.unnumbered(turn.tx, INDEX_AT_ONCE)
        found = [(one.id, _officers_number(one.contact_sealed, contacts)) for one in duties]
        await officers.number(turn.tx, [one for one in found if one[1]])
    return len(rows) >= INDEX_AT_ONCE


def _officers_number(sealed: str, contacts: Vault) -> str:
    try:
        return number_of(contacts, str(orjson.loads(contacts.open(sealed, OFFICER_PLACE))["phone"]))
    except (SealError, ValueError, KeyError):
        return ""


def _number(row: Any, contacts: Vault) -> str:
    try:
        phone = orjson.loads(contacts.open(row.contact_sealed, row.sealed_for or row.person))
        return number_of(contacts, str(phone["phone"]))
    except (SealError, ValueError, KeyError):
        return ""


async def answer_open(runtime: Runtime) -> bool:
    """Read what people wrote: what is unclear is answered at once, the rest is asked of enrollment."""
    async with runtime.turn() as turn:
        rows = await store.open_messages(turn.tx, AT_ONCE)
        since = turn.clock() - PATIENCE
        if rows and await store.some_unindexed(turn.tx):
            rows = [row for row in rows if row.received < since]
        for row in rows:
            await _take_alone(turn, row)
    return len(rows) >= AT_ONCE


async def _take_alone(turn: Turn, row: Any) -> None:
    """Answer one message; a bug with it is logged, seen in its state, and stops nobody else's."""
    try:
        async with turn.tx.begin_nested():
            await _take(turn, row)
    except Exception as error:
        if is_world_broken(error):
            raise
        logger().exception("notify.message_unanswered")
        await store.close(turn.tx, row.id, "failed", type(error).__name__)


async def _take(turn: Turn, row: Any) -> None:
    wish = read(_opened(turn, row)["text"])
    if wish is None:  # a version that read it otherwise kept it
        await store.close(turn.tx, row.id, "done", "")
        return
    if isinstance(wish, Unclear):
        await _reply(turn, row, unclear_reply(wish), f"unclear_{wish.part}")
        return
    if isinstance(wish, Done):
        await _take_done(turn, row, wish)
        return
    persons = await store.persons_of(turn.tx, row.number, PERSONS_MAX)
    if not persons:
        answer = CitizenAnswered(message=row.id, outcome="no_match")
        await _reply(turn, row, answer_reply(answer), "unknown_phone")
        return
    turn.say(_question(turn, row, wish, persons), event_id("CitizenAsked", row.id))
    await store.close(turn.tx, row.id, "asked", "")


async def _take_done(turn: Turn, row: Any, done: Done) -> None:
    """Take a task off the list of who is on duty there; a note that names somebody is not kept."""
    today, now = day_of(turn.clock()), turn.clock()
    own = [one for one in await officers.running(turn.tx, today) if one.number == row.number]
    found = {
        task.key: (township, task.changes)
        for duty in own
        for township in duty.townships
        for task in await tasks.by_code(turn.tx, now, township, duty.village, done.code)
    }
    if len(found) != 1:
        outcome = "several_tasks" if found else "unknown_task"
        await _reply(turn, row, Reply("task_unknown", {"code": done.code}), outcome)
        return
    ((key, (township, what)),) = found.items()
    note = done.note if redact(done.note) == done.note else ""
    await tasks.done(turn.tx, key, township, f"sms/{own[0].id}", note, now)
    left = sum((await tasks.open_counts(turn.tx, now, [township])).values())
    words = {"code": done.code, "what": what or "", "left": str(left), "township": township}
    await _reply(turn, row, Reply("task_done", words), "done")


def _question(turn: Turn, row: Any, wish: Wish, persons: list[str]) -> CitizenAsked:
    settings = turn.settings
    operators = vault(settings.operator_key.get_secret_value(), settings.cipher_suite)
    who = orjson.dumps({"name": wish.name, "last_six": wish.last_six}).decode()
    return CitizenAsked(
        message=row.id, wish=wish.kind, persons=tuple(persons), place=wish.place, first=wish.first,
        who_sealed=operators.seal(who, row.id), province=wish.province, received=row.received,
    )  # fmt: skip


async def keep_answer(turn: Turn, _: str, body: bytes) -> None:
    """Write back what became of a message; said again it finds no message that waits."""
    answer = CitizenAnswered.model_validate_json(body)
    row = await store.asked(turn.tx, answer.message)
    if row is not None:
        await _reply(turn, row, answer_reply(answer), answer.outcome, answer.person or "")


async def _reply(turn: Turn, row: Any, reply: Reply, outcome: str, person: str = "") -> None:
    """Send an answer to the phone that wrote, at once; a phone that had too many today gets none."""
    now, contacts = turn.clock(), vault_of(turn.settings)
    if await store.replies(turn.tx, row.number, day_of(now)) >= REPLIES_A_DAY:
        logger().warning("notify.too_many_answers", outcome=outcome)
        await store.close(turn.tx, row.id, "unanswered", outcome)
        return
    key = event_id("reply", row.id)
    said, id_ = render(reply.template, reply.words, ""), event_id("delivery", key, row.number)
    phone = _opened(turn, row)["phone"]
    to = Recipient(key, store.SENDER, phone, said, reply.template, reply.words)
    delivery = Delivery(
        id_, key, store.SENDER, row.number, sealed_sms(contacts, id_, to), parts_of(said, SIGNATURE),
        now, day_of(now),
    )  # fmt: skip
    await store.save_message(turn.tx, key, person, reply)
    await save_deliveries(turn.tx, [delivery], now)
    await store.close(turn.tx, row.id, "answered", outcome)


def _opened(turn: Turn, row: Any) -> dict[str, str]:
    found: dict[str, str] = orjson.loads(vault_of(turn.settings).open(row.sealed, row.id))
    return found


KEEPS = (
    Kept(
        Subscription(
            "ENROLLMENT", "notify-citizens", (CitizenAnswered.SUBJECT,), "explicit", AT_A_TIME
        ),
        keep_answer,
        wakes="sending",
    ),
)
JOBS = (
    Job("indexing", index_phones, seconds=1.0),
    Job("reading", answer_open, seconds=0.5),
)
