"""Notify dies around a provider's call; nobody is left untold, and nobody is told twice."""

from pathlib import Path

import pytest

from chassis import failpoints
from tests.integration.own_county import County
from yingbao.running.reconciling import reconcile


@pytest.mark.parametrize("place", [failpoints.BEFORE_CALL, failpoints.AFTER_CALL])
async def test_killed_around_the_call_each_family_is_told_once(room: Path, place: str) -> None:
    """The mark was on disk before the call: the provider is asked afterwards, and never just called again."""
    mark = room / "killed"
    county = County(room / "county")
    county.stack.extra_environment["YINGBAO_FAILPOINT"] = f"{place}@{mark}"
    async with county:
        await county.enrol()
        assert await county.bills(0, 30) == 30
        await county.settled(30)
        told = await county.sent()
        messages = await county.count("SELECT count(*) FROM notify.sms WHERE state = 'addressed'")

        assert mark.exists()
        assert len(told) == len(set(told)) == messages >= 30
        assert await reconcile(county.stack.database_url) == []
