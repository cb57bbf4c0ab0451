"""From the version before to this one with bills coming in: first the tables, then one service after the other."""

import asyncio
from pathlib import Path

from tests.containers.boxes import SERVICES
from tests.containers.in_containers import InContainers
from yingbao.running.reconciling import reconcile

BEFORE, NOW = "yingbao/yingbao:before", "yingbao/yingbao:local"
BATCH = 10


async def test_one_version_takes_over_from_the_other_with_traffic(tmp_path: Path) -> None:
    """Both work side by side on the same tables and events; no bill is lost, and the audit finds nothing."""
    sent, enough = 0, asyncio.Event()

    async def traffic(county: InContainers) -> None:
        nonlocal sent
        while not enough.is_set():
            assert await county.bills(sent, sent + BATCH) == BATCH
            sent += BATCH
            await asyncio.sleep(0.5)

    async with InContainers(tmp_path, BEFORE) as county:
        await county.enrol()
        sending = asyncio.create_task(traffic(county))
        await asyncio.to_thread(county.boxes.prepare, NOW)
        for name in SERVICES[:-1]:
            await asyncio.to_thread(county.boxes.replace, name, NOW)
        enough.set()
        await sending
        await asyncio.to_thread(county.boxes.replace, "gateway", NOW)
        await county.reach_again()
        assert await county.bills(sent, sent + BATCH) == BATCH
        await county.settled(sent + BATCH)
        await county.digests()
        assert await county.sent()
        assert await reconcile(county.stack.database_url) == []
    assert sent > BATCH
