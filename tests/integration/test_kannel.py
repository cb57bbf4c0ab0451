"""Through a real Kannel to a phone on this machine: bearerbox, smsbox and Debian's fake operator."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

import asyncpg
import httpx2
import pytest

from chassis.embedded.processes import die_with_parent, end, free_port
from chassis.privacy import vault
from services.notify.rules import parts_of, render
from services.notify.settings import SIGNATURE
from yingbao.running.stack import Stack, temporary_directory

MESSAGES = int(os.environ.get("YINGBAO_KANNEL_MESSAGES", "240"))
"""Messages through Kannel: 240 by itself, 5,000 by ``make sms``."""
ROOT = Path(__file__).parents[2]
OPTED_OUT = "19977770000"
GOT = re.compile(r"Got message \d+: <(\S+) (\S+) (?:udh (\S+) data|ucs-2) (\S*)>")
CONF = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {token}
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
dlr-storage = internal
store-type = file
store-file = {room}/store

group = smsc
smsc = fake
smsc-id = FAKE
port = {operator}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
global-sender = 10690
http-request-retry = 3
mo-recode = true
http-queue-delay = 1

group = sendsms-user
username = county
password = {password}
max-messages = 10
concatenation = true
user-allow-ip = 127.0.0.1

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:{notify}/sms/kannel/received?token={token}&from=%p&text=%b&id=%I"
"""


@dataclass
class Kannel:
    """Kannel, the phone behind it, and notify beside it."""

    room: Path
    stack: Stack
    log: Path
    told: dict[str, str]
    boxes: "Boxes"

    async def lay_ready(self, first: int, lengths: list[int], phone: str = "") -> dict[str, str]:
        """Write messages of some lengths, as the fold would have; returns phone → text."""
        contacts = vault(self.stack.keys()["contact_key"], "AES-256-GCM")
        owner = await asyncpg.connect(self.stack.database_url)
        texts = {}
        for n, length in enumerate(lengths, start=first):
            number, person = phone or f"199{n:08d}", f"p{n}"
            sealed = contacts.seal(json.dumps({"phone": number, "surname": "张"}), person)
            await owner.execute(
                "INSERT INTO notify.contact VALUES ($1, 1, '城关镇', $2, $1)", person, sealed
            )
            words = {
                "people": "1", "raised": "字" * length, "villages": "南村🏥1人", "tasks": "1",
            }  # fmt: skip
            await owner.execute(
                "INSERT INTO notify.sms (key, person, audience, template, township, words)"
                " VALUES ($1, $2, 'family', 'officer_morning', '', $3)",
                f"{n:032x}", person, json.dumps(words),
            )  # fmt: skip
            texts[number] = f"【{SIGNATURE}】" + render("officer_morning", words, "张")
        await owner.close()
        return texts

    async def states(self) -> dict[str, int]:
        """Return how many deliveries are in each state."""
        owner = await asyncpg.connect(self.stack.database_url)
        rows = await owner.fetch("SELECT state, count(*) AS n FROM notify.delivery GROUP BY state")
        await owner.close()
        return {row["state"]: row["n"] for row in rows}

    async def all_are(self, state: str, count: int, seconds: float) -> None:
        """Wait until so many deliveries are in a state."""
        async with asyncio.timeout(seconds):
            while (await self.states()).get(state, 0) < count:
                await asyncio.sleep(0.3)

    def on_phones(self) -> dict[str, list[tuple[bytes, bytes]]]:
        """Return phone → (header, UCS-2 bytes) of each part that reached it, in order."""
        found: dict[str, list[tuple[bytes, bytes]]] = {}
        for line in self.log.read_text(errors="replace").splitlines():
            if part := GOT.search(line):
                header = unquote_to_bytes((part[3] or "").replace("+", " "))
                found.setdefault(part[2], []).append(
                    (header, unquote_to_bytes(part[4].replace("+", " ")))
                )
        return found


@pytest.fixture
def programs() -> Path:
    """Debian's Kannel, unpacked once into the environment."""
    place = Path(sys.prefix) / "kannel"
    subprocess.run([ROOT / "scripts" / "fetch_kannel.sh", place], check=True)
    return place / "unpacked"


