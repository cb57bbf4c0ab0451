"""One PostgreSQL, a schema per service: engine, migrations, and the role a service works as."""

import asyncio
import base64
import hashlib
import hmac
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import orjson
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from asyncpg.exceptions import TargetServerAttributeNotMatched
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chassis.settings import Settings
from chassis.telemetry import logger

SERVICES = Path(__file__).parent.parent / "services"
RETRYABLE_STATES = ("08", "25006", "40", "53", "55", "57", "58")
"""SQLSTATE classes of a broken world: connection, a standby, rollback, resources, locks, shutdown, system."""

BUSY, BUSY_TRIES, BUSY_SECONDS = {"55P03", "40P01"}, 12, 2.0
"""A lock that was not to be had in time, and a deadlock with somebody at work: both pass."""
CONNECT_SECONDS = 3.0
NOT_THIS_ONE = (asyncpg.InterfaceError, TargetServerAttributeNotMatched)
LINE = {"TCP_KEEPIDLE": 4, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 10_000}
"""Socket option → seconds, tries, milliseconds: a line that is cut is known after ten seconds."""


async def connected(dsn: str, seconds: float = CONNECT_SECONDS, **how: Any) -> Any:
    """Connect to the first of a URL's hosts that takes us, each with a time of its own.

    One that is gone without a word would otherwise use up the time of the one that took its place. Raises
    what the last one raised; ConnectionError while none of them takes writes, which passes.
    """
    parts = urlsplit(dsn)
    login, at, hosts = parts.netloc.rpartition("@")
    each = [urlunsplit(parts._replace(netloc=f"{login}{at}{one}")) for one in hosts.split(",")]
    for one in each[:-1]:
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, *NOT_THIS_ONE):
            return await asyncpg.connect(one, timeout=seconds, **how)
    try:
        return await asyncpg.connect(each[-1], timeout=seconds if each[:-1] else 10, **how)
    except TargetServerAttributeNotMatched:
        raise ConnectionError("no host of the database takes writes") from None


def role_of(service: str) -> str:
    """Name the database role a service works as; it may not touch another schema."""
    return f"yingbao_{service}"


class Watched(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection that notices when the line is cut: otherwise a question waits a quarter of an hour.

    A server that is only slow is waited for: its kernel answers.
    """

    def __init__(self, protocol: Any, transport: Any, *rest: Any) -> None:
        super().__init__(protocol, transport, *rest)
        line = transport.get_extra_info("socket")
        if line is not None and line.family in {socket.AF_INET, socket.AF_INET6}:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in LINE.items():
                if hasattr(socket, name):
                    line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def make_engine(settings: Settings, service: str, *, as_owner: bool = False) -> AsyncEngine:
    """Open a pool whose connections see one schema, commit to disk, and act as the service's role."""
    server_settings = {
        "search_path": service,
        "synchronous_commit": "on",
        "application_name": f"yingbao-{service}",
        "jit": "off",
        "timezone": "Asia/Shanghai",
    }
    if not as_owner:
        server_settings["role"] = role_of(service)

    async def connect(*_: Any, **__: Any) -> Any:
        # The driver reads the URL itself, so that sslmode, several hosts and the rest of what the
        # world writes into it mean what they mean elsewhere.
        return await connected(
            settings.database_dsn, server_settings=server_settings, connection_class=Watched
        )

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        pool_size=6,
        max_overflow=8,
        # A connection from before a restart of the database would fail the first question after it.
        pool_pre_ping=True,
        json_deserializer=orjson.loads,
        hide_parameters=True,  # an error must not carry what stood in a bill into a log
    )


def scram_of(password: str, salt: bytes = b"") -> str:
    """Return what PostgreSQL keeps of a password: the password itself is in no statement and no log."""
    salt, rounds = salt or os.urandom(16), 4096
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, rounds)
    client, server = (
        hmac.digest(salted, what, "sha256") for what in (b"Client Key", b"Server Key")
    )
    shown = [
        base64.b64encode(one).decode() for one in (salt, hashlib.sha256(client).digest(), server)
    ]
    return f"SCRAM-SHA-256${rounds}:{shown[0]}${shown[1]}:{shown[2]}"


