"""Somebody is found by name, initials, phone and household, by those who may, and it is written down."""

import asyncio
import re
from datetime import date
from typing import Any

import asyncpg

from tests.builders import an_id_number
from tests.integration.platform import Platform

TOWN, ELSEWHERE, BORN = "西潘楼镇", "阚疃镇", date(1951, 2, 3)
NAME = "单于明"


async def listed(platform: Platform, n: int, **other: object) -> str:
    """Put somebody on the roster of civil affairs; returns the number."""
    number = an_id_number(n, born=BORN, code="370899")
    body = {
        "certno": number, "name": NAME, "category": "SUBSISTENCE", "township": TOWN,
        "effective": "2023-01-01", "village": "潘村",
    }  # fmt: skip
    assert await platform.report("civil_affairs", "StatusReported", **body | other) == 202
    await platform.quiet()
    return number


async def found(platform: Platform, word: str, holder: str = "bureau", **other: Any) -> Any:
    """Return what the door answers to a search."""
    async with platform.http() as http:
        answer = await http.post(
            "/v1/enrollment/persons/find", json={"word": word, "why": "入户核对"} | other,
            headers=platform.key(holder),
        )  # fmt: skip
    return answer.json()


async def test_somebody_is_found_by_what_one_knows_of_them(platform: Platform) -> None:
    """A family at the desk says a name or a phone; the four last digits tell two of one name apart."""
    first = await listed(platform, 1, phone="13800137001")
    second = await listed(platform, 2, township=ELSEWHERE)

    by_name = await found(platform, NAME)
    by_letters = [await found(platform, word) for word in ("sym", "dym", "CYM")]
    by_phone = await found(platform, "138-0013-7001")
    theirs = await found(platform, NAME, f"township_office/{TOWN}")
    foreign = await found(platform, NAME, f"township_office/{TOWN}", township=ELSEWHERE)
    part = await found(platform, NAME[:2])
    # Pages go by key; within one, people stand by place.
    one, other = sorted(person["person"] for person in by_name["people"])
    paged = await found(platform, NAME, after=one)

    assert {one["last4"] for one in by_name["people"]} == {first[-4:], second[-4:]}
    assert all(len(one["people"]) == 2 for one in by_letters)
    assert [one["last4"] for one in by_phone["people"]] == [first[-4:]]
    assert [(one["name"], one["village"]) for one in theirs["people"]] == [(NAME, "潘村")]
    assert foreign["reason"] == "outside_area"
    assert part == {"people": [], "next": ""}
    assert [person["person"] for person in paged["people"]] == [other]
    assert by_name["next"] == paged["next"] == ""


async def test_somebody_is_found_by_today_s_name_only(platform: Platform) -> None:
    """A list that was mended: the misspelt name finds nobody any more."""
    number = await listed(platform, 11, name="白一名")
    assert len((await found(platform, "白一名"))["people"]) == 1

    await listed(platform, 11, name="白一鸣", effective="2023-02-01")

    assert (await found(platform, "白一名"))["people"] == []
    assert [one["last4"] for one in (await found(platform, "白一鸣"))["people"]] == [number[-4:]]


async def test_a_household_is_shown_with_its_members_of_the_own_township(
    platform: Platform,
) -> None:
    """Who lives together stands together, whoever is asked about first."""
    head = await listed(
        platform, 21, name="户一", head_certno=an_id_number(21, born=BORN, code="370899")
    )
    await listed(platform, 22, name="户二", head_certno=head)
    await listed(platform, 23, name="户三", head_certno=head, township=ELSEWHERE)
    (one,) = (await found(platform, "户二"))["people"]
    path = f"/v1/enrollment/persons/{one['person']}/household?why=入户核对"

    async with platform.http() as http:
        county = await http.get(path, headers=platform.key("bureau"))
        town = await http.get(path, headers=platform.key(f"township_office/{TOWN}"))

    assert {one["name"] for one in county.json()["people"]} == {"户一", "户二", "户三"}
    assert {one["name"] for one in town.json()["people"]} == {"户一", "户二"}


async def test_no_name_lies_in_clear_and_each_search_is_written_down(platform: Platform) -> None:
    """What finds a name is a keyed hash; who searched stands in the record, without the word."""
    await listed(platform, 31, name="暗一暗", phone="13800137031")
    await found(platform, "暗一暗")

    owner = await asyncpg.connect(platform.stack.database_url)
    words = [row[0] for row in await owner.fetch("SELECT word FROM enrollment.found_by")]
    read = await owner.fetchrow("SELECT * FROM enrollment.access ORDER BY id DESC LIMIT 1")
    await owner.close()

    assert words
    assert all(set(one) <= set("0123456789abcdef") for one in words)
    assert (read["holder"], read["what"], read["people"]) == ("bureau", "find", 1)
    assert re.fullmatch("p[a-z2-7]{26}", read["area"]), "of one person it is written down who"
    assert "暗" not in str(dict(read))


async def test_who_was_taken_off_a_list_by_mistake_is_found_by_no_name_until_somebody_names_them(
    platform: Platform,
) -> None:
    """A list that was withdrawn says nothing any more, the name of its people neither."""
    number = an_id_number(41, born=BORN, code="370899")
    content = f"姓名,身份证号,人员类别,乡镇\n误一列,{number},低保,{TOWN}\n".encode()
    async with platform.http() as http:
        sent = await http.post(
            "/v1/rosters/civil_affairs", params={"month": "2021-05-01", "full": "true"},
            files={"file": ("名册.csv", content)}, headers=platform.key("civil_affairs"),
        )  # fmt: skip
        await platform.quiet()
        before = await found(platform, "误一列")
        withdrawn = await http.post(
            f"/v1/lists/{sent.json()['batch']}/withdrawal", json={"why": "报错了"},
            headers=platform.key("bureau"),
        )  # fmt: skip
    await platform.quiet()
    for _ in range(60):
        if not (await found(platform, "误一列"))["people"]:
            break
        await asyncio.sleep(0.5)

    assert withdrawn.status_code < 300, withdrawn.text
    assert len(before["people"]) == 1
    assert (await found(platform, "误一列"))["people"] == []
