"""A database that an earlier version wrote is read by this one."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.settings import Settings
from chassis.store import SERVICES, make_engine, migrate
from contracts.vocabulary import Justification
from services.enrollment.person.applications import Application
from services.enrollment.person.chronic import Chronic
from services.enrollment.person.file import ResidentFile, TakenBack
from services.enrollment.person.justifications import Claimed
from services.enrollment.person.premiums import PremiumStanding
from services.enrollment.person.timelines import Stay, ToldDead
from tests.integration.platform import Platform

BEFORE_NAMES = {
    "version": 3,
    "premiums": [[2023, 35000, "SUBSISTENCE", 35000, 35000, 0, 35000, "亳民〔2022〕号", 0]],
    "justified": [["WAIVED", "证明", "2023-01-01", None, "2023-06-01"]],
    "listed": ["SUBSISTENCE"],
    "rosters": [["civil_affairs", "SUBSISTENCE", "2023-01-01", None, "2023-01-01"]],
    "sub_levels": {"SUBSISTENCE": "A类"},
    "deaths": [["police", "2023-05-20"]],
    "chronic": [["E11", "2023-03-01", "approved", "", "M1", "2023-03-02", None]],
    "applications": [["SUBSISTENCE", 2024, "approved", "2023-12-01", "2023-12-20", ""]],
    "names_agree": False, "name_tag": "0123456789abcdef", "was_listed": True,
    "numbers": ["right", "earlier"], "forwarded": {"right": 3},
    "withdrawn": [["civil_affairs", "b1", "SUBSISTENCE"], ["civil_affairs", "b2"]],
}  # fmt: skip
"""A file as version 0.1 kept it: by position."""


@pytest.fixture
async def old(platform: Platform) -> AsyncIterator[tuple[Settings, AsyncEngine]]:
    """A database of its own, with enrollment's tables as they were before files had names."""
    server = platform.stack.database_url
    connection = await asyncpg.connect(server)
    await connection.execute("DROP DATABASE IF EXISTS old")
    await connection.execute("CREATE DATABASE old")
    await connection.close()
    head, _, _ = server.rpartition("/")
    settings = Settings(database_url=f"{head}/old")
    await migrate(settings, "enrollment")
    owner = make_engine(settings, "enrollment", as_owner=True)
    async with owner.connect() as back:
        await back.run_sync(to, "0012")
    yield settings, owner
    await owner.dispose()


def to(connection: Connection, revision: str) -> None:
    """Take enrollment's tables back to an earlier version."""
    config = Config()
    config.set_main_option("script_location", str(SERVICES / "enrollment" / "migrations"))
    config.attributes.update(connection=connection, schema="enrollment")
    command.downgrade(config, revision)
    connection.commit()


async def after_the_upgrade(
    old: tuple[Settings, AsyncEngine], file: dict[str, object], formerly: list[str]
) -> ResidentFile:
    """Write a file as the version before kept it, start the new version, and read it."""
    settings, owner = old
    async with owner.begin() as tx:
        await tx.execute(
            text(
                "INSERT INTO resident (person, revision, registered, status, coverage, flags, listed,"
                " township, village, covered_years, file, formerly) VALUES ('p', 1, '', '', '', '{}',"
                " '{}', '城关镇', '', '{}', CAST(:file AS jsonb), :formerly)"
            ),
            {"file": json.dumps(file), "formerly": formerly},
        )
    await migrate(settings, "enrollment")
    async with owner.connect() as connection:
        kept = (await connection.execute(text("SELECT file FROM resident"))).scalar_one()
    return ResidentFile.model_validate(kept)


async def test_a_file_that_was_kept_by_position_is_read_by_name(
    old: tuple[Settings, AsyncEngine],
) -> None:
    """Nothing of it is lost, and nobody has to be folded again for it."""
    file = await after_the_upgrade(old, BEFORE_NAMES, ["earlier"])

    assert file == ResidentFile(
        version=4,
        premiums=(
            PremiumStanding(2023, 35000, "SUBSISTENCE", 35000, 35000, 0, 35000, "亳民〔2022〕号"),
        ),
        justified=(
            Claimed(Justification.WAIVED, "证明", date(2023, 1, 1), None, date(2023, 6, 1)),
        ),
        listed=("SUBSISTENCE",),
        rosters=(
            Stay("civil_affairs", "SUBSISTENCE", date(2023, 1, 1), None, date(2023, 1, 1)),
        ),
        sub_levels={"SUBSISTENCE": "A类"},
        deaths=(ToldDead("police", date(2023, 5, 20)),),
        chronic=(
            Chronic("E11", date(2023, 3, 1), "approved", "", "M1", date(2023, 3, 2), None),
        ),
        applications=(
            Application(
                "SUBSISTENCE", 2024, "approved", date(2023, 12, 1), date(2023, 12, 20), ""
            ),
        ),
        names_agree=False,
        name_tag="0123456789abcdef",
        merged_into="right",
        formerly=("earlier",),
        forwarded={"right": 3},
        withdrawn=(
            TakenBack("civil_affairs", "b1", ("SUBSISTENCE",)), TakenBack("civil_affairs", "b2"),
        ),
    )  # fmt: skip


async def test_a_file_of_a_still_earlier_version_is_read_and_folded_again(
    old: tuple[Settings, AsyncEngine],
) -> None:
    """It had no days of the rosters, shorter premiums and no version: it says so."""
    earlier = {
        "premiums": [[2023, 35000, "SUBSISTENCE", 35000]],
        "rosters": [["civil_affairs", "X"]],
    }

    file = await after_the_upgrade(old, earlier, [])

    assert file.version == 0
    assert file.premiums == (PremiumStanding(2023, 35000, "SUBSISTENCE", 35000),)
    assert file.rosters == ()


async def test_several_services_may_start_on_an_empty_database_at_once(platform: Platform) -> None:
    """Two clones, or a county's first morning: roles and schemas are made once."""
    settings = Settings(database_url=platform.stack.database_url)

    await asyncio.gather(*(migrate(settings, "enrollment") for _ in range(3)))


async def test_a_table_that_somebody_works_on_is_left_to_them_and_taken_once_they_are_done(
    old: tuple[Settings, AsyncEngine],
) -> None:
    """A step in the queue for a lock stops everybody behind it: it gives up soon and comes again."""
    settings, owner = old
    async with owner.connect() as holder:
        await holder.execute(text("LOCK TABLE enrollment.outbox IN ROW EXCLUSIVE MODE"))

        migrating = asyncio.create_task(migrate(settings, "enrollment"))
        await asyncio.sleep(4.5)
        async with owner.connect() as reader:
            counting = reader.execute(text("SELECT count(*) FROM enrollment.outbox"))
            read = (await asyncio.wait_for(counting, 4)).scalar_one()
        assert not migrating.done()
        await holder.rollback()
        await asyncio.wait_for(migrating, 60)

    assert read == 0


async def test_steps_that_were_done_stay_done_when_a_later_one_meets_a_busy_table(
    old: tuple[Settings, AsyncEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step is a transaction of its own: none holds the locks of those before it."""
    settings, owner = old
    monkeypatch.setattr("chassis.store.BUSY_TRIES", 1)
    async with owner.connect() as holder:
        # The last step changes the outbox, and an earlier one what a resident's file looks like.
        await holder.execute(text("LOCK TABLE enrollment.outbox IN ROW EXCLUSIVE MODE"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            await migrate(settings, "enrollment")
        async with owner.connect() as reader:
            found = await reader.execute(text("SELECT version_num FROM enrollment.schema_version"))
            reached = found.scalar_one()

    assert "0012" < reached < "0015"
