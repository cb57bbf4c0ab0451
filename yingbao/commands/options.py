"""How a command finds a running platform, and what it says when there is none."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from chassis.language import tr

if TYPE_CHECKING:
    from nats.aio.client import Client

    from yingbao.running.operator import Place

T = TypeVar("T")
Data = Annotated[Path, typer.Option("--data", help="Data directory of 'yingbao up'.")]
DATA = Path("var/yingbao")
AsJson = Annotated[bool, typer.Option("--json", help="JSON, for programs.")]


def with_bus(data: Path, job: "Callable[[Client, Place], Awaitable[T]]") -> T:
    """Do something on the bus; a platform that is not there is one clear line and exit code 1."""
    from nats.errors import Error as NatsError

    from yingbao.running.operator import NoStackError, connect, find

    async def run() -> T:
        place = find(data)
        nc = await connect(place)
        try:
            return await job(nc, place)
        finally:
            await nc.close()

    try:
        return asyncio.run(run())
    except (NoStackError, LookupError, ValueError) as error:
        typer.echo(str(error), err=True)
    except (NatsError, OSError) as error:
        typer.echo(
            tr(
                "the bus does not answer ({name}); is 'yingbao up' running?",
                name=type(error).__name__,
            ),
            err=True,
        )
    raise typer.Exit(1)


def say_file(path: Path, *, as_json: bool) -> None:
    """Say which file was written."""
    typer.echo(json.dumps({"file": str(path)}, ensure_ascii=False) if as_json else str(path))


def gateway_of(data: Path, holder: str) -> tuple[str, str]:
    """Return the gateway's address and a holder's key; none of them is one clear line and exit 1."""
    from yingbao.running.keys import HAND_OUT
    from yingbao.running.private_files import read_private

    described = data / "stack.json"
    url = os.environ.get("YINGBAO_GATEWAY_URL", "")
    key = os.environ.get("YINGBAO_KEY", "")
    if not url and described.exists():
        url = json.loads(described.read_text(encoding="utf-8"))["gateway_url"]
    key = key or read_private(data / HAND_OUT).get(holder, {}).get("key", "")
    if url and key:
        return url, key
    missing = tr(
        "no gateway or no key of {holder}: set YINGBAO_GATEWAY_URL and YINGBAO_KEY, or --data (not {data})",
        holder=holder, data=data,
    )  # fmt: skip
    typer.echo(missing, err=True)
    raise typer.Exit(1)
