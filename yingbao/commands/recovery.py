"""``yingbao backup`` and ``yingbao restore``; docs/runbook/recovery.md walks through a loss."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from chassis.language import tr
from yingbao.commands.options import DATA, Data

if TYPE_CHECKING:
    from chassis.embedded.postgres import PostgresServer

Passphrase = Annotated[
    Path,
    typer.Option(
        help="File with the passphrase, 16 signs at least; kept elsewhere than the backup."
    ),
]


def backup(target: Path, passphrase_file: Passphrase, data: Data = DATA) -> None:
    """Write one sealed file with the database of one moment and the keys; services may run meanwhile.

    Without the passphrase nobody can read it, and nobody can change it unnoticed.
    """
    from yingbao.running.backing_up import BackupError, back_up
    from yingbao.running.sealed_file import SealedFileError

    try:
        found = back_up(data, database_of(data), target, _said(passphrase_file), _tell)
    except (BackupError, SealedFileError, OSError) as error:
        _problem(error)
    typer.echo(
        tr(
            "{target}  {st_size} bytes, as of {made}",
            target=target,
            st_size=target.stat().st_size,
            made=found.made,
        )
    )


def restore(
    source: Path,
    passphrase_file: Passphrase,
    data: Data = DATA,
    only_keys: Annotated[
        bool, typer.Option(help="Keys alone, on a new machine whose database does not run yet.")
    ] = False,
) -> None:
    """Bring a backup back, into an empty or an existing data directory; no service may be running.

    Into the database of DATABASE_URL if that is set, else into the embedded one. The next start ('yingbao
    up' or 'yingbao prepare') brings bus and database in step: what came in after the backup is read again
    from the bus, as far as the bus still has it.
    """
    from yingbao.running.backing_up import BackupError, bring_back, bring_keys
    from yingbao.running.only_one import AlreadyUpError, only_one
    from yingbao.running.sealed_file import SealedFileError

    try:
        with only_one(data.resolve()), ExitStack() as started:
            if only_keys:
                bring_keys(source, data, _said(passphrase_file))
                typer.echo(
                    tr(
                        "{data} has the keys; start bus and database, then restore the rest",
                        data=data,
                    )
                )
                return
            ready = partial(_ready, data, started)
            found = bring_back(source, data, _said(passphrase_file), ready, _tell)
    except (BackupError, SealedFileError, AlreadyUpError, OSError) as error:
        _problem(error)
    begin = "yingbao prepare" if _is_elsewhere() else "yingbao up"
    typer.echo(
        tr(
            "restored as of {made}; start with '{begin} --data {data}'",
            made=found.made,
            begin=begin,
            data=data,
        )
    )


def database_of(data: Path) -> str:
    """Return the owner's address of the running database: DATABASE_URL, else the embedded one."""
    from chassis.settings import Settings
    from yingbao.running.backing_up import BackupError
    from yingbao.running.place import DATABASE, place_of

    url, port = Settings().database_url, place_of(data).ports.get(DATABASE)
    if url:
        return url
    if port is None:
        raise BackupError(
            tr("no running platform: set DATABASE_URL, or --data (not {data})", data=data)
        )
    return _embedded(data, port).url


def _ready(data: Path, started: ExitStack) -> str:
    """Make room in the database and return the owner's address; asked for once the backup proved good."""
    from chassis.settings import Settings
    from yingbao.running.backing_up import make_room

    url = Settings().database_url
    if not url:
        server = _embedded(data, None)
        server.start()
        started.callback(server.stop)
        url = server.url
    make_room(url)
    return url


def _is_elsewhere() -> bool:
    """Tell whether the database is one of the county's own."""
    from chassis.settings import Settings

    return bool(Settings().database_url)


def _embedded(data: Path, port: int | None) -> "PostgresServer":
    from chassis.embedded.postgres import PostgresServer

    directory = data / "postgres"
    server = PostgresServer(directory) if port is None else PostgresServer(directory, port)
    secret = directory / "pg.password"
    server.password = secret.read_text().strip() if secret.exists() else ""
    return server


def _said(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def _tell(what: str) -> None:
    typer.echo(what, err=True)


def _problem(error: Exception) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(1) from None
