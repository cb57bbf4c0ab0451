"""A corrected list of a month: what only the earlier one had said is no fact, whatever arrives first."""

import asyncio
import itertools

import pytest

from contracts.events.base import Event
from contracts.events.lists import RosterReceived
from contracts.vocabulary import Source
from tests.builders import a_row
from tests.integration.platform import PATIENCE, Platform

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
    months = {"2023-04": [first, *others], "2023-04 again": others, "2023-05": others}
    lists = [
        a_list(month[:7], {category: people}, SOURCE, f"{category}-{number}", number)
        for number, (month, people) in enumerate(months.items())
    ]

    for one in order:
        await platform.publish(*lists[one])
        await closed_list(platform, f"{category}-{one}")
    await platform.quiet()

    await stands(platform, first, [])
    await stands(platform, others[0], [category])


OWNERS = (
    Source.HEALTH, Source.POLICE, Source.FUNERAL_HOME, Source.TAX, Source.OTHER_AREA,
    Source.EMPLOYEE_INSURANCE,
)  # fmt: skip
"""A source for each order of three lists that share their categories."""


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_a_corrected_list_that_names_fewer_categories_replaces_only_what_it_speaks_of(
    platform: Platform, order: tuple[int, ...]
) -> None:
    """Low income and hardship in one file, low income corrected in another: hardship stands as it was.

    Taken back, the correction leaves everybody as the first list had said.
    """
    source = OWNERS[list(itertools.permutations(range(3))).index(order)]
    gone, kept, hard = (f"p{platform.person[1:-2]}{two}" for two in ("aa", "bb", "cc"))
    batch = f"{source.value}-"
    lists = [
        a_list(
            "2023-04", {"SUBSISTENCE": [gone, kept], "DESTITUTE": [hard]}, source, f"{batch}0", 0
        ),
        a_list("2023-04", {"SUBSISTENCE": [kept]}, source, f"{batch}1", 1),
        a_list("2023-05", {"SUBSISTENCE": [kept], "DESTITUTE": [hard]}, source, f"{batch}2", 2),
    ]

    for one in order:
        await platform.publish(*lists[one])
        await closed_list(platform, f"{batch}{one}")
    await platform.quiet()
    await stands(platform, gone, [])
    await stands(platform, kept, ["SUBSISTENCE"])
    await stands(platform, hard, ["DESTITUTE"])
    async with platform.http() as http:
        for one in (2, 1):
            answer = await http.post(
                f"/v1/lists/{batch}{one}/withdrawal", json={"why": "重复上报"},
                headers=platform.key("bureau"),
            )  # fmt: skip
            assert answer.status_code == 200, answer.text
        shown = (await http.get("/v1/lists", headers=platform.key("bureau"))).json()
    await platform.quiet()

    await stands(platform, gone, ["SUBSISTENCE"], since="2023-04-10")
    await stands(platform, kept, ["SUBSISTENCE"], since="2023-04-10")
    await stands(platform, hard, ["DESTITUTE"])
    assert [one["replaced"] for one in shown if one["batch"] == f"{batch}0"] == [[]]


def a_list(
    month: str, people: dict[str, list[str]], source: Source, batch: str, minute: int
) -> list[Event]:
    """Return a full list: its rows, recognised on 10 April where the list is April's, and its notice."""
    rows = [
        a_row(month, one, category, batch=batch, minute=minute,
              recognised="2023-04-10" if month == "2023-04" else "")
        for category, several in people.items() for one in several
    ]  # fmt: skip
    rows = [one.model_copy(update={"source": source}) for one in rows]
    notice = RosterReceived(
        source=source, received=rows[0].received, batch=batch, digest=batch,
        rows=len(rows), accepted=len(rows), rejected=0, month=rows[0].listed,
        standing=len(rows),
    )  # fmt: skip
    return [*rows, notice]


async def stands(platform: Platform, person: str, flags: list[str], since: str = "") -> None:
    """Wait until a person has exactly these identities; none at all if there are none."""
    query = "SELECT status, flags FROM enrollment.resident WHERE person = $1"
    async with asyncio.timeout(PATIENCE):
        while True:
            rows = await platform.rows(query, person)
            flags_now, status = (rows[0]["flags"], rows[0]["status"]) if rows else (None, "")
            nothing_left = flags or "2023-0" not in status
            if flags_now == flags and nothing_left and since in status:
                return
            await asyncio.sleep(0.3)


async def closed_list(platform: Platform, batch: str) -> None:
    """Wait until a list counts, or is replaced; an officer's question is answered with yes."""
    async with asyncio.timeout(90), platform.http() as http:
        while True:
            query = "SELECT state FROM enrollment.full_list WHERE batch = $1"
            found = [row["state"] for row in await platform.rows(query, batch)]
            if found and found[0] in {"closed", "superseded"}:
                return
            if found == ["question"]:
                await http.post(f"/v1/lists/{batch}/confirmation", headers=platform.key("bureau"))
            await asyncio.sleep(0.2)
