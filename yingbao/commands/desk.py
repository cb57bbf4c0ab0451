"""``yingbao review``, ``issue`` and ``ledger``: the three-pass check, the problem desk, ledgers."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from chassis.language import tr
from contracts.vocabulary import ISSUE_STATE_ZH, PROBLEM_ZH, ProblemKind
from yingbao.commands.calling import BUREAU, call, save
from yingbao.commands.options import DATA, AsJson, Data

Year = Annotated[int, typer.Argument(help="Coverage year.")]

ledgers = typer.Typer(help="Ledgers (台账): export.", no_args_is_help=True)
issues = typer.Typer(help="The problem desk: list, promise.", no_args_is_help=True)


def review(
    year: Year,
    number: Annotated[int, typer.Option("--pass", min=1, max=3, help="1, 2 or 3 (三步走).")] = 1,
    as_of: Annotated[str, typer.Option(help="Day, such as 2023-06-15.")] = "",
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Run a pass of the three-pass check: opens what is wrong, closes what is mended, looks back.

    1 compares rosters with enrolment, 2 exemptions and flags with the rosters, 3 everything again.
    Exit code 1 while an issue is open.
    """
    from chassis.clock import system_clock, today

    day = as_of or date.isoformat(today(system_clock))
    body = {"number": number, "as_of": day}
    found = call(data, BUREAU, "POST", f"/v1/enrollment/{year}/reviews", json=body)
    if not isinstance(found, dict):
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        typer.echo(
            tr(
                "第{number}步（{day}，第{run}次）：名册{roster}人，新增问题{opened}，销号{closed}，复发{reopened}，仍未整改{still_open}；回头看：到期{promised}，未兑现{broken}",
                number=number,
                day=day,
                run=found["run"],
                roster=found["roster"],
                opened=found["opened"],
                closed=found["closed"],
                reopened=found["reopened"],
                still_open=found["still_open"],
                promised=found["promised"],
                broken=found["broken"],
            )
        )
        for kind, count in found["kinds"].items():
            typer.echo(f"  {tr(PROBLEM_ZH.get(kind, kind))}（{kind}）：{count}")
    unmended = found["opened"] + found["reopened"] + found["still_open"]
    raise typer.Exit(1 if unmended else 0)


