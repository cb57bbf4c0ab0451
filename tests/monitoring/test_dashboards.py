"""Grafana's dashboards: what is drawn exists, and a real Prometheus answers every query."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from chassis.telemetry import Metrics
from scripts.dashboards import GRAFANA, dashboards
from services.enrollment.lists import jobs as lists
from services.notify.sending import jobs as notify
from tests.integration.own_county import County, a_bill
from tests.monitoring.watching import Watching
from yingbao.running.outside import Outside

PANELS = [
    (name, panel)
    for name, board in yaml.safe_load((GRAFANA / "panels.yaml").read_text()).items()
    for panel in board["panels"]
]


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    """A county of its own, with some bills."""
    async with County(tmp_path / "drawn") as found:
        await found.enrol()
        await found.bills(0, 20)
        await call_like_a_hospital(found, 1)
        await found.settled(21)
        yield found


async def call_like_a_hospital(county: County, number: int) -> None:
    """Have one bill settled by a call that waits for it."""
    bill = a_bill(500 + number)
    answer = await county.post("/v1/claims", "hospital/H34169903", json=bill)
    assert answer.status_code == 200, answer.text


def test_the_files_are_those_that_are_made() -> None:
    """Nobody edits them by hand and loses it at the next change."""
    for name, content in dashboards().items():
        kept = json.loads((GRAFANA / "dashboards" / f"{name}.json").read_text())
        assert kept == content
        assert len({panel["id"] for panel in content["panels"]}) == len(content["panels"])


def test_no_panel_lies_on_another() -> None:
    """A dashboard is read at night."""
    for content in dashboards().values():
        taken: set[tuple[int, int]] = set()
        for panel in content["panels"]:
            place = panel["gridPos"]
            cells = {
                (x, y)
                for x in range(place["x"], place["x"] + place["w"])
                for y in range(place["y"], place["y"] + place["h"])
            }
            assert not cells & taken, panel["title"]
            assert place["x"] + place["w"] <= 24
            taken |= cells


def test_every_series_that_is_drawn_exists(tmp_path: Path) -> None:
    """A panel on a metric that nobody exposes is a quiet lie."""
    exposed = {
        name
        for registry in (Metrics().registry, Outside(tmp_path).registry)
        for metric in registry.collect()
        for name in (
            metric.name,
            f"{metric.name}_total",
            f"{metric.name}_bucket",
            f"{metric.name}_count",
        )
    }
    own = Path(lists.__file__).read_text() + Path(notify.__file__).read_text()
    for name, panel in PANELS:
        drawn = set(re.findall(r"\b(?:yingbao|enrollment|notify)_[a-z_]+", str(panel["query"])))
        missing = {
            one
            for one in drawn - exposed
            if f'"{one}"' not in own and f'"{one.removesuffix("_total")}"' not in own
        }
        assert not missing, f"{name}: {panel['title']}"


@pytest.mark.timeout(300)
async def test_a_real_prometheus_answers_every_query(
    county: County, binaries: Path, tmp_path: Path
) -> None:
    """With something in it, unless a good day has none of it."""
    with Watching(binaries, tmp_path / "watching", county.stack.directory) as watching:
        await asyncio.sleep(5)
        await county.bills(20, 40)
        await call_like_a_hospital(county, 2)
        await county.settled(42)
        await asyncio.sleep(20)
        for name, panel in PANELS:
            found = watching.query(str(panel["query"]))
            assert found or panel.get("empty"), f"{name}: {panel['title']}"
