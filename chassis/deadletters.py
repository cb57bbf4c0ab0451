"""What becomes of a message that cannot be read or handled: set aside whole, with its reason."""

from chassis.clock import Clock
from chassis.privacy import Vault
from contracts.envelope import Message, enclose, event_id
from contracts.events.deadletter import DeadLettered


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
) -> Message:
    """Wrap a bad message for the DEADLETTER stream; the input is kept, sealed for operators."""
    message = event_id(service, handler, subject, payload.hex())
    at = clock()
    event = DeadLettered(
        message=message,
        service=service,
        handler=handler,
        subject=subject,
        reason=reason,
        detail=detail[:200],
        attempts=1,
        set_aside=at,
        payload_sealed=vault.seal(payload.decode("utf-8", "backslashreplace"), message),
    )
    return enclose(event, source=service, id_=f"{message}.{at:%Y%m%d}", at=at)
