"""The platform at a glance: what answers, what waits, what was done last."""

import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families as families

from chassis.language import tr
from yingbao.running.nightly import last_audit
from yingbao.running.place import BUS, DATABASE, MONITOR, SUPERVISOR, place_of

SECONDS = 3.0
HOUR = 3_600.0
Series = dict[str, dict[str, float]]
"""Name → (label values, joined) → value."""


@dataclass(frozen=True, slots=True)
class Glance:
    """Part → ``ready``, ``not ready`` or ``no answer``; and what else is known, in words."""

    answers: dict[str, str]
    figures: dict[str, str]


def glance(data: Path) -> Glance | None:
    """Look at the platform of a data directory; None if there is none."""
    ports = place_of(data).ports
    if not ports:
        return None
    processes = {name: port for name, port in ports.items() if name not in {BUS, MONITOR, DATABASE}}
    answers = {name: _readiness(port) for name, port in processes.items() if name != SUPERVISOR}
    outside = _series(processes[SUPERVISOR]) if SUPERVISOR in processes else {}
    answers |= {
        "bus": _up(outside, "yingbao_bus_up"), "database": _up(outside, "yingbao_database_up"),
    }  # fmt: skip
    return Glance(answers, _figures(data, outside))


def _figures(data: Path, outside: Series) -> dict[str, str]:
    """Say in words what waits, what was refused, and when what was done last."""
    if not outside:
        return {"夜间核对": _audited(data), "其余": tr("未知（监管进程无应答）")}
    waiting = {name: n for name, n in outside.get("yingbao_bus_waiting_messages", {}).items() if n}
    said = "，".join(f"{name} {n:.0f}" for name, n in sorted(waiting.items())) or tr("无")
    refused = sum(outside.get("yingbao_bus_refusals_total", {}).values())
    restarts = sum(outside.get("yingbao_process_restarts_total", {}).values())
    free, size = (_one(outside, f"yingbao_disk_{what}_bytes") for what in ("free", "size"))
    return {
        "等待处理的消息": said,
        "夜间核对": _audited(data),
        "最近备份": _ago(_one(outside, "yingbao_backup_last_timestamp_seconds")),
        "磁盘剩余": f"{free / 2**30:.0f} GB（{free / size:.0%}）" if size else tr("未知"),
        "进程重启": tr("{restarts:.0f} 次", restarts=restarts),
        "总线拒绝": tr("{refused:.0f} 次", refused=refused),
    }


def _audited(data: Path) -> str:
    found = last_audit(data)
    if found is None:
        return tr("尚未运行")
    return tr(
        "差异 {differences}，{at}", differences=found.differences, at=_ago(found.at.timestamp())
    )


def _ago(moment: float) -> str:
    if not moment:
        return tr("从未")
    hours = (time.time() - moment) / HOUR
    return (
        tr("{hours:.1f} 小时前", hours=hours)
        if hours < 48
        else tr("{hours:.0f} 天前", hours=hours / 24)
    )


def _readiness(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=SECONDS):
            return "ready"
    except urllib.error.HTTPError:
        return "not ready"
    except OSError:
        return "no answer"


def _series(port: int) -> Series:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=SECONDS) as answer:
            text = answer.read().decode()
    except OSError:
        return {}
    found: Series = {}
    for family in families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})["/".join(sample.labels.values())] = sample.value
    return found


def _one(series: Series, name: str) -> float:
    return next(iter(series.get(name, {}).values()), 0.0)


def _up(series: Series, name: str) -> str:
    if name not in series:
        return "no answer"
    return "ready" if _one(series, name) else "no answer"
