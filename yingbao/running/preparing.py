"""What is done before services start: tables, streams, and a bus that follows where the database stands."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from chassis.connecting import BusAccess
from yingbao.running.backing_up import RESTORED
from yingbao.running.migrating import bring_up_to_date, lay_out
from yingbao.running.recovering import recover


def prepare(
    directory: Path,
    bus: BusAccess,
    database_url: str,
    services: Iterable[str],
    logins: Mapping[str, str],
) -> str:
    """Make ready what services start on. ``bus``: as the operator; ``database_url``: as its owner.

    Returns what was done about a database that is older than the bus, in words; empty if nothing was.
    """
    names = tuple(services)
    bring_up_to_date(database_url, names, logins)
    lay_out(bus)
    mark = directory / RESTORED
    restored = mark.exists()
    recovered = recover(bus, database_url, names, restored=restored)
    if restored:
        mark.unlink()
    return recovered.in_words() if recovered.behind else ""
