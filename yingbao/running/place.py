"""Where a platform is: addresses and ports, kept with the data so that a next start has the same ones."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chassis.embedded.processes import free_port, port_is_taken
from yingbao.running.private_files import write_private

STACK = "stack.json"
BUS, MONITOR, DATABASE = "nats", "nats_monitor", "postgres"


@dataclass(slots=True)
class Place:
    """The addresses of a platform. ``ports``: by process, and of the embedded bus and database."""

    nats_url: str = ""
    gateway_url: str = ""
    ports: dict[str, int] = field(default_factory=dict)

    def write(self, directory: Path) -> None:
        """Keep it for the next start, for commands, and for whoever watches the ports."""
        write_private(directory / STACK, asdict(self))


def place_of(directory: Path) -> Place:
    """Return the place that was kept; an empty one if there is none."""
    try:
        said = json.loads((directory / STACK).read_text(encoding="utf-8"))
        return Place(said.get("nats_url", ""), said.get("gateway_url", ""), said.get("ports", {}))
    except (FileNotFoundError, ValueError):
        return Place()


def ports_for(names: Iterable[str], kept: Place) -> dict[str, int]:
    """Return a port for each name: that of the last start where nobody else took it since."""
    found: dict[str, int] = {}
    for name in names:
        before = kept.ports.get(name, 0)
        found[name] = before if before and not port_is_taken(before) else free_port()
    return found
