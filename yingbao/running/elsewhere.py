"""A platform that runs elsewhere, in containers or as units, as the demo and the tests reach it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chassis.connecting import BusAccess
from chassis.settings import Settings, servers_of
from yingbao.running.bus_keys import OPERATOR
from yingbao.running.first_keys import seeds_of
from yingbao.running.keys import HAND_OUT
from yingbao.running.private_files import read_private

PHONE_LOG = "phones.jsonl"


class Platform(Protocol):
    """What is needed to send a county's year through a platform and look at what became of it."""

    @property
    def gateway_url(self) -> str:
        """Where partners and hospitals knock."""

    @property
    def phone_log(self) -> Path:
        """What phones would show."""

    def keys(self) -> dict[str, str]:
        """Return holder → key of the door."""

    def bus(self, holder: str = OPERATOR) -> BusAccess:
        """Return how somebody connects to the bus."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """``directory``: where ``yingbao secrets`` keeps the keys; ``bus_url``: the bus as seen from here."""

    gateway_url: str
    directory: Path
    bus_url: str

    @property
    def phone_log(self) -> Path:
        """Where the phone log would be, were it on this machine."""
        return self.directory / PHONE_LOG

    def keys(self) -> dict[str, str]:
        """Return the keys that are still to be handed out."""
        return {
            holder: one["key"] for holder, one in read_private(self.directory / HAND_OUT).items()
        }

    def bus(self, holder: str = OPERATOR) -> BusAccess:
        """Return how somebody connects to the bus from here."""
        seed = seeds_of(self.directory)[holder]
        return BusAccess(servers_of(self.bus_url), holder, seed, Settings().bus_ca_file)
