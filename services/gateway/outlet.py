"""What leaves the door: facts onto their streams, and what was refused to where operators find it."""

from collections.abc import Sequence
from dataclasses import dataclass

from nats.aio.client import Client

from chassis.bus import PublishError, publish
from chassis.clock import Clock
from chassis.deadletters import dead_letter
from chassis.privacy import Vault
from chassis.telemetry import Metrics, logger
from contracts.envelope import enclose
from contracts.events.base import Event
from services.gateway.refusals import RefusedError
from services.gateway.threshold import CALLER, Quotas

SOURCE = "gateway"


@dataclass(frozen=True, slots=True)
class Outlet:
    """Publishes for the door. ``operators``: who may open what was set aside."""

    nc: Client
    clock: Clock
    metrics: Metrics
    operators: Vault
    quotas: Quotas

    async def publish(self, events: Sequence[tuple[str, Event]]) -> None:
        """Put facts (id, event) on their streams. Raises RefusedError with 503 if unconfirmed."""
        at = self.clock()
        messages = [enclose(event, source=SOURCE, id_=id_, at=at) for id_, event in events]
        try:
            await publish(self.nc, messages)
        except PublishError as error:
            logger().warning("door.bus_unavailable", reason=str(error), count=len(messages))
            raise RefusedError("bus_unavailable", status=503) from error
        for _, event in events:
            self.metrics.messages.labels(event.NAME, "accepted").inc()

    async def keep(self, handler: str, payload: bytes, error: RefusedError) -> None:
        """Keep what was refused, sealed, where an operator can find it.

        A sender that fills the hour with refusals is told 429; what it sends then is not kept, so that
        one broken program leaves room for the others.
        """
        self.metrics.messages.labels(handler.split(".", 1)[0], error.reason).inc()
        if not self.quotas.refusal(CALLER.get()):
            self.metrics.security_events.labels("over_quota").inc()
            return
        message = dead_letter(
            self.operators,
            self.clock,
            service=SOURCE,
            handler=handler,
            subject=f"door.{handler}",
            payload=payload,
            reason=error.reason,
            detail=error.field,
        )
        try:
            await publish(self.nc, [message])
        except PublishError:
            logger().warning("door.refusal_not_kept", reason=error.reason)