def as_login(url: str, user: str, password: str) -> str:
    """Return a database URL with another login; hosts, database and options stay."""
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2]
    return urlunsplit(
        parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{hosts}")
    )


async def migrate(settings: Settings, service: str, password: str = "") -> None:
    """Bring a service's schema up to date, as the owner: its role, its tables, its grants. Idempotent.

    ``password``: with which the service logs in itself; without one its role stays as it is. A table that
    somebody holds is tried again for a minute, and left to them in between; then it raises DBAPIError.
    """
    engine = make_engine(settings, service, as_owner=True)
    try:
        async with engine.begin() as tx:
            await tx.execute(text("SELECT pg_advisory_xact_lock(7433251)"))
            await tx.run_sync(_prepare, service, password)
        for tries in range(BUSY_TRIES, 0, -1):
            try:
                await _upgrade_alone(engine, service)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in BUSY or tries == 1:
                    raise
                logger().warning("migrate.table_is_busy", service=service, tries_left=tries - 1)
                await asyncio.sleep(BUSY_SECONDS)
            else:
                break
    finally:
        await engine.dispose()


async def _upgrade_alone(engine: AsyncEngine, service: str) -> None:
    """Take a service's tables to this version; steps that were done stay done."""
    async with engine.connect() as connection:
        await connection.execute(text("SET lock_timeout = 0"))
        await connection.execute(text("SELECT pg_advisory_lock(7433252)"))
        await connection.commit()
        try:
            await connection.run_sync(_upgrade, service)
        finally:
            await connection.rollback()
            await connection.execute(text("SELECT pg_advisory_unlock(7433252)"))
            await connection.commit()


def _prepare(connection: Connection, service: str, password: str) -> None:
    role = role_of(service)
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": role})
    if known.first() is None:
        connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
    if password:
        # A role statement takes no bound values; the server itself quotes the literal, which is no password.
        order = connection.execute(
            text(
                "SELECT format('ALTER ROLE %I LOGIN PASSWORD %L',"
                " CAST(:role AS text), CAST(:password AS text))"
            ),
            {"role": role, "password": scram_of(password)},
        ).scalar_one()
        connection.exec_driver_sql(order)
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {service}"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA {service} TO {role}"))
    connection.execute(text(f"GRANT {role} TO CURRENT_USER"))


def _upgrade(connection: Connection, service: str) -> None:
    config = _config(service)
    config.attributes["connection"] = connection
    config.attributes["schema"] = service
    command.upgrade(config, "head")
    # A service looks at the version, so that it never works on tables of another one.
    connection.execute(text(f"GRANT SELECT ON schema_version TO {role_of(service)}"))
    connection.commit()


def _config(service: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SERVICES / service / "migrations"))
    return config


class NotMigratedError(Exception):
    """The tables are those of another version; the message says what to do."""


async def require_migrated(engine: AsyncEngine, service: str) -> None:
    """Raise NotMigratedError unless a service's tables are those of this version."""
    head = ScriptDirectory.from_config(_config(service)).get_current_head()
    async with engine.connect() as connection:
        present = await connection.execute(text("SELECT to_regclass('schema_version') IS NOT NULL"))
        found = None
        if present.scalar_one():
            found = (
                await connection.execute(text("SELECT version_num FROM schema_version"))
            ).scalar()
    if found != head:
        raise NotMigratedError(
            f"{service}'s tables are at version {found or 'none'}, and this program needs {head}:"
            " run 'yingbao migrate' as the database's owner"
        )


async def answers(engine: AsyncEngine) -> bool:
    """Tell whether the database answers within two seconds."""
    try:
        async with asyncio.timeout(2), engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except Exception:  # noqa: BLE001  whatever it is, the database does not answer
        return False
    return True


def is_pool_exhausted(error: BaseException) -> bool:
    """Tell an outage that a restart may mend: somebody in this process keeps all connections."""
    return isinstance(error, PoolTimeoutError)


def is_world_broken(error: BaseException) -> bool:
    """Tell an outage, which passes, from a statement that will never work."""
    if isinstance(error, OSError | asyncio.TimeoutError | ConnectionError | PoolTimeoutError):
        return True
    if isinstance(error, DBAPIError):
        state: Any = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
        if isinstance(state, str):
            return state.startswith(RETRYABLE_STATES)
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return False
