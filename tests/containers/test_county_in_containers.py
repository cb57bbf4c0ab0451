"""A county in containers: what a machine room does to them loses no bill and tells nobody twice."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.containers.boxes import SERVICES
from tests.containers.in_containers import InContainers
from tests.integration.own_county import County
from yingbao.cli import app
from yingbao.running.reconciling import reconcile

BILLS = 60
"""Bills that each test sends while something is broken."""
OOM_BYTES, USUAL_BYTES = 48 << 20, 1 << 30


class Sent:
    """How many bills were sent by the tests before: every test goes on where the last one stopped."""

    count = 0


async def send(county: InContainers) -> None:
    """Send the next bills; all are accepted, however long it takes the door."""
    first, Sent.count = Sent.count, Sent.count + BILLS
    assert await county.bills(first, Sent.count) == BILLS


async def in_the_books(county: InContainers, seconds: float = 90) -> None:
    """Every bill so far is settled and billed once, and the books are as a fold from scratch says."""
    await county.settled(Sent.count, seconds)
    await county.digests()


async def test_every_container_is_nobody_and_can_write_nowhere(county: InContainers) -> None:
    """Not root, no capability, a root that cannot be written; what is in the image is listed in it."""
    for name in (*SERVICES, "bus", "database"):
        box = county.boxes.container(name)
        assert box.exec_run(["id", "-u"]).output.decode().strip() == "10001"
        assert box.exec_run(["touch", "/opt/x"]).exit_code != 0
        status = box.exec_run(["cat", "/proc/self/status"]).output.decode()
        assert "CapEff:\t0000000000000000" in status
    box = county.boxes.container("gateway")
    assert b"pkg:pypi/" in box.exec_run(["cat", "/opt/yingbao/sbom.json"]).output
    others = box.exec_run(["ls", "/run/secrets"]).output.decode()
    assert "YINGBAO_INDEX_KEY" not in others  # enrollment's alone
    assert box.labels["org.opencontainers.image.version"]


async def test_a_service_killed_in_its_container_comes_back(county: InContainers) -> None:
    """Kill -9 of each service while bills come in; the engine starts it, and nothing is missing."""
    for name in SERVICES[1:]:
        sending = asyncio.create_task(send(county)) if name != "gateway" else None
        await asyncio.to_thread(county.boxes.kill_inside, name)
        if sending is not None:
            await sending
    await asyncio.to_thread(county.boxes.wait, *SERVICES)
    await county.reach_again()
    await send(county)
    await in_the_books(county)


@pytest.mark.parametrize("name", ["bus", "database"])
async def test_a_server_killed_comes_back_on_another_port(county: InContainers, name: str) -> None:
    """Bus or database killed and started: what it keeps is on its volume, its address inside stays."""
    inside = {"bus": 4222, "database": 5432}[name]
    await send(county)
    county.boxes.container(name).kill()
    county.boxes.container(name).start()
    await asyncio.to_thread(county.boxes.wait, name, *SERVICES)
    assert county.boxes.port(name, inside)
    await county.reach_again()
    await send(county)
    await in_the_books(county)


@pytest.mark.parametrize("name", ["settlement", "bus", "database"])
async def test_a_container_that_hangs_goes_on(county: InContainers, name: str) -> None:
    """Paused for six seconds, connections hang and do not break; afterwards everything goes on."""
    box = county.boxes.container(name)
    sending = asyncio.create_task(send(county))
    await asyncio.sleep(0.2)
    box.pause()
    await asyncio.sleep(6)
    box.unpause()
    await sending
    await in_the_books(county)


@pytest.mark.parametrize("cut", ["wire", "store"])
async def test_a_cut_network_heals(county: InContainers, cut: str) -> None:
    """Settlement without the bus, or without its database, for ten seconds: it says it is not ready, then heals."""
    network = getattr(county.boxes, cut)
    box = county.boxes.container("settlement")
    network._network.disconnect(box)
    await send(county)
    await asyncio.sleep(10)
    asked = box.exec_run(["python3", "-m", "chassis.healthy"])
    network._network.connect(box, aliases=["settlement"])
    await in_the_books(county, seconds=30)
    assert asked.exit_code == 1


async def test_a_service_out_of_memory_comes_back(county: InContainers) -> None:
    """The kernel ends settlement for want of memory, again and again; with enough it goes on."""
    box = county.boxes.container("settlement")
    box.stop()
    box.update(mem_limit=OOM_BYTES, memswap_limit=OOM_BYTES)
    box.start()
    await send(county)
    async with asyncio.timeout(60):
        while county.boxes.container("settlement").attrs["RestartCount"] < 3:
            await asyncio.sleep(0.3)
    box.update(mem_limit=USUAL_BYTES, memswap_limit=USUAL_BYTES)
    await asyncio.to_thread(county.boxes.wait, "settlement")
    await in_the_books(county)


async def test_a_county_in_containers_goes_back_to_its_backup(
    county: InContainers, tmp_path: Path
) -> None:
    """Bills came after the backup; services end, the database goes back, and all of them are there again."""
    passphrase, file = tmp_path / "passphrase", tmp_path / "county.ybk"
    passphrase.write_text("a passphrase that is long enough")
    sealed = [str(file), "--passphrase-file", str(passphrase)]
    await asyncio.sleep(6)  # until the positions are written down
    await asyncio.to_thread(as_operator, county, "backup", *sealed)
    await send(county)
    await in_the_books(county)
    before, sent = await county.digests(), await county.sent()

    for name in SERVICES:
        county.boxes.container(name).stop(timeout=20)
    await asyncio.to_thread(as_operator, county, "restore", *sealed)
    told = await asyncio.to_thread(as_operator, county, "prepare")
    for name in SERVICES:
        county.boxes.container(name).start()
    await asyncio.to_thread(county.boxes.wait, *SERVICES)
    await county.reach_again()
    await in_the_books(county)

    assert f"{BILLS} accepted facts" in told
    assert await county.digests() == before
    assert await county.sent() == sent


def as_operator(county: InContainers, *command: str) -> str:
    """Run a command on this machine, as the database's owner and the bus's operator; return what it says."""
    secrets = county.boxes.folders / "operator"
    environment = {
        "DATABASE_URL": county.stack.database_url,
        "NATS_URL": f"nats://127.0.0.1:{county.boxes.port('bus', 4222)}",
        "YINGBAO_BUS_SEED": (secrets / "YINGBAO_BUS_SEED").read_text(),
    }
    said = CliRunner().invoke(
        app, [*command, "--data", str(county.stack.directory)], env=environment
    )
    assert said.exit_code == 0, said.output
    return said.output


async def test_after_all_that_the_books_are_those_of_a_quiet_day(
    county: InContainers, tmp_path: Path
) -> None:
    """The same bills on an undisturbed platform of processes give the same digests; all are told, none twice."""
    on_phones = await county.sent()
    assert len(on_phones) == len(set(on_phones))
    assert await reconcile(county.stack.database_url) == []
    async with County(tmp_path / "quiet") as quiet:
        await quiet.enrol()
        await quiet.bills(0, Sent.count)
        await quiet.settled(Sent.count)
        assert await quiet.digests() == await county.digests()
