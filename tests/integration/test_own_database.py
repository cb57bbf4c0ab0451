"""Backup and restore of a database of the county's own, of which several machines are named."""

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx2
import pytest
from typer.testing import CliRunner, Result

from chassis.store import as_login
from tests.builders import an_id_number
from yingbao.cli import app
from yingbao.running import backing_up
from yingbao.running.first_keys import logins_of
from yingbao.running.private_files import write_private
from yingbao.running.stack import Stack

ON_TWO = "target_session_attrs=read-write"
COUNT = "SELECT count(*) FROM gateway.intake"


def on_two_machines(url: str, database: str) -> str:
    """Return a database's address with a machine before it that does not answer, as after its loss."""
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    return urlunsplit(
        parts._replace(netloc=f"{login}@127.0.0.1:1,{host}", path=f"/{database}", query=ON_TWO)
    )


class Room:
    """A directory with keys and a passphrase, and a database beside the platform's into which a backup goes."""

    def __init__(self, stack: Stack, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stack, self.directory = stack, directory
        self._monkeypatch = monkeypatch
        self.file = directory / "county.ybk"
        write_private(directory / "keys.json", {"person_key": "0" * 64})
        (directory / "passphrase").write_text("a passphrase that is long enough")

    async def run(self, what: str, database: str, *more: str, data: Path | None = None) -> Result:
        """Run a command on a database of the same server."""
        url = on_two_machines(self.stack.database_url, database)
        self._monkeypatch.setenv("DATABASE_URL", url)
        command = [what, str(self.file), "--passphrase-file", str(self.directory / "passphrase")]
        command += ["--data", str(data or self.directory), *more]
        return await asyncio.to_thread(CliRunner().invoke, app, command)

    async def backup(self) -> None:
        """Back the platform's database up, with something accepted in it."""
        await a_premium(self.stack)
        said = await self.run("backup", urlsplit(self.stack.database_url).path.strip("/"))
        assert said.exit_code == 0, said.output

    async def counted(self, database: str) -> int:
        """Return how much was ever accepted."""
        connection = await asyncpg.connect(on_two_machines(self.stack.database_url, database))
        try:
            return int(await connection.fetchval(COUNT))
        finally:
            await connection.close()


@pytest.fixture
async def room(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Room]:
    """A room with an empty database ``put_back``."""
    owner = await asyncpg.connect(stack.database_url)
    await owner.execute("DROP DATABASE IF EXISTS put_back WITH (FORCE)")
    await owner.execute("CREATE DATABASE put_back")
    yield Room(stack, tmp_path, monkeypatch)
    await owner.execute("DROP DATABASE put_back WITH (FORCE)")
    await owner.close()


async def a_premium(stack: Stack) -> None:
    """Have something accepted."""
    said = {"certno": an_id_number(77), "name": "甲", "township": "城关镇", "amount": "350.00"}
    said |= {"paid_on": "2022-12-20"}
    async with httpx2.AsyncClient(base_url=stack.gateway_url, timeout=60) as http:
        answer = await http.post(
            "/v1/reports/tax/PremiumPaid", json=said | {"coverage_year": 2023},
            headers={"X-Yingbao-Key": stack.keys()["tax"]},
        )  # fmt: skip
    assert answer.status_code == 202, answer.text


async def test_a_database_of_ones_own_is_backed_up_and_put_back(room: Room) -> None:
    """The first machine of the address is lost: the other one is written, and gets it back."""
    await room.backup()

    told = await room.run("restore", "put_back")

    assert told.exit_code == 0, told.output
    assert "yingbao prepare" in told.output
    assert await room.counted("put_back") > 0


async def test_a_restore_that_fails_leaves_what_stood_there(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full at the last table: what was there yesterday is there, and no mark says otherwise."""
    await room.backup()
    await room.run("restore", "put_back")
    (room.directory / backing_up.RESTORED).unlink()
    before = await room.counted("put_back")
    really = backing_up._run

    def at_its_end(program: str, *arguments: Any, url: str = "") -> None:
        really(program, *arguments, url=url)
        if program == "pg_restore" and url:
            raise backing_up.BackupError("pg_restore: No space left on device")

    monkeypatch.setattr(backing_up, "_run", at_its_end)

    told = await room.run("restore", "put_back")

    assert told.exit_code == 1
    assert "No space left" in told.output
    assert await room.counted("put_back") == before
    assert not (room.directory / backing_up.RESTORED).exists()


async def test_a_database_on_which_a_service_works_is_not_put_back(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it wrote meanwhile would be lost. A session that a lost machine left behind stops nobody."""
    await room.backup()
    await room.run("restore", "put_back")
    logins = logins_of(room.stack.directory)
    parts = urlsplit(room.stack.database_url)._replace(path="/put_back")
    login = as_login(urlunsplit(parts), "yingbao_gateway", logins["gateway"])
    session = await asyncpg.connect(login)
    await session.execute("SELECT 1")

    told = await room.run("restore", "put_back")
    monkeypatch.setattr(backing_up, "QUIET_SECONDS", 0.0)
    later = await room.run("restore", "put_back")
    session.terminate()

    assert told.exit_code == 1
    assert "yingbao_gateway" in told.output
    assert later.exit_code == 0, later.output
    assert await room.counted("put_back") > 0


async def test_keys_alone_come_before_the_database_and_nobody_else_reads_them(room: Room) -> None:
    """On a new machine, whatever its shell allows others to read; the wrong keys are told before anything ends."""
    await room.backup()
    new, other = room.directory / "new" / "county", room.directory / "other"
    other.mkdir()
    write_private(other / "keys.json", {"person_key": "1" * 64})

    told = await room.run("restore", "none", "--only-keys", data=new)
    refused = await room.run("restore", "none", "--only-keys", data=other)

    assert told.exit_code == 0, told.output
    assert stat.S_IMODE(new.stat().st_mode) == 0o700
    kept = {one.name: stat.S_IMODE(one.stat().st_mode) for one in new.glob("*.json")}
    assert kept == {"keys.json": 0o600}
    assert refused.exit_code == 1
    assert "先移走整个目录" in refused.output