@issues.command("list")
def issue_list(
    year: Year,
    township: Annotated[str, typer.Option(help="Only this township.")] = "",
    kind: Annotated[
        ProblemKind | None, typer.Option(help="Only this kind.", show_choices=True)
    ] = None,
    state: Annotated[str, typer.Option(help="open, fixing or closed.")] = "",
    overdue: Annotated[bool, typer.Option(help="Only what was promised and is overdue.")] = False,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """List the problem desk of a year. Exit code 1 while one is not closed."""
    asked = {"township": township, "kind": kind or "", "state": state, "limit": 1000}
    asked |= {"overdue": True} if overdue else {}
    found: list[dict[str, Any]] = []
    offset: int | None = 0
    while offset is not None:
        params = asked | {"offset": offset}
        page = call(data, BUREAU, "GET", f"/v1/enrollment/{year}/issues", params=params)
        if not isinstance(page, dict):
            break
        found += page["issues"]
        offset = page["next_offset"]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        for problem in found:
            where = f"{problem['township']} {problem['village']}"
            typer.echo(
                f"{tr(ISSUE_STATE_ZH[problem['state']])}  "
                f"{tr(PROBLEM_ZH[problem['kind']])}（{problem['kind']}）"
                f"  {where}  {problem['person']}  {tr(problem['follow_up'])}"
            )
    raise typer.Exit(1 if any(one["state"] != "closed" for one in found) else 0)


@issues.command("promise")
def issue_promise(
    year: Year,
    person: Annotated[str, typer.Argument(help="The person's key.")],
    kind: Annotated[str, typer.Argument(help="The kind of problem.")],
    officer: Annotated[str, typer.Option(help="The officer's post, not a name.")],
    due: Annotated[str, typer.Option(help="Day by which it is mended, such as 2023-06-30.")],
    evidence: Annotated[str, typer.Option(help="What there is to show.")] = "",
    data: Data = DATA,
) -> None:
    """Write who mends an issue until when; the next pass looks back at it."""
    body = {"officer": officer, "due": due, "evidence": evidence}
    found = call(data, BUREAU, "POST", f"/v1/enrollment/{year}/issues/{kind}/{person}", json=body)
    typer.echo(tr("已登记"))
    for note in found.get("notes", []) if isinstance(found, dict) else []:
        typer.echo(note)


@issues.command("export")
def issue_export(
    year: Year,
    why: Annotated[str, typer.Option(help="What it is needed for; it is written down.")],
    township: Annotated[str, typer.Option(help="Only this township.")] = "",
    out: Annotated[Path | None, typer.Option(help="File; by default named by the year.")] = None,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Write the problem desk as XLSX, with names: to fill in who mends what until when, and to import."""
    path = out or Path(f"issues-{year}{'-' if township else ''}{township}.xlsx")
    asked = {"township": township, "why": why}
    with Console(stderr=True).status(tr("生成问题整改清单…")):
        save(data, f"/v1/enrollment/{year}/issues.xlsx", asked, path, as_json=as_json)


@issues.command("import")
def issue_import(
    year: Year,
    file: Annotated[
        Path, typer.Argument(help="The sheet of 'issue export', filled in; XLSX or CSV.")
    ],
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Take officers and days from a sheet; lines that are not filled in change nothing.

    Exit code 1 if a line goes back.
    """
    files = {"file": (file.name, file.read_bytes())}
    found = call(data, BUREAU, "POST", f"/v1/enrollment/{year}/issues/promises", files=files)
    if not isinstance(found, dict):
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        back = len(found["rejected"])
        typer.echo(
            tr(
                "已落实{taken}件，退回{back}行，未变动{unchanged}行",
                taken=found["taken"],
                back=back,
                unchanged=found["unchanged"],
            )
        )
        for one in found["rejected"]:
            typer.echo(
                tr(
                    "  {sheet} 第{row}行 {name}：{message}",
                    sheet=one["sheet"],
                    row=one["row"],
                    name=one["name"],
                    message=one["message"],
                ),
                err=True,
            )
    raise typer.Exit(1 if found["rejected"] else 0)


@ledgers.command("export")
def ledger_export(
    ledger: Annotated[
        str,
        typer.Argument(
            help="roster; enrolment, enrolment_change, justified_non_enrolment, manual_assistance, chronic, "
            "inpatient_claim, one_stop, major_disease (the eight of S0); premium; or a side of the "
            "equation: missing, overlap, duplicate, not_on_roster; adjustment: what was re-decided since."
        ),
    ],
    year: Annotated[int, typer.Option(help="Coverage year.")],
    why: Annotated[str, typer.Option(help="What it is needed for; it is written down.")],
    township: Annotated[str, typer.Option(help="Only this township.")] = "",
    village: Annotated[str, typer.Option(help="Only this village.")] = "",
    out: Annotated[Path | None, typer.Option(help="File; by default named by the ledger.")] = None,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Write a ledger as XLSX: numbers as text, ready to print."""
    path = out or Path(f"{ledger}-{year}{'-' if township else ''}{township}.xlsx")
    asked = {"township": township, "village": village, "why": why}
    with Console(stderr=True).status(tr("生成台账…")):
        save(data, f"/v1/enrollment/{year}/ledgers/{ledger}", asked, path, as_json=as_json)


@ledgers.command("households")
def ledger_households(
    year: Annotated[int, typer.Option(help="Coverage year.")],
    why: Annotated[str, typer.Option(help="What it is needed for; it is written down.")],
    township: Annotated[str, typer.Option(help="Only this township.")] = "",
    village: Annotated[str, typer.Option(help="Only this village.")] = "",
    out: Annotated[Path | None, typer.Option(help="File; by default named by the area.")] = None,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Write the household sheets (连心袋) as PDF: one page a household, at most 2,000 at a time."""
    path = out or Path(f"households-{year}-{township or 'county'}{village}.pdf")
    asked = {"township": township, "village": village, "why": why}
    with Console(stderr=True).status(tr("生成连心袋…")):
        save(data, f"/v1/enrollment/{year}/households", asked, path, as_json=as_json)
