"""The rules as promtool reads them, each alert with its fault, its page, and series that exist."""

import re
import subprocess
from pathlib import Path

import pytest
import typer
import yaml

from chassis.telemetry import Metrics
from services.enrollment.lists import jobs as lists
from services.notify.sending import jobs as notify
from tests.monitoring.conftest import ROOT
from yingbao.cli import app
from yingbao.running.outside import Outside

DEPLOY, PAGES = ROOT / "deploy" / "prometheus", ROOT / "docs" / "runbook"
RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
OTHER_PAGES = {"recovery", "drills"}


def run(*command: object) -> str:
    """Run a program where the rules are; it must end well."""
    done = subprocess.run(
        [str(one) for one in command], cwd=DEPLOY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_prometheus_and_alertmanager_read_what_is_shipped(binaries: Path) -> None:
    """Rules, configuration, routes."""
    assert "SUCCESS" in run(binaries / "promtool", "check", "config", "prometheus.yml")
    run(binaries / "amtool", "check-config", "alertmanager.yml")


def test_every_alert_fires_for_its_fault(binaries: Path) -> None:
    """Also the first of a kind, for which a counter has no increase."""
    run(binaries / "promtool", "test", "rules", "alerts_test.yml")

    tested = {
        one["name"] for one in yaml.safe_load((DEPLOY / "alerts_test.yml").read_text())["tests"]
    }
    assert tested == {rule["alert"] for rule in RULES}


def test_there_is_a_page_for_every_alert_and_no_page_without_one() -> None:
    """An alert nobody can act on is noise; a page that nothing leads to is not found at night."""
    pages = {path.stem for path in PAGES.glob("*.md")} - OTHER_PAGES

    assert pages == {rule["alert"] for rule in RULES}
    for rule in RULES:
        assert rule["annotations"]["runbook"] == f"docs/runbook/{rule['alert']}.md"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_watches_series_that_exist(rule: dict[str, str], tmp_path: Path) -> None:
    """One on a metric that nobody exposes is silence."""
    exposed = {
        name
        for registry in (Metrics().registry, Outside(tmp_path).registry)
        for metric in registry.collect()
        for name in (metric.name, f"{metric.name}_total", f"{metric.name}_bucket")
    }
    own = Path(lists.__file__).read_text() + Path(notify.__file__).read_text()

    watched = set(re.findall(r"\b(?:yingbao|enrollment|notify)_[a-z_]+", rule["expr"]))

    assert {name for name in watched if f'"{name}"' not in own} <= exposed


def test_every_command_on_a_page_exists() -> None:
    """What is copied at night works."""
    commands = typer.main.get_command(app)
    written = [
        (path.name, line.split())
        for path in sorted(PAGES.glob("*.md"))
        for line in re.findall(r"`yingbao ([^`]+)`", path.read_text())
    ]

    assert len(written) >= 25
    for page, words in written:
        command, left = commands, list(words)
        while hasattr(command, "commands"):
            command = command.commands[left.pop(0)]
        known = {name for option in command.params for name in option.opts}
        assert {word for word in left if word.startswith("--")} <= known, (page, words)
