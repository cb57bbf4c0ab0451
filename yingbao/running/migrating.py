"""Brings every schema up to date before a service starts: it takes as long as it takes.

On a county's database of a year it may be minutes, in which nothing is ready and nothing is wrong.
"""

from collections.abc import Iterable, Mapping

from chassis import store
from chassis.bus import provision_streams
from chassis.connecting import BusAccess
from chassis.settings import Settings
from yingbao.running.aside import aside


def bring_up_to_date(database_url: str, services: Iterable[str], logins: Mapping[str, str]) -> None:
    """Migrate the schemas of services, one after the other. ``logins``: service → password."""
    settings = Settings(database_url=database_url)
    for name in services:
        if has_tables(name):
            aside(store.migrate(settings, name, logins[name]))


def has_tables(service: str) -> bool:
    """Tell whether a service keeps anything."""
    return (store.SERVICES / service / "migrations").is_dir()


def lay_out(access: BusAccess) -> None:
    """Make the streams that are missing, also of services that do not run here."""
    aside(_lay_out(access))


async def _lay_out(access: BusAccess) -> None:
    bus = await access.connect()
    try:
        await provision_streams(bus.jetstream(timeout=10), Settings().keeping)
    finally:
        await bus.close()
