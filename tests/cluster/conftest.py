"""A county on three machines: bus and database outlive any one of them."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.cluster.buses import Bus
from tests.cluster.county import ClusteredCounty
from tests.cluster.databases import Databases
from tests.cluster.machines import Machine, three_machines
from yingbao.running.bus_keys import users_of
from yingbao.running.first_keys import make_keys


@pytest.fixture(scope="module")
def machines() -> Iterator[list[Machine]]:
    """Three machines on one network."""
    with three_machines() as found:
        yield found


@pytest.fixture
async def county(machines: list[Machine]) -> AsyncIterator[ClusteredCounty]:
    """A county whose bus and database stand on the three, and whose services stand beside them."""
    with (
        tempfile.TemporaryDirectory(prefix="yb-cluster-") as room,
        tempfile.TemporaryDirectory(prefix="yb-databases-") as open_room,
        pytest.MonkeyPatch.context() as environment,
    ):
        directory = Path(room) / "county"
        directory.mkdir(mode=0o700)
        make_keys(directory, "341623")
        databases = Databases(Path(open_room), machines)
        bus = Bus(Path(room), machines, users_of(directory))
        try:
            bus.start()
            databases.start()
            bus.wait_whole()
            environment.setenv("NATS_URL", bus.url)
            environment.setenv("NATS_MONITOR_URL", bus.monitor_url)
            environment.setenv("DATABASE_URL", databases.url)
            environment.setenv("YINGBAO_NATS_REPLICAS", "3")
            async with ClusteredCounty(directory, bus, databases) as found:
                yield found
        finally:
            bus.stop()
            databases.stop()
