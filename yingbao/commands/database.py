"""``yingbao migrate``: what a database's administrator runs, so that services need no rights of an owner."""

import typer

from chassis.language import tr
from yingbao.commands.options import DATA, Data


def migrate(data: Data = DATA) -> None:
    """Bring every service's tables up to date, as the owner of the database in DATABASE_URL.

    Each service gets a login of its own, which may neither change what is booked nor create anything; its
    password is kept in database-logins.json of the data directory. 'yingbao up' does this by itself.
    """
    from chassis.settings import Settings
    from chassis.store import role_of
    from yingbao.running.first_keys import DATABASE_LOGINS, logins_of
    from yingbao.running.migrating import bring_up_to_date

    url = Settings().database_url
    if not url:
        typer.echo(tr("DATABASE_URL is needed: that of the database's owner"), err=True)
        raise typer.Exit(2)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    logins = logins_of(data)
    bring_up_to_date(url, logins, logins)
    for service in logins:
        typer.echo(
            tr(
                "{service:<12}up to date; logs in as {login}",
                service=service,
                login=role_of(service),
            )
        )
    typer.echo(tr("passwords   {data}", data=data / DATABASE_LOGINS))
