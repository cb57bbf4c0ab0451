"""A corrected list of a month: what only the earlier one had said is no fact, whatever arrives first."""

import asyncio
import itertools

import pytest

from contracts.events.partner import RosterReceived
from contracts.vocabulary import Source
from tests.builders import a_row
from tests.integration.platform import Platform

SOURCE = Source.DISABLED_FEDERATION
"""Nobody else's full lists in these tests."""
CORRECTED = {
    21: "SUBSISTENCE_MARGIN", 15: "SEVERE_DISABILITY", 19: "KEY_VETERAN_CARE", 11: "MENTAL_RISK",
    7: "IMMEDIATE_HELP", 5: "ILLNESS_POOR",
}  # fmt: skip
"""A category for each order of three lists, so that they are registers of their own."""


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_what_only_a_corrected_list_had_said_is_no_fact_in_whatever_order_the_lists_arrive(
    platform: Platform, order: tuple[int, ...]
) -> None:
    """April with A, April again without A, May without A: A has no identity (domain §14: 15)."""
    category = CORRECTED[sum(one * 3**place for place, one in enumerate(order))]
    first, others = (
        platform.person,
        [f"p{platform.person[1:-2]}{two}" for two in ("aa", "bb", "cc")],
    )
    lists = []
    for number, (month, people) in enumerate(
        (("2023-04", [first, *others]), ("2023-04", others), ("2023-05", others))
    ):
        batch = f"{category}-{number}"
        rows = [
            a_row(month, one, category, batch=batch, minute=number,
                  recognised="2023-04-10" if month == "2023-04" else "")
            for one in people
        ]  # fmt: skip
        rows = [one.model_copy(update={"source": SOURCE}) for one in rows]
        notice = RosterReceived(
            source=SOURCE, received=rows[0].received, batch=batch, digest=batch,
            rows=len(rows), accepted=len(rows), rejected=0, month=rows[0].listed,
            standing=len(rows),
        )  # fmt: skip
        lists.append([*rows, notice])

    for one in order:
        await platform.publish(*lists[one])
        await closed_list(platform, f"{category}-{one}")
    await platform.quiet()

    query = "SELECT status, flags FROM enrollment.resident WHERE person = $1"
    async with asyncio.timeout(20):
        while True:
            (row,) = await platform.rows(query, first)
            if not row["flags"] and "2023-04" not in row["status"]:
                break
            await asyncio.sleep(0.3)
    (other,) = await platform.rows(query, others[0])
    assert other["flags"] == [category]


async def closed_list(platform: Platform, batch: str) -> None:
    """Wait until a list counts, or is replaced; an officer's question is answered with yes."""
    async with asyncio.timeout(30), platform.http() as http:
        while True:
            query = "SELECT state FROM enrollment.full_list WHERE batch = $1"
            found = [row["state"] for row in await platform.rows(query, batch)]
            if found and found[0] in {"closed", "superseded"}:
                return
            if found == ["question"]:
                await http.post(f"/v1/lists/{batch}/confirmation", headers=platform.key("bureau"))
            await asyncio.sleep(0.2)
