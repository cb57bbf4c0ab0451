"""``yingbao user``: who may sign in at the console, under their own name."""

import json
from typing import Annotated

import typer

from chassis.language import tr
from yingbao.commands.options import DATA, AsJson, Data

users = typer.Typer(
    help="People of the bureau and of township offices who sign in at the console: add, list, end.",
    no_args_is_help=True,
)
Login = Annotated[str, typer.Argument(help="Small letters and digits, such as zhang.wei.")]


@users.command("add")
def user_add(
    login: Login,
    name: Annotated[str, typer.Argument(help="The person's name, as pages show it.")],
    township: Annotated[
        str, typer.Option(help="Of this township's office; of the bureau if nothing is said.")
    ] = "",
    auditor: Annotated[
        bool, typer.Option("--auditor", help="Looks at the whole county and changes nothing.")
    ] = False,
    second_factor: Annotated[
        bool, typer.Option(help="Ask for a code of an authenticator as well.")
    ] = True,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Open an account and print, once, its password and what the authenticator reads."""
    from yingbao.commands.keys import county_of
    from yingbao.running.accounts import add_account, persons_of_bureau
    from yingbao.running.holders import KeyProblemError

    try:
        made = add_account(
            data,
            county_of(data),
            login,
            name,
            township,
            second_factor=second_factor,
            auditor=auditor,
        )
    except KeyProblemError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps({"login": login, "password": made.password, "otp": made.secret}))
        return
    opened = tr("账号 {login}（{name}）已开立", login=login, name=name)
    typer.echo(f"{opened}\n{tr('密码 {password}', password=made.password)}")
    if made.secret:
        typer.echo(tr("动态码 {address}", address=made.address))
    typer.echo(tr("以上仅显示一次，请当面交付本人。"))
    if not township and not auditor and len(persons_of_bureau(data)) == 2:
        typer.echo(
            tr(
                "县医保局已有两人：此后手工发放、名册减少的确认由一人经办、另一人在工作台复核后生效。"
            )
        )


@users.command("list")
def user_list(data: Data = DATA, as_json: AsJson = False) -> None:
    """List who may sign in: login, name, office, second factor, since when."""
    from services.console.accounts import read_accounts
    from yingbao.running.accounts import ACCOUNTS

    found = read_accounts(data / ACCOUNTS).values()
    if as_json:
        hidden = {"salt", "sealed"}
        lines = [one.model_dump(mode="json", exclude=hidden) for one in found]
        typer.echo(json.dumps(lines, ensure_ascii=False))
        return
    for one in found:
        second = tr("动态码") if one.second_factor else tr("仅密码")
        typer.echo(f"{one.login}  {one.name}  {one.holder}  {second}  {one.created:%Y-%m-%d}")


@users.command("end")
def user_end(login: Login, data: Data = DATA) -> None:
    """End an account; whoever is signed in under it sees nothing more from the next click on."""
    from yingbao.running.accounts import end_account
    from yingbao.running.holders import KeyProblemError

    try:
        end_account(data, login)
    except KeyProblemError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(tr("账号 {login} 已停用", login=login))
