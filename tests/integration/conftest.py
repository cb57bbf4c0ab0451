"""One whole platform on real nats-server and PostgreSQL, shared by the integration tests."""

import shutil
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from nats.aio.client import Client
from typer.testing import CliRunner

from tests.integration.browsing import accounts, clerk, console, officer  # noqa: F401  as below
from tests.integration.household import household  # noqa: F401  a fixture, for every file here
from tests.integration.platform import Platform
from tests.integration.two_services import county  # noqa: F401  as above
from yingbao.cli import app
from yingbao.running.asking import Asker
from yingbao.running.stack import Stack, temporary_directory

ADD_OFFICER = (
    "officer", "add", "城关镇医保专干", "19900000000", "--township", "城关镇", "--first", "2023-01-01",
)  # fmt: skip

TROUBLE_LINES, ORDINARY = 30, '"level": "info"'


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Show beside a failure what the services of its platform had complained of."""
    report = yield
    if report.when == "call" and report.failed:
        asked = getattr(item, "funcargs", {})
        for name in ("platform", "county"):
            stack = getattr(asked.get(name), "stack", None)
            if isinstance(stack, Stack):
                report.sections.append((f"complaints of the {name}", complaints(stack.directory)))
    return report


def complaints(directory: Path) -> str:
    """Return the last lines of each log of a platform that are no news of the ordinary."""
    said = []
    for log in sorted((directory / "logs").glob("*.log")):
        lines = [one for one in log.read_text(errors="replace").splitlines() if ORDINARY not in one]
        said += [f"{log.stem}: {one[:600]}" for one in lines[-TROUBLE_LINES:]]
    return "\n".join(said)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Every service a process of its own; unacknowledged messages come again after two seconds."""
    directory = temporary_directory("test")
    found = Stack(directory, synthetic=True)
    found.extra_environment["YINGBAO_ACK_WAIT_SECONDS"] = "2"
    with found:
        set_officer(found)
        yield found
    shutil.rmtree(directory, ignore_errors=True)


def set_officer(found: Stack) -> None:
    """Have an officer on duty for 城关镇; set again while on duty it is the same one."""
    added = CliRunner().invoke(app, [*ADD_OFFICER, "--data", str(found.directory)])
    assert added.exit_code == 0, added.output


@pytest.fixture
def room() -> Iterator[Path]:
    """A directory that an unprivileged PostgreSQL may pass through; gone after the test."""
    directory = temporary_directory("room")
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
async def bus(stack: Stack) -> AsyncIterator[Client]:
    """A connection to the real bus."""
    connection = await stack.bus().connect(max_reconnect_attempts=-1, reconnect_time_wait=1)
    yield connection
    await connection.close()


@pytest.fixture
async def platform(stack: Stack, bus: Client) -> AsyncIterator[Platform]:
    """The platform with its bus, questions and tables, and a person nobody has used yet."""
    async with Asker(stack.bus()) as asker:
        yield Platform(stack, bus, asker)
