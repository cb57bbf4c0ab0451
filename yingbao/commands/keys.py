"""``yingbao key``: who may come in at the door."""

import json
from typing import Annotated

import typer

from yingbao.commands.options import DATA, AsJson, Data
from yingbao.running.keys import PARTNER_KEYS

keys = typer.Typer(
    help="Keys of partners, hospitals and townships: add, list, revoke.", no_args_is_help=True
)
Holder = Annotated[
    str,
    typer.Argument(
        help="civil_affairs, tax, bureau …; hospital/H34162301; township_office/张村镇."
    ),
]


@keys.command("add")
def key_add(holder: Holder, data: Data = DATA, as_json: AsJson = False) -> None:
    """Make a key and print it, once. It counts from the next call on; nothing is restarted."""
    from yingbao.running.keys import KeyProblemError, add_key

    try:
        key = add_key(data, _county(data), holder)
    except KeyProblemError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps({"holder": holder, "key": key}, ensure_ascii=False))
    else:
        typer.echo(f"{holder}  {key}")


@keys.command("list")
def key_list(data: Data = DATA, as_json: AsJson = False) -> None:
    """List who holds a key and whose was revoked; the keys themselves are not shown."""
    from services.gateway.settings import keys_of

    found = keys_of(data / PARTNER_KEYS)
    if not found:
        typer.echo(f"no keys in {data}: they are made at the first start of 'yingbao up'", err=True)
        raise typer.Exit(1)
    states = {holder: "active" if key else "revoked" for holder, key in found.items()}
    if as_json:
        listed = [{"holder": holder, "state": state} for holder, state in states.items()]
        typer.echo(json.dumps(listed, ensure_ascii=False))
    else:
        for holder, state in states.items():
            typer.echo(f"{state:<8} {holder}")


@keys.command("revoke")
def key_revoke(holder: Holder, data: Data = DATA) -> None:
    """Take a holder's key away: the next call with it is refused."""
    from yingbao.running.keys import KeyProblemError, revoke_key

    try:
        revoke_key(data, holder)
    except KeyProblemError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"revoked  {holder}")


def _county(data: "Data") -> str:
    from yingbao.running.county import KEPT

    kept = data / KEPT
    return kept.read_text(encoding="utf-8").strip() if kept.exists() else "341623"
