"""``yingbao roster`` and ``yingbao word``: lists in, with a receipt; questions about them answered."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.table import Table

from chassis.language import tr
from contracts.vocabulary import LIST_STATE_ZH, SOURCE_ZH, RegisterKind
from yingbao.commands.calling import BUREAU, call, response, upload
from yingbao.commands.options import DATA, AsJson, Data, say_file
from yingbao.commands.report import print_whole

rosters = typer.Typer(
    help="Lists from departments: preview, import, see, confirm, withdraw.", no_args_is_help=True
)
words = typer.Typer(
    help="Words of lists that nobody has explained yet: see, answer.", no_args_is_help=True
)


@rosters.command("import")
def roster_import(
    file: Annotated[Path, typer.Argument(help="XLSX, XLS or CSV as it came.", exists=True)],
    source: Annotated[str, typer.Option(help="civil_affairs, rural_revitalisation, tax, police …")],
    month: Annotated[str, typer.Option(help="Month of the list, such as 2023-05.")] = "",
    year: Annotated[int | None, typer.Option(help="Coverage year of premiums.")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="The list names everybody: absence is a removal.")
    ] = False,
    preview: Annotated[
        bool,
        typer.Option(
            "--preview", help="Show the receipt, who enters and who leaves; change nothing."
        ),
    ] = False,
    register: Annotated[
        bool, typer.Option("--register", help="The register of enrolled residents of --year.")
    ] = False,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Send a list to the door and print its receipt.

    Refused rows go into an XLSX beside the list, to be stamped and sent back. The same list again
    changes nothing. Exit code 1 if a row was refused or waits for an answer.
    """
    if register and (not year or preview):
        typer.echo(tr("--register needs --year, and has no --preview"), err=True)
        raise typer.Exit(2)
    asked: dict[str, Any] = {"full": str(full).lower(), "preview": str(preview).lower()}
    asked |= {"month": month} if month else {}
    asked |= {"year": year} if year else {}
    path = f"/v1/registers/{year}" if register else f"/v1/rosters/{source}"
    status, found = upload(data, source, path, file, {} if register else asked)
    _finish(file, source, status, found, preview=preview, as_json=as_json)


