"""``yingbao counts``, ``application`` and ``review-result``: what city and province compare, what waits."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from chassis.language import tr
from contracts.questions import TownshipAnswer
from contracts.vocabulary import APPLICATION_STATE_ZH, CATEGORY_ZH
from yingbao.commands.calling import BUREAU, call, save
from yingbao.commands.desk import Year
from yingbao.commands.options import DATA, AsJson, Data
from yingbao.commands.report import print_whole

counts = typer.Typer(
    help="Counts by township and category: show, compare with a table of city or province.",
    no_args_is_help=True,
)
COLUMNS = {
    "township": "乡镇", "category": "人员类别", "roster": "名册人数", "enrolled": "参保人数",
    "subsidised": "资助人数", "justified": "合理化未参保人数", "missing": "应参未参人数",
}  # fmt: skip


@counts.command("show")
def show(year: Year, data: Data = DATA, as_json: AsJson = False) -> None:
    """Show everybody on a roster, counted once, by the category that ranks first."""
    found = call(data, BUREAU, "GET", f"/v1/enrollment/{year}/counts")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    table = Table(*(tr(one) for one in COLUMNS.values()))
    for line in found:
        shown: dict[str, Any] = {**line, "category": tr(CATEGORY_ZH[line["category"]])}  # type: ignore[dict-item,index]
        table.add_row(*(str(shown[name]) for name in COLUMNS))
    print_whole(table)


@counts.command("compare")
def compare(
    year: Year,
    file: Annotated[
        Path, typer.Argument(help="CSV or XLSX with 乡镇, 人员类别, 名册人数 …", exists=True)
    ],
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Compare our counts with those of city or province. Exit code 1 where they differ.

    Only the measures that the file has are compared, by the names that 'counts show' prints.
    """
    path = f"/v1/enrollment/{year}/counts/comparison"
    with file.open("rb") as content:
        found = call(data, BUREAU, "POST", path, files={"file": content})
    if not isinstance(found, dict):
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        for difference in found["differences"]:
            ours, theirs = difference["ours"], difference["theirs"]
            category, column = (
                tr(CATEGORY_ZH[difference["category"]]),
                tr(COLUMNS[difference["measure"]]),
            )
            typer.echo(
                tr(
                    "{township} {category} {column}：本县{ours}，对方{theirs}，差{apart:+d}",
                    township=difference["township"],
                    category=category,
                    column=column,
                    ours=ours,
                    theirs=theirs,
                    apart=ours - theirs,
                )
            )
        if found["agree"]:
            typer.echo(tr("一致"))
    raise typer.Exit(0 if found["agree"] else 1)


def application_list(
    year: Year,
    township: Annotated[str, typer.Option(help="Only this township.")] = "",
    state: Annotated[str, typer.Option(help="pending, approved or refused.")] = "",
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """List applications for the flag of a year, filed by 31 December of the year before.

    Exit code 1 while one waits for the county's review.
    """
    found: list[dict[str, Any]] = []
    while True:
        asked = {"township": township, "state": state, "limit": 1000, "offset": len(found)}
        page = call(data, BUREAU, "GET", f"/v1/enrollment/{year}/applications", params=asked)
        found += page  # type: ignore[arg-type]
        if len(page) < 1000:
            break
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        for row in found:
            where = f"{row['township']} {row['village']}"
            typer.echo(
                f"{tr(APPLICATION_STATE_ZH[row['state']])}  {tr(CATEGORY_ZH[row['category']])} {where}"
                f" {row['person']} {row['reason']}"
            )
    raise typer.Exit(1 if any(one["state"] == "pending" for one in found) else 0)


def review_result(
    year: Year,
    run: Annotated[int, typer.Argument(help="Number of the run, as 'review' printed it.")],
    why: Annotated[str, typer.Option(help="What it is needed for; it is written down.")],
    source: Annotated[str, typer.Option(help="Roster owner: civil_affairs …; empty: all.")] = "",
    out: Annotated[Path | None, typer.Option(help="File; by default named by the run.")] = None,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Write the result of a pass that goes back to the roster owner, as XLSX."""
    path = out or Path(f"review-{year}-{run}{'-' if source else ''}{source}.xlsx")
    asked = {"source": source, "why": why}
    save(data, f"/v1/enrollment/{year}/reviews/{run}/result", asked, path, as_json=as_json)


class Level(StrEnum):
    """How fine the equation is."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


def equation(
    year: Annotated[int, typer.Argument(help="Coverage year.")],
    level: Annotated[
        Level, typer.Option(help="How fine: county, township, village.")
    ] = Level.TOWNSHIP,
    data: Data = DATA,
    as_json: AsJson = False,
) -> None:
    """Print the roster equation by area. Exit code 1 while somebody is missing."""
    from yingbao.commands.report import print_equation

    path = f"/v1/enrollment/{year}/equation"
    found = call(data, BUREAU, "GET", path, params={"level": level.value})
    lines = [TownshipAnswer.model_validate(one) for one in found]
    if as_json:
        typer.echo(json.dumps([line.model_dump() for line in lines], ensure_ascii=False))
    else:
        print_equation(lines)
    if any(line.missing or line.overlap for line in lines):
        raise typer.Exit(1)
