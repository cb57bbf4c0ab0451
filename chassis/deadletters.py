"""What becomes of a message that cannot be read or handled: set aside whole, with its reason."""

from pydantic import ValidationError

from chassis.clock import Clock
from chassis.privacy import Vault
from contracts.envelope import Message, enclose, event_id
from contracts.events.deadletter import DeadLettered
from contracts.personal import redact

KEPT_CHARACTERS_MAX = 150_000
CUT = "… [cut]"


def readable(payload: bytes) -> str:
    """Return a payload as text, cut if it is too long to keep whole."""
    text = payload[:KEPT_CHARACTERS_MAX].decode("utf-8", "backslashreplace")
    whole = len(payload) <= KEPT_CHARACTERS_MAX and len(text) <= KEPT_CHARACTERS_MAX
    return text if whole else text[:KEPT_CHARACTERS_MAX] + CUT


def dead_letter(
    vault: Vault,
    clock: Clock,
    *,
    service: str,
    handler: str,
    subject: str,
    payload: bytes,
    reason: str,
    detail: str = "",
    trace: str = "",
) -> Message:
    """Wrap a bad message for the DEADLETTER stream; the input is kept, sealed for operators.

    Kept up to ``KEPT_CHARACTERS_MAX``: a dead letter that the bus refuses would be no letter.
    """
    message = event_id(service, handler, subject, payload.hex())
    at = clock()
    event = DeadLettered(
        message=message,
        service=service,
        handler=handler,
        subject=subject,
        reason=reason,
        # A field is named as its sender wrote it: it may be somebody's number, or nothing that can be kept.
        detail=redact(detail).replace("\0", "")[:200],
        attempts=1,
        set_aside=at,
        payload_sealed=vault.seal(readable(payload), message),
    )
    # With its second: a letter that is sent back and fails again at once must not be taken for the first.
    id_ = f"{message}.{at:%Y%m%d%H%M%S}"
    return enclose(event, source=service, id_=id_, at=at, trace=trace)


def reason_of(error: Exception) -> tuple[str, str]:
    """Return a stable reason code and where it was found, never the value itself."""
    if isinstance(error, KeyError):
        return "unknown_event", ""
    if not isinstance(error, ValidationError):
        return "unreadable", type(error).__name__
    first = error.errors(include_input=False, include_url=False)[0]
    if first["type"] == "json_invalid":
        return "broken_json", ""
    cause = first.get("ctx", {}).get("error")
    reason = getattr(cause, "reason", None) or f"invalid_{first['type']}"
    return reason, ".".join(str(part) for part in first["loc"])
