"""The bus is never the record: its whole store, or a stream, is lost, and nothing that was accepted is."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from nats.errors import Error as NatsError
from typer.testing import CliRunner, Result

from chassis.bus_health import trouble_of
from tests.builders import an_id_number
from tests.integration.own_county import BILLS, PEOPLE, County, a_bill
from tests.integration.platform import PATIENCE, Platform
from tests.integration.test_doors import HOSPITAL
from yingbao.cli import app
from yingbao.running.reconciling import reconcile


@pytest.fixture
async def county(room: Path) -> AsyncIterator[County]:
    """A county of its own: losing a bus is nothing to do to the others' platform."""
    async with County(room / "lost") as found:
        yield found


async def test_a_bus_that_lost_everything_is_refilled_and_nothing_accepted_is_lost(
    county: County, room: Path
) -> None:
    """Two bills of seven wait unread when the bus's store is gone; books and texts end as if nothing had been."""
    await county.enrol()
    half = BILLS * 5 // 7
    assert await county.bills(0, half) == half
    await county.settled(half)
    county.hold("settlement")
    assert await county.bills(half, BILLS) == BILLS - half

    await county.lose_the_bus()
    county.stack.children["settlement"].send_signal(signal.SIGCONT)
    took = await county.settled(BILLS)

    after, texts = await county.digests(), await county.texts()
    sys.stderr.write(f"{BILLS} bills, {BILLS - half} unread: settled {took:.1f} s after the loss\n")
    assert took < 120
    async with County(room / "calm") as calm:
        await calm.enrol()
        await calm.bills(0, BILLS)
        await calm.settled(BILLS)
        assert await calm.digests() == after
        assert await calm.texts() == texts


async def test_a_bus_that_could_not_write_is_heard_of_and_goes_on_once_there_is_room(
    county: County,
) -> None:
    """A full disk: what comes in is accepted all the same, nobody says ready, and it heals by itself."""
    await county.enrol()
    nats = county.stack.nats
    assert nats is not None
    assert nats.process is not None
    room = psutil.Process(nats.process.pid)
    room.rlimit(psutil.RLIMIT_FSIZE, (2_000, psutil.RLIM_INFINITY))

    assert await county.bills(0, 20) == 20
    said = trouble_of(nats.monitor_url)
    room_again = time.monotonic()
    await county.settled(20)

    assert "write error" in said
    assert time.monotonic() - room_again < 30
    assert (
        "the bus is started again" in (county.stack.directory / "logs/supervisor.log").read_text()
    )
    ready = await county.http.get("/readyz")
    assert ready.status_code == 200


async def test_a_database_restored_from_a_backup_reads_again_what_came_in_since(
    county: County, room: Path
) -> None:
    """Half of the bills came after the backup; books and texts end as they were, and nobody hears twice."""
    await county.enrol()
    half = BILLS // 2
    await county.bills(0, half)
    await county.settled(half)
    await asyncio.sleep(6)  # until the positions are written down
    passphrase, file = room / "passphrase", room / "county.ybk"
    passphrase.write_text("a passphrase that is long enough")
    saved = await asyncio.to_thread(command, county, "backup", file, passphrase)
    assert saved.exit_code == 0, saved.output
    await county.bills(half, BILLS)
    await county.settled(BILLS)
    before, texts, sent = await county.digests(), await county.texts(), await county.sent()

    await asyncio.to_thread(county.stack.stop)
    wrong = room / "wrong"
    wrong.write_text("another passphrase, also long")
    refused = await asyncio.to_thread(command, county, "restore", file, wrong)
    assert refused.exit_code == 1
    assert "口令不对" in refused.output
    brought = await asyncio.to_thread(command, county, "restore", file, passphrase)
    assert brought.exit_code == 0, brought.output
    await asyncio.to_thread(county.stack.start)
    await county.settled(BILLS)

    assert await county.digests() == before
    assert [person for person, _ in await county.texts()] == [person for person, _ in texts]
    assert await county.sent() == sent
    assert len(sent) == len(set(sent)) == BILLS + PEOPLE  # of whom each was told of a status, too
    assert "read again" in (county.stack.directory / "logs" / "supervisor.log").read_text()
    drills = (county.stack.directory / "drills.jsonl").read_text().splitlines()
    assert [json.loads(line)["what"] for line in drills] == ["backup", "restore"]
    accepted = await county.count(
        "SELECT count(*) FROM gateway.intake WHERE subject LIKE 'claims.%'"
    )
    assert accepted == BILLS
    assert await reconcile(county.stack.database_url, grace=0) == []


def command(county: County, what: str, file: Path, passphrase: Path) -> Result:
    """Run a command on the county's directory."""
    arguments = [what, str(file), "--passphrase-file", str(passphrase)]
    return CliRunner().invoke(app, [*arguments, "--data", str(county.stack.directory)])


