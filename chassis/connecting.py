"""Connects to the bus as somebody: a key proves who it is, and answers come to its own inbox."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
from faststream.nats.security import NatsNKey, NatsSecurity
from nats.aio.client import Client

from chassis.permissions import inbox_of
from chassis.settings import Settings, servers_of
from chassis.telemetry import Metrics, logger

REFUSED_SUBJECT, REFUSED_KEY = "refused_subject", "refused_key"
_WORDS = {"permissions violation": REFUSED_SUBJECT, "authorization violation": REFUSED_KEY}


PING_SECONDS, PINGS_UNANSWERED = 4, 2
"""A server that is cut off says nothing: after three pings, 8 to 12 seconds, another one is looked for.

What was under way on the old line comes on the new one after the wait for its acknowledgement.
"""


@dataclass(frozen=True, slots=True)
class BusAccess:
    """Where the bus is, who connects, and the seed of its nkey; empty for a bus that asks for none."""

    servers: tuple[str, ...]
    holder: str
    seed: str = field(default="", repr=False)
    ca_file: Path | None = None

    async def connect(self, **options: Any) -> Client:
        """Connect. Raises nats' errors: nobody there, or the key is refused."""
        known: dict[str, Any] = {"nkeys_seed_str": self.seed} if self.seed else {}
        if self.tls is not None:
            known["tls"] = self.tls
        known |= {"ping_interval": PING_SECONDS, "max_outstanding_pings": PINGS_UNANSWERED}
        return await nats.connect(
            list(self.servers), name=f"yingbao-{self.holder}", inbox_prefix=self.inbox.encode(),
            **known | options,
        )  # fmt: skip

    @property
    def inbox(self) -> str:
        """Name the holder's own inboxes."""
        return inbox_of(self.holder)

    @property
    def tls(self) -> ssl.SSLContext | None:
        """Trust the county's own authority, where it has one; otherwise those that the machine trusts."""
        secured = any(one.startswith("tls://") for one in self.servers)
        if self.ca_file is None and not secured:
            return None
        return ssl.create_default_context(cafile=self.ca_file)

    @property
    def security(self) -> NatsSecurity | NatsNKey | None:
        """Return the same for FastStream's broker."""
        if self.seed:
            return NatsNKey.from_seed(self.seed, ssl_context=self.tls)
        return None if self.tls is None else NatsSecurity(ssl_context=self.tls)


def bus_access(settings: Settings, holder: str) -> BusAccess:
    """Return how a process connects that was told these settings."""
    seed = settings.bus_seed.get_secret_value()
    return BusAccess(servers_of(settings.nats_url), holder, seed, settings.bus_ca_file)


class Refusals:
    """Logs and counts what the bus refuses this process: NATS says it to the connection only, in words."""

    def __init__(self, metrics: Metrics) -> None:
        self._counted = metrics.security_events
        self._said: set[str] = set()

    async def note(self, error: Exception) -> None:
        """Take an error of the connection; each refused subject is logged once, and counted every time."""
        said = str(error).lower()
        for words, kind in _WORDS.items():
            if words in said:
                self._counted.labels(kind).inc()
                if said not in self._said:
                    self._said.add(said)
                    logger().error("security.bus_refuses", kind=kind, said=said[:200])
