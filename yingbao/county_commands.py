"""``yingbao roster``, ``review`` and ``issue``: lists in, the three-pass check, the problem desk."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from yingbao.report import print_whole
from yingbao.running import DATA, AsJson, Data, gateway_of

if TYPE_CHECKING:
    import httpx2

Year = Annotated[int, typer.Argument(help="Coverage year.")]
BUREAU = "bureau"
UPLOAD_SECONDS = 600.0

rosters = typer.Typer(help="Lists from departments: import, see, confirm.", no_args_is_help=True)
ledgers = typer.Typer(help="Ledgers (台账): export.", no_args_is_help=True)
issues = typer.Typer(help="The problem desk: list, promise.", no_args_is_help=True)


def call(
    data: Path, holder: str, method: str, path: str, **options: Any
) -> dict[str, Any] | list[Any]:
    """Call the gateway and return its answer; a refusal ends the command."""
    found: dict[str, Any] | list[Any] = response(data, holder, method, path, **options).json()
    return found


def response(data: Path, holder: str, method: str, path: str, **options: Any) -> "httpx2.Response":
    """Call the gateway; a refusal is printed with its reason and ends with exit code 1."""
    import httpx2

    url, key = gateway_of(data, holder)
    headers = {"X-Yingbao-Key": key}
    try:
        answer = httpx2.request(
            method, f"{url}{path}", headers=headers, timeout=UPLOAD_SECONDS, **options
        )
    except httpx2.HTTPError as error:
        typer.echo(f"the gateway does not answer ({type(error).__name__})", err=True)
        raise typer.Exit(1) from None
    if answer.is_error:
        body = answer.json()
        said = [str(body.get(key, "")) for key in ("reason", "message", "detail")]
        typer.echo(" ".join(word for word in said if word), err=True)
        raise typer.Exit(1)
    return answer


@rosters.command("import")
def roster_import(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8, GB18030) or XLSX.", exists=True)],
    source: Annotated[str, typer.Option(help="civil_affairs, rural_revitalisation, tax, police …")],
    month: Annotated[str, typer.Option(help="Month of the list, such as 2023-05.")] = "",
    year: Annotated[int | None, typer.Option(help="Coverage year of premiums.")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="The list names everybody: absence is a removal.")
    ] = False,
    register: Annotated[
        bool, typer.Option("--register", help="The register of enrolled residents of --year (CSV).")
    ] = False,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Send a list to the door. Rows that are refused go into a file beside it, for the sender.

    The same list again changes nothing. Exit code 1 if a row was refused.
    """
    asked: dict[str, Any] = {"full": str(full).lower()}
    asked |= {"month": f"{month}-01"} if month else {}
    asked |= {"year": year} if year else {}
    if register and not year:
        typer.echo("--register needs --year", err=True)
        raise typer.Exit(2)
    path = f"/v1/registers/{year}" if register else f"/v1/rosters/{source}"
    with Console(stderr=True).status(f"发送 {file.name} …"), file.open("rb") as content:
        found = call(data, source, "POST", path, params=asked, files={"file": content})
    if not isinstance(found, dict):
        raise typer.Exit(1)
    rejected = found["rejected"]
    if rejected:
        found["rejection_file"] = str(write_rejections(file, rejected))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        typer.echo(
            f"批次 {found['batch']}：{found['rows']}行，接收{found['accepted']}行，退回{len(rejected)}行"
        )
        for one in rejected[:10]:
            typer.echo(f"  第{one['row']}行 {one['field']} {one['reason']} {one['message']}")
        if rejected:
            typer.echo(f"退回清单：{found['rejection_file']}（请核对后签字退回来源单位）")
    raise typer.Exit(1 if rejected else 0)


def write_rejections(file: Path, rejected: list[dict[str, Any]]) -> Path:
    """Write the rejection file that goes back to the sender: row, field, reason, and a line to sign."""
    path = file.with_suffix(".rejected.csv")
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["原文件行号", "栏目", "原因代码", "说明"])
        lines.writerows(
            [one["row"], one["field"], one["reason"], one["message"]] for one in rejected
        )
        lines.writerow([])
        lines.writerow(["来源文件", file.name, "退回行数", len(rejected)])
        lines.writerow(["经办人签字", "", "日期", ""])
    return path


@rosters.command("list")
def roster_list(data: Data = DATA, as_json: AsJson = False) -> None:
    """Show full lists: waiting for rows, a question, closed. Exit code 1 while one is a question."""
    found = call(data, BUREAU, "GET", "/v1/lists")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        table = Table("来源", "月份", "批次", "接收", "退回", "状态", "上期在册", "未列入")
        for one in found:
            shown = (
                "source",
                "month",
                "batch",
                "accepted",
                "rejected",
                "state",
                "standing",
                "absent",
            )
            table.add_row(*(str(one[key]) for key in shown))  # type: ignore[index]
        print_whole(table)
    raise typer.Exit(1 if any(one["state"] == "question" for one in found) else 0)  # type: ignore[index]


