"""The containers of a county as testcontainers runs them: image, folder of secrets, networks, limits."""

import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
from docker.models.containers import Container
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network

SERVICES = ("enrollment", "settlement", "assistance", "notify", "gateway")
READY_SECONDS = 90.0
LABEL = "yingbao.tests"
"""What a run leaves behind when it is killed is found by it."""
TOLD = {
    "NATS_MONITOR_URL": "http://bus:8222", "YINGBAO_REGION": "341623", "YINGBAO_SYNTHETIC": "true",
    "YINGBAO_ACK_WAIT_SECONDS": "2", "YINGBAO_PARTNER_KEYS_FILE": "/run/secrets/partner-keys.json",
    "YINGBAO_SMS_LOG": "/var/lib/yingbao/phones.jsonl", "BUS_NAME": "yingbao",
}  # fmt: skip


@dataclass(slots=True)
class Boxes:
    """``folders``: what ``yingbao secrets`` wrote. The bus hangs on one network, the database on another."""

    folders: Path
    image: str = "yingbao/yingbao:local"
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    wire: Network = field(default_factory=Network)
    store: Network = field(default_factory=Network)
    running: dict[str, DockerContainer] = field(default_factory=dict)

    def start(self) -> None:
        """Start bus and database, lay tables and streams ready, then start the services."""
        for name in ("bus", "database", "notify"):
            docker.from_env().volumes.create(f"yingbao-{self.id}-{name}", labels={LABEL: self.id})
        self.wire.create()
        self.store.create()
        self.server("bus", 4222, self.wire)
        self.server("database", 5432, self.store)
        self.wait("bus", "database")
        self.prepare()
        for name in SERVICES:
            self.serve(name)
        self.wait(*SERVICES)

    def stop(self) -> None:
        """Remove everything."""
        for one in self.running.values():
            one.stop()
        for network in (self.wire, self.store):
            network.remove()
        for volume in docker.from_env().volumes.list(filters={"label": f"{LABEL}={self.id}"}):
            volume.remove()

    def prepare(self, image: str = "") -> None:
        """Run what is run once before services of a version start."""
        done = self._box(
            image or self.image, "prepare", "operator", ["prepare", "--data", "/run/secrets"]
        )
        done.start()
        self._join(done, "prepare")
        ended = done.get_wrapped_container()
        code = ended.wait(timeout=120)["StatusCode"]
        said = ended.logs().decode()
        done.stop()
        assert code == 0, said

    def replace(self, name: str, image: str) -> None:
        """Start a service of another image, have both work for a moment, and end the old one politely."""
        old = self.running[name]
        self.serve(name, image)
        self.wait(name)
        old.get_wrapped_container().stop(timeout=20)
        old.stop()

    def serve(self, name: str, image: str = "") -> None:
        """Start a service."""
        box = self._box(image or self.image, name, name, ["serve", name])
        if name == "gateway":
            box.with_exposed_ports(8000)
        self._run(box, name)

    def server(self, name: str, port: int, network: Network) -> None:
        """Start the bus or the database, with what it keeps on a volume."""
        box = self._box(f"yingbao/{name}:local", name, name, None)
        box.with_exposed_ports(port).with_network(network).with_network_aliases(name)
        self.running[name] = box
        box.start()

    def _run(self, box: DockerContainer, name: str) -> None:
        self.running[name] = box
        box.start()
        self._join(box, name)

    def _join(self, box: DockerContainer, name: str) -> None:
        self.store.connect(box.get_wrapped_container().id, [name])

    def _box(
        self, image: str, name: str, folder: str, command: list[str] | None
    ) -> DockerContainer:
        box = DockerContainer(image)
        box.with_volume_mapping(str(self.folders / folder), "/run/secrets", "ro")
        if name not in {"prepare", *SERVICES} or name == "notify":
            box.with_volume_mapping(f"yingbao-{self.id}-{name}", "/var/lib/yingbao", "rw")
        for variable, value in TOLD.items():
            box.with_env(variable, value)
        options: dict[str, Any] = {"shm_size": "256m"} if name == "database" else {}
        if command is not None:
            box.with_command(command).with_network(self.wire).with_network_aliases(name)
        return box.with_tmpfs_mount("/tmp", "size=256m").with_kwargs(
            read_only=True, cap_drop=["ALL"], security_opt=["no-new-privileges:true"], init=True,
            mem_limit="1g", restart_policy=_again(name), labels={LABEL: self.id}, **options,
        )  # fmt: skip

    def container(self, name: str) -> Container:
        """Return the engine's view of a container, as it is now."""
        found: Container = self.running[name].get_wrapped_container()
        found.reload()
        return found

    def port(self, name: str, inside: int) -> int:
        """Return the port on this machine; another one after every start of the container."""
        return int(self.container(name).ports[f"{inside}/tcp"][0]["HostPort"])

    def wait(self, *names: str) -> None:
        """Wait until containers are healthy. Fails with the end of the log of one that is not."""
        deadline = time.monotonic() + READY_SECONDS
        for name in names:
            while (state := self.container(name).attrs["State"])["Health"]["Status"] != "healthy":
                if time.monotonic() > deadline:
                    said = self.container(name).logs(tail=30).decode()
                    raise AssertionError(f"{name} is {state['Status']}, not healthy:\n{said}")
                time.sleep(0.2)

    def kill_inside(self, name: str) -> None:
        """Kill -9 the process in a container, as a crash would: the engine starts it again."""
        script = (
            "import os; own = [p for p in os.listdir('/proc') if p.isdigit() and p not in ('1', str(os.getpid()))"
            " and open(f'/proc/{p}/stat').read().split()[3] == '1']; os.kill(int(min(own, key=int)), 9)"
        )
        self.container(name).exec_run(["python3", "-c", script])


def _again(name: str) -> dict[str, Any]:
    return {"Name": "no"} if name == "prepare" else {"Name": "unless-stopped"}
