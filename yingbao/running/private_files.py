"""Files of a data directory that nobody but its owner may read: keys, logins, places, what was done when."""

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from chassis.embedded.processes import private_log


def write_private(path: Path, content: Any) -> None:
    """Write JSON for its owner only, whole or not at all: a reader never sees half a file."""
    descriptor, new = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, ensure_ascii=False)
    Path(new).replace(path)


def read_private(path: Path) -> dict[str, Any]:
    """Return the JSON object of a file; nothing if there is none."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def append_private(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    """Add JSON lines to a file that is only ever added to."""
    with private_log(path) as sink:
        for line in lines:
            sink.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
