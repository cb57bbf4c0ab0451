"""Whoever takes over one process has its rooms and no more: database, keys and files."""

import os
import stat
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from chassis.safety import UnsafeError, check
from chassis.settings import VAULT_KEYS, Settings
from chassis.store import (
    NotMigratedError,
    as_login,
    make_engine,
    migrate,
    require_migrated,
    role_of,
)
from tests.integration.platform import Platform
from yingbao.cli import app
from yingbao.running.bus_keys import keys_needed
from yingbao.running.first_keys import DATABASE_LOGINS, logins_of

SERVICES = ("enrollment", "settlement", "assistance", "notify")
FORBIDDEN = (
    "RESET ROLE; UPDATE {own}.posting SET amount = 1",
    "SET ROLE yingbao; UPDATE {own}.posting SET amount = 1",
    "SET SESSION AUTHORIZATION yingbao",
    "DELETE FROM {own}.posting",
    "TRUNCATE {own}.posting",
    "ALTER TABLE {own}.posting DISABLE TRIGGER ALL",
    "CREATE TABLE {own}.mine (a int)",
    "SELECT count(*) FROM {other}.fact",
    "SET ROLE yingbao_{other}",
    "UPDATE {own}.fact SET body = '{{}}'",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('pg_hba.conf')",
)


def login(platform: Platform, service: str) -> str:
    """Return the URL with which a service reaches the database."""
    password = logins_of(platform.stack.directory)[service]
    return as_login(platform.stack.database_url, role_of(service), password)


@pytest.mark.parametrize("order", FORBIDDEN)
async def test_a_service_s_own_login_cannot_edit_the_books_nor_read_another_s(
    platform: Platform, order: str
) -> None:
    """``RESET ROLE`` gains nothing: the login itself may no more."""
    connection = await asyncpg.connect(login(platform, "settlement"))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(order.format(own="settlement", other="assistance"))
    finally:
        await connection.close()


def test_a_process_is_told_its_own_login_and_the_keys_of_its_rooms(platform: Platform) -> None:
    """Settlement holds no key that opens a number; nobody is given another's login."""
    for name in (*SERVICES, "gateway"):
        told = platform.stack.environment(name)
        held = {one for one in VAULT_KEYS if f"YINGBAO_{one.upper()}" in told}
        assert held == set(keys_needed(name))
    assert set(keys_needed("settlement")) == {"operator_key"}
    for name in (*SERVICES, "gateway"):
        assert f"//{role_of(name)}:" in platform.stack.environment(name)["DATABASE_URL"]


async def test_a_service_refuses_the_owner_s_login_and_tables_of_another_version(
    platform: Platform,
) -> None:
    """It would run, and one stolen process could edit every book."""
    owner = Settings(database_url=platform.stack.database_url)
    engine = make_engine(owner, "settlement", as_owner=True)
    nowhere = make_engine(owner, "nowhere", as_owner=True)
    try:
        with pytest.raises(UnsafeError, match="login yingbao may everything"):
            await check(owner, engine)
        with pytest.raises(NotMigratedError, match="yingbao migrate"):
            await require_migrated(nowhere, "settlement")
        await require_migrated(engine, "settlement")
    finally:
        await engine.dispose()
        await nowhere.dispose()


async def test_an_administrator_migrates_and_the_services_only_use(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``yingbao migrate`` makes tables, roles and logins; twice changes nothing."""
    server = platform.stack.database_url
    connection = await asyncpg.connect(server)
    await connection.execute("DROP DATABASE IF EXISTS administered")
    await connection.execute("CREATE DATABASE administered")
    await connection.close()
    url = f"{server.rpartition('/')[0]}/administered"
    kept = logins_of(platform.stack.directory)
    (tmp_path / DATABASE_LOGINS).write_text(
        (platform.stack.directory / DATABASE_LOGINS).read_text()
    )
    monkeypatch.setenv("DATABASE_URL", url)

    first, second = (
        CliRunner().invoke(app, ["migrate", "--data", str(tmp_path)]) for _ in range(2)
    )

    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    own = await asyncpg.connect(as_login(url, role_of("notify"), kept["notify"]))
    assert await own.fetchval("SELECT count(*) FROM notify.sms") == 0
    await own.close()


def test_nobody_else_on_the_machine_reads_what_the_platform_writes(platform: Platform) -> None:
    """Directory 0700, logs and the phone log 0600: phones and amounts of families stand in there."""
    directory = platform.stack.directory
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700

    loose = [
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*")
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]

    # No secret: the lock, ports and paths of the bus, the test's own file. The database closes its own.
    free = ("postgres/", "keys.lock", "nats/nats.conf")
    assert [one for one in loose if not one.startswith(free)] == []
    assert stat.S_IMODE((directory / "postgres" / "pgdata").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("postgresql://o:p@h:5/d?sslmode=require", "postgresql://u:w@h:5/d?sslmode=require"),
        ("postgres://o:p@a:1,b:2/d", "postgres://u:w@a:1,b:2/d"),
        ("postgresql://h/d", "postgresql://u:w@h/d"),
        ("postgresql://o:p%40@h/d", "postgresql://u:w@h/d"),
    ],
)
def test_another_login_leaves_hosts_and_options_as_they_are(url: str, found: str) -> None:
    """Two hosts, an option, no login at all, a quoted sign."""
    assert as_login(url, "u", "w") == found


async def test_a_password_with_every_sign_is_a_password(platform: Platform) -> None:
    """A quote in it ends no statement."""
    hard = "a'b\"c\\d%e@f:g/h"
    settings = Settings(database_url=platform.stack.database_url)
    before = logins_of(platform.stack.directory)["notify"]

    await migrate(settings, "notify", hard)
    own = await asyncpg.connect(as_login(settings.database_url, role_of("notify"), hard))
    await own.close()

    await migrate(settings, "notify", before)
    assert os.environ.get("DATABASE_URL") != settings.database_url
