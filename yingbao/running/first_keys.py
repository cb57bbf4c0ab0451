"""The keys of an installation: made once at the first start, readable by its owner only."""

import secrets
from pathlib import Path

from chassis.clock import system_clock, today
from chassis.settings import VAULT_KEYS
from services.gateway.regions import read_region
from yingbao.running.bus_keys import BUS_KEYS, new_seed, own_permissions
from yingbao.running.holders import HOSPITALS, PARTNERS
from yingbao.running.keys import HAND_OUT, OWN_KEYS, alone, first_keys, keep_as_hashes
from yingbao.running.migrating import has_tables
from yingbao.running.private_files import read_private, write_private

DATABASE_LOGINS = "database-logins.json"
"""Service → password of its database login."""


def make_keys(directory: Path, county: str) -> dict[str, str]:
    """Return the keys of an installation; those that are missing are made.

    Of partners those that are still to be handed out: the platform keeps hashes of the others.
    """
    with alone(directory):
        made, known = (read_private(directory / file) for file in (OWN_KEYS, BUS_KEYS))
        inner = {name: made.get(name) or secrets.token_hex(32) for name in VAULT_KEYS}
        seeds = {name: known.get(name) or new_seed() for name in own_permissions()}
        for file, before, now in ((OWN_KEYS, made, inner), (BUS_KEYS, known, seeds)):
            if before != now:
                write_private(directory / file, now)
        keep_as_hashes(directory)
        townships = read_region(county).standing(today(system_clock))
        holders = [*PARTNERS, *(f"township_office/{one}" for one in townships)]
        first_keys(directory, holders + [f"hospital/{code}" for code, _ in HOSPITALS])
        handed = read_private(directory / HAND_OUT)
        return inner | {holder: one["key"] for holder, one in handed.items()}


def seeds_of(directory: Path) -> dict[str, str]:
    """Return holder → seed for the bus: our processes, and partners still to be given theirs."""
    handed = read_private(directory / HAND_OUT)
    outside: dict[str, str] = {holder: one["bus_seed"] for holder, one in handed.items()}
    return outside | read_private(directory / BUS_KEYS)


def logins_of(directory: Path) -> dict[str, str]:
    """Return service → password of its own database login; those that are missing are made."""
    names = [name for name in own_permissions() if has_tables(name)]
    known = read_private(directory / DATABASE_LOGINS)
    if known.keys() >= set(names):
        return known  # also where the directory can only be read
    with alone(directory):
        known = read_private(directory / DATABASE_LOGINS)
        found: dict[str, str] = {name: known.get(name) or secrets.token_hex(24) for name in names}
        if found != known:
            write_private(directory / DATABASE_LOGINS, found)
        return found
