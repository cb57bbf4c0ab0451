"""Refuses to start on settings that lose money or leak data, unless told ``--unsafe``."""

import asyncio
from collections.abc import Iterable
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.bus_health import told_by
from chassis.settings import VAULT_KEYS, Settings

_LOGIN = text(
    "SELECT rolname, rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles"
    " WHERE rolname = session_user"
)


class UnsafeError(Exception):
    """The start-up check found settings that must not be run with."""


async def check(
    settings: Settings, engine: AsyncEngine | None, keys: Iterable[str] = VAULT_KEYS
) -> list[str]:
    """Return what is unsafe; raises UnsafeError unless ``unsafe`` is set. ``keys``: those that are needed."""
    problems = [f"key {name} is {fault}" for name, fault in settings.weak_keys(keys).items()]
    if engine is not None:
        problems += await _database(engine)
    problems += await asyncio.to_thread(_bus, settings.nats_monitor_url)
    if problems and not settings.unsafe:
        raise UnsafeError("; ".join(problems) + ". Mend this, or pass --unsafe to run anyway.")
    return problems


async def _database(engine: AsyncEngine) -> list[str]:
    problems = []
    async with engine.connect() as connection:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            value = (await connection.execute(text(f"SHOW {name}"))).scalar_one()
            if value in {"off", "local"}:
                problems.append(f"PostgreSQL {name} is {value}: a power cut loses commits")
        login, mighty = (await connection.execute(_LOGIN)).one()
        if mighty:
            problems.append(
                f"the database login {login} may everything: whoever takes over this process could edit"
                " the books. Run 'yingbao migrate' and give the process its own login"
            )
    return problems


def _bus(monitor_url: str) -> list[str]:
    if not monitor_url:
        return ["NATS_MONITOR_URL is not set, so sync_interval cannot be checked"]
    try:
        servers = told_by(monitor_url, "varz", seconds=5)
    except OSError as error:
        return [f"NATS monitoring does not answer ({type(error).__name__})"]
    # Of a cluster one server may be away: it is asked by whoever starts when it is back.
    return sorted({problem for server in servers for problem in _unsafe(server)})


def _unsafe(server: dict[str, Any]) -> list[str]:
    problems = []
    if not server.get("jetstream", {}).get("config", {}).get("sync_always"):
        problems.append("NATS sync_interval is not always: a power cut loses acknowledged messages")
    if not server.get("auth_required"):
        problems.append(
            "NATS lets anybody connect, and whoever does can rewrite money:"
            " give it the users that 'yingbao bus users' prints"
        )
    return problems
