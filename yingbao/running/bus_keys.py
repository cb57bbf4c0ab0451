"""Who may connect to the bus: an nkey for each service, the operator, each department and hospital."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import nkeys

from chassis.clock import system_clock
from chassis.embedded.nats import reload_users
from chassis.permissions import Permissions, of_operator, of_partner
from services.assistance.app import SERVICE as ASSISTANCE
from services.enrollment.app import SERVICE as ENROLLMENT
from services.gateway.partner_keys import read_keys
from services.gateway.permitted import KEYS
from services.gateway.permitted import permissions as of_gateway
from services.notify.app import SERVICE as NOTIFY
from services.settlement.app import SERVICE as SETTLEMENT

BUS_KEYS, PARTNER_KEYS = "bus-keys.json", "partner-keys.json"
"""Process → seed of the platform's own; and the keys of who is outside it, with their public nkeys."""
OPERATOR = "operator"
ALL_SERVICES = (ENROLLMENT, SETTLEMENT, ASSISTANCE, NOTIFY)


def own_permissions() -> dict[str, Permissions]:
    """Return what each process of the platform may say and hear."""
    found = {service.name: service.permissions for service in ALL_SERVICES}
    return found | {"gateway": of_gateway(), OPERATOR: of_operator()}


def keys_needed(service: str) -> tuple[str, ...]:
    """Name the vault keys that a process's rooms need."""
    own = {one.name: one.keys for one in ALL_SERVICES} | {"gateway": KEYS}
    return own[service]


def new_seed() -> str:
    """Make the seed of a user's nkey."""
    return bytes(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)).decode()


def public_of(seed: str) -> str:
    """Return the public key that the server knows a seed's holder by."""
    return bytes(nkeys.from_seed(bytearray(seed.encode())).public_key).decode()


def users(own: Mapping[str, str], partners: Mapping[str, str]) -> dict[str, Permissions]:
    """Return public key → permissions. ``own``: process → seed; ``partners``: public key → holder."""
    declared = own_permissions()
    inside = {public_of(seed): declared[name] for name, seed in own.items()}
    return inside | {public: of_partner(holder) for public, holder in partners.items()}


def users_of(directory: Path) -> dict[str, Permissions]:
    """Return who may connect to the bus of a data directory."""
    now = system_clock()
    path = directory / BUS_KEYS
    own: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    keys = read_keys(directory / PARTNER_KEYS)
    return users(own, {one.bus: one.holder for one in keys if one.bus and one.counts_on(now)})


def let_in(directory: Path) -> bool:
    """Have the running embedded bus follow the keys of a data directory; False if there is none."""
    bus = directory / "nats"
    return bus.is_dir() and reload_users(bus, users_of(directory))
