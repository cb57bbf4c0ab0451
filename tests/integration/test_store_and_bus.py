"""What the servers are told, and what nobody may do to the ledger."""

import asyncio
from pathlib import Path

import asyncpg
import nats
import pytest
from pydantic import SecretStr

from chassis import store
from chassis.bus import Subscription, provision_consumer, provision_streams
from chassis.embedded.nats import NatsServer
from chassis.embedded.postgres import PostgresServer
from chassis.safety import UnsafeError, check
from chassis.settings import VAULT_KEYS, Settings
from contracts.subjects import STREAMS, Stream
from tests.builders import a_bill
from tests.integration.platform import Platform
from yingbao.running.bus_keys import users_of
from yingbao.running.stack import Stack


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
async def test_a_stream_cannot_be_emptied_and_drops_nothing(
    platform: Platform, stream: Stream
) -> None:
    """File storage, limits, discard new, no purge, half a year; only a letter that was dealt with is taken out."""
    config = (await platform.bus.jetstream().stream_info(stream.name)).config

    assert (config.storage, config.retention, config.discard) == ("file", "limits", "new")
    assert config.deny_delete is not stream.closable
    assert config.deny_purge
    assert config.max_age == (0 if stream.closable else 180 * 86_400)


async def test_provisioning_again_changes_nothing(platform: Platform) -> None:
    """Every start provisions; streams and consumers keep their messages and places."""
    js = platform.bus.jetstream()
    subscription = Subscription(
        "CLAIMS",
        "settlement-claims",
        ("claims.ClaimSubmitted.v1", "claims.ClaimReversed.v1", "claims.DuplicateDismissed.v1"),
        "explicit",
    )
    before = await js.stream_info("CLAIMS"), await js.consumer_info("CLAIMS", "settlement-claims")

    await provision_streams(js, Settings().keeping)
    await provision_consumer(js, subscription, 2)

    after = await js.stream_info("CLAIMS"), await js.consumer_info("CLAIMS", "settlement-claims")
    assert before[0].config == after[0].config
    assert before[1].config == after[1].config
    assert before[1].delivered.stream_seq == after[1].delivered.stream_seq


@pytest.mark.parametrize(
    "statement",
    ["UPDATE posting SET amount = 1", "DELETE FROM posting", "TRUNCATE posting", "UPDATE fact SET body = ''",
     "DELETE FROM fact", "SELECT * FROM assistance.claim", "DROP TABLE posting"],
)  # fmt: skip
async def test_a_service_may_not_rewrite_its_ledger_nor_read_its_neighbour(
    platform: Platform, statement: str
) -> None:
    """UPDATE and DELETE are not granted; another schema is out of reach."""
    connection = await asyncpg.connect(
        platform.stack.database_url,
        server_settings={"role": "yingbao_settlement", "search_path": "settlement"},
    )
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_an_altered_posting_is_found_by_the_audit(platform: Platform) -> None:
    """Even the owner of the database cannot change a row unnoticed."""
    await platform.enrol()
    await platform.publish(a_bill(platform.claim(), person=platform.person))
    await platform.quiet()
    change = (
        "UPDATE settlement.posting SET amount = amount + $2 WHERE person = $1 AND debit = 'bmi'"
    )

    await platform.rows(change, platform.person, 1)
    found, _ = await platform.asker.audits()
    await platform.rows(change, platform.person, -1)

    assert found.chain_breaks >= 1
    assert any(platform.claim() in difference for difference in found.differences)


async def test_start_up_refuses_example_keys_and_a_bus_that_syncs_late(room: Path) -> None:
    """Unsafe settings are named; --unsafe runs anyway."""
    server = NatsServer(room / "nats")
    server.start()
    config = room / "nats" / "nats.conf"
    server.stop()
    config.write_text(config.read_text().replace("sync_interval: always", "sync_interval: 2m"))
    process = await asyncio.create_subprocess_exec(*server.process.args)  # type: ignore[union-attr, arg-type]
    settings = Settings(nats_monitor_url=server.monitor_url, nats_url=server.url)
    try:
        await asyncio.sleep(1)
        with pytest.raises(UnsafeError) as refused:
            await check(settings, None)
        tolerated = await check(settings.model_copy(update={"unsafe": True}), None)
    finally:
        process.terminate()
        await process.wait()

    assert "sync_interval is not always" in str(refused.value)
    assert "person_key is the published example" in str(refused.value)
    assert "NATS lets anybody connect" in str(refused.value)
    assert tolerated


async def test_a_database_that_does_not_sync_is_refused(stack: Stack, room: Path) -> None:
    """With fsync off a power cut loses commits; the service does not start on it."""
    keys = {name: SecretStr("33" * 32) for name in VAULT_KEYS}
    server = PostgresServer(room / "postgres", options=("fsync=off",))
    server.start()
    settings = Settings().model_copy(
        update={"database_url": server.url, "nats_monitor_url": stack.nats.monitor_url, **keys}  # type: ignore[union-attr]
    )
    engine = store.make_engine(settings, "settlement", as_owner=True)
    try:
        with pytest.raises(UnsafeError, match="fsync is off"):
            await check(settings, engine)
    finally:
        await engine.dispose()
        server.stop()


def test_a_database_that_died_leaves_no_lock_in_the_way(room: Path) -> None:
    """Kill -9, then a stale lock that names a process which is not PostgreSQL."""
    server = PostgresServer(room / "postgres")
    server.start()
    server.kill()
    lock = server.directory / "pgdata" / "postmaster.pid"
    lock.write_text("1\n" + "\n".join(lock.read_text().splitlines()[1:]) + "\n")

    server.start()

    server.stop()
    assert not lock.exists()


async def test_the_embedded_bus_keeps_what_it_confirmed(tmp_path: Path) -> None:
    """Stopped and started again on the same directory and port."""
    server = NatsServer(tmp_path / "nats")
    server.start()
    connection = await nats.connect(server.url)
    await provision_streams(connection.jetstream())
    await connection.jetstream().publish("claims.Test.v1", b"x")
    await connection.close()

    server.kill()
    server.start()

    again = await nats.connect(server.url)
    assert (await again.jetstream().stream_info("CLAIMS")).state.messages == 1
    await again.close()
    server.stop()


def test_a_bus_and_a_database_that_are_given_are_used(
    monkeypatch: pytest.MonkeyPatch, room: Path
) -> None:
    """NATS_URL and DATABASE_URL: nothing embedded is started beside them."""
    bus, database = NatsServer(room / "nats"), PostgresServer(room / "postgres")
    (room / "stack").mkdir()
    Stack(room / "stack").keys()
    bus.users = users_of(room / "stack")
    bus.start()
    database.start()
    monkeypatch.setenv("NATS_URL", bus.url)
    monkeypatch.setenv("NATS_MONITOR_URL", bus.monitor_url)
    monkeypatch.setenv("DATABASE_URL", database.url)

    with Stack(room / "stack", services=("settlement",)) as found:
        assert (found.nats, found.postgres) == (None, None)
        assert (found.nats_url, found.database_url) == (bus.url, database.url)

    bus.stop()
    database.stop()
