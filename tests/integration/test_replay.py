"""Streams are kept for a while only: what left them stands in files, and is put on them again by a command."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.integration.own_county import County
from tests.integration.platform import PATIENCE
from yingbao.cli import app

FEW = 12
LATER = "2999-01-01"  # a day of the county begins eight hours before one of the machine: far enough


@pytest.fixture
async def county(room: Path) -> AsyncIterator[County]:
    """A county of its own, whose bus loses everything."""
    async with County(room / "replayed") as found:
        yield found


async def run(county: County, *arguments: str) -> Result:
    """Run a command on the county's directory."""
    told = [*arguments, "--data", str(county.stack.directory)]
    return await asyncio.to_thread(CliRunner().invoke, app, told)


async def held(county: County, stream: str) -> int:
    """Return how many messages a stream holds."""
    nc = county.asker.nc
    assert nc is not None
    return (await nc.jetstream().stream_info(stream)).state.messages


async def test_what_left_a_stream_is_put_on_it_again_and_changes_nothing(
    county: County, room: Path
) -> None:
    """The bus is emptied after all was received; intake, facts and archives fill it, and nobody hears twice."""
    await county.enrol()
    await county.bills(0, FEW)
    await county.settled(FEW)
    before, sent = await county.digests(), await county.sent()
    there = {name: await held(county, name) for name in ("CLAIMS", "SETTLEMENT", "NOTIFY")}
    written = await run(county, "archive", str(room / "kept"), "--before", LATER)
    assert written.exit_code == 0, written.output
    await county.lose_the_bus()
    async with asyncio.timeout(PATIENCE):
        while not (await county.http.get("/readyz")).is_success:
            await asyncio.sleep(0.5)
    await county.asker.quiet()

    replayed = {}
    for stream in ("CLAIMS", "SETTLEMENT"):
        answer = await run(county, "replay", "--stream", stream)
        assert answer.exit_code == 0, answer.output
        replayed[stream] = await held(county, stream)
    (notes,) = (room / "kept").glob("NOTIFY-*.jsonl.gz")
    unheard = await run(county, "replay", "--stream", "NOTIFY")
    filled = await run(county, "replay", str(notes), "--stream", "NOTIFY")
    await county.asker.quiet()

    assert replayed["CLAIMS"] >= there["CLAIMS"] == FEW
    assert replayed["SETTLEMENT"] >= there["SETTLEMENT"] == 2 * FEW
    assert (unheard.exit_code, filled.exit_code) == (1, 0), filled.output
    assert "请用归档文件重放" in unheard.output
    assert await held(county, "NOTIFY") >= there["NOTIFY"]
    assert await county.digests() == before
    assert await county.sent() == sent


async def test_an_archive_that_was_cut_is_refused_whole(county: County, room: Path) -> None:
    """Half of a file is not taken for all of it, nor one stream's for another's."""
    await county.enrol()
    await run(county, "archive", str(room / "kept"), "--before", LATER, "--stream", "PARTNER")
    (whole,) = (room / "kept").glob("PARTNER-*.jsonl.gz")
    lines = gzip.decompress(whole.read_bytes()).splitlines(keepends=True)
    cut, torn = room / "cut.jsonl.gz", room / "torn.jsonl.gz"
    cut.write_bytes(gzip.compress(b"".join(lines[1:])))
    torn.write_bytes(whole.read_bytes()[:-20])
    before = await held(county, "PARTNER")

    answers = [
        await run(county, "replay", str(cut), "--stream", "PARTNER"),
        await run(county, "replay", str(torn), "--stream", "PARTNER"),
        await run(county, "replay", str(whole), "--stream", "CLAIMS"),
        await run(county, "replay", "--stream", "NONE"),
    ]

    assert [one.exit_code for one in answers] == [1, 1, 1, 2]
    assert await held(county, "PARTNER") == before
    assert oct(whole.stat().st_mode)[-3:] == "600"
    assert json.loads(lines[-1])["messages"] == len(lines) - 1 == before


async def test_streams_are_kept_for_a_while_and_letters_until_somebody_closes_them(
    county: County,
) -> None:
    """Half a year by itself: long after everything was applied, long before a stream is full."""
    nc = county.asker.nc
    assert nc is not None
    js = nc.jetstream()

    ages = {
        name: (await js.stream_info(name)).config.max_age
        for name in ("CLAIMS", "NOTIFY", "DEADLETTER")
    }

    assert ages == {"CLAIMS": 180 * 86_400, "NOTIFY": 180 * 86_400, "DEADLETTER": 0}
