"""``yingbao status``: the platform at a glance, for whoever is woken at night."""

import json
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

from chassis.language import CHINESE, spoken, tr
from yingbao.commands.options import DATA, AsJson, Data

if TYPE_CHECKING:
    from yingbao.running.glance import Glance


def status(data: Data = DATA, as_json: AsJson = False) -> None:
    """Show what answers, what waits and what was last checked. Exit code 1 if something does not answer."""
    from yingbao.running.glance import glance

    with spoken(CHINESE) if as_json else nullcontext():  # programs read the same words always
        found = glance(data)
    if found is None:
        typer.echo(
            tr("no platform in {data}: start one with 'yingbao up --data {data}'", data=data),
            err=True,
        )
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False))
    else:
        _show(data, found)
    if set(found.answers.values()) != {"ready"}:
        raise typer.Exit(1)


def _show(data: Path, found: "Glance") -> None:
    table = Table(tr("部分"), tr("状态"), title=tr("应保 {data}", data=data), title_justify="left")
    words = {"ready": tr("正常"), "not ready": tr("未就绪"), "no answer": tr("无应答")}
    for name, said in found.answers.items():
        colour = "green" if said == "ready" else "red"
        table.add_row(name, f"[{colour}]{words[said]}[/{colour}]  {said}")
    console = Console(highlight=False)
    console.print(table)
    for what, said in found.figures.items():
        console.print(f"{tr(what)}  {said}")
