"""A county whose processes are containers; where no Docker engine answers, these tests fail and say so."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

# Read when the package is imported: ports are published on loopback, and nothing is pulled to clean up.
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
os.environ.setdefault("TESTCONTAINERS_CONNECTION_MODE", "docker_host")
os.environ.setdefault("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1")

from tests.containers.in_containers import InContainers

OURS = ("--filter", "label=yingbao.tests")


def remove_what_is_left() -> None:
    """Remove containers and volumes of a run that was killed before it could clean up."""
    for kind, remove in ((("ps", "-aq"), ("rm", "-f")), (("volume", "ls", "-q"), ("volume", "rm"))):
        listed = subprocess.run(
            ["docker", *kind, *OURS], capture_output=True, text=True, check=True
        )
        if found := listed.stdout.split():
            subprocess.run(["docker", *remove, *found], capture_output=True, check=True)


@pytest.fixture(scope="session", autouse=True)
def engine() -> Iterator[None]:
    """A Docker engine that answers; 'make test-containers' sets one up."""
    try:
        remove_what_is_left()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.fail(f"no Docker engine answers; use 'make test-containers' ({error})")
    yield
    remove_what_is_left()


@pytest.fixture(scope="module")
async def county(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[InContainers]:
    """A county in containers, everybody enrolled; one for all tests of a file."""
    directory: Path = tmp_path_factory.mktemp("county")
    async with InContainers(directory) as found:
        await found.enrol()
        yield found
