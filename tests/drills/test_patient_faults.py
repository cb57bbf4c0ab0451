"""Faults of days and hours, and planted bugs: the alerts that the quick drills leave out, each once for real.

What a rule waits for beyond five minutes is made five seconds, and is told in the table (``make drills``). Needs
root: a disk of its own is filled.
"""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from tests.integration.own_county import PEOPLE, County, a_bill, a_number
from tests.integration.test_doors import HOSPITAL
from tests.monitoring.test_alerts_fire import frozen, told
from tests.monitoring.watching import Watching
from yingbao.cli import app
from yingbao.running.nightly import note_audit

DISK_MEGABYTES = 3_000
QUICK = 60.0


@contextmanager
def a_disk(place: Path) -> Iterator[Path]:
    """Yield a folder on a disk of its own."""
    place.mkdir()
    size = f"size={DISK_MEGABYTES}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
async def county(tmp_path: Path) -> AsyncIterator[County]:
    """A county whose data lie on a disk that can be filled."""
    with a_disk(tmp_path / "disk") as disk:
        async with County(disk / "watched") as found:
            yield found


def command(county: County, *words: str) -> None:
    """Run a command of the operator's on the county."""
    done = CliRunner().invoke(app, [*words, "--data", str(county.stack.directory)])
    assert done.exception is None or done.exit_code == 1, done.output


async def as_owner(county: County, *statements: str) -> None:
    """Change something behind the services' back."""
    owner = await asyncpg.connect(county.stack.database_url)
    for one in statements:
        await owner.execute(one)
    await owner.close()


