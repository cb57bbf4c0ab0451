"""Backup and restore of a database of the county's own, of which several machines are named."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx2
import pytest
from typer.testing import CliRunner

from tests.builders import an_id_number
from yingbao.cli import app
from yingbao.running.private_files import write_private
from yingbao.running.stack import Stack

ON_TWO = "target_session_attrs=read-write"


def on_two_machines(url: str, database: str) -> str:
    """Return a database's address with a machine before it that does not answer, as after its loss."""
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    return urlunsplit(
        parts._replace(netloc=f"{login}@127.0.0.1:1,{host}", path=f"/{database}", query=ON_TWO)
    )


async def counted(url: str) -> int:
    """Return how much was ever accepted."""
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM gateway.intake"))
    finally:
        await connection.close()


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


async def test_a_database_of_ones_own_is_backed_up_and_put_back(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first machine of the address is lost: the other one is written, and gets it back."""
    write_private(tmp_path / "keys.json", {"person_key": "0" * 64})
    passphrase, file = tmp_path / "passphrase", tmp_path / "county.ybk"
    passphrase.write_text("a passphrase that is long enough")

    async def run(what: str, database: str) -> str:
        monkeypatch.setenv("DATABASE_URL", on_two_machines(stack.database_url, database))
        command = [what, str(file), "--passphrase-file", str(passphrase), "--data", str(tmp_path)]
        said = await asyncio.to_thread(CliRunner().invoke, app, command)
        assert said.exit_code == 0, said.output
        return said.output

    owner = await asyncpg.connect(stack.database_url)
    await owner.execute("DROP DATABASE IF EXISTS put_back")
    await owner.execute("CREATE DATABASE put_back")
    try:
        await a_premium(stack)
        before = await counted(stack.database_url)
        await run("backup", urlsplit(stack.database_url).path.strip("/"))
        told = await run("restore", "put_back")
        restored = await counted(on_two_machines(stack.database_url, "put_back"))
    finally:
        await owner.execute("DROP DATABASE put_back WITH (FORCE)")
        await owner.close()

    assert "yingbao prepare" in told
    assert restored >= before > 0
