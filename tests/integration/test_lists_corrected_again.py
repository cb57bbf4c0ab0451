"""Several lists of a month: the last holds, and what it replaced can come back."""

import asyncio
from datetime import date

from contracts.vocabulary import Category
from tests.builders import a_grant
from tests.integration.platform import PATIENCE, Platform
from tests.integration.test_lists_answered import County, lists_of
from tests.integration.test_rosters import settled


async def test_of_three_lists_of_a_month_the_third_holds_also_if_it_is_the_first_again(
    platform: Platform,
) -> None:
    """A, B, A: who was on A only is back; sending A once more changes nothing."""
    county = County(platform, "三次村", "低保边缘", date(1964, 1, 1))
    first, second = county.rows(1, 2, 3, 4), county.rows(1, 2, 3, 5)
    for content in (first, second, first):
        found = await county.taken(content, "2023-04")
        if found["state"] == "question":
            await county.post(f"/v1/lists/{found['batch']}/confirmation")
            found = await settled(platform, found["batch"])
    await platform.quiet()

    async with asyncio.timeout(PATIENCE):
        while await county.standing() != {county.key(n) for n in (1, 2, 3, 4)}:
            await asyncio.sleep(0.3)
    repeat = await county.taken(first, "2023-04")
    assert repeat["batch"] == found["batch"]
    states = [one["state"] for one in await lists_of(platform) if one["month"] == "2023-04-01"
              and one["accepted"] == 4]  # fmt: skip
    assert states.count("closed") >= 1


async def test_a_corrected_list_leaves_nothing_standing_that_only_the_earlier_one_said(
    platform: Platform,
) -> None:
    """Recognised on the first list of April, not on the corrected one, nor in May: no identity at all."""
    county = County(platform, "更正村", "事实无人抚养儿童", date(1965, 1, 1))
    await county.taken(county.rows(1, 2, 3, 4, 5, 6), "2023-04")
    await county.taken(county.rows(1, 2, 3, 4, 5), "2023-04")
    await county.taken(county.rows(1, 2, 3, 4, 5), "2023-05")
    await platform.quiet()

    async with asyncio.timeout(PATIENCE):
        while await county.identities(6):
            await asyncio.sleep(0.3)
    assert await county.identities(5) == [("2023-04-10", None)]


async def test_undoing_a_correction_brings_back_the_list_that_it_had_replaced(
    platform: Platform,
) -> None:
    """April was right, its "correction" was not: the first list counts again, with its days."""
    county = County(platform, "复原村", "困境儿童", date(1968, 1, 1))
    await county.taken(county.rows(1, 2, 3, 4, 5, 6), "2023-04")
    wrong = await county.taken(county.rows(1, 2, 3, 4, 5), "2023-04")
    assert wrong["state"] == "closed"
    async with asyncio.timeout(PATIENCE):
        while len(await county.standing()) != 5:
            await asyncio.sleep(0.3)

    await county.post(f"/v1/lists/{wrong['batch']}/withdrawal", {"why": "报送有误"})

    async with asyncio.timeout(PATIENCE):
        while len(await county.standing()) != 6:
            await asyncio.sleep(0.3)
    assert await county.identities(6) == [("2023-04-10", None)]


async def test_rows_that_arrive_after_their_list_was_withdrawn_are_taken_back_too(
    platform: Platform,
) -> None:
    """An officer withdraws a wrong list while its rows are still on their way."""
    county = County(platform, "迟到村", "困境儿童", date(1969, 1, 1))
    answer = (await county.send(county.rows(1, 2, 3), "2023-04")).json()
    await settled(platform, answer["batch"])
    late = a_grant(on="2023-04-10", person=county.key(9)).model_copy(
        update={
            "batch": answer["batch"], "listed": date(2023, 4, 1), "category": Category.CHILD_IN_DIFFICULTY,
            "village": county.village,
        }
    )  # fmt: skip
    await county.post(f"/v1/lists/{answer['batch']}/withdrawal", {"why": "报送有误"})

    await platform.publish(late)

    async with asyncio.timeout(PATIENCE):
        await asyncio.sleep(1)
        while await county.standing():
            await asyncio.sleep(0.3)
