"""The county of the loss tests with its processes in containers."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import httpx2

from chassis.connecting import BusAccess
from chassis.store import as_login
from tests.containers.boxes import Boxes
from tests.integration.own_county import KEY, County
from yingbao.running.asking import Asker
from yingbao.running.bus_keys import OPERATOR
from yingbao.running.elsewhere import Elsewhere
from yingbao.running.private_files import write_private
from yingbao.running.secret_folders import Addresses, SecretFolders


@dataclass(frozen=True, slots=True)
class Outside:
    """How the containers are reached from this machine, now: ports change with every start."""

    boxes: Boxes
    directory: Path

    @property
    def _there(self) -> Elsewhere:
        door, bus = self.boxes.port("gateway", 8000), self.boxes.port("bus", 4222)
        return Elsewhere(f"http://127.0.0.1:{door}", self.directory, f"nats://127.0.0.1:{bus}")

    @property
    def gateway_url(self) -> str:
        """The door."""
        return self._there.gateway_url

    @property
    def database_url(self) -> str:
        """The database, as its owner."""
        password = (self.directory / "database-owner").read_text()
        place = f"postgresql://127.0.0.1:{self.boxes.port('database', 5432)}/postgres"
        return as_login(place, "yingbao", password)

    def keys(self) -> dict[str, str]:
        """The keys of departments and hospitals."""
        return self._there.keys()

    def bus(self, holder: str = OPERATOR) -> BusAccess:
        """The bus."""
        return self._there.bus(holder)


class InContainers(County):
    """As ``County``; ``image``: that of the services."""

    def __init__(self, directory: Path, image: str = "yingbao/yingbao:local") -> None:
        (directory / "keys").mkdir()
        write_private(directory / "keys" / "keys.json", {"person_key": KEY})
        folders = directory / "secrets"
        at = Addresses("nats://bus:4222", "postgresql://database:5432/postgres")
        SecretFolders(directory / "keys", folders, "341623", at).write()
        self.boxes = Boxes(folders, image)
        self.stack = Outside(self.boxes, directory / "keys")  # type: ignore[assignment]

    async def __aenter__(self) -> "InContainers":
        try:
            await asyncio.to_thread(self.boxes.start)
            await self.reach()
        except BaseException:
            await asyncio.to_thread(self.boxes.stop)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()
        await asyncio.to_thread(self.boxes.stop)

    async def reach(self) -> None:
        """Connect from this machine, by the ports of now."""
        self.http = httpx2.AsyncClient(base_url=self.stack.gateway_url, timeout=60)
        self.asker = await Asker(self.stack.bus()).__aenter__()

    async def leave(self) -> None:
        """Disconnect."""
        await self.http.aclose()
        await self.asker.__aexit__()

    async def reach_again(self) -> None:
        """Connect anew, after a container was started again."""
        await self.leave()
        await self.reach()

    async def sent(self) -> list[str]:
        """Wait until no message is left to send; return the keys of those that reached a phone, sorted."""
        async with asyncio.timeout(90):
            while await self._are_some_unsent():
                await asyncio.sleep(0.3)
        read = self.boxes.container("notify").exec_run(["cat", "/var/lib/yingbao/phones.jsonl"])
        return sorted(json.loads(line)["key"] for line in read.output.splitlines() if line.strip())
