"""The door over NATS: the same checks on a request subject, for partners that speak no HTTP.

``door.<source>.<Event>.v1`` for single facts, ``door.<source>.Roster.v1`` for a whole list (its
bytes, up to the bus's message size), ``door.hospital.<code>.ClaimSubmitted.v1`` and
``door.hospital.<code>.ClaimReversed.v1``, ``door.township_office.<name, percent-encoded>.<Event>.v1``.
Who calls is told by the subject: the bus lets nobody but its holder publish there, so that no key
travels. A list's month and year are headers.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import unquote

from faststream.nats import NatsBroker, NatsMessage, NatsResponse
from pydantic import ValidationError

from chassis.clock import monotonic
from chassis.language import CHINESE, speak
from chassis.permissions import inbox_of
from chassis.telemetry import Metrics, logger
from chassis.tracing import received, within
from contracts.vocabulary import Source
from services.gateway.caller import Caller, caller_named
from services.gateway.door import Door
from services.gateway.intake.claims import NamedReversalIn, ReversalIn
from services.gateway.intake.lists import Order
from services.gateway.intake.reading.cells import day_of
from services.gateway.intake.reports import REPORTS
from services.gateway.partner_keys import PartnerKeys
from services.gateway.permitted import DOORS
from services.gateway.refusals import RefusedError, refused
from services.gateway.settings import BODY_BYTES_MAX
from services.gateway.threshold import CALLER, Quotas

QUEUE = "gateway"
NAMES = {*REPORTS, "Roster", "ClaimSubmitted", "ClaimReversed"}
"""What can be called; anything else that a partner writes into a subject is in no log."""
MONTH_HEADER = "yingbao-month"
FULL_HEADER = "yingbao-full"
YEAR_HEADER = "yingbao-year"
PREVIEW_HEADER = "yingbao-preview"
REJECTED_SHOWN = 1_000


def listen_on_nats(
    broker: NatsBroker,
    door: Callable[[], Door],
    keys: PartnerKeys,
    quotas: Quotas,
    metrics: Metrics,
) -> None:
    """Register the request subjects. Core NATS: the reply is the receipt, nothing is stored here."""

    async def take(body: bytes, message: NatsMessage) -> NatsResponse:
        """Answer with a receipt, or with the reason why not."""
        holder, name = _called(message.raw_message.subject)
        _own_inbox(holder, message.raw_message.reply, metrics)
        begun, known = monotonic(), name if name in NAMES else "none"
        speak(CHINESE)
        with within(
            f"door {known}", "server", received(message.headers), subject=f"door.*.{known}"
        ) as own:
            try:
                receipt = await answered(holder, name, body, message)
            except Exception:  # noqa: BLE001  whatever it is, the caller hears of it
                logger().exception("call.failed", route=known)
                refusal = RefusedError("internal_error", status=500)
                receipt = {"accepted": False, "status": refusal.status, **refusal.body()}
            ms = round((monotonic() - begun) * 1000, 1)
            logger().info(
                "call", method="NATS", route=known, status=receipt["status"], ms=ms, holder=holder
            )
        return NatsResponse(receipt, headers={"traceresponse": own})

    async def answered(holder: str, name: str, body: bytes, message: NatsMessage) -> dict[str, Any]:
        try:
            who = _standing(keys, holder)
            CALLER.set(holder)
            if not quotas.call(holder):
                raise RefusedError("too_many_calls", status=429)
            if len(body) > BODY_BYTES_MAX:
                raise RefusedError("body_too_large", status=413)
            if who.role == "hospital":
                return await _from_hospital(door(), name, who, body)
            source = who.speaks_for(holder.partition("/")[0])
            if name == "Roster":
                return await _roster(door(), source, body, message.headers)
            told = await door().reporting.take(source, name, body, who.area)
        except RefusedError as error:
            return {"accepted": False, "status": error.status, **error.body()}
        return {"accepted": True, "state": told.status, **asdict(told), "status": 202}

    for subjects in DOORS:
        broker.subscriber(subjects, queue=QUEUE, decoder=_raw)(take)


class ForeignInboxError(Exception):
    """A caller asks for its receipt where it may not publish itself; it gets none."""


def _own_inbox(holder: str, reply: str, metrics: Metrics) -> None:
    """Answer into the caller's own inbox only.

    The bus does not look at where a request wants its reply, and lets the door publish it there: with
    another's door as the reply, the receipt would be that one's call.
    """
    if reply and not reply.startswith(f"{inbox_of(holder)}."):
        metrics.security_events.labels("refused_subject").inc()
        logger().error("security.foreign_inbox", holder=holder, reply=reply[:100])
        raise ForeignInboxError(holder)


def _called(subject: str) -> tuple[str, str]:
    """Return whose door a subject is, and the event: ``door.hospital.H34169901.ClaimSubmitted.v1``."""
    _, *holder, name, _ = subject.split(".")
    return "/".join(unquote(token) for token in holder), name


def _standing(keys: PartnerKeys, holder: str) -> Caller:
    """Return the caller. Raises RefusedError with 401 once the holder's key was taken away."""
    if not keys.stands(holder):
        raise RefusedError("key_refused", status=401)
    return caller_named(holder)


async def _raw(message: NatsMessage) -> bytes:
    return bytes(message.body)


async def _from_hospital(door: Door, name: str, who: Caller, body: bytes) -> dict[str, Any]:
    provider = who.hospital()
    if name == "ClaimSubmitted":
        receipt = (await door.submit_many([body], who.holder))[0]
        return {**receipt, "status": 202 if receipt["accepted"] else 422}
    if name != "ClaimReversed":
        raise RefusedError("unknown_event", status=404)
    try:
        reversal = NamedReversalIn.model_validate_json(body)
    except ValidationError as error:
        raise refused(error) from None
    plain = ReversalIn(certno=reversal.certno, reason=reversal.reason)
    status, answer = await door.reverse(provider, reversal.claim, plain)
    return {"accepted": True, **answer, "status": status}


async def _roster(
    door: Door, source: Source, content: bytes, headers: Mapping[str, str]
) -> dict[str, Any]:
    month = day_of(headers.get(MONTH_HEADER, ""), MONTH_HEADER)
    year = headers.get(YEAR_HEADER, str(month.year))
    if not (year.isascii() and year.isdigit() and 2003 <= int(year) <= 2100):
        raise RefusedError("bad_date", YEAR_HEADER)
    full, preview = (_yes(headers, name) for name in (FULL_HEADER, PREVIEW_HEADER))
    order = Order(source, month, int(year), full, preview, source.value)
    roster, receipt = await door.intake.roster(order, content)
    return {
        "accepted": True,
        "status": 200 if preview else 202,
        "rows": roster.accepted,
        "rejected": [one.as_json() for one in roster.rejected[:REJECTED_SHOWN]],
        "rejected_count": len(roster.rejected),
        "receipt": receipt.as_json(),
    }


def _yes(headers: Mapping[str, str], name: str) -> bool:
    """Read a header that is true or false; anything else is not taken for false in silence."""
    said = headers.get(name, "false")
    if said not in {"true", "false"}:
        raise RefusedError("invalid_value", name)
    return said == "true"
