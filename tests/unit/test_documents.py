"""What the documents promise exists."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from chassis.embedded.nats import users_text
from chassis.settings import Settings
from policy.loader import PACKS
from yingbao.cli import app
from yingbao.running.bus_keys import new_seed, own_permissions, public_of

ROOT = Path(__file__).parent.parent.parent
READMES = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md")


@pytest.mark.parametrize("name", READMES)
def test_every_make_target_in_a_readme_exists(name: str) -> None:
    """A new user types what is written."""
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", (ROOT / name).read_text(), re.MULTILINE))

    assert named
    assert named <= targets


def in_ticks(name: str) -> list[str]:
    """Return what a README writes as something to type."""
    return re.findall(r"`([^`\n]+)`", (ROOT / name).read_text())


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_every_command_of_ours_is_named_in_a_readme_and_answers(name: str) -> None:
    """No command is a secret, and none that is named is missing: each tells how it is used."""
    group: Any = typer.main.get_command(app)
    commands = set(group.commands)

    assert commands <= set(in_ticks(name)) | {"demo"}
    for command in sorted(commands):
        answer = CliRunner().invoke(app, [command, "--help"])
        assert answer.exit_code == 0, answer.output


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_every_command_line_in_a_readme_is_run(name: str, tmp_path: Path, monkeypatch: Any) -> None:
    """What is written with its arguments does what is said, from an empty directory."""
    monkeypatch.chdir(tmp_path)
    bill = {"type": "claim", "person": "p1", "claim": "c1", "kind": "inpatient", "level": "L2",
            "discharge": "2023-02-14", "total_fee": "12000.00", "in_scope": "12000.00"}  # fmt: skip
    (tmp_path / "bills.jsonl").write_text(json.dumps(bill) + "\n")
    (tmp_path / "draft.yaml").write_bytes((PACKS / "lixin-2023" / "pack.yaml").read_bytes())
    lines = [one.removeprefix(".venv/bin/") for one in in_ticks(name)]
    written = [one.split()[1:] for one in lines if one.startswith("yingbao ")]

    assert len(written) >= 3
    for words in written:
        answer = CliRunner().invoke(app, words)
        assert answer.exit_code == 0, (words, answer.output)


def test_both_readmes_say_the_same() -> None:
    """Chinese first: whoever reads only one of them misses nothing."""
    english, chinese = ((ROOT / name).read_text() for name in ("README.md", "README.zh-CN.md"))

    for what in (r"\]\(((?!README)[^)#]+)\)", r"`(make [a-z-]+)", r"`(yingbao [a-z]+ [a-z]+)"):
        assert set(re.findall(what, chinese)) == set(re.findall(what, english))
    assert chinese.count("\n## ") == english.count("\n## ")
    assert chinese.count("```") == english.count("```")


def test_every_command_of_the_countys_month_exists() -> None:
    """What an officer copies from the page is a command, with the options that are written."""
    text = (ROOT / "docs" / "monthly-work.zh-CN.md").read_text()
    commands = typer.main.get_command(app)

    written = [line.split() for line in re.findall(r"`yingbao ([^`]+)`", text)]

    assert len(written) >= 15
    for words in written:
        command: Any = commands
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        known = {name for option in command.params for name in option.opts}
        assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=lambda p: p.name
)
def test_every_link_in_a_document_leads_somewhere(path: Path) -> None:
    """No dead link inside the project."""
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_every_setting_is_documented() -> None:
    """The page lists what a process can be told."""
    page = (ROOT / "docs/settings.md").read_text()

    for name, field in Settings.model_fields.items():
        variable = field.validation_alias or f"YINGBAO_{name.upper()}"
        assert f"`{variable}`" in page, variable


def test_the_production_bus_configuration_is_accepted_by_the_server(tmp_path: Path) -> None:
    """The file that an operator copies is right, and syncs before it acknowledges."""
    config = (ROOT / "deploy/nats/nats.conf").read_text()
    copy = tmp_path / "nats.conf"
    copy.write_text(config.replace("/var/lib/yingbao/nats", str(tmp_path)))
    may = own_permissions()["settlement"]
    (tmp_path / "users.conf").write_text(users_text({public_of(new_seed()): may}))
    server = Path(sys.executable).parent / "nats-server"

    found = subprocess.run(
        [str(server), "-c", str(copy), "-t"], capture_output=True, text=True, check=False
    )

    assert found.returncode == 0, found.stderr
    assert "sync_interval: always" in config


def test_the_glossary_knows_every_noun_of_the_code() -> None:
    """A class is a word that the next engineer has to learn: it stands there with what it is."""
    said = [line.split(" | ") for line in (ROOT / "docs/glossary.md").read_text().splitlines()]
    nouns = {cells[0].strip("| `"): cells[-1].strip("| ") for cells in said if len(cells) == 3}

    assert {"Reach", "Bulk", "Duties", "ClaimChange", "ResidentFile"} <= nouns.keys()
    assert [name for name, meaning in nouns.items() if not meaning] == []
