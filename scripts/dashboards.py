"""Makes Grafana's dashboards from deploy/grafana/panels.yaml, which people read and change."""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

GRAFANA = Path(__file__).parent.parent / "deploy" / "grafana"
WIDTH, COLUMNS = 24, {"stat": 6, "timeseries": 2}
HEIGHTS = {"stat": 4, "timeseries": 8}
SOURCE = {"type": "prometheus", "uid": "yingbao"}


def dashboards() -> dict[str, dict[str, Any]]:
    """Return Grafana's JSON of every dashboard, by the name of its file."""
    told = yaml.safe_load((GRAFANA / "panels.yaml").read_text(encoding="utf-8"))
    return {name: _dashboard(name, one["title"], one["panels"]) for name, one in told.items()}


def _dashboard(name: str, title: str, panels: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "uid": f"yingbao-{name}", "title": title, "tags": ["yingbao"], "timezone": "Asia/Shanghai",
        "schemaVersion": 39, "refresh": "30s", "time": {"from": "now-6h", "to": "now"},
        "links": [{"type": "dashboards", "tags": ["yingbao"], "title": "应保", "asDropdown": True}],
        "panels": _placed(panels),
    }  # fmt: skip


def _placed(panels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lay panels out: small ones six in a row first, then pictures in pairs."""
    found: list[dict[str, Any]] = []
    x = y = height = 0
    for number, told in enumerate(panels, start=1):
        kind = told.get("kind", "timeseries")
        width = WIDTH // COLUMNS[kind]
        if x + width > WIDTH or (height and height != HEIGHTS[kind]):
            x, y = 0, y + height
        height = HEIGHTS[kind]
        place = {"x": x, "y": y, "w": width, "h": height}
        found.append(_panel(number, kind, told, place))
        x += width
    return found


def _panel(number: int, kind: str, told: dict[str, Any], place: dict[str, int]) -> dict[str, Any]:
    target = {
        "refId": "A", "datasource": SOURCE, "expr": told["query"],
        "legendFormat": told.get("legend", ""),
    }  # fmt: skip
    drawn = {"defaults": {"unit": told.get("unit", "short")}, "overrides": []}
    return {
        "id": number, "type": kind, "title": told["title"], "datasource": SOURCE, "gridPos": place,
        "targets": [target], "fieldConfig": drawn,
    }  # fmt: skip


def _written(content: dict[str, Any]) -> str:
    """Return JSON with a panel a line, so that a change shows as what it is."""
    around = json.dumps(content | {"panels": []}, ensure_ascii=False, indent=1)
    panels = ",\n".join(json.dumps(one, ensure_ascii=False) for one in content["panels"])
    return around.replace('"panels": []', f'"panels": [\n{panels}\n]') + "\n"


def main() -> int:
    """Write the files; with ``--check`` only say whether they are up to date."""
    stale = []
    for name, content in dashboards().items():
        path = GRAFANA / "dashboards" / f"{name}.json"
        text = _written(content)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.name)
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print(f"dashboards out of date: {', '.join(stale)}; run 'make contracts'")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
