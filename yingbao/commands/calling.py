"""How a command speaks with the door: one call, one upload with a bar, one clear line for a refusal."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from chassis.language import language, tr
from yingbao.commands.options import gateway_of, say_file

if TYPE_CHECKING:
    import httpx2

BUREAU = "bureau"
UPLOAD_SECONDS = 600.0
WRONG_USE = frozenset({"unknown_township", "unknown_source", "unknown_kind", "invalid_value"})
"""What was asked cannot be: exit code 2, as for an option that there is not."""


def call(
    data: Path, holder: str, method: str, path: str, **options: Any
) -> dict[str, Any] | list[Any]:
    """Call the gateway and return its answer; a refusal ends the command."""
    found: dict[str, Any] | list[Any] = response(data, holder, method, path, **options).json()
    return found


def paged(data: Path, path: str, name: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the lines of all pages that the bureau may see; ``name``: what an answer calls them."""
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page: Any = call(data, BUREAU, "GET", path, params=params | {"after": after})
        found += page[name]
        after = page["next"]
        if not after:
            return found


def response(data: Path, holder: str, method: str, path: str, **options: Any) -> "httpx2.Response":
    """Call the gateway; a refusal is printed with its reason, and ends with 1, or 2 for wrong use."""
    import httpx2

    url, key = gateway_of(data, holder)
    headers = {"X-Yingbao-Key": key, "Accept-Language": language()}
    try:
        answer = httpx2.request(
            method, f"{url}{path}", headers=headers, timeout=UPLOAD_SECONDS, **options
        )
    except httpx2.HTTPError as error:
        typer.echo(tr("the gateway does not answer ({name})", name=type(error).__name__), err=True)
        raise typer.Exit(1) from None
    if answer.is_error:
        body = answer.json()
        said = [str(body.get(key, "")) for key in ("reason", "message", "detail")]
        typer.echo(" ".join(word for word in said if word), err=True)
        raise typer.Exit(2 if body.get("reason") in WRONG_USE else 1)
    return answer


def save(data: Path, path: str, asked: dict[str, Any], out: Path, *, as_json: bool) -> None:
    """Write a file that the door makes for the bureau, and say where it is."""
    out.write_bytes(response(data, BUREAU, "GET", path, params=asked).content)
    say_file(out, as_json=as_json)


def upload(
    data: Path, holder: str, path: str, file: Path, params: dict[str, Any]
) -> tuple[int, dict[str, Any]]:
    """Send a file and show how far it is; returns (HTTP status, answer), also of a refusal."""
    import httpx2

    url, key = gateway_of(data, holder)
    bars = Progress(
        TextColumn("{task.description:<6}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
        console=Console(stderr=True),
    )  # fmt: skip
    try:
        with bars, file.open("rb") as content:
            sending = bars.add_task(tr("上传"), total=max(1, file.stat().st_size))
            told = _Told(content, lambda done: bars.update(sending, completed=done))
            with httpx2.stream(
                "POST", f"{url}{path}", params=params | {"answer": "progress"},
                files={"file": (file.name, cast("IO[bytes]", told))}, timeout=UPLOAD_SECONDS,
                headers={"X-Yingbao-Key": key, "Accept-Language": language()},
            ) as answer:  # fmt: skip
                return _follow(answer, bars)
    except httpx2.HTTPError as error:
        typer.echo(tr("the gateway does not answer ({name})", name=type(error).__name__), err=True)
        raise typer.Exit(1) from None


class _Told:
    """A file that tells how much of it was read."""

    def __init__(self, file: BinaryIO, tell: Any) -> None:
        self._file = file
        self._tell = tell

    def read(self, size: int = -1) -> bytes:
        """Read on, and tell how far."""
        piece = self._file.read(size)
        self._tell(self._file.tell())
        return piece

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(1 << 16):
            yield piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _follow(answer: "httpx2.Response", bars: Progress) -> tuple[int, dict[str, Any]]:
    """Show the door's progress; the last line is its answer."""
    if "ndjson" not in answer.headers.get("content-type", ""):
        return answer.status_code, json.loads(answer.read())
    reading = bars.add_task(tr("读入"), total=None)
    for line in answer.iter_lines():
        told = json.loads(line)
        if "answer" in told:
            bars.update(reading, completed=1, total=1)
            return told["status"], told["answer"]
        bars.update(reading, completed=told["done"], total=max(1, told["total"]))
    typer.echo(tr("the gateway ended the call without an answer"), err=True)
    raise typer.Exit(1)
