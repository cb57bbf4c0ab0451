"""Brings every schema up to date before a service starts: it takes as long as it takes.

On a county's database of a year it may be minutes, in which nothing is ready and nothing is wrong.
"""

import asyncio
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from chassis import store
from chassis.bus import provision_streams
from chassis.connecting import BusAccess
from chassis.settings import Settings


def bring_up_to_date(database_url: str, services: Iterable[str], logins: Mapping[str, str]) -> None:
    """Migrate the schemas of services, one after the other. ``logins``: service → password."""
    settings = Settings(database_url=database_url)
    # In a thread of its own: whoever starts a stack may be inside a loop.
    with ThreadPoolExecutor(1) as aside:
        for name in services:
            if has_tables(name):
                aside.submit(asyncio.run, store.migrate(settings, name, logins[name])).result()


def has_tables(service: str) -> bool:
    """Tell whether a service keeps anything."""
    return (store.SERVICES / service / "migrations").is_dir()


def lay_out(access: BusAccess) -> None:
    """Make the streams that are missing, also of services that do not run here."""
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, _lay_out(access)).result()


async def _lay_out(access: BusAccess) -> None:
    bus = await access.connect()
    try:
        await provision_streams(bus.jetstream(timeout=10), Settings().nats_replicas)
    finally:
        await bus.close()