@rosters.command("confirm")
def roster_confirm(
    batch: Annotated[str, typer.Argument(help="Batch of a list that is a question.")],
    data: Data = DATA,
) -> None:
    """Confirm that a list is right although it shrank: whoever is not on it is removed."""
    call(data, BUREAU, "POST", f"/v1/lists/{batch}/confirmation")
    typer.echo(f"{batch}: 已确认，未列入人员将移出")


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
            f"第{number}步（{day}，第{found['run']}次）：名册{found['roster']}人，新增问题{found['opened']}，"
            f"销号{found['closed']}，复发{found['reopened']}，仍未整改{found['still_open']}；"
            f"回头看：到期{found['promised']}，未兑现{found['broken']}"
        )
        for kind, count in found["kinds"].items():
            typer.echo(f"  {kind}: {count}")
    unmended = found["opened"] + found["reopened"] + found["still_open"]
    raise typer.Exit(1 if unmended else 0)


@issues.command("list")
def issue_list(
    year: Year,
    township: Annotated[str, typer.Option(help="Only this township.")] = "",
    kind: Annotated[str, typer.Option(help="Only this kind, such as refund_due.")] = "",
    state: Annotated[str, typer.Option(help="open, fixing or closed.")] = "",
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """List the problem desk of a year. Exit code 1 while one is not closed."""
    asked = {"township": township, "kind": kind, "state": state, "limit": 1000}
    found: list[dict[str, Any]] = []
    offset: int | None = 0
    while offset is not None:
        params = asked | {"offset": offset}
        page = call(data, BUREAU, "GET", f"/v1/enrollment/{year}/issues", params=params)
        if not isinstance(page, dict):
            break
        found += page["issues"]
        offset = page["next_offset"]
    for one in found:
        if as_json:
            typer.echo(json.dumps(one, ensure_ascii=False))
        else:
            where = f"{one['township']} {one['village']}"
            typer.echo(
                f"{one['state']:<7} {one['kind']:<20} {where}  {one['person']}  {one['follow_up']}"
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
    call(data, BUREAU, "POST", f"/v1/enrollment/{year}/issues/{kind}/{person}", json=body)
    typer.echo("已登记")


@ledgers.command("export")
def ledger_export(
    ledger: Annotated[
        str,
        typer.Argument(
            help="roster; enrolment, enrolment_change, justified_non_enrolment, manual_assistance, chronic, "
            "inpatient_claim, one_stop, major_disease (the eight of S0); premium; or a side of the "
            "equation: missing, overlap, duplicate, not_on_roster."
        ),
    ],
    year: Annotated[int, typer.Option(help="Coverage year.")],
    why: Annotated[str, typer.Option(help="What it is needed for; it is written down.")],
    township: Annotated[str, typer.Option(help="Only this township.")] = "",
    village: Annotated[str, typer.Option(help="Only this village.")] = "",
    out: Annotated[Path | None, typer.Option(help="File; by default named by the ledger.")] = None,
    data: Data = DATA,
) -> None:
    """Write a ledger as XLSX: numbers as text, ready to print."""
    path = out or Path(f"{ledger}-{year}{'-' if township else ''}{township}.xlsx")
    asked = {"township": township, "village": village, "why": why}
    with Console(stderr=True).status("生成台账…"):
        found = response(
            data, BUREAU, "GET", f"/v1/enrollment/{year}/ledgers/{ledger}", params=asked
        )
    path.write_bytes(found.content)
    typer.echo(str(path))


@ledgers.command("households")
def ledger_households(
    year: Annotated[int, typer.Option(help="Coverage year.")],
    why: Annotated[str, typer.Option(help="What it is needed for; it is written down.")],
    township: Annotated[str, typer.Option(help="Only this township.")] = "",
    village: Annotated[str, typer.Option(help="Only this village.")] = "",
    out: Annotated[Path | None, typer.Option(help="File; by default named by the area.")] = None,
    data: Data = DATA,
) -> None:
    """Write the household sheets (连心袋) as PDF: one page a household, at most 2,000 at a time."""
    path = out or Path(f"households-{year}-{township or 'county'}{village}.pdf")
    asked = {"township": township, "village": village, "why": why}
    with Console(stderr=True).status("生成连心袋…"):
        found = response(data, BUREAU, "GET", f"/v1/enrollment/{year}/households", params=asked)
    path.write_bytes(found.content)
    typer.echo(str(path))
