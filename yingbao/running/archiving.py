"""Writes what a stream holds up to a day into a file, before the bus lets go of it.

One message a line, as it comes, and in the last line how many there are: a file that was cut says so.
"""

import base64
import gzip
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis.bus import read_stream
from chassis.language import tr
from chassis.tracing import received
from contracts.envelope import Message
from contracts.subjects import Stream
from contracts.traceparent import heard


@dataclass(slots=True)
class Archive:
    """A file of a stream's messages: places from the first to the last, and how many."""

    stream: str
    first: int = 0
    last: int = 0
    messages: int = 0

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.stream}-{self.first:012}-{self.last:012}.jsonl.gz"


async def archive(nc: Client, stream: Stream, before: datetime, target: Path) -> Archive | None:
    """Write a stream's messages of before a moment; None if there are none."""
    found = Archive(stream.name)
    with _whole(target, found) as lines:
        await _write(nc, stream, before, lines, found)
    return found if found.messages else None


@contextmanager
def _whole(target: Path, found: Archive) -> Iterator[IO[str]]:
    """Open a file that is whole or not there: written under another name, moved once all is on disk."""
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, new = tempfile.mkstemp(dir=target, prefix=f".{found.stream}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            with gzip.open(file, "wt", encoding="utf-8") as lines:
                yield lines
            file.flush()
            os.fsync(file.fileno())
        if found.messages:
            Path(new).replace(target / found.name)
    finally:
        Path(new).unlink(missing_ok=True)


async def _write(
    nc: Client, stream: Stream, before: datetime, lines: IO[str], found: Archive
) -> None:
    async with aclosing(read_stream(nc.jetstream(), stream)) as messages:
        async for message in messages:
            if message.metadata.timestamp >= before:
                break
            found.last = message.metadata.sequence.stream
            found.first = found.first or found.last
            found.messages += 1
            lines.write(f"{json.dumps(_described(message), ensure_ascii=False)}\n")
    lines.write(f"{json.dumps(asdict(found))}\n")


def _described(message: Msg) -> dict[str, str]:
    headers = message.headers or {}
    told = {
        "id": headers.get("ce-id", ""),
        "source": headers.get("ce-source", "").rpartition("/")[2],
        "subject": message.subject,
        "said": headers.get("ce-time", "") or message.metadata.timestamp.isoformat(),
        "trace": received(headers),
    }
    try:
        return told | {"payload": message.data.decode()}
    except UnicodeDecodeError:  # nobody of ours says such a thing; it is kept all the same
        return told | {"payload_base64": base64.b64encode(message.data).decode()}


def read_archive(path: Path, stream: Stream) -> Iterator[Message]:
    """Return what an archive holds. Raises ValueError for a file that is none, cut, or another stream's."""
    count = 0
    last: dict[str, Any] = {}
    for count, last in enumerate(_lines(path), start=1):  # noqa: B007  what the last line says is asked below
        pass
    if last.get("stream") != stream.name or last.get("messages") != count - 1:
        raise ValueError(tr("{path} is no whole archive of {name}", path=path, name=stream.name))
    for line in islice(_lines(path), count - 1):
        yield _message(line)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except (EOFError, OSError, ValueError) as error:
        raise ValueError(
            tr("{path} is no archive: {name}", path=path, name=type(error).__name__)
        ) from None


def _message(line: dict[str, Any]) -> Message:
    coded = line.get("payload_base64")
    payload = base64.b64decode(coded) if coded else line["payload"].encode()
    said = datetime.fromisoformat(line["said"])
    trace = heard(line.get("trace"))
    return Message(line["id"], line["source"], line["subject"], said, payload, trace)
