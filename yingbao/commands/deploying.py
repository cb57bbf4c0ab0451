"""For a platform whose processes are containers or units: its secrets, its start, and who watches it."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from chassis.language import tr
from yingbao.commands.options import DATA, Data


def secret_folders(
    out: Annotated[Path, typer.Argument(help="Where the folders are written; 0700.")],
    data: Data = DATA,
    county: Annotated[str, typer.Option(help="Code of the county, or path of its table.")] = "",
    bus: Annotated[str, typer.Option(help="Where processes find the bus.")] = "nats://bus:4222",
    database: Annotated[
        str, typer.Option(help="Where processes find the database, without a login.")
    ] = "postgresql://database:5432/postgres",
) -> None:
    """Write one folder of secrets a process, each to be mounted at /run/secrets of that process alone.

    Keys are made once and kept in the data directory. Run it again after 'yingbao key add' or 'revoke';
    the gateway then reads its file by itself, and the bus after a SIGHUP.
    """
    from services.gateway.regions import RegionError
    from yingbao.running.county import chosen_county
    from yingbao.running.secret_folders import Addresses, SecretFolders

    try:
        chosen = chosen_county(county, data, "lixin-2023")
    except RegionError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    written = SecretFolders(data, out, chosen, Addresses(bus, database)).write()
    for name in written:
        typer.echo(str(out / name))


def prepare(data: Data = DATA) -> None:
    """Do what 'up' does before it starts services: tables, streams, the bus in step with the database.

    Run it as the database's owner and the bus's operator (folder 'operator' of 'yingbao secrets'), once
    before services of a new version start, and after a restore.
    """
    from chassis.connecting import bus_access
    from chassis.settings import Settings
    from yingbao.running.bus_keys import OPERATOR
    from yingbao.running.first_keys import logins_of
    from yingbao.running.preparing import prepare as made_ready

    settings = Settings()
    if not settings.nats_url or not settings.database_url:
        typer.echo(
            tr("NATS_URL and DATABASE_URL are needed: the operator's and the owner's"), err=True
        )
        raise typer.Exit(2)
    logins = logins_of(data)
    said = made_ready(data, bus_access(settings, OPERATOR), settings.database_url, logins, logins)
    typer.echo(said or tr("ready: services may start"))


def watch(
    data: Data = DATA,
    host: Annotated[str, typer.Option(help="Where the series are told.")] = "127.0.0.1",
    port: Annotated[int, typer.Option()] = 8100,
) -> None:
    """Tell Prometheus what is seen from outside, and run the night's audit; 'up' does both by itself."""
    from yingbao.running.watching import watch as look

    ended = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: ended.set())
    look(data, host, port, ended)
