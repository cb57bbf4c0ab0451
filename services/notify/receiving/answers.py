"""What providers call: a receipt of a message of ours, and what somebody wrote to us."""

import hashlib

import orjson

from chassis.routes import Call, Route, Said
from chassis.runtime import Runtime
from chassis.settings import Settings
from chassis.telemetry import logger
from contracts.envelope import event_id
from contracts.events.notify import SmsDelivered, SmsFailed, SmsReceived
from services.notify.gateways import (
    CallbackRefusedError,
    Receipt,
    Received,
    gateways_of,
    names_of,
)
from services.notify.phones import number_of, vault_of
from services.notify.receiving import store
from services.notify.receiving.rules import is_opt_out, read
from services.notify.sending.jobs import say_sent
from services.notify.sending.rules import holds, hours_of

DONE, BAD, FORBIDDEN = 200, 400, 403
OPT_OUT, WISH, OTHER = "opt_out", "wish", "other"
WRITTEN_MAX = 500
"""More than an SMS has; what is longer is cut, and kept."""


async def take_receipt(runtime: Runtime, receipt: Receipt) -> None:
    """Write down what a provider tells of a message; late, repeated and out of order it changes nothing."""
    async with runtime.turn() as turn:
        row = await store.known(turn.tx, receipt.id, receipt.reference)
        if row is None or not holds(row.state, receipt.state):
            return
        now = runtime.clock()
        await store.tell(turn.tx, row.id, receipt.state, receipt.reason, now)
        if receipt.state != "failed" and row.state in {"sending", "unknown"}:
            # The receipt was faster than the call's answer, or is all that is ever heard of it.
            await say_sent(turn, {row.id: (row.message, row.parts, row.trace)})
        if receipt.state == "delivered":
            event = SmsDelivered(message=row.message, delivered=now)
            turn.say(event, event_id("SmsDelivered", row.id), row.trace)
        elif receipt.state == "failed":
            failed = SmsFailed(message=row.message, reason=receipt.reason)
            turn.say(failed, event_id("SmsFailed", row.id), row.trace)


async def take_message(runtime: Runtime, name: str, received: Received) -> None:
    """Keep what somebody wrote. Whoever writes R is told nothing more, and is called instead.

    What can be answered is answered by a job: the provider only hears that we have it.
    """
    contacts, now = vault_of(runtime.settings), runtime.clock()
    number = number_of(contacts, received.phone)
    written = received.text[:WRITTEN_MAX]
    # By the provider's own id it is the same one again; without one, within the minute.
    one = f"{name}\0{number}\0{written}\0{received.id or f'{now:%Y-%m-%d %H:%M}'}"
    id_ = hashlib.sha256(one.encode()).hexdigest()[:32]
    wish = read(written) is not None
    meaning = OPT_OUT if is_opt_out(written) else WISH if wish else OTHER
    said = orjson.dumps({"phone": received.phone, "text": written}).decode()
    row = (id_, name, number, contacts.seal(said, id_), meaning, now, "open" if wish else "done")
    async with runtime.turn() as turn:
        if not await store.receive(turn.tx, row):
            return
        if meaning == OPT_OUT:
            await store.opt_out(turn.tx, number, now)
        text = contacts.seal(written, id_)
        event = SmsReceived(message=id_, text_sealed=text, received=now)
        turn.say(event, event_id("SmsReceived", id_))


def _route(name: str, kind: str) -> Route:
    async def handle(runtime: Runtime, call: Call) -> Said:
        gateway = gateways_of(runtime.settings)[name]
        receipts, messages = list[Receipt](), list[Received]()
        try:
            if kind == "receipt":
                receipts = gateway.receipts(call)
            else:
                messages = gateway.received(call)
        except CallbackRefusedError:
            runtime.metrics.security_events.labels("refused_callback").inc()
            logger().warning("security.callback_refused", provider=name, kind=kind)
            return Said(FORBIDDEN)
        except ValueError:
            return Said(BAD)
        for receipt in receipts:
            await take_receipt(runtime, receipt)
        for received in messages:
            await take_message(runtime, name, received)
        return Said(DONE, *gateway.thanks)

    return Route(f"/sms/{name}/{kind}", handle)


def routes(settings: Settings) -> tuple[Route, ...]:
    """Return the doors of the providers that are used."""
    # What is lacking or wrong is said at the start, not at the first message.
    gateways_of(settings)
    hours_of(settings.sms_hours, made_up=settings.synthetic)
    return tuple(
        _route(name, kind) for name in names_of(settings) for kind in ("receipt", "received")
    )
