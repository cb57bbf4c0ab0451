"""DATABASE_URL and NATS_URL as the world writes them, and streams that an operator has made safer."""

import asyncio
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import nats
import pytest
from nats.errors import Error as NatsError
from nats.js.api import StreamConfig
from sqlalchemy import text

from chassis import store
from chassis.bus import provision_streams
from chassis.embedded.nats import _binary
from chassis.embedded.processes import answers, end, free_port, wait_until
from chassis.settings import Settings, servers_of
from yingbao.running.stack import Stack

NODE = """\
listen: "127.0.0.1:{port}"
server_name: "{name}"
jetstream {{ store_dir: {store}, max_file_store: 4TB }}
cluster {{ name: "test", listen: "127.0.0.1:{route}", routes: [{routes}] }}
"""


@pytest.fixture
def cluster(room: Path) -> Iterator[list[str]]:
    """Three nats-servers that form one bus; their URLs."""
    ports = [(free_port(), free_port()) for _ in range(3)]
    routes = ", ".join(f'"nats://127.0.0.1:{route}"' for _, route in ports)
    running = []
    for number, (port, route) in enumerate(ports):
        config, log = room / f"n{number}.conf", room / f"n{number}.log"
        config.write_text(
            NODE.format(
                port=port, name=f"n{number}", route=route, routes=routes,
                store=json.dumps(str(room / f"store{number}")),
            )
        )  # fmt: skip
        with log.open("wb") as sink:
            running.append(subprocess.Popen([_binary(), "-c", str(config)], stderr=sink))
        wait_until(lambda port=port: answers(port), running[-1], log)
    yield [f"nats://127.0.0.1:{port}" for port, _ in ports]
    for one in running:
        end(one)


@pytest.mark.parametrize(
    "written",
    [
        "postgres://{user}@127.0.0.1:{port}/postgres",
        "postgresql://{user}@127.0.0.1:{port}/postgres?sslmode=disable",
        "postgresql+asyncpg://{user}@127.0.0.1:{port}/postgres",
        "postgresql://{user}@127.0.0.1:1,127.0.0.1:{port}/postgres?target_session_attrs=any",
    ],
)
async def test_a_database_url_means_what_it_means_elsewhere(stack: Stack, written: str) -> None:
    """The short scheme, sslmode, and two hosts of which the first is down."""
    assert stack.postgres is not None
    user = f"yingbao:{stack.postgres.password}"
    url = written.format(user=user, port=stack.postgres.port)
    engine = store.make_engine(Settings().model_copy(update={"database_url": url}), "settlement")

    async with engine.connect() as connection:
        role = (await connection.execute(text("SELECT current_user"))).scalar_one()
    await engine.dispose()

    assert role == "yingbao_settlement"


async def test_a_first_host_that_says_nothing_does_not_use_up_the_second_ones_time(
    stack: Stack,
) -> None:
    """A machine that is gone without a word, as behind a firewall: its line opens, and nobody answers."""
    assert stack.postgres is not None
    silent = socket.create_server(("127.0.0.1", 0))
    hosts = f"127.0.0.1:{silent.getsockname()[1]},127.0.0.1:{stack.postgres.port}"
    url = f"postgresql://yingbao:{stack.postgres.password}@{hosts}/postgres?target_session_attrs=read-write"

    begun = time.monotonic()
    connection = await store.connected(url, seconds=1.0)

    assert await connection.fetchval("SELECT 1") == 1
    assert 1.0 <= time.monotonic() - begun < 5.0
    await connection.close()
    silent.close()


async def test_a_standby_is_passed_over_and_none_that_takes_writes_is_an_outage(
    stack: Stack,
) -> None:
    """After a failover the first host reads only; while there is no primary at all, what is decided waits."""
    assert stack.postgres is not None
    here = f"127.0.0.1:{stack.postgres.port}"
    only_reads = f"postgresql://yingbao:{stack.postgres.password}@{here},{here}/postgres?target_session_attrs=standby"

    with pytest.raises(ConnectionError) as none:
        await store.connected(only_reads)
    assert store.is_world_broken(none.value)


async def test_a_stream_with_three_copies_keeps_them(cluster: list[str]) -> None:
    """An operator made CLAIMS safer than we ask for; a start does not undo it, nor its larger room."""
    settings = Settings().model_copy(
        update={"nats_url": f"nats://127.0.0.1:1, {', '.join(cluster)}"}
    )
    bus = await nats.connect(list(servers_of(settings.nats_url)))
    js = bus.jetstream(timeout=3)
    wanted = StreamConfig(name="CLAIMS", subjects=["claims.>"], num_replicas=3, max_bytes=1 << 40)
    for _ in range(10):  # until the three have chosen a leader
        with suppress(NatsError):
            await js.add_stream(wanted)
            break
        await asyncio.sleep(1)

    await provision_streams(js, settings.keeping)

    claims = (await js.stream_info("CLAIMS")).config
    assert (claims.num_replicas, claims.max_bytes) == (3, 1 << 40)
    assert (await js.stream_info("PARTNER")).config.num_replicas == 1
    await bus.close()