@pytest.fixture
async def kannel(programs: Path) -> AsyncIterator[Kannel]:
    """Kannel and notify, and nothing else of the platform."""
    room = temporary_directory("kannel")
    told = {name: str(free_port()) for name in ("admin", "box", "operator", "sendsms", "notify")}
    told |= {"token": "a-token-for-tests", "password": "a-password", "room": str(room)}
    (room / "kannel.conf").write_text(CONF.format(**told))
    (room / "store").touch()
    stack = Stack(room / "county", synthetic=True, services=("notify",))
    stack.ports["notify"] = int(told["notify"])
    stack.extra_environment |= {
        "YINGBAO_SMS_PROVIDERS": "kannel", "YINGBAO_KANNEL_URL": f"http://127.0.0.1:{told['sendsms']}",
        "YINGBAO_KANNEL_USER": "county", "YINGBAO_KANNEL_PASSWORD": told["password"],
        "YINGBAO_KANNEL_SENDER": "10690", "YINGBAO_KANNEL_CALLBACK_TOKEN": told["token"],
        "YINGBAO_KANNEL_CALLBACK_URL": f"http://127.0.0.1:{told['notify']}", "YINGBAO_KANNEL_RATE": "300",
    }  # fmt: skip
    boxes = Boxes(programs, room, told)
    with stack:
        await boxes.start("bearerbox", "smsbox", "phone")
        yield Kannel(room, stack, room / "phone.log", told, boxes)
        boxes.stop("phone", "smsbox", "bearerbox")
    shutil.rmtree(room, ignore_errors=True)


