"""Full lists, the three passes and the problem desk, on the whole platform."""

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.builders import an_id_number
from tests.integration.platform import PATIENCE, Platform
from tests.integration.test_ledgers import ledger
from tests.integration.test_operator import yingbao

TOWN = "城关镇"
BORN = {n: date(1950 + n, 3, 1) for n in range(10)}


def a_csv(
    *people: int, town: str = TOWN, word: str = "低保对象", extra: str = "", offset: int = 0
) -> bytes:
    """Return a list in GB18030, as civil affairs sends it."""
    lines = ["姓名,身份证号,人员类别,乡镇,村"]
    lines += [f"甲{n},{an_id_number(n + offset)},{word},{town},东村" for n in people]
    return "\n".join([*lines, *([extra] if extra else [])]).encode("gb18030")


async def send(platform: Platform, content: bytes, month: str, **params: Any) -> Any:
    """Send a full list of rural revitalisation, and wait until it is closed or a question."""
    async with platform.http() as http:
        return await http.post(
            "/v1/rosters/rural_revitalisation",
            params={"month": f"{month}-01", "full": "true", **params},
            files={"file": ("list.csv", content)},
            headers=platform.key("rural_revitalisation"),
        )


async def settled(platform: Platform, batch: str) -> dict[str, Any]:
    """Wait until a list is no longer waiting; return it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await platform.quiet()
            async with platform.http() as http:
                answer = await http.get("/v1/lists", headers=platform.key("bureau"))
            for one in answer.json():
                if one["batch"] == batch and one["state"] != "waiting":
                    found: dict[str, Any] = one
                    await platform.quiet()
                    return found
            await asyncio.sleep(0.2)


async def standing(platform: Platform, offset: int) -> int:
    """Return how many of a test's people stand on a roster."""
    query = (
        "SELECT count(*) FROM enrollment.resident WHERE village = $1 AND cardinality(listed) > 0"
    )
    (row,) = await platform.rows(query, f"村{offset}")
    return int(row[0])


def a_list(offset: int, *people: int, extra: str = "") -> bytes:
    """Return a list whose people live in a village of their own."""
    lines = ["姓名,身份证号,人员类别,乡镇,村"]
    lines += [
        f"乙,{an_id_number(n, code='522699', born=BORN[offset])},脱贫不稳定,{TOWN},村{offset}"
        for n in people
    ]
    return "\n".join([*lines, *([extra] if extra else [])]).encode("gb18030")


async def test_whoever_is_absent_from_the_next_full_list_is_removed_and_nobody_else(
    platform: Platform,
) -> None:
    """Three in April, two in May; the same list again changes nothing; announced as a stop."""
    april = (await send(platform, a_list(1, 1, 2, 3), "2023-04")).json()
    await settled(platform, april["batch"])
    assert await standing(platform, 1) == 3

    may = (await send(platform, a_list(1, 1, 2), "2023-05")).json()
    found = await settled(platform, may["batch"])
    again = (await send(platform, a_list(1, 1, 2), "2023-05")).json()
    await settled(platform, again["batch"])

    assert (found["state"], found["standing"], found["absent"]) == ("closed", 3, 1)
    assert await standing(platform, 1) == 2
    moves = await ledger(platform, "enrolment_change", township=TOWN, village="村1")
    gone = [(row["变动类型"], row["生效月份"]) for row in moves if row["变动类型"] != "新增"]
    assert gone == [("取消", "2023-05")]


async def test_a_list_of_which_a_row_went_back_removes_nobody_until_somebody_says_so(
    platform: Platform, tmp_path: Path
) -> None:
    """The person of the broken row would seem absent; a corrected list of the same month settles it."""
    first = (await send(platform, a_list(2, 1, 2), "2023-06")).json()
    await settled(platform, first["batch"])
    broken = (await send(platform, a_list(2, 1, extra=f"乙,52269919520301002Z,脱贫不稳定,{TOWN},村2"), "2023-07")).json()  # fmt: skip
    asked = await settled(platform, broken["batch"])

    assert [one["reason"] for one in broken["rejected"]] == ["id_malformed"]
    assert asked["state"] == "question"
    assert await standing(platform, 2) == 2
    listed = await asyncio.to_thread(yingbao, platform, "roster", "list")
    assert listed.returncode == 1
    assert "待确认" in listed.stdout

    confirmed = await asyncio.to_thread(yingbao, platform, "roster", "confirm", broken["batch"])
    async with asyncio.timeout(PATIENCE):
        while await standing(platform, 2) != 1:
            await asyncio.sleep(0.2)

    assert confirmed.returncode == 0, confirmed.stderr


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        (f"乙,,脱贫不稳定,{TOWN},村3", "list_incomplete"),
        (f"乙,{an_id_number(9)},,{TOWN},村3", "list_incomplete"),
    ],
)
async def test_a_full_list_with_an_empty_cell_goes_back_whole(
    platform: Platform, extra: str, reason: str
) -> None:
    """Whoever stands in that row would be removed: nothing of the file is taken."""
    answer = await send(platform, a_list(3, 1, extra=extra), "2023-08")

    assert answer.status_code == 422
    assert answer.json()["reason"] == reason
    assert await standing(platform, 3) == 0