async def test_what_is_accepted_while_the_bus_is_away_goes_out_when_it_is_back(
    county: County,
) -> None:
    """The answer is given once it is committed; the bus may be away for a while."""
    await county.enrol()
    nats = county.stack.nats
    assert nats is not None
    nats.kill()

    answer = await county.post("/v1/reports/police/DeathReported", "police", json={
        "certno": an_id_number(1), "died": "2023-05-20",
    })  # fmt: skip
    await asyncio.to_thread(nats.start)

    assert answer.status_code == 202
    async with asyncio.timeout(PATIENCE):
        heard = "SELECT count(*) FROM enrollment.fact WHERE event = 'DeathReported'"
        while not await county.count(heard):
            await asyncio.sleep(0.5)


async def test_what_is_refused_while_the_bus_is_away_is_told_at_once_and_kept(
    county: County,
) -> None:
    """Fifty wrong lines took ten seconds each, and none of them was kept."""
    nats = county.stack.nats
    assert nats is not None
    nats.kill()
    wrong = [json.dumps(a_bill(n) | {"total_fee": f"{n}"}) for n in range(49)]

    begun = time.monotonic()
    answer = await county.post(
        "/v1/claims/batch", HOSPITAL, content="\n".join([*wrong, "{"]).encode()
    )
    took = time.monotonic() - begun
    await asyncio.to_thread(nats.start)

    assert (answer.json()["accepted"], len(answer.json()["refused"])) == (0, 50)
    assert took < 8
    bus = await county.stack.bus().connect()
    try:
        async with asyncio.timeout(PATIENCE):
            while (await bus.jetstream().stream_info("DEADLETTER")).state.messages < 50:
                await asyncio.sleep(0.5)
    finally:
        await bus.close()


async def test_a_bus_that_hangs_stops_nobodys_bill(county: County) -> None:
    """It takes the connection and answers nothing: the bill is accepted, and settled once it goes on."""
    await county.enrol()
    nats = county.stack.nats
    assert nats is not None
    assert nats.process is not None
    nats.process.send_signal(signal.SIGSTOP)
    try:
        answer = await county.post("/v1/claims", HOSPITAL, json=a_bill(0))
    finally:
        nats.process.send_signal(signal.SIGCONT)

    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    await county.settled(1)


async def test_a_stream_that_is_deleted_under_way_is_made_again_within_half_a_minute(
    platform: Platform,
) -> None:
    """Whoever holds the operator's key may; bills pass again, and what was not taken yet comes again."""
    js = platform.bus.jetstream()
    before = (await js.stream_info("CLAIMS")).created

    await js.delete_stream("CLAIMS")
    begun = time.monotonic()
    async with asyncio.timeout(PATIENCE):
        while True:
            await asyncio.sleep(0.5)
            await platform.enrol()
            with suppress(NatsError):
                if (await js.stream_info("CLAIMS")).created != before:
                    await js.consumer_info("CLAIMS", "settlement-claims")
                    break

    assert time.monotonic() - begun < 30
    number = an_id_number(321)
    async with platform.http() as http:
        bill = a_bill(0) | {"claim": f"{platform.number}-after", "certno": number}
        answer = await http.post("/v1/claims", json=bill, headers=platform.key(HOSPITAL))
    assert answer.json()["status"] == "held", "it was decided: nobody with this number is enrolled"


async def test_every_accepted_fact_stands_in_the_record_with_who_sent_it(
    platform: Platform,
) -> None:
    """Committed before the answer, and never changed."""
    number = an_id_number(322)
    bill = a_bill(1) | {"claim": f"{platform.number}-record", "certno": number}
    async with platform.http() as http:
        await http.post("/v1/claims", json=bill, headers=platform.key(HOSPITAL))

    rows = await platform.rows(
        "SELECT holder, subject FROM gateway.intake WHERE convert_from(payload, 'UTF8') LIKE $1",
        f"%{platform.number}-record%",
    )
    assert [(row["holder"], row["subject"]) for row in rows] == [
        (HOSPITAL, "claims.ClaimSubmitted.v1")
    ]


async def test_an_announcement_is_kept_until_its_readers_have_it(platform: Platform) -> None:
    """While notify is away, what it has to hear stays; once it is back the rows go by themselves."""
    notify = platform.stack.children["notify"]
    notify.send_signal(signal.SIGSTOP)
    try:
        body = {"certno": an_id_number(323), "name": "乙", "township": "城关镇"}
        status = {"category": "SUBSISTENCE", "effective": "2023-01-01"}
        assert await platform.report("civil_affairs", "StatusReported", **body, **status) == 202
        await asyncio.sleep(8)
        kept = await platform.rows("SELECT seq FROM enrollment.outbox")
    finally:
        notify.send_signal(signal.SIGCONT)

    assert kept
    assert all(row["seq"] is not None for row in kept), (
        "sent and written down where; not received yet"
    )
    async with asyncio.timeout(PATIENCE):
        while (await platform.rows("SELECT count(*) AS n FROM enrollment.outbox"))[0]["n"]:
            await asyncio.sleep(0.5)