@pytest.mark.timeout(1_800)
async def test_every_other_alert_fires_once_for_its_fault(
    county: County, binaries: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Books, audits, backups, keys, room, lists, texts, a slow door, a database that takes nobody, bugs."""
    await county.enrol()
    await county.bills(0, 3)
    await county.settled(3)
    data = county.stack.directory
    with Watching(binaries, tmp_path / "watching", data, at_once=True) as watching:
        drill = Drill(county, watching, tmp_path)
        await drill.no_backup()
        await drill.audits()
        await drill.keys_and_certificates(monkeypatch)
        await drill.rooms()
        await drill.lists()
        await drill.texts()
        await drill.a_slow_door()
        await drill.a_database_that_takes_nobody()
        await drill.bugs()


class Drill:
    """Makes a fault, waits for its alert, mends it, and waits until it is over."""

    def __init__(self, county: County, watching: Watching, room: Path) -> None:
        self.county = county
        self.watching = watching
        self.room = room
        self.data = county.stack.directory

    async def fires(self, fault: str, alert: str, seconds: float = QUICK, **labels: str) -> None:
        """Wait for an alert and note its time."""
        self.fault, self.alert, self.labels = fault, alert, labels
        self.fired = await asyncio.to_thread(self.watching.fires, alert, seconds, **labels)

    async def ends(self, seconds: float = QUICK) -> None:
        """Wait until it is over, and print the line."""
        healed = await asyncio.to_thread(self.watching.ends, self.alert, seconds, **self.labels)
        told(self.fault, self.alert, self.fired, healed)

    def stays(self) -> None:
        """Print the line of an alert that is over a quarter of an hour later."""
        told(self.fault, self.alert, self.fired)

    async def no_backup(self) -> None:
        """None was ever written."""
        await self.fires("no backup was ever written", "BackupIsOld")
        secret = self.room / "passphrase"
        secret.write_text("a long sentence that only the operator knows")
        target = str(self.room / "county.ybk")
        await asyncio.to_thread(
            command, self.county, "backup", target, "--passphrase-file", str(secret)
        )
        await self.ends()

    async def audits(self) -> None:
        """One that did not run for two days; a booking that somebody changed by a fen."""
        note_audit(self.data, datetime.now(UTC) - timedelta(days=2), 0)
        await self.fires("the last audit was two days ago", "AuditDidNotRun")
        await asyncio.to_thread(command, self.county, "audit")
        await self.ends()
        change = "UPDATE assistance.posting SET amount = amount {} 1 WHERE seq = (SELECT min(seq) FROM assistance.posting)"
        await as_owner(self.county, change.format("+"))
        await asyncio.to_thread(command, self.county, "audit")
        await self.fires("a booking changed by a fen, and an audit", "AuditDiffers")
        await as_owner(self.county, change.format("-"))
        await asyncio.to_thread(command, self.county, "audit")
        await self.ends()

    async def keys_and_certificates(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Both end in ten days."""
        await asyncio.to_thread(
            command, self.county, "key", "add", "hospital/H34169999", "--days", "10"
        )
        await self.fires("a hospital's only key ends in ten days", "KeyEndsSoon")
        await asyncio.to_thread(command, self.county, "key", "rotate", "hospital/H34169999")
        await self.ends()
        monkeypatch.setenv("YINGBAO_HTTP_CERT_FILE", str(a_certificate(self.room, days=10)))
        await self.fires("the door's certificate ends in ten days", "CertificateEndsSoon")
        monkeypatch.setenv("YINGBAO_HTTP_CERT_FILE", str(a_certificate(self.room, days=365)))
        await self.ends()
        monkeypatch.delenv("YINGBAO_HTTP_CERT_FILE")

    async def rooms(self) -> None:
        """A disk that is nearly full, and a stream that is."""
        filler = self.data / "filler"
        with filler.open("wb") as file:
            for _ in range(int(DISK_MEGABYTES * 0.95)):
                if free(self.data) < 0.08:
                    break
                file.write(b"\0" * (1 << 20))
                file.flush()
        await self.fires("a disk filled up to 92 %", "DiskFillsUp")
        filler.unlink()
        await self.ends()
        nc = self.county.asker.nc
        assert nc is not None
        js = nc.jetstream()
        found = await js.stream_info("CLAIMS")
        room = found.config.max_bytes
        await js.update_stream(found.config.evolve(max_bytes=int(found.state.bytes * 1.05)))
        await self.fires("a stream 95 % full", "StreamFillsUp", stream="CLAIMS")
        await js.update_stream(found.config.evolve(max_bytes=room))
        await self.ends()

    async def lists(self) -> None:
        """One whose rows have not all come, and one that nobody has answered about."""
        add = (
            "INSERT INTO enrollment.full_list (source, month, received, batch, accepted, rejected, state, names)"
            " VALUES ('civil_affairs', '2023-0{}-01', now() - interval '{}', 'drill{}', 5, 0, '{}', '{{}}')"
        )
        for number, state, age, alert, fault in (
            (
                5,
                "waiting",
                "20 minutes",
                "FullListWaits",
                "a full list lacks rows for twenty minutes",
            ),
            (
                6,
                "question",
                "2 days",
                "FullListIsAQuestion",
                "a full list is a question for two days",
            ),
        ):
            await as_owner(self.county, add.format(number, age, number, state))
            await self.fires(fault, alert)
            await as_owner(
                self.county, f"DELETE FROM enrollment.full_list WHERE batch = 'drill{number}'"
            )
            await self.ends()

    async def texts(self) -> None:
        """The way to phones is broken, and a message has been due for two hours."""
        log = self.county.stack.phone_log
        log.rename(log.with_suffix(".aside"))
        log.mkdir()
        await self.county.bills(3, 4)
        await self.county.settled(4)
        tried = "SELECT count(*) FROM notify.delivery WHERE state = 'created' AND attempts > 0"
        async with asyncio.timeout(QUICK):
            while not await self.county.count(tried):
                await asyncio.sleep(0.5)
        await as_owner(
            self.county,
            "UPDATE notify.delivery SET first_try = first_try - interval '2 hours' WHERE state = 'created'",
        )
        await self.fires("no provider takes messages for two hours", "SmsWaits")
        log.rmdir()
        log.with_suffix(".aside").rename(log)
        await as_owner(
            self.county, "UPDATE notify.delivery SET due = now() WHERE state = 'created'"
        )
        await self.ends()

    async def a_slow_door(self) -> None:
        """Settlement stands still for a minute while a hospital calls: each call waits its five seconds."""
        with frozen(self.county.stack.children["settlement"].pid):
            calls = [
                self.county.post("/v1/claims", HOSPITAL, json=a_bill(number))
                for number in range(10, 20)
            ]
            await asyncio.gather(*calls)
            await self.fires("settlement hangs while a hospital calls", "DoorIsSlow", kind="claim")
        self.stays()

    async def a_database_that_takes_nobody(self) -> None:
        """Settlement's login may not connect any more, and those that were are ended."""
        shut = "ALTER ROLE yingbao_settlement CONNECTION LIMIT {}"
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'yingbao_settlement'"
        await as_owner(self.county, shut.format(0), ended)
        await self.county.bills(30, 31)
        await self.fires(
            "the database takes no connection of settlement",
            "WorldIsBroken",
            240,
            process="settlement",
        )
        await as_owner(self.county, shut.format(-1))
        await self.ends(seconds=400)

    async def bugs(self) -> None:
        """A table is not what the program takes it for: a question, a job, and a message that is kept fail."""
        await as_owner(self.county, "ALTER TABLE enrollment.full_list RENAME TO elsewhere")
        await self.county.http.get(
            "/v1/lists", headers={"X-Yingbao-Key": self.county.stack.keys()["bureau"]}
        )
        question = "a question meets a table that is gone"
        await self.fires(question, "QuestionsFail", process="enrollment")
        self.stays()
        await self.fires("a job meets a table that is gone", "JobFails", process="enrollment")
        self.stays()
        await as_owner(self.county, "ALTER TABLE enrollment.elsewhere RENAME TO full_list")
        await as_owner(self.county, "ALTER TABLE enrollment.coverage_asked RENAME TO elsewhere")
        await self.county.post(
            "/v1/claims",
            HOSPITAL,
            json=a_bill(50)
            | {"certno": a_number(PEOPLE + 1)},  # nobody said that they are enrolled
        )
        await self.fires(
            "a message that is kept meets a table that is gone",
            "InvariantBroken",
            process="enrollment",
        )
        await as_owner(self.county, "ALTER TABLE enrollment.elsewhere RENAME TO coverage_asked")
        self.stays()


def free(place: Path) -> float:
    """Return which part of a disk is free."""
    found = shutil.disk_usage(place)
    return found.free / found.total


def a_certificate(room: Path, days: int) -> Path:
    """Write a certificate of the door's that ends after so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "door")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now).not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = room / f"door-{days}.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path
