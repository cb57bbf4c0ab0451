"""``yingbao deadletter``: what could not be read or handled."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chassis.language import tr
from yingbao.commands.options import DATA, AsJson, Data, with_bus

if TYPE_CHECKING:
    from nats.aio.client import Client

    from yingbao.running.operator import DeadLetter, Place, Which

deadletters = typer.Typer(
    help="What could not be read or handled: list it, look at it, send it back, close it.",
    no_args_is_help=True,
)
Numbers = Annotated[list[int] | None, typer.Argument(help="Numbers, as the list shows them.")]
Service = Annotated[str, typer.Option(help="All of this service: gateway, settlement …")]
Reason = Annotated[str, typer.Option(help="All with this reason code.")]
CLOSED = "closed-letters.jsonl"


@deadletters.command("list")
def deadletter_list(
    data: Data = DATA, service: Service = "", reason: Reason = "", as_json: AsJson = False
) -> None:
    """List what was set aside: number, time, service, handler, reason. Exit code 1 if there is any."""
    listed = _chosen(data, None, service, reason)
    if as_json:
        typer.echo(json.dumps([one.described() for one in listed], ensure_ascii=False))
    else:
        for letter in listed:
            where = f"{letter.letter.service}/{letter.letter.handler}"
            at = f"{letter.letter.set_aside:%Y-%m-%d %H:%M}"
            typer.echo(f"{letter.number:>6}  {at}  {where:<36} {letter.letter.reason}")
    if listed:
        raise typer.Exit(1)


@deadletters.command("show")
def deadletter_show(number: int, data: Data = DATA, as_json: AsJson = False) -> None:
    """Show one dead letter with its input. The input may name a person: mind who is looking."""
    from yingbao.running.operator import one_letter

    found = with_bus(data, lambda nc, place: one_letter(nc, place, number))
    if as_json:
        told = found.described() | {"payload": found.payload}
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(json.dumps(found.described(), ensure_ascii=False, indent=2))
    typer.echo(found.payload)


@deadletters.command("retry")
def deadletter_retry(
    numbers: Numbers = None, data: Data = DATA, service: Service = "", reason: Reason = ""
) -> None:
    """Send letters back to the subjects they came from; handling one twice changes nothing.

    They leave the list; what fails again comes as a new letter. What the door refused stays: only its
    sender can correct it.
    """
    from yingbao.running.operator import chosen, retry

    which = _which(numbers, service, reason)

    async def job(nc: "Client", place: "Place") -> list[str]:
        told = []
        for found in await chosen(nc, place, which):
            try:
                told.append(f"{found.number} sent back to {await retry(nc, found)}")
            except ValueError as error:
                told.append(f"{found.number} stays: {error}")
        return told

    for line in with_bus(data, job):
        typer.echo(line)


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
    """Take letters off the list that were dealt with; who closed what and why stays in a file."""
    from yingbao.running.operator import chosen, close

    which = _which(numbers, service, reason)

    async def job(nc: "Client", place: "Place") -> "list[DeadLetter]":
        found = await chosen(nc, place, which)
        for one in found:
            await close(nc, one)
        return found

    closed = with_bus(data, job)
    _write_down(data / CLOSED, closed, why)
    typer.echo(tr("{count} closed", count=len(closed)))


def _which(numbers: list[int] | None, service: str, reason: str) -> "Which":
    from yingbao.running.operator import Which

    if not numbers and not service and not reason:
        typer.echo(tr("which ones? Give numbers, --service or --reason"), err=True)
        raise typer.Exit(2)
    return Which(tuple(numbers or ()), service, reason)


def _chosen(data: Path, numbers: list[int] | None, service: str, reason: str) -> "list[DeadLetter]":
    from yingbao.running.operator import Which, chosen

    which = Which(tuple(numbers or ()), service, reason)
    return with_bus(data, lambda nc, place: chosen(nc, place, which))


def _write_down(path: Path, closed: "list[DeadLetter]", why: str) -> None:
    from chassis.clock import system_clock
    from yingbao.running.private_files import append_private

    said = {"closed": system_clock().isoformat(), "why": why}
    append_private(path, [one.described() | said for one in closed])
