"""``yingbao key``: who may come in at the door. ``yingbao bus``: who may speak on the bus."""

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from chassis.clock import system_clock
from chassis.language import tr
from yingbao.commands.options import DATA, AsJson, Data

if TYPE_CHECKING:
    from yingbao.running.keys import NewKey

keys = typer.Typer(
    help="Keys of partners, hospitals and townships: add, list, rotate, revoke.",
    no_args_is_help=True,
)
bus = typer.Typer(help="Who may say and hear what on the bus.", no_args_is_help=True)
Holder = Annotated[
    str,
    typer.Argument(
        help="civil_affairs, tax, bureau …; hospital/H34162301; township_office/张村镇."
    ),
]


@keys.command("add")
def key_add(
    holder: Holder,
    data: Data = DATA,
    days: Annotated[
        int | None, typer.Option(min=1, help="So long it counts; else for good.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, once, with the seed of the same holder's nkey for the bus.

    Both count from the next call on; nothing is restarted. What is kept is a hash.
    """
    from yingbao.running.holders import KeyProblemError
    from yingbao.running.keys import add_key

    expires = None if days is None else system_clock() + timedelta(days=days)
    try:
        _show_new(add_key(data, county_of(data), holder, expires), as_json=as_json)
    except KeyProblemError as error:
        _problem(error)


@keys.command("rotate")
def key_rotate(
    holder: Holder,
    data: Data = DATA,
    days: Annotated[int, typer.Option(min=0, help="So long the old key counts yet.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Make a further key of a holder; the old one counts for some days yet, so that nobody is cut off."""
    from yingbao.running.holders import KeyProblemError
    from yingbao.running.keys import rotate_key

    try:
        _show_new(rotate_key(data, holder, days), as_json=as_json)
    except KeyProblemError as error:
        _problem(error)


@keys.command("list")
def key_list(data: Data = DATA, as_json: AsJson = False) -> None:
    """List every key: id, state, since when and until when it counts, and whose; never the key."""
    from services.gateway.partner_keys import read_keys
    from yingbao.running.bus_keys import PARTNER_KEYS

    found = read_keys(data / PARTNER_KEYS)
    if not found:
        typer.echo(
            tr("no keys in {data}: they are made at the first start of 'yingbao up'", data=data),
            err=True,
        )
        raise typer.Exit(1)
    now = system_clock()
    if as_json:
        listed = [
            one.model_dump(mode="json", exclude={"hash"}) | {"state": one.state_on(now)}
            for one in found
        ]
        typer.echo(json.dumps(listed, ensure_ascii=False))
        return
    for key in found:
        ends = key.revoked or key.expires
        until = f"{ends:%Y-%m-%d}" if ends else "-"
        typer.echo(
            f"{key.id:<10}{key.state_on(now):<9}{key.created:%Y-%m-%d}  {until:<12}{key.holder}"
        )


@keys.command("revoke")
def key_revoke(holder: Holder, data: Data = DATA) -> None:
    """Take a holder's keys away: the next call is refused, and a session on the bus ends at once."""
    from yingbao.running.holders import KeyProblemError
    from yingbao.running.keys import revoke_key

    try:
        revoke_key(data, holder)
    except KeyProblemError as error:
        _problem(error)
    typer.echo(tr("revoked  {holder}", holder=holder))


@keys.command("rotate-vault")
def key_rotate_vault(
    name: Annotated[str, typer.Argument(help="identity_key, contact_key or operator_key.")],
    data: Data = DATA,
) -> None:
    """Have a new key seal from the next start on; what was sealed before stays readable with the old one.

    Make a backup first: whoever loses the old keys cannot read what they sealed.
    """
    from yingbao.running.holders import KeyProblemError
    from yingbao.running.keys import rotate_vault

    try:
        typer.echo(
            tr("{name}  {data}  from the next start on", name=name, data=rotate_vault(data, name))
        )
    except KeyProblemError as error:
        _problem(error)


@bus.command("users")
def bus_users(data: Data = DATA) -> None:
    """Print the users and their permissions as nats-server reads them, for a bus of your own.

    Save it beside nats.conf, with ``authorization { include users.conf }`` in there; after a change
    ``nats-server --signal reload`` lets it count.
    """
    from chassis.embedded.nats import users_text
    from yingbao.running.bus_keys import BUS_KEYS, users_of

    if not (data / BUS_KEYS).exists():
        typer.echo(tr("no keys in {data}: make them with 'yingbao bus keys'", data=data), err=True)
        raise typer.Exit(1)
    typer.echo(users_text(users_of(data)), nl=False)


@bus.command("keys")
def bus_keys(
    data: Data = DATA,
    county: Annotated[str, typer.Option(help="Code of the county, or path of its table.")] = "",
) -> None:
    """Make what keys are missing in a data directory, without starting anything."""
    from yingbao.running.stack import Stack

    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    Stack(data, county=county or county_of(data)).keys()
    typer.echo(str(data))


def _show_new(new: "NewKey", *, as_json: bool) -> None:
    if as_json:
        shown = {
            "id": new.record.id,
            "holder": new.record.holder,
            "key": new.key,
            "bus_seed": new.bus_seed,
        }
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    typer.echo(f"{new.record.holder}  {new.key}")
    typer.echo(tr("bus seed  {bus_seed}", bus_seed=new.bus_seed))
    typer.echo(tr("Shown this once; only a hash is kept."), err=True)


def _problem(error: Exception) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(1) from None


def county_of(data: Path) -> str:
    """Return the county of a data directory; the one that is made up with if none was chosen."""
    from yingbao.running.county import KEPT

    kept = data / KEPT
    return kept.read_text(encoding="utf-8").strip() if kept.exists() else "341623"
