"""``yingbao up``: the whole platform on this machine."""

import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chassis.language import tr

if TYPE_CHECKING:
    from yingbao.running.stack import Stack


def up(
    directory: Annotated[Path, typer.Option("--data", help="Where data and keys live.")] = Path(
        "var/yingbao"
    ),
    port: Annotated[int, typer.Option(help="The gateway's port.")] = 8080,
    packs: Annotated[str, typer.Option(help="Policy packs, by commas.")] = "lixin-2023",
    county: Annotated[
        str,
        typer.Option(
            envvar="YINGBAO_REGION",
            help="Whose townships lists may name: a county's code, or the path of a table of your "
            "own. Kept with the data; asked for at the first start if not given.",
        ),
    ] = "",
    synthetic: Annotated[
        bool, typer.Option("--synthetic", help="Accept made-up people (unassigned codes).")
    ] = False,
) -> None:
    """Run the whole platform; bus and database are embedded unless NATS_URL, DATABASE_URL are set."""
    from services.gateway.regions import RegionError
    from yingbao.running.county import chosen_county, shown
    from yingbao.running.county_folder import check_everything, keep_folder
    from yingbao.running.only_one import AlreadyUpError, only_one
    from yingbao.running.stack import Stack, StackError

    try:
        with only_one(directory.resolve()):
            check_everything()
            keep_folder(directory.resolve())
            chosen = chosen_county(county, directory.resolve(), packs)
            typer.echo(tr("county     {chosen}", chosen=shown(chosen)))
            stack = Stack(
                directory.resolve(),
                gateway_port=port,
                packs=packs,
                county=chosen,
                synthetic=synthetic,
                console=True,
            )
            _run(stack)
    except RegionError as error:
        typer.echo(f"{error}\n{tr('Choose with --county CODE or --county PATH.yaml')}", err=True)
        raise typer.Exit(2) from None
    except (StackError, AlreadyUpError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo(tr("stopped"))


def _run(stack: "Stack") -> None:
    signal.signal(signal.SIGTERM, _stop)
    with stack:
        _show_addresses(stack)
        while True:
            time.sleep(3600)


def _stop(*_: object) -> None:
    """A polite end, as by systemd or a reboot, is Ctrl-C: every service finishes its turn."""
    raise KeyboardInterrupt


def _show_addresses(stack: "Stack") -> None:
    shown = {
        "console": stack.console_url,
        "gateway": f"{stack.gateway_url}/openapi.json",
        "bus": stack.nats_url,
    }
    shown |= {name: f"http://127.0.0.1:{port}/metrics" for name, port in stack.ports.items()}
    for name, address in shown.items():
        typer.echo(f"{name:<13}{address}")
    typer.echo(tr("Ctrl-C stops everything."))
