"""The door over NATS: the same checks on a request subject, for partners that speak no HTTP.

``door.<source>.<Event>.v1`` and ``door.hospital.ClaimSubmitted.v1``; the key is a header.
"""

from collections.abc import Callable
from typing import Any

from faststream.nats import NatsBroker, NatsMessage

from contracts.vocabulary import Source
from services.gateway.door import Door
from services.gateway.refusals import RefusedError
from services.gateway.settings import BODY_BYTES_MAX, PartnerKeys

QUEUE = "gateway"
KEY_HEADER = "yingbao-key"


def listen_on_nats(broker: NatsBroker, door: Callable[[], Door], keys: PartnerKeys) -> None:
    """Register the request subjects. Core NATS: the reply is the receipt, nothing is stored here."""

    @broker.subscriber("door.*.*.v1", queue=QUEUE, decoder=_raw)
    async def take(body: bytes, message: NatsMessage) -> dict[str, Any]:
        """Answer with a receipt, or with the reason why not."""
        _, owner, name, _ = message.raw_message.subject.split(".")
        holder = keys.holder(message.headers.get(KEY_HEADER, ""))
        try:
            return await _take(door(), owner, name, holder, body)
        except RefusedError as error:
            return {"accepted": False, "status": error.status, **error.body()}


async def _raw(message: NatsMessage) -> bytes:
    return bytes(message.body)


async def _take(door: Door, owner: str, name: str, holder: str, body: bytes) -> dict[str, Any]:
    if len(body) > BODY_BYTES_MAX:
        raise RefusedError("body_too_large", status=413)
    if owner == "hospital":
        if not holder.startswith("hospital/") or name != "ClaimSubmitted":
            raise RefusedError("key_refused", status=403)
        receipt = (await door.submit_many([body], holder))[0]
        return {**receipt, "status": 202 if receipt["accepted"] else 422}
    if owner not in set(Source) or holder != owner:
        raise RefusedError("key_refused", "source", 403)
    return {"accepted": True, "status": 202, "event": await door.report(Source(owner), name, body)}