@rosters.command("system")
def roster_system(
    file: Annotated[Path, typer.Argument(help="XLSX or CSV from the system.", exists=True)],
    kind: Annotated[
        RegisterKind,
        typer.Option(help="Whom it names: enrolled 参保, exempt 免缴费, flagged 标识."),
    ],
    year: Annotated[int, typer.Option(help="Coverage year.", min=2003, max=2100)],
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Send a list of the insurance system: the passes compare the rosters with it (S1).

    Exit code 1 if a row was refused.
    """
    status, found = upload(data, BUREAU, f"/v1/registers/{year}", file, {"kind": kind.value})
    _finish(file, BUREAU, status, found, preview=False, as_json=as_json)


@rosters.command("check")
def roster_check(
    file: Annotated[Path, typer.Argument(help="The city's check list, XLSX or CSV.", exists=True)],
    year: Annotated[int, typer.Option(help="Coverage year.", min=2003, max=2100)],
    why: Annotated[str, typer.Option(help="What it is needed for; it is written down.")],
    out: Annotated[Path | None, typer.Option(help="File; by default beside the list.")] = None,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Answer the city's check list (核查名单) by what is known; it goes back in its own form."""
    path = out or file.with_suffix(".answered.xlsx")
    with file.open("rb") as content:
        found = response(
            data, BUREAU, "POST", f"/v1/enrollment/{year}/check-lists", params={"why": why},
            files={"file": (file.name, content.read())},
        )  # fmt: skip
    path.write_bytes(found.content)
    say_file(path, as_json=as_json)


def _finish(
    file: Path, source: str, status: int, found: dict[str, Any], *, preview: bool, as_json: bool
) -> None:
    """Print a receipt, write the rejected rows beside the list, and end with what came of it."""
    rejected = found.get("rejected", [])
    if rejected:
        found["rejection_file"] = str(write_rejections(file, source, rejected))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    elif status >= 400:
        said = [str(found.get(part, "")) for part in ("reason", "message", "detail")]
        typer.echo(" ".join(word for word in said if word), err=True)
    else:
        _print_receipt(found, preview=preview)
    if rejected and not as_json:
        typer.echo(
            tr(
                "退回清单：{rejection_file}（请核对、盖章后退回来源单位）",
                rejection_file=found["rejection_file"],
            )
        )
    waits = found.get("receipt", {}).get("waiting", [])
    raise typer.Exit(1 if status >= 400 or rejected or waits else 0)


def _print_receipt(found: dict[str, Any], *, preview: bool) -> None:
    typer.echo(tr("预览，未作任何改动。") if preview else tr("批次 {batch}", batch=found["batch"]))
    typer.echo(found["receipt"]["text"])
    for one in found["rejected"][:10]:
        sheet = f"{one['sheet']} " if one["sheet"] else ""
        typer.echo(
            tr(
                "  {sheet}第{row}行 {name} {reason} {message}",
                sheet=sheet,
                row=one["row"],
                name=one["name"],
                reason=one["reason"],
                message=one["message"],
            )
        )


def write_rejections(file: Path, source: str, rejected: list[dict[str, Any]]) -> Path:
    """Write the rejection file that goes back to the sender, ready to be stamped."""
    from chassis.clock import system_clock, today
    from services.gateway.intake.rejections import rejection_workbook

    path = file.with_suffix(".rejected.xlsx")
    day: date = today(system_clock)
    path.write_bytes(rejection_workbook(source, file.name, rejected, day))
    return path


@rosters.command("list")
def roster_list(data: Data = DATA, as_json: AsJson = False) -> None:
    """Show full lists: waiting for rows or words, a question, closed. Exit code 1 while one is a question."""
    found = call(data, BUREAU, "GET", "/v1/lists")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        table = Table(
            tr("来源"),
            tr("月份"),
            tr("批次"),
            tr("接收"),
            tr("退回行数"),
            tr("待答"),
            tr("状态"),
            tr("上期在册"),
            tr("未列入"),
            tr("通常"),
            tr("原因"),
        )
        shown = (
            "source", "month", "batch", "accepted", "rejected", "waiting", "state", "standing",
            "absent", "usual", "asked",
        )  # fmt: skip
        for one in cast("list[dict[str, Any]]", found):
            words = {
                "source": tr(SOURCE_ZH.get(one["source"], "")),
                "state": tr(LIST_STATE_ZH.get(one["state"], "")),
            }  # fmt: skip
            table.add_row(*(str(words.get(key) or one[key]) for key in shown))
        print_whole(table)
    raise typer.Exit(1 if any(one["state"] == "question" for one in found) else 0)  # type: ignore[index]


@rosters.command("confirm")
def roster_confirm(
    batch: Annotated[str, typer.Argument(help="Batch of a list that is a question.")],
    data: Data = DATA,
) -> None:
    """Confirm that a list is right although it shrank: whoever is not on it is removed."""
    found = call(data, BUREAU, "POST", f"/v1/lists/{batch}/confirmation")
    notes = found.get("notes") if isinstance(found, dict) else None
    typer.echo(f"{batch}: " + ("；".join(notes) if notes else tr("已确认，未列入人员将移出")))


@rosters.command("withdraw")
def roster_withdraw(
    batch: Annotated[str, typer.Argument(help="Batch of a list, counted or not.")],
    why: Annotated[str, typer.Option(help="Why it is not so; it is written down.")],
    data: Data = DATA,
) -> None:
    """Take a list back, also one that was confirmed: everybody returns with the original dates."""
    found = call(data, BUREAU, "POST", f"/v1/lists/{batch}/withdrawal", json={"why": why})
    notes = found.get("notes") if isinstance(found, dict) else None
    typer.echo(f"{batch}: " + ("；".join(notes) if notes else tr("已撤回，人员按其他名册恢复原状")))


@words.command("list")
def word_list(data: Data = DATA, as_json: AsJson = False) -> None:
    """Show the words that rows wait for, and those that were answered. Exit code 1 while a row waits."""
    found = call(data, BUREAU, "GET", "/v1/words")
    if not isinstance(found, dict):
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        table = Table(tr("来源"), tr("栏目"), tr("词语"), tr("等待行数"), tr("含义"))
        for one in found["open"]:
            table.add_row(one["source"], one["column"], one["word"], str(one["rows"]), tr("待答复"))
        for word in found["learned"]:
            table.add_row(
                word["source"],
                word["column"],
                word["word"],
                "",
                word["meaning"] or tr("不属于本名册"),
            )
        print_whole(table)
    raise typer.Exit(1 if found["open"] else 0)


@words.command("answer")
def word_answer(
    source: Annotated[str, typer.Argument(help="Whose lists write it, such as civil_affairs.")],
    column: Annotated[str, typer.Argument(help="category, action, state, risk_gone …")],
    word: Annotated[str, typer.Argument(help="The word as the list writes it.")],
    meaning: Annotated[
        str,
        typer.Argument(
            help="What it means, such as SUBSISTENCE; '-': none of ours, the rows go back."
        ),
    ],
    data: Data = DATA,
) -> None:
    """Say what a word means; the rows that waited for it are read at once."""
    body = {
        "source": source, "column": column, "word": word,
        "meaning": "" if meaning == "-" else meaning,
    }  # fmt: skip
    with Console(stderr=True).status(tr("读入等待的行…")):
        found = call(data, BUREAU, "POST", "/v1/words", json=body)
    if not isinstance(found, dict):
        raise typer.Exit(1)
    typer.echo(
        tr(
            "读入{taken}行，退回{rejected}行，仍待答复{waiting}行",
            taken=found["taken"],
            rejected=found["rejected"],
            waiting=found["waiting"],
        )
    )
