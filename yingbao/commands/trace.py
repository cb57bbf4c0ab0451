"""``yingbao trace``: where a bill, a message or a list went, and when."""

import asyncio
import json
from typing import Annotated

import typer

from chassis.clock import CHINA
from chassis.language import tr
from yingbao.commands.options import DATA, AsJson, Data
from yingbao.commands.recovery import database_of

TRACE_SIGNS = 32


def trace(
    what: Annotated[
        str,
        typer.Argument(
            help="A bill's number (H34169903:1), a message's key, a list's batch, or the trace of a call."
        ),
    ],
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Print the way of a bill, an SMS or a list: time, milliseconds since it came in, where, what.

    The trace is what a caller was told in the header `traceresponse` (its second part), and what all logs
    say of what followed. No person stands in it. Exit code 1 if nobody knows it.
    """
    from yingbao.running.backing_up import BackupError
    from yingbao.running.tracing import way_of

    try:
        steps = asyncio.run(way_of(database_of(data), what))
    except (BackupError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if not steps:
        typer.echo(tr("nobody knows {what}", what=what), err=True)
        if len(what) == TRACE_SIGNS:
            typer.echo(
                tr("of a repeat, a refusal or a question only logs/gateway.log tells"), err=True
            )
        raise typer.Exit(1)
    begun = steps[0].at
    if as_json:
        told = [{"at": one.at.isoformat(), "place": one.place, "what": one.what} for one in steps]
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    for step in steps:
        later = (step.at - begun).total_seconds() * 1000
        at = f"{step.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S.%f}"[:-3]
        typer.echo(f"{at}  {later:>+9.0f} ms  {step.place:<11}{step.what}")
