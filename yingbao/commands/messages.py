"""``yingbao message``: whom to call because no phone was reached, and that it was done."""

import json
from typing import Annotated

import typer

from chassis.language import tr
from yingbao.commands.calling import BUREAU, call, paged
from yingbao.commands.options import DATA, AsJson, Data

messages = typer.Typer(
    help="Messages that reached nobody: whom to call or to visit, and that it was done.",
    no_args_is_help=True,
)
REASONS_ZH = {
    "no_recipient": "没有手机号", "unreadable_contact": "联系方式无法读取", "opted_out": "已退订",
    "template_fault": "短信模板有误", "unknown": "升级前发送结果不明", "unknown_outcome": "发送结果不明",
    "no_provider": "短信通道不可用", "not_delivered": "未送达", "refused_by_operator": "运营商拒收",
}  # fmt: skip
LINES = 200


@messages.command("calls")
def message_calls(
    data: Data = DATA,
    township: Annotated[str, typer.Option(help="Of this township only.")] = "",
    as_json: AsJson = False,
) -> None:
    """List whom to call: since when, township, about what, why no phone was reached, person, message."""
    params = {"township": township, "limit": LINES}
    found = paged(data, "/v1/messages/calls", "lines", params)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    from services.notify.templates import TEMPLATES

    titles = {name: one.title for name, one in TEMPLATES.items()}
    for one in sorted(found, key=lambda line: str(line["since"])):
        why = tr(REASONS_ZH.get(one["reason"], one["reason"]))
        what = tr(titles.get(one["template"], one["template"]))
        who = one["person"] or "-"
        place = one["township"] or "-"
        typer.echo(f"{one['since'][:16]}  {place}  {what}  {why}  {who}  {one['message']}")


@messages.command("templates")
def message_templates() -> None:
    """Show every text with its example, whom it is for, and in how many parts it goes."""
    from services.notify.rules import parts_of
    from services.notify.settings import SIGNATURE
    from services.notify.templates import TEMPLATES

    for name, template in TEMPLATES.items():
        shown = template.render(template.example)
        parts = parts_of(shown, SIGNATURE)
        typer.echo(
            tr(
                "{name}（{title}）  {audience}  {parts}条\n  【{signature}】{shown}\n  {english}",
                name=name,
                title=template.title,
                audience=template.audience,
                parts=parts,
                signature=SIGNATURE,
                shown=shown,
                english=template.english,
            )
        )


@messages.command("called")
def message_called(
    message: Annotated[str, typer.Argument(help="The message, as 'calls' lists it.")],
    note: Annotated[str, typer.Option(help="What was said, without numbers or illnesses.")] = "",
    data: Data = DATA,
) -> None:
    """Say that the family or the officer was told in person; the message leaves the list."""
    call(data, BUREAU, "POST", f"/v1/messages/{message}/called", json={"note": note})
    typer.echo(tr("{message}  已登记告知", message=message))


@messages.command("write")
def message_write(
    phone: Annotated[str, typer.Argument(help="From which made-up phone.")],
    said: Annotated[str, typer.Argument(help="What it writes, such as 查询#张三#12345X.")],
    data: Data = DATA,
) -> None:
    """Write to the county from a made-up person's phone; the answer is on the phone log."""
    import httpx2

    from yingbao.running.elsewhere import PHONE_LOG
    from yingbao.running.phones import write_from_phone
    from yingbao.running.place import place_of

    port = place_of(data).ports.get("notify")
    if port is None:
        typer.echo(tr("no platform runs here: start it with 'yingbao up'"), err=True)
        raise typer.Exit(1)
    try:
        write_from_phone(data / PHONE_LOG, port, phone, said)
    except httpx2.HTTPError as error:
        typer.echo(tr("notify does not take it ({name})", name=type(error).__name__), err=True)
        raise typer.Exit(1) from None
    typer.echo(tr("已收到"))
