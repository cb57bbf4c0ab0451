"""A Prometheus and an Alertmanager that watch one platform, with the rules that are shipped."""

import json
import subprocess
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from chassis.embedded.processes import free_port
from tests.monitoring.conftest import ROOT
from yingbao.running.place import TARGETS

PATIENT = {"5m", "15m", "1h"}
DEPLOY = ROOT / "deploy" / "prometheus"


class Watching:
    """Both programs, looking every second; the rules' own times stay as they are.

    ``at_once``: what would wait five minutes or more before it is told waits five seconds.
    """

    def __init__(self, binaries: Path, room: Path, data: Path, *, at_once: bool = False) -> None:
        room.mkdir()
        self._room, self._binaries = room, binaries
        self._prometheus, self._alertmanager = free_port(), free_port()
        told = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())
        told["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        (room / "alerts.yml").write_text(rules(at_once=at_once))
        told["rule_files"] = [str(room / "alerts.yml")]
        told["alerting"]["alertmanagers"][0]["static_configs"] = [
            {"targets": [f"127.0.0.1:{self._alertmanager}"]}
        ]
        (job,) = told["scrape_configs"]
        job["scrape_timeout"] = "1s"
        job["file_sd_configs"] = [{"files": [str(data / TARGETS)], "refresh_interval": "1s"}]
        (room / "prometheus.yml").write_text(yaml.safe_dump(told))
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Watching":
        self._start(
            "prometheus", f"--config.file={self._room / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._room / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{self._prometheus}", "--rules.alert.resend-delay=5s",
        )  # fmt: skip
        self._start(
            "prometheus-alertmanager", f"--config.file={DEPLOY / 'alertmanager.yml'}",
            f"--storage.path={self._room / 'am'}", "--cluster.listen-address=",
            f"--web.listen-address=127.0.0.1:{self._alertmanager}",
        )  # fmt: skip
        self.up(7)
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._running:
            one.terminate()
            one.wait(20)

    def _start(self, program: str, *arguments: str) -> None:
        with (self._room / f"{program}.log").open("wb") as log:
            command = [str(self._binaries / program), *arguments]
            shared = self._binaries.parent / "share" / "prometheus"
            self._running.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=shared))

    def up(self, count: int, seconds: float = 40) -> None:
        """Wait until so many targets answer."""
        deadline = time.monotonic() + seconds
        while sum(one["health"] == "up" for one in self._targets()) < count:
            assert time.monotonic() < deadline, self._targets()
            time.sleep(0.3)

    def _targets(self) -> list[dict[str, Any]]:
        found = self._ask(self._prometheus, "/api/v1/targets?state=active")
        return [] if found is None else list(found["data"]["activeTargets"])

    def query(self, expression: str) -> list[Any]:
        """Return what Prometheus answers now. Fails where it cannot read the query."""
        found = self._ask(self._prometheus, f"/api/v1/query?query={quote(expression)}")
        assert found is not None, expression
        return list(found["data"]["result"])

    def fires(self, alert: str, seconds: float, **labels: str) -> float:
        """Wait until Alertmanager has the alert; return how long it took from now."""
        begun = time.monotonic()
        while not self._has(alert, labels):
            took = time.monotonic() - begun
            assert took < seconds, f"{alert} did not fire in {seconds} s"
            time.sleep(0.3)
        return time.monotonic() - begun

    def ends(self, alert: str, seconds: float, **labels: str) -> float:
        """Wait until Prometheus says that the alert is over; return how long it took."""
        begun = time.monotonic()
        while self._stands(alert, labels):
            assert time.monotonic() - begun < seconds, f"{alert} did not end in {seconds} s"
            time.sleep(0.3)
        return time.monotonic() - begun

    def _has(self, alert: str, labels: dict[str, str]) -> bool:
        found = self._ask(self._alertmanager, "/api/v2/alerts") or []
        return any(_is(one["labels"], alert, labels) for one in found)

    def _stands(self, alert: str, labels: dict[str, str]) -> bool:
        found = self._ask(self._prometheus, "/api/v1/alerts")
        alerts = [] if found is None else found["data"]["alerts"]
        return any(_is(one["labels"], alert, labels) for one in alerts if one["state"] == "firing")

    def _ask(self, port: int, path: str) -> Any:
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=3) as answer,
        ):
            return json.load(answer)
        return None


def rules(*, at_once: bool) -> str:
    """Return the rules that are shipped, the patient ones made impatient if told to."""
    said = yaml.safe_load((DEPLOY / "alerts.yml").read_text())
    for rule in (one for group in said["groups"] for one in group["rules"]):
        if at_once and rule.get("for") in PATIENT:
            rule["for"] = "5s"
    return yaml.safe_dump(said)


def _is(found: dict[str, str], alert: str, labels: dict[str, str]) -> bool:
    return found["alertname"] == alert and labels.items() <= found.items()
