"""The problem desk goes out as a sheet with names and comes back with who mends what until when."""

import asyncio
import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import openpyxl

from tests.builders import an_id_number
from tests.integration.browsing import TOWN, Person
from tests.integration.platform import Platform
from tests.integration.test_desk import rows_of
from tests.integration.test_operator import yingbao

OTHER_TOWN, BORN = "阚疃镇", date(1966, 12, 4)
PATH = "/v1/enrollment/2023/issues"


async def a_problem(platform: Platform, sequence: int, name: str, town: str) -> str:
    """Have somebody of low income be on the roster and not insured; return the number."""
    number = an_id_number(sequence, born=BORN, code="370899")
    said = {"certno": number, "name": name, "category": "SUBSISTENCE", "township": town}
    said |= {"effective": "2023-01-01", "village": "潘村"}
    assert await platform.report("civil_affairs", "StatusReported", **said) == 202
    return number


async def a_pass(platform: Platform) -> None:
    """Run the first pass of the three-pass check."""
    await platform.quiet()
    async with platform.http() as http:
        order = {"number": 1, "as_of": "2023-06-15"}
        done = await http.post(
            "/v1/enrollment/2023/reviews", json=order, headers=platform.key("bureau")
        )
    assert done.status_code == 200


def filled(content: bytes, said: dict[str, tuple[str, str]]) -> bytes:
    """Fill a sheet in: identity number → officer, day; the other lines stay as they are."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    head = [cell.value for cell in page[3]]
    for row in page.iter_rows(min_row=4):
        number = str(row[head.index("身份证号")].value or "")
        if number in said:
            for column, value in zip(("责任人", "整改期限"), said[number], strict=True):
                row[head.index(column)].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def ask(platform: Platform, holder: str, method: str, path: str, **what: Any) -> Any:
    """Call the door as somebody."""
    async with platform.http() as http:
        answer: httpx2.Response = await http.request(
            method, path, headers=platform.key(holder), **what
        )
    return answer


async def test_the_desk_goes_out_with_names_and_comes_back_with_officers_and_days(
    platform: Platform,
) -> None:
    """The township fills in what it knows; another township's person goes back as if nobody knew them."""
    own, later = [await a_problem(platform, n, f"施{n}", TOWN) for n in (1, 2)]
    foreign = await a_problem(platform, 3, "施3", OTHER_TOWN)
    await a_pass(platform)
    office = f"township_office/{TOWN}"

    sheet = await ask(platform, office, "GET", f"{PATH}.xlsx", params={"why": "落实责任人"})
    by_number = {row["身份证号"]: row for row in rows_of(sheet.content)}
    due = "2099-12-31"
    said = filled(sheet.content, {own: ("城关镇医保专干", due), later: ("专干", "不知道")})
    back = await ask(
        platform, office, "POST", f"{PATH}/promises", files={"file": ("清单.xlsx", said)}
    )
    guessed = f"身份证号,问题,责任人,整改期限\n{foreign},应参未参,专干,{due}\n".encode()
    again = await ask(
        platform, office, "POST", f"{PATH}/promises", files={"file": ("清单.xlsx", said)}
    )
    other = await ask(
        platform, office, "POST", f"{PATH}/promises", files={"file": ("x.csv", guessed)}
    )
    desk = await ask(platform, office, "GET", PATH, params={"state": "fixing", "limit": 1000})
    stranger = await ask(
        platform, "tax", "POST", f"{PATH}/promises", files={"file": ("x.csv", guessed)}
    )

    assert by_number[own]["姓名"] == "施1"
    assert by_number[own]["问题"] == "应参未参"
    assert foreign not in by_number
    assert back.json()["taken"] == 1
    assert [(one["reason"], one["name"]) for one in back.json()["rejected"]] == [
        ("bad_date", "施2")
    ]
    assert (again.json()["taken"], len(again.json()["rejected"])) == (0, 1), "nothing new"
    assert other.json()["taken"] == 0
    assert [one["reason"] for one in other.json()["rejected"]] == ["unknown_issue"]
    promised = [one for one in desk.json()["issues"] if one["due"] == due]
    assert [one["officer"] for one in promised] == ["城关镇医保专干"]
    assert stranger.status_code == 403


async def test_a_clerk_takes_the_sheet_from_the_page_and_sends_it_back(
    platform: Platform, clerk: Person
) -> None:
    """What goes back is named line by line; the reading of names stands in the record."""
    number = await a_problem(platform, 4, "施4", OTHER_TOWN)
    await a_pass(platform)
    page = await clerk.get("/desk?year=2023")
    sheet = await clerk.get("/desk/sheet", township=OTHER_TOWN)
    said = filled(sheet.content, {number: ("阚疃镇医保专干", "2099-11-30")})
    await clerk.get("/desk?year=2023")

    done = await clerk.post("/desk/sheet", files={"file": ("清单.xlsx", said)})
    none = await clerk.post("/desk/sheet")
    trail = await clerk.get("/access")

    assert "导出问题整改清单" in page.text
    assert re.search(r"已落实1件，退回0行，未变动\d+行", done.text)
    assert "请选择填写好的问题整改清单" in none.text
    assert "问题整改清单" in trail.text


async def test_the_sheet_goes_out_and_comes_back_by_command_too(
    platform: Platform, tmp_path: Path
) -> None:
    """For who does a county's month in a terminal; exit code 1 names the line that goes back."""
    good, bad = [await a_problem(platform, n, f"施{n}", OTHER_TOWN) for n in (5, 6)]
    await a_pass(platform)
    sheet = tmp_path / "清单.xlsx"
    asked = ["2023", "--why", "落实责任人", "--township", OTHER_TOWN, "--out", str(sheet)]

    out = await asyncio.to_thread(yingbao, platform, "issue", "export", *asked)
    due = {good: ("阚疃镇医保专干", "2099-10-31"), bad: ("专干", "近期")}
    sheet.write_bytes(filled(sheet.read_bytes(), due))
    back = await asyncio.to_thread(yingbao, platform, "issue", "import", "2023", str(sheet))

    assert out.returncode == 0, out.stderr
    assert str(sheet) in out.stdout
    assert back.returncode == 1
    assert "已落实1件，退回1行" in back.stdout
    assert "施6" in back.stderr
