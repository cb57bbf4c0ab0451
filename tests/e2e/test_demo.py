"""The whole way, as a visitor runs it."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from bench.torture import run
from yingbao.world.simulate import simulate


def test_the_demo_ends_well_on_a_small_town() -> None:
    """Three rosters, bills, one late, one reversed, one late status: exit code 0, no problem."""
    command = [
        sys.executable,
        "-m",
        "yingbao",
        "demo",
        "--people",
        "200",
        "--bills",
        "300",
        "--seed",
        "9",
        "--json",
    ]

    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=150)

    assert found.returncode == 0, found.stderr[-3000:]
    figures = json.loads(found.stdout.splitlines()[-1])
    assert figures["problems"] == []
    assert figures["bills"] == 305  # 299 in time, and six of them sent twice
    # Every amount of both books: another figure means that some bill is paid differently.
    assert figures["digests"] == [
        "9556afbdedbaee4ea899f4741f656014", "44f9b89af7f94417f1c0f706bac36c74",
    ]  # fmt: skip
    for heading in (
        "名册等式",
        "基金支出",
        "医疗费用结算一单清",
        "补差说明",
        "短信",
        "退回的名册行",
        "全部检查通过",
    ):
        assert heading in found.stderr


def test_a_run_under_kill_9_ends_in_the_same_ledger() -> None:
    """A short torture: the long one is 'make torture'."""
    console = Console(quiet=True)

    calm = asyncio.run(run(600, 0, 3, console))
    torn = asyncio.run(run(600, 8, 3, console))

    assert torn.problems == calm.problems == []
    assert torn.digest == calm.digest
    assert sum(torn.kills.values()) == 8


def test_the_same_seed_makes_the_same_town(tmp_path: Path) -> None:
    """A town can be made again, to the byte; another seed makes another."""
    towns = [
        simulate(tmp_path / name, seed=seed, people=150, bills=60)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]

    lines = [(town.directory / "bills.jsonl").read_bytes() for town in towns]
    taxes = [(town.directory / "tax.csv").read_bytes() for town in towns]
    assert lines[0] == lines[1] != lines[2]
    assert taxes[0] == taxes[1] != taxes[2]


@pytest.mark.parametrize(
    "command",
    [[], ["demo"], ["up"], ["serve"], ["simulate"]],
    ids=lambda one: " ".join(one) or "yingbao",
)
def test_help_teaches_every_command(command: list[str]) -> None:
    """--help works without loading a server, and says what the command does."""
    found = subprocess.run(
        [sys.executable, "-m", "yingbao", *command, "--help"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 0
    assert "用法" in found.stdout


def test_a_service_nobody_knows_is_wrong_use() -> None:
    """Exit code 2, and the names that exist."""
    found = subprocess.run(
        [sys.executable, "-m", "yingbao", "serve", "nothing"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 2
    assert "settlement" in found.stderr
