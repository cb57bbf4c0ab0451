"""Brings every schema up to date before a service starts: it takes as long as it takes.

On a county's database of a year it may be minutes, in which nothing is ready and nothing is wrong.
"""

import asyncio
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from chassis import store
from chassis.settings import Settings


def bring_up_to_date(database_url: str, services: Iterable[str]) -> None:
    """Migrate the schemas of services, one after the other."""
    settings = Settings(database_url=database_url)
    # In a thread of its own: whoever starts a stack may be inside a loop.
    with ThreadPoolExecutor(1) as aside:
        for name in services:
            if (store.SERVICES / name / "migrations").is_dir():
                aside.submit(asyncio.run, store.migrate(settings, name)).result()