class Boxes:
    """The three processes of Kannel; the phone says R once, at its start."""

    def __init__(self, programs: Path, room: Path, told: dict[str, str]) -> None:
        libraries = ":".join(str(one) for one in programs.glob("**/lib/*-linux-gnu"))
        self._environment = {"LD_LIBRARY_PATH": libraries, "PATH": "/usr/bin:/bin"}
        conf = str(room / "kannel.conf")
        self._commands = {
            "bearerbox": [str(programs / "usr/sbin/bearerbox"), conf],
            "smsbox": [str(programs / "usr/sbin/smsbox"), conf],
            "phone": [
                str(programs / "usr/lib/kannel/test/fakesmsc"), "-r", told["operator"], "-m", "1",
                f"{OPTED_OUT} 10690 text R",
            ],
        }  # fmt: skip
        self._room = room
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    async def start(self, *names: str) -> None:
        """Start processes, one after the other."""
        for name in names:
            with (self._room / f"{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen(
                    self._commands[name], env=self._environment, stdout=log, stderr=log,
                    cwd=self._room, preexec_fn=die_with_parent,
                )  # fmt: skip
            await asyncio.sleep(1)

    def kill(self, name: str) -> None:
        """Kill a process with what it had in memory."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def stop(self, *names: str) -> None:
        """End processes."""
        for name in names:
            end(self._running.pop(name))


async def test_texts_of_one_to_eight_parts_reach_the_phone_as_written_and_are_receipted(
    kannel: Kannel,
) -> None:
    """Byte for byte, in as many parts as we said; each delivery ends as delivered by its receipt."""
    lengths = [10 + n % 8 * 67 for n in range(MESSAGES)]
    texts = await kannel.lay_ready(1, lengths)

    await kannel.all_are("delivered", MESSAGES, seconds=30 + MESSAGES / 20)

    phones = kannel.on_phones()
    assert phones.keys() == texts.keys()
    for phone, text in texts.items():
        parts = sorted(phones[phone], key=lambda part: part[0][-1:])
        assert b"".join(body for _, body in parts).decode("utf-16-be") == text
        assert len(parts) == parts_of(text.removeprefix(f"【{SIGNATURE}】"), SIGNATURE)
    assert {len(one) for one in phones.values()} >= set(range(1, 9))


async def test_whoever_wrote_r_is_called_instead(kannel: Kannel) -> None:
    """The phone's R came over Kannel before; its message goes nowhere, its neighbour's does."""
    owner = await asyncpg.connect(kannel.stack.database_url)
    async with asyncio.timeout(20):
        while not await owner.fetchval("SELECT count(*) FROM notify.opted_out"):
            await asyncio.sleep(0.2)
    stored = await owner.fetchrow("SELECT * FROM notify.received")
    await owner.close()

    await kannel.lay_ready(1, [5], phone=OPTED_OUT)
    await kannel.lay_ready(2, [5])
    await kannel.all_are("delivered", 1, seconds=20)

    assert (await kannel.states()) == {"delivered": 1, "opted_out": 1}
    assert OPTED_OUT not in kannel.on_phones()
    assert OPTED_OUT not in str(dict(stored))


async def test_a_forged_receipt_changes_nothing_and_is_counted(kannel: Kannel) -> None:
    """S3: without the token nobody says what became of a message."""
    await kannel.lay_ready(1, [5])
    await kannel.all_are("delivered", 1, seconds=20)
    url = f"http://127.0.0.1:{kannel.told['notify']}"
    async with httpx2.AsyncClient(base_url=url) as http:
        forged = await http.get("/sms/kannel/receipt?token=guess&id=x&type=2")
        unknown = await http.get(f"/sms/kannel/receipt?token={kannel.told['token']}&id=x&type=2")
        nonsense = await http.get(f"/sms/kannel/receipt?token={kannel.told['token']}&id=x&type=99")
        metrics = (await http.get("/metrics")).text

    assert (forged.status_code, unknown.status_code, nonsense.status_code) == (403, 200, 400)
    assert 'yingbao_security_events_total{kind="refused_callback"} 1.0' in metrics
    assert await kannel.states() == {"delivered": 1}


async def test_without_kannel_messages_wait_and_go_out_once_it_is_back(kannel: Kannel) -> None:
    """Nobody at smsbox's port: surely nothing was taken, so it is tried again; nobody is told twice."""
    kannel.boxes.stop("smsbox")
    await kannel.lay_ready(1, [5, 5, 5])
    await asyncio.sleep(4)
    assert (await kannel.states()).keys() == {"created"}

    await kannel.boxes.start("smsbox")
    owner = await asyncpg.connect(kannel.stack.database_url)
    await owner.execute(
        "UPDATE notify.delivery SET due = now()"
    )  # five minutes are long for a test
    await owner.close()
    await kannel.all_are("delivered", 3, seconds=60)

    assert [len(parts) for parts in kannel.on_phones().values()] == [1, 1, 1]


async def test_a_kannel_that_is_killed_while_it_sends_loses_and_doubles_nothing_of_ours(
    kannel: Kannel,
) -> None:
    """Kill -9 under way: what it may have taken is not sent again, what it surely did not take is."""
    count = MESSAGES * 3
    await kannel.lay_ready(1, [5] * count)
    async with asyncio.timeout(60):
        while not (now := await kannel.states()) or now.get("created", 0) > count - 60:
            await asyncio.sleep(0.05)
    kannel.boxes.kill("bearerbox")
    under_way = await kannel.states()
    await asyncio.sleep(2)
    kannel.boxes.stop("smsbox", "phone")  # they end without their bearerbox, and come back with it
    await kannel.boxes.start("bearerbox", "smsbox", "phone")

    owner = await asyncpg.connect(kannel.stack.database_url)
    async with asyncio.timeout(90):
        while (found := await kannel.states()).keys() & {"created", "sending"}:
            await owner.execute("UPDATE notify.delivery SET due = now() WHERE state = 'created'")
            await asyncio.sleep(0.5)
    await owner.close()

    sys.stderr.write(f"killed at {under_way}; ended as {found}\n")
    assert under_way.get("created", 0) > 0
    assert sum(found.values()) == count
    assert found.keys() <= {"sent", "delivered", "unknown"}
    phones = kannel.on_phones()
    assert [phone for phone, parts in phones.items() if len(parts) > 1 and phone != OPTED_OUT] == []
    assert len(phones) >= found.get("delivered", 0)
