"""``yingbao status``: the platform at a glance, for whoever is woken at night."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import typer
from prometheus_client.parser import text_string_to_metric_families as families
from rich.console import Console
from rich.table import Table

from yingbao.commands.options import DATA, AsJson, Data
from yingbao.running.place import BUS, DATABASE, MONITOR, SUPERVISOR, place_of

SECONDS = 3.0
HOUR = 3_600.0
Series = dict[str, dict[str, float]]
"""Name → (label values, joined) → value."""


def status(data: Data = DATA, as_json: AsJson = False) -> None:
    """Show what answers, what waits and what was last checked. Exit code 1 if something does not answer."""
    ports = place_of(data).ports
    if not ports:
        typer.echo(f"no platform in {data}: start one with 'yingbao up --data {data}'", err=True)
        raise typer.Exit(1)
    processes = {name: port for name, port in ports.items() if name not in {BUS, MONITOR, DATABASE}}
    answers = {name: _readiness(port) for name, port in processes.items() if name != SUPERVISOR}
    outside = _series(processes[SUPERVISOR]) if SUPERVISOR in processes else {}
    answers |= {
        "bus": _up(outside, "yingbao_bus_up"), "database": _up(outside, "yingbao_database_up"),
    }  # fmt: skip
    figures = _figures(outside)
    if as_json:
        typer.echo(json.dumps({"answers": answers, "figures": figures}, ensure_ascii=False))
    else:
        _show(data, answers, figures)
    if set(answers.values()) != {"ready"}:
        raise typer.Exit(1)


def _show(data: Path, answers: Mapping[str, str], figures: Mapping[str, str]) -> None:
    table = Table("部分", "状态", title=f"应保 {data}", title_justify="left")
    words = {"ready": "正常", "not ready": "未就绪", "no answer": "无应答"}
    for name, said in answers.items():
        colour = "green" if said == "ready" else "red"
        table.add_row(name, f"[{colour}]{words[said]}[/{colour}]  {said}")
    console = Console(highlight=False)
    console.print(table)
    for what, said in figures.items():
        console.print(f"{what}  {said}")


def _figures(outside: Series) -> dict[str, str]:
    """Say in words what waits, what was refused, and when what was done last."""
    waiting = {name: n for name, n in outside.get("yingbao_bus_waiting_messages", {}).items() if n}
    said = "，".join(f"{name} {n:.0f}" for name, n in sorted(waiting.items())) or "无"
    refused = sum(outside.get("yingbao_bus_refusals_total", {}).values())
    restarts = sum(outside.get("yingbao_process_restarts_total", {}).values())
    free, size = (_one(outside, f"yingbao_disk_{what}_bytes") for what in ("free", "size"))
    return {
        "等待处理的消息": said,
        "夜间核对": _audited(outside),
        "最近备份": _ago(_one(outside, "yingbao_backup_last_timestamp_seconds")),
        "磁盘剩余": f"{free / 2**30:.0f} GB（{free / size:.0%}）" if size else "未知",
        "进程重启": f"{restarts:.0f} 次",
        "总线拒绝": f"{refused:.0f} 次",
    }


def _audited(outside: Series) -> str:
    if not _one(outside, "yingbao_audit_runs_total"):
        return "启动后尚未运行"
    differences = _one(outside, "yingbao_audit_differences")
    return (
        f"差异 {differences:.0f}，{_ago(_one(outside, 'yingbao_audit_last_run_timestamp_seconds'))}"
    )


def _ago(moment: float) -> str:
    if not moment:
        return "从未"
    hours = (time.time() - moment) / HOUR
    return f"{hours:.1f} 小时前" if hours < 48 else f"{hours / 24:.0f} 天前"


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
