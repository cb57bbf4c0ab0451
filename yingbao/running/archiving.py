"""Writes what a stream holds up to a day into a file, before the bus lets go of it."""

import gzip
import json
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis.bus import read_stream
from contracts.subjects import Stream


@dataclass(frozen=True, slots=True)
class Archive:
    """A file of a stream's messages: places from the first to the last, and how many."""

    path: Path
    first: int
    last: int
    messages: int


async def archive(nc: Client, stream: Stream, before: datetime, target: Path) -> Archive | None:
    """Write a stream's messages of before a moment; None if there are none.

    The file is whole or not there: written under another name, counted in its first line, then moved.
    """
    lines: list[str] = []
    first = last = 0
    async for message in read_stream(nc.jetstream(), stream):
        if message.metadata.timestamp >= before:
            break
        last = message.metadata.sequence.stream
        first = first or last
        lines.append(json.dumps(_described(message), ensure_ascii=False))
    if not lines:
        return None
    head = {"stream": stream.name, "first": first, "last": last, "messages": len(lines)}
    path = target / f"{stream.name}-{first:012}-{last:012}.jsonl.gz"
    _write(path, [json.dumps(head), *lines])
    return Archive(path, first, last, len(lines))


def _described(message: Msg) -> dict[str, str]:
    headers = message.headers or {}
    return {
        "id": headers.get("ce-id", ""),
        "source": headers.get("ce-source", "").rpartition("/")[2],
        "subject": message.subject,
        "said": headers.get("ce-time", "") or message.metadata.timestamp.isoformat(),
        "payload": message.data.decode(),
    }


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, new = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "wb") as file:
        with gzip.open(file, "wt", encoding="utf-8") as text:
            text.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    Path(new).replace(path)
