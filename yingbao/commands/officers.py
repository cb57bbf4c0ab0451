"""``yingbao officer``: who looks after which township and village, from when until when."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from chassis.language import tr
from yingbao.commands.calling import BUREAU, call, paged, response
from yingbao.commands.options import DATA, AsJson, Data

officers = typer.Typer(
    help="Officers, guides and village doctors, and desks: who is told of what by SMS.",
    no_args_is_help=True,
)
LINES = 200


@officers.command("add")
def officer_add(
    name: Annotated[str, typer.Argument(help="The person's name.")],
    phone: Annotated[str, typer.Argument(help="A mobile number.")],
    township: Annotated[
        list[str] | None, typer.Option(help="A township; several times for a responsibility group.")
    ] = None,
    village: Annotated[str, typer.Option(help="Of this village only.")] = "",
    post: Annotated[str, typer.Option(help="officer|guide|village_doctor")] = "officer",
    group: Annotated[str, typer.Option(help="The responsibility group's name.")] = "",
    first: Annotated[str, typer.Option(help="First day; today if nothing is said.")] = "",
    stands_in_for: Annotated[
        str, typer.Option(help="A duty whose holder is away: is told instead, of the same places.")
    ] = "",
    data: Data = DATA,
) -> None:
    """Have somebody told of a township's or a village's changes from a day on."""
    body = {
        "townships": township or [], "village": village, "post": post, "name": name, "phone": phone,
        "group": group, "first": first or f"{_today()}", "stands_in_for": stands_in_for,
    }  # fmt: skip
    answer: Any = call(data, BUREAU, "POST", "/v1/officers", json=body)
    typer.echo(tr("{duty}  已登记", duty=answer["duty"]))


@officers.command("desk")
def officer_desk(
    name: Annotated[str, typer.Argument(help="The person's name.")],
    phone: Annotated[str, typer.Argument(help="A mobile number.")],
    post: Annotated[str, typer.Option(help="clerk|hospital_desk|insurer_desk")],
    hospital: Annotated[str, typer.Option(help="A hospital's number, for its desk.")] = "",
    first: Annotated[str, typer.Option(help="First day; today if nothing is said.")] = "",
    data: Data = DATA,
) -> None:
    """Have the bureau's staff, a hospital or the insurer reminded of each month's report or statement."""
    body = {
        "post": post,
        "name": name,
        "phone": phone,
        "hospital": hospital,
        "first": first or f"{_today()}",
    }
    answer: Any = call(data, BUREAU, "POST", "/v1/officers", json=body)
    typer.echo(tr("{duty}  已登记", duty=answer["duty"]))


@officers.command("import")
def officer_import(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="JSON: a list.")],
    data: Data = DATA,
) -> None:
    """Set many duties: a JSON list of objects with the fields of POST /v1/officers."""
    lines = json.loads(file.read_text("utf-8"))
    with typer.progressbar(lines, label=tr("责任人")) as bar:
        for line in bar:
            call(data, BUREAU, "POST", "/v1/officers", json=line)
    typer.echo(tr("{count} 人已登记", count=len(lines)))


@officers.command("end")
def officer_end(
    duty: Annotated[str, typer.Argument(help="The duty, as 'list' shows it.")],
    last: Annotated[str, typer.Option(help="Its last day; today if nothing is said.")] = "",
    data: Data = DATA,
) -> None:
    """Say on which day a duty ends; its history stays."""
    body = {"last": last or f"{_today()}"}
    call(data, BUREAU, "POST", f"/v1/officers/{duty}/end", json=body)
    typer.echo(tr("{duty}  已登记任期结束", duty=duty))


@officers.command("list")
def officer_list(
    township: Annotated[str, typer.Option(help="Of this township only.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Also those whose time is over.")] = False,
    as_json: AsJson = False,
    data: Data = DATA,
) -> None:
    """List who is told of what: post, name, phone, places, first and last day, duty."""
    params: dict[str, Any] = {"township": township, "limit": LINES}
    if not every:
        params["on"] = f"{_today()}"
    found = paged(data, "/v1/officers", "officers", params)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in sorted(found, key=lambda line: (line["townships"], line["village"], line["first"])):
        instead = tr("（代班）") if one["stands_in_for"] else ""
        typer.echo(
            tr(
                "{place_zh}  {post_zh}{instead}  {name}  {phone}  {first}至{last}  {group}  {duty}",
                place_zh=tr(one["place_zh"]),
                post_zh=tr(one["post_zh"]),
                instead=instead,
                name=one["name"],
                phone=one["phone"],
                first=one["first"],
                last=one["last"] or tr("今"),
                group=one["group"] or "-",
                duty=one["duty"],
            )
        )


@officers.command("tasks")
def officer_tasks(
    why: Annotated[str, typer.Option(help="What it is read for; it is written down.")],
    township: Annotated[str, typer.Option(help="Of this township only.")] = "",
    village: Annotated[str, typer.Option(help="Of this village only; needs the township.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write a sheet (.xlsx) to take along.")] = None,
    as_json: AsJson = False,
    data: Data = DATA,
) -> None:
    """List what officers have to do: place, whose, what, since when, and the code that closes it."""
    params = {"township": township, "village": village, "why": why}
    if out is not None:
        answer = response(data, BUREAU, "GET", "/v1/worklist.xlsx", params=params)
        out.write_bytes(answer.content)
        typer.echo(f"{out}")
        return
    found = paged(data, "/v1/worklist", "tasks", params)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in sorted(found, key=lambda line: (line["township"], line["village"], line["since"])):
        told = "" if one["told"] else tr("  （未发出短信）")
        typer.echo(
            f"{one['since'][:10]}  {one['township']}{one['village']}  {one['name'] or '-'}"
            f"  {tr(one['title'])}：{one['what']}  {one['code']}{told}"
        )


@officers.command("done")
def officer_done(
    task: Annotated[str, typer.Argument(help="The task, as 'tasks --json' names it.")],
    note: Annotated[str, typer.Option(help="What was found, without numbers or illnesses.")] = "",
    data: Data = DATA,
) -> None:
    """Say that a task was done; it leaves the list."""
    call(data, BUREAU, "POST", f"/v1/worklist/{task}/done", json={"note": note})
    typer.echo(tr("{task}  已登记办结", task=task))


def _today() -> date:
    """Return the day in the county, whatever the machine's own zone is."""
    from chassis.clock import system_clock, today

    return today(system_clock)
