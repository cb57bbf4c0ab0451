"""``yingbao adjudicate`` and ``yingbao policy``: packs tried, shown, explained and compared offline."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from chassis.language import tr
from policy.loader import load_pack, pack_names
from policy.reading import PackError
from yingbao.commands.dossiers import InputError
from yingbao.commands.options import AsJson

PackName = Annotated[str, typer.Option(help="Policy pack: a name, or the path of a draft .yaml.")]
Facts = Annotated[
    str, typer.Argument(help="JSON Lines: identities, deaths, claims, reversals; - is stdin.")
]


@contextmanager
def _wrong_use() -> Iterator[None]:
    """A pack or file that cannot be read is one clear line and exit code 2."""
    try:
        yield
    except (FileNotFoundError, PackError, InputError, UnicodeDecodeError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _lines(file: str) -> list[str]:
    text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    return text.split("\n")


def adjudicate(
    pack: PackName,
    file: Facts = "-",
    no_trail: Annotated[
        bool,
        typer.Option("--no-trail", help="Amounts only, for re-pricing many claims at once."),
    ] = False,
    tilt: Annotated[
        bool, typer.Option("--tilt", help="Add what the poverty rules gave, in five parts.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON array instead of one object a line.")
    ] = False,
) -> None:
    """Decide claims offline with the real folds: JSON Lines in, one JSON line a claim out.

    A line is {"type": "identity" | "death" | "claim" | "reversal", ...}, in any order; amounts are
    strings of yuan. Refused and held claims are answered as such and leave the exit code at 0.
    """
    from yingbao.commands.adjudicate import adjudicate as decide
    from yingbao.commands.adjudicate import reprice

    with _wrong_use():
        loaded, lines = load_pack(pack), _lines(file)
        results = reprice(loaded, lines) if no_trail else decide(loaded, lines, with_tilt=tilt)
        if as_json:
            typer.echo(json.dumps(list(results), ensure_ascii=False))
            return
        for result in results:
            typer.echo(json.dumps(result, ensure_ascii=False))


policies = typer.Typer(
    help="Policy packs: check, show, explain, and what a change would do.", no_args_is_help=True
)


@policies.command("check")
def policy_check(
    packs: Annotated[list[str] | None, typer.Argument(help="Packs; all of them if none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read packs strictly, walk every claim they must cover, and work out the cases beside them.

    A pack is a name or the path of a draft that ends in .yaml. Exit code 1 if one has a problem.
    """
    from policy.cases import check

    results = []
    for name in packs or pack_names():
        cases = 0
        try:
            cases, found = check(name)
        except (PackError, FileNotFoundError) as error:
            found = [str(error)]
        results.append({"pack": name, "cases": cases, "problems": found})
        if not as_json:
            right = tr("whole, {cases} cases right", cases=cases)
            typer.echo(f"{name}: {tr('has problems') if found else right}")
            for problem in found:
                typer.echo(f"  {problem}")
    if as_json:
        typer.echo(json.dumps(results, ensure_ascii=False))
    raise typer.Exit(1 if any(one["problems"] for one in results) else 0)


@policies.command("show")
def policy_show(
    pack: Annotated[str, typer.Argument(help="Policy pack, such as wenshang-2020.")],
    as_json: AsJson = False,
) -> None:
    """Print every value of a pack with its clause; what is not verified is marked 未核实."""
    from policy.in_words import values_of

    with _wrong_use():
        values = list(values_of(load_pack(pack)))
    if as_json:
        typer.echo(json.dumps(values, ensure_ascii=False))
        return
    for value in values:
        said = [value[key] for key in ("layer", "when", "says", "from", "clause")]
        typer.echo("  ".join(word for word in said if word))


@policies.command("explain")
def policy_explain(
    pack: PackName,
    claim: Annotated[str, typer.Option(help="The claim to explain.")],
    file: Facts = "-",
    english: Annotated[bool, typer.Option("--english", help="In English.")] = False,
    as_json: AsJson = False,
) -> None:
    """Explain one claim of a file, layer by layer, as one would to a family."""
    from policy.tilt import PARTS_ZH
    from yingbao.commands.adjudicate import adjudicate as decide

    with _wrong_use():
        decided = decide(load_pack(pack), _lines(file), with_tilt=True)
        results = {one["claim"]: one for one in decided}
    found = results.get(claim)
    if found is None or "trail" not in found:
        typer.echo(f"{claim}: {found or tr('not in the file')}", err=True)
        raise typer.Exit(1)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    for line in found["trail"]:
        typer.echo(line["en" if english else "zh"])
    for part, amount in found["tilt"].items():
        if amount != "0.00":
            word = part.replace("_", " ") if english else tr(PARTS_ZH[part])
            typer.echo(
                f"{word} +{amount}"
                if english
                else tr("其中{word}增加{amount}元", word=word, amount=amount)
            )
    burden = found["personal_burden"]
    typer.echo(
        tr("personal burden {burden}", burden=burden)
        if english
        else tr("个人负担{burden}元", burden=burden)
    )


@policies.command("whatif")
def policy_whatif(
    pack: PackName,
    against: Annotated[str, typer.Option(help="The other pack: a name, or a draft .yaml.")],
    file: Facts = "-",
    as_json: AsJson = False,
) -> None:
    """Settle the same facts under two packs: who wins and loses, what each fund pays.

    Also who is pushed over the high-cost line of the packs. Packs of different years are compared
    by moving all dates by whole years.
    """
    from rich.console import Console

    from policy.whatif import compare
    from yingbao.commands.dossiers import read_dossiers
    from yingbao.commands.whatif import as_data, show

    progress = Console(stderr=True)
    with _wrong_use(), progress.status(tr("读取数据…")) as status:
        first, second = load_pack(pack), load_pack(against)
        names, people = read_dossiers(_lines(file)).as_people()
        status.update(tr("按两个政策包各结算{count}人…", count=len(people)))
        found = compare(first, second, people)
    if as_json:
        typer.echo(json.dumps(as_data(found, first, second, names), ensure_ascii=False))
    else:
        show(found, first, second, names, Console())
