"""The command line. Exit codes: 0 done, 1 problems found, 2 wrong use."""

import json
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from chassis.language import tr
from yingbao.commands.audit import audit
from yingbao.commands.claims import claims
from yingbao.commands.counts import application_list, counts, equation, review_result
from yingbao.commands.database import migrate
from yingbao.commands.deadletters import deadletters
from yingbao.commands.deploying import prepare, secret_folders, watch
from yingbao.commands.desk import issues, ledgers, review
from yingbao.commands.evidence import evidence
from yingbao.commands.keys import bus, keys
from yingbao.commands.lists import rosters, words
from yingbao.commands.messages import messages
from yingbao.commands.officers import officers
from yingbao.commands.options import DATA, Data
from yingbao.commands.policy import adjudicate, policies
from yingbao.commands.recovery import backup, restore
from yingbao.commands.status import status
from yingbao.commands.streams import archive, replay
from yingbao.commands.trace import trace
from yingbao.commands.up import up
from yingbao.commands.users import users

ABOUT = (
    "Yingbao: enrollment, one-stop settlement, assistance and SMS for a county's insurance bureau."
)
app = typer.Typer(
    name="yingbao",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(help=ABOUT)
def speak_(
    lang: Annotated[
        str, typer.Option("--lang", envvar="YINGBAO_LANG", help="zh (Chinese) or en (English).")
    ] = "zh",
) -> None:
    """Say in which language the commands speak; it is read before they are (``speaking.py``)."""


Seed = Annotated[int, typer.Option(help="The same seed makes the same town.")]


@app.command()
def demo(
    people: Annotated[int, typer.Option(min=100, help="People of the town.")] = 2_000,
    bills: Annotated[int, typer.Option(min=50, help="Different hospital bills.")] = 6_000,
    seed: Seed = 4,
    keep: Annotated[bool, typer.Option("--keep", help="Leave it running, print the URLs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    at: Annotated[
        str,
        typer.Option(help="A new platform that runs already: its door. Needs NATS_URL, --data."),
    ] = "",
    data: Data = DATA,
) -> None:
    """Run the whole way from nothing: three rosters, bills, assistance, SMS, and the checks."""
    from chassis.settings import Settings
    from yingbao.commands.demo import run_demo, run_demo_at
    from yingbao.running.elsewhere import Elsewhere
    from yingbao.running.stack import temporary_directory

    console = Console(stderr=as_json, highlight=False)
    directory = temporary_directory("demo")
    try:
        if at:
            there = Elsewhere(at, data, Settings().nats_url)
            code, outcome = run_demo_at(
                there, directory, seed=seed, people=people, bills=bills, console=console
            )
        else:
            code, outcome = run_demo(
                directory, seed=seed, people=people, bills=bills, console=console, keep=keep
            )
    finally:
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)
    if as_json:
        figures = {
            "bills": outcome.sent,
            "bills_per_second": round(outcome.sent / max(outcome.seconds, 0.001)),
            "latency_ms_p50": round(sorted(outcome.latencies)[len(outcome.latencies) // 2] * 1000),
            "digests": [audit.digest for audit in outcome.audits],
            "problems": outcome.problems,
        }
        typer.echo(json.dumps(figures, ensure_ascii=False))
    raise typer.Exit(code)


@app.command()
def serve(
    service: Annotated[
        str, typer.Argument(help="enrollment, settlement, assistance, notify, gateway or console")
    ],
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Run although a start-up check failed.")
    ] = False,
) -> None:
    """Run one service; it is told everything by the environment (see docs/settings.md)."""
    if service == "console":
        _serve_console()
        return
    from chassis.serving import run
    from chassis.settings import Settings
    from services.serving import SERVICES

    if service not in SERVICES:
        typer.echo(
            tr(
                "no service {service!r}; there are: {services}",
                service=service,
                services=", ".join(SERVICES),
            ),
            err=True,
        )
        raise typer.Exit(2)
    settings = Settings()
    if not settings.nats_url or not settings.database_url:
        typer.echo(
            tr("NATS_URL and DATABASE_URL are needed; 'yingbao up' starts both here"), err=True
        )
        raise typer.Exit(2)
    if service == "gateway":
        _need_county(settings.region)
    if unsafe:
        settings = settings.model_copy(update={"unsafe": True})
    run(SERVICES[service]()(settings), settings, service)


def _serve_console() -> None:
    """Serve the pages for people: they need the door's address and the file of accounts, nothing else."""
    from chassis.serving import run
    from services.console.app import build
    from services.console.settings import ConsoleSettings

    settings = ConsoleSettings()
    if not settings.gateway_url:
        typer.echo(
            tr("YINGBAO_GATEWAY_URL is needed; 'yingbao up' starts the console as well"), err=True
        )
        raise typer.Exit(2)
    run(build(settings), settings, "console")


def _need_county(region: str) -> None:
    """End with a sentence, not a traceback, where no table says which townships there are."""
    from services.gateway.regions import RegionError, read_region

    try:
        read_region(region)
    except RegionError as error:
        typer.echo(tr("YINGBAO_REGION: {error}", error=error), err=True)
        raise typer.Exit(2) from None


@app.command("simulate")
def simulate_(
    out: Annotated[Path, typer.Option(help="Directory for the files.")] = Path("var/town"),
    people: Annotated[int, typer.Option(min=100)] = 2_000,
    bills: Annotated[int, typer.Option(min=20)] = 6_000,
    seed: Seed = 4,
) -> None:
    """Write a made-up town's lists, bills and officers; no real person can match."""
    from yingbao.world.simulate import simulate

    town = simulate(out, seed=seed, people=people, bills=bills)
    listed = sum(bool(one.word) for one in town.residents)
    typer.echo(
        tr(
            "{count} people ({listed} on lists), {bills} bills in {out}",
            count=len(town.residents),
            listed=listed,
            bills=bills,
            out=out,
        )
    )


app.command()(adjudicate)
app.command("up")(up)
app.command("migrate")(migrate)
app.command("prepare")(prepare)
app.command("secrets")(secret_folders)
app.command("watch")(watch)
app.command("status")(status)
app.command("trace")(trace)
app.command("audit")(audit)
app.command("evidence")(evidence)
app.command("backup")(backup)
app.command("restore")(restore)
app.command("archive")(archive)
app.command("replay")(replay)
app.add_typer(keys, name="key")
app.add_typer(users, name="user")
app.add_typer(bus, name="bus")
app.add_typer(claims, name="claim")
app.add_typer(policies, name="policy")
app.add_typer(rosters, name="roster")
app.add_typer(words, name="word")
app.add_typer(issues, name="issue")
app.add_typer(ledgers, name="ledger")
app.add_typer(messages, name="message")
app.add_typer(officers, name="officer")
app.command()(equation)
app.command()(review)
app.command("review-result")(review_result)
app.command("applications")(application_list)
app.add_typer(counts, name="counts")
app.add_typer(deadletters, name="deadletter")
