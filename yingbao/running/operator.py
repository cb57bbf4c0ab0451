"""Where a running platform is, and how its operator connects to its bus."""

import json
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client

from chassis.connecting import BusAccess
from chassis.language import tr
from chassis.settings import EXAMPLE_KEY, Settings, servers_of
from yingbao.running.bus_keys import BUS_KEYS, OPERATOR
from yingbao.running.private_files import read_private


class NoStackError(Exception):
    """Nothing says where the bus is; the message says how to tell."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a running platform is, and the operators' key."""

    bus: BusAccess
    operator_key: str


def find(data: Path) -> Place:
    """Find a platform: from the environment, else from the data directory of ``yingbao up``."""
    described = data / "stack.json"
    told = Settings()
    url, key = told.nats_url, told.operator_key.get_secret_value()
    key = "" if key == EXAMPLE_KEY else key
    if not url and described.exists():
        url = json.loads(described.read_text(encoding="utf-8"))["nats_url"]
    key = key or read_private(data / "keys.json").get("operator_key", "")
    seed = told.bus_seed.get_secret_value() or read_private(data / BUS_KEYS).get(OPERATOR, "")
    if not url or not key:
        raise NoStackError(
            tr(
                "no running platform: set NATS_URL, "
                "YINGBAO_BUS_SEED and YINGBAO_OPERATOR_KEY, or --data (not {data})",
                data=data,
            )
        )
    return Place(BusAccess(servers_of(url), OPERATOR, seed, told.bus_ca_file), key)


async def connect(place: Place) -> Client:
    """Connect to the bus, or fail within a few seconds."""
    return await place.bus.connect(connect_timeout=3, allow_reconnect=False)
