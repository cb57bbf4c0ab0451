"""``yingbao archive`` and ``yingbao replay``: what leaves the bus, and what is put on it again."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from chassis.clock import CHINA
from chassis.language import tr
from contracts.subjects import STREAMS, Stream
from yingbao.commands.options import DATA, Data, with_bus

if TYPE_CHECKING:
    from nats.aio.client import Client

    from yingbao.running.archiving import Archive
    from yingbao.running.operator import Place

BY_NAME = {stream.name: stream for stream in STREAMS}
StreamName = Annotated[str, typer.Option("--stream", help=f"One of {', '.join(BY_NAME)}.")]
Day = datetime


def archive(
    target: Annotated[Path, typer.Argument(help="Directory for the files.")],
    before: Annotated[
        Day, typer.Option(formats=["%Y-%m-%d"], help="What was said before this day.")
    ],
    stream: StreamName = "",
    data: Data = DATA,
) -> None:
    """Write what streams hold of before a day into files that 'yingbao replay' reads; nothing is removed.

    The bus lets go of messages by itself after YINGBAO_STREAM_DAYS. Files are readable by their owner only.
    """
    from yingbao.running.archiving import archive as write

    chosen = [_known(stream)] if stream else list(STREAMS)
    until = before.replace(tzinfo=CHINA)

    async def run(nc: "Client", _: "Place") -> "list[Archive | None]":
        return [await write(nc, one, until, target) for one in chosen]

    for found in with_bus(data, run):
        if found is not None:
            typer.echo(
                tr(
                    "{target}  {messages} messages, {first} to {last}",
                    target=target / found.name,
                    messages=found.messages,
                    first=found.first,
                    last=found.last,
                )
            )


def replay(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Archives; without any: what the database records.")
    ] = None,
    stream: StreamName = "CLAIMS",
    since: Annotated[
        Day, typer.Option(formats=["%Y-%m-%d"], help="What was recorded from this day on.")
    ] = datetime(1970, 1, 1),  # noqa: DTZ001  a day
    data: Data = DATA,
) -> None:
    """Put on a stream again what was accepted or said: nobody is changed by hearing it a second time.

    For a service that is new, or whose consumer was made anew. From the door's record (PARTNER, CLAIMS), or
    from the facts of those who heard it; from archives where files are named.
    """
    chosen = _known(stream)
    count = with_bus(
        data, _from_files(files, chosen) if files else _from_record(data, chosen, since)
    )
    typer.echo(tr("{count} messages were put on {name} again", count=count, name=chosen.name))


def _known(name: str) -> Stream:
    if name not in BY_NAME:
        typer.echo(
            tr("no stream {name!r}; there are: {by_name}", name=name, by_name=", ".join(BY_NAME)),
            err=True,
        )
        raise typer.Exit(2)
    return BY_NAME[name]


def _from_files(files: list[Path], stream: Stream) -> Any:
    from yingbao.running.replaying import archived, say_again

    async def run(nc: "Client", _: "Place") -> int:
        with _bar() as bar:
            told = bar.add_task(stream.name, total=None)
            for batch in archived(files, stream):
                bar.advance(told, await say_again(nc, batch))
        return int(bar.tasks[0].completed)

    return run


def _from_record(data: Path, stream: Stream, since: datetime) -> Any:
    import asyncpg

    from yingbao.commands.recovery import database_of
    from yingbao.running.backing_up import BackupError
    from yingbao.running.replaying import recorded, say_again, unkept

    try:
        url = database_of(data)
    except BackupError as error:
        _problem(error)

    async def run(nc: "Client", _: "Place") -> int:
        database = await asyncpg.connect(url)
        with _bar() as bar:
            told = bar.add_task(stream.name, total=None)
            async for batch in recorded(database, stream, since.replace(tzinfo=CHINA)):
                bar.advance(told, await say_again(nc, batch))
        if missing := await unkept(database, stream):
            typer.echo(
                tr("nobody keeps, so not replayed: {missing}", missing=", ".join(missing)),
                err=True,
            )
        await database.close()
        return int(bar.tasks[0].completed)

    return run


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True))


def _problem(error: Exception) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(1) from None
