"""Where a platform is: addresses and ports, kept with the data so that a next start has the same ones."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType

from chassis.embedded.processes import free_port, port_is_taken
from yingbao.running.private_files import write_private

STACK = "stack.json"
TARGETS = "prometheus-targets.json"
SUPERVISOR = "supervisor"
USUAL_PORTS = MappingProxyType({
    SUPERVISOR: 8100, "enrollment": 8101, "settlement": 8102, "assistance": 8103, "notify": 8104,
    "enrollment-2": 8105, "console": 8090,
})  # fmt: skip
"""Where 'yingbao up' has the metrics of each process, if nobody else is there."""
BUS, MONITOR, DATABASE = "nats", "nats_monitor", "postgres"


@dataclass(slots=True)
class Place:
    """The addresses of a platform. ``ports``: by process, and of the embedded bus and database."""

    nats_url: str = ""
    gateway_url: str = ""
    ports: dict[str, int] = field(default_factory=dict)

    def write(self, directory: Path) -> None:
        """Keep it for the next start and for commands, and where Prometheus finds every process."""
        write_private(directory / STACK, asdict(self))
        write_private(
            directory / TARGETS,
            [
                {
                    "targets": [f"127.0.0.1:{port}"],
                    "labels": {"process": name, "service": name.partition("-")[0]},
                }
                for name, port in self.ports.items()
                if name not in {BUS, MONITOR, DATABASE}
            ],
        )


def place_of(directory: Path) -> Place:
    """Return the place that was kept; an empty one if there is none."""
    try:
        said = json.loads((directory / STACK).read_text(encoding="utf-8"))
        return Place(said.get("nats_url", ""), said.get("gateway_url", ""), said.get("ports", {}))
    except (FileNotFoundError, ValueError):
        return Place()


def ports_for(
    names: Iterable[str], kept: Place, usual: Mapping[str, int] = MappingProxyType({})
) -> dict[str, int]:
    """Return a port for each name: that of the last start, or the usual one, where nobody else has it."""
    found: dict[str, int] = {}
    for name in names:
        before = kept.ports.get(name, 0) or usual.get(name, 0)
        found[name] = before if before and not port_is_taken(before) else free_port()
    return found