async def test_a_pass_opens_what_is_wrong_and_the_next_closes_what_is_mended(
    platform: Platform,
) -> None:
    """not_enrolled is opened, promised, then closed once the tax office has the premium."""
    number = an_id_number(7, code="370899")
    person = {"certno": number, "name": "丙", "township": "阚疃镇", "village": "西村"}
    status = person | {"category": "SUBSISTENCE", "effective": "2023-01-01"}
    premium = person | {"coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20"}
    office = platform.key("township_office/阚疃镇")
    async with platform.http() as http:
        await http.post(
            "/v1/reports/civil_affairs/StatusReported",
            json=status,
            headers=platform.key("civil_affairs"),
        )
        await platform.quiet()
        order = {"number": 1, "as_of": "2023-06-15"}
        url = "/v1/enrollment/2023/reviews"
        first = (await http.post(url, json=order, headers=platform.key("bureau"))).json()
        mine = (await http.get("/v1/enrollment/2023/issues", headers=office)).json()["issues"]
        (issue,) = [
            one for one in mine if (one["kind"], one["village"]) == ("not_enrolled", "西村")
        ]
        where = f"/v1/enrollment/2023/issues/not_enrolled/{issue['person']}"
        promise = {"officer": "乡镇医保办主任", "due": "2023-06-20"}
        promised = await http.post(where, json=promise, headers=office)
        elsewhere = await http.get(
            "/v1/enrollment/2023/issues", params={"township": TOWN}, headers=office
        )
        ordered = await http.post(url, json=order, headers=office)
        late = (await http.post(url, json=order | {"as_of": "2023-06-20"}, headers=platform.key("bureau"))).json()  # fmt: skip
        await http.post("/v1/reports/tax/PremiumPaid", json=premium, headers=platform.key("tax"))
        await platform.quiet()
        last = (await http.post(url, json=order | {"as_of": "2023-06-21"}, headers=platform.key("bureau"))).json()  # fmt: skip
        after = (await http.get("/v1/enrollment/2023/issues", headers=office)).json()["issues"]
        runs = (await http.get(url, headers=platform.key("bureau"))).json()

    assert first["opened"] >= 1
    assert {one["township"] for one in mine} == {"阚疃镇"}
    assert "核实原因" in issue["follow_up"]
    assert promised.status_code == 200
    assert "早于今天" in promised.json()["notes"][0]
    assert (elsewhere.status_code, elsewhere.json()["reason"]) == (403, "outside_area")
    assert ordered.status_code == 403
    assert (late["promised"], late["broken"]) == (1, 1)
    assert last["closed"] >= 1
    by_run = {one["run"]: one for one in runs}
    assert by_run[late["run"]]["broken"] == 1
    assert by_run[last["run"]]["as_of"] == "2023-06-21"
    assert [one["state"] for one in after if one["person"] == issue["person"]] == ["closed"]


async def test_a_list_sent_from_the_command_line_leaves_a_file_for_the_sender(
    platform: Platform, tmp_path: Path
) -> None:
    """Row, name, reason, and a place for the seal."""
    file = tmp_path / "低保名册.csv"
    file.write_bytes(a_csv(41, 42, extra=f"丁,12345,低保对象,{TOWN},东村"))

    sent = await asyncio.to_thread(
        yingbao, platform, "roster", "import", str(file), "--source", "civil_affairs", "--month", "2023-05", "--json"
    )  # fmt: skip

    assert sent.returncode == 1
    found = json.loads(sent.stdout)
    assert (found["rows"], found["accepted"]) == (3, 2)
    page = openpyxl.load_workbook(found["rejection_file"]).worksheets[0]
    assert [page["A4"].value, page["B4"].value, page["E4"].value] == [
        4,
        "丁",
        "身份证号位数或字符不对",
    ]
    assert page["A6"].value == "退回单位（盖章）："
