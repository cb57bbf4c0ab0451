"""``yingbao deadletter``: what could not be read or handled."""

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from chassis.clock import CHINA
from chassis.language import tr
from yingbao.commands.calling import BUREAU, call
from yingbao.commands.options import DATA, AsJson, Data

deadletters = typer.Typer(
    help="What could not be read or handled: list it, look at it, send it back, close it.",
    no_args_is_help=True,
)
Numbers = Annotated[list[int] | None, typer.Argument(help="Numbers, as the list shows them.")]
Service = Annotated[str, typer.Option(help="All of this service: gateway, settlement …")]
Reason = Annotated[str, typer.Option(help="All with this reason code.")]
A_PAGE = 1_000
PATIENCE_SECONDS, LOOK_SECONDS = 60.0, 0.5
LETTERS = "/v1/letters"


@deadletters.command("list")
def deadletter_list(
    data: Data = DATA,
    service: Service = "",
    reason: Reason = "",
    owner: Annotated[str, typer.Option(help="Only those that somebody looks after.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Also those that are done.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what was set aside: number, time, service, handler, reason. Exit code 1 if there is any."""
    asked = {"service": service, "reason": reason, "owner": owner}
    listed = _all(data, asked | {"state": "all" if every else "open"})
    if as_json:
        typer.echo(json.dumps(listed, ensure_ascii=False))
    else:
        for one in reversed(listed):
            where, moment = f"{one['service']}/{one['handler']}", one["set_aside"]
            at = f"{datetime.fromisoformat(moment).astimezone(CHINA):%Y-%m-%d %H:%M}"
            typer.echo(
                f"{one['number']:>6}  {at}  {where:<36} {one['reason']}  {one['owner']}".rstrip()
            )
    if any(one["state"] in {"open", "sending"} for one in listed):
        raise typer.Exit(1)


@deadletters.command("show")
def deadletter_show(
    number: int,
    why: Annotated[str, typer.Option(help="What it is read for; it is written down.")],
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Show one dead letter with its input. The input may name a person: mind who is looking."""
    found = call(data, BUREAU, "GET", f"{LETTERS}/{number}", params={"why": why})
    if as_json or not isinstance(found, dict):
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    payload = found.pop("payload")
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    typer.echo(payload)


@deadletters.command("retry")
def deadletter_retry(
    numbers: Numbers = None, data: Data = DATA, service: Service = "", reason: Reason = ""
) -> None:
    """Send letters back to the subjects they came from; handling one twice changes nothing.

    They leave the list; what fails again comes as a new letter. What the door refused stays: only its
    sender can correct it.
    """
    found = _ordered(data, "retry", _which(numbers, service, reason))
    for number in found["stay"]:
        why = tr("refused at the door: only the sender can correct and send it again")
        typer.echo(tr("{number} stays: {why}", number=number, why=why))
    with Console(stderr=True).status(tr("Sending back…")):
        back = _sent(data, set(found["numbers"]))
    for number in found["numbers"]:
        said = back.get(number, "sending")
        typer.echo(
            tr("{number} sent back", number=number)
            if said == "sent"
            else tr("{number} was not sent back ({said})", number=number, said=said)
        )
    raise typer.Exit(_code(found, numbers, done=set(back.values()) <= {"sent"}))


@deadletters.command("close")
def deadletter_close(
    why: Annotated[
        str, typer.Option(help="Why nothing is to be done any more; it is written down.")
    ],
    numbers: Numbers = None,
    data: Data = DATA,
    service: Service = "",
    reason: Reason = "",
) -> None:
    """Take letters off the list that were dealt with; who closed what and why is kept."""
    said = _which(numbers, service, reason) | {"why": why}
    found = _ordered(data, "closing", said)
    typer.echo(tr("{count} closed", count=len(found["numbers"])))
    raise typer.Exit(_code(found, numbers))


@deadletters.command("own")
def deadletter_own(
    owner: Annotated[str, typer.Option(help="Who looks after them: a post, or an account.")],
    numbers: Numbers = None,
    data: Data = DATA,
    service: Service = "",
    reason: Reason = "",
) -> None:
    """Say who looks after letters, so that two do not do the same."""
    said = _which(numbers, service, reason) | {"owner": owner}
    found = _ordered(data, "owner", said)
    typer.echo(tr("{count} assigned", count=len(found["numbers"])))
    raise typer.Exit(_code(found, numbers))


def _which(numbers: list[int] | None, service: str, reason: str) -> dict[str, Any]:
    if not numbers and not service and not reason:
        typer.echo(tr("which ones? Give numbers, --service or --reason"), err=True)
        raise typer.Exit(2)
    return {"numbers": numbers or [], "service": service, "reason": reason}


def _all(data: Path, asked: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        params = asked | {"limit": A_PAGE, "offset": len(found)}
        page = call(data, BUREAU, "GET", LETTERS, params=params)
        found += page if isinstance(page, list) else []
        if len(page) < A_PAGE:
            return found


def _ordered(data: Path, what: str, said: dict[str, Any]) -> dict[str, Any]:
    found = call(data, BUREAU, "POST", f"{LETTERS}/{what}", json=said)
    return found if isinstance(found, dict) else {"numbers": [], "stay": []}


def _code(found: dict[str, Any], numbers: list[int] | None, *, done: bool = True) -> int:
    """Name the letters that there are not, or that are done already; return the exit code."""
    unknown = set(numbers or ()) - {*found["numbers"], *found["stay"]}
    for number in sorted(unknown):
        typer.echo(tr("there is no dead letter {number} that waits", number=number), err=True)
    return 1 if unknown or not done else 0


def _sent(data: Path, numbers: set[int]) -> dict[int, str]:
    """Wait at most a minute until letters went back; returns number → what became of it."""
    until = time.monotonic() + PATIENCE_SECONDS
    while numbers and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
        if not numbers & {one["number"] for one in _all(data, {"state": "sending"})}:
            break
    states = (
        {one["number"]: one["state"] for one in _all(data, {"state": "all"})} if numbers else {}
    )
    return {number: states.get(number, "sending") for number in numbers}
