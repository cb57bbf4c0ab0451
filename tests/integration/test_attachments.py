"""What there is to show for a problem: kept sealed, seen within the area, each look written down."""

import re
from typing import Any

import httpx2
import pytest

from chassis.privacy import person_key
from tests.integration.browsing import TOWN, Person
from tests.integration.platform import Platform
from tests.integration.test_issue_sheets import OTHER_TOWN, a_pass, a_problem

PICTURE = b"\x89PNG\r\n\x1a\n" + b"what somebody photographed" * 40
OFFICE, OTHER = f"township_office/{TOWN}", f"township_office/{OTHER_TOWN}"


async def ask(platform: Platform, holder: str, method: str, path: str, **what: Any) -> Any:
    """Call the door as somebody."""
    async with platform.http() as http:
        answer: httpx2.Response = await http.request(
            method, path, headers=platform.key(holder), **what
        )
    return answer


def of(platform: Platform, number: str) -> str:
    """Return where the files about somebody's not being insured are."""
    key = person_key(platform.stack.keys()["person_key"], number)
    return f"/v1/enrollment/2023/issues/not_enrolled/{key}/attachments"


async def test_a_picture_is_kept_sealed_and_seen_by_its_own_township_and_the_bureau(
    platform: Platform,
) -> None:
    """Another township learns nothing of it; who looked stands in the record; taken away, it is gone."""
    where = of(platform, await a_problem(platform, 21, "施二一", TOWN))
    await a_pass(platform)
    name = r"C:\图\13912345678证明.png"

    taken = await ask(platform, OFFICE, "POST", where, files={"file": (name, PICTURE)})
    foreign = await ask(platform, OTHER, "POST", where, files={"file": ("x.png", PICTURE)})
    (listed,) = (await ask(platform, "bureau", "GET", where)).json()
    one, why = f"/v1/attachments/{taken.json()['id']}", {"why": "核对佐证"}
    seen = await ask(platform, "bureau", "GET", one, params=why)
    hidden = await ask(platform, OTHER, "GET", one, params=why)
    unasked = await ask(platform, "bureau", "GET", one)
    others = await ask(platform, OTHER, "POST", f"{one}/removal")
    kept = await platform.rows(
        "SELECT content_sealed FROM gateway.attachment WHERE id = $1", listed["id"]
    )
    gone = await ask(platform, OFFICE, "POST", f"{one}/removal")
    after = await ask(platform, "bureau", "GET", one, params=why)
    reads = await platform.rows(
        "SELECT holder FROM enrollment.access WHERE what = 'attachment' AND why = '核对佐证'"
    )

    assert taken.status_code == 200, taken.text
    assert (foreign.status_code, hidden.status_code, others.status_code) == (404, 404, 404)
    assert (listed["type"], listed["holder"]) == ("image/png", OFFICE)
    assert re.fullmatch(r"佐证\d{8}-\d{6}\.png", listed["name"]), "its own may name somebody"
    assert seen.content == PICTURE
    assert unasked.status_code == 422
    assert PICTURE[10:30].decode() not in kept[0]["content_sealed"]
    assert (gone.status_code, after.status_code) == (200, 404)
    assert {row["holder"] for row in reads} >= {"bureau"}
    (emptied,) = await platform.rows(
        "SELECT content_sealed, remover FROM gateway.attachment WHERE id = $1", listed["id"]
    )
    assert tuple(emptied) == ("", OFFICE)


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"MZ\x90 a program", 422, "not_a_picture"),
        (b"<html><script>", 422, "not_a_picture"),
        (b"", 422, "not_a_picture"),
        (PICTURE + b"x" * (4 << 20), 413, "file_too_large"),
    ],
)
async def test_what_is_no_picture_is_refused_by_what_it_is_and_not_by_its_name(
    platform: Platform, content: bytes, status: int, reason: str
) -> None:
    """Whatever it calls itself, it would be opened on somebody's desk."""
    where = of(platform, await a_problem(platform, 22, "施二二", TOWN))
    await a_pass(platform)

    refused = await ask(platform, OFFICE, "POST", where, files={"file": ("照片.png", content)})

    assert (refused.status_code, refused.json()["reason"]) == (status, reason)


async def test_a_clerk_attaches_a_picture_looks_at_it_and_takes_it_away(
    platform: Platform, clerk: Person
) -> None:
    """From the line of the problem; what was taken away stays named, without its content."""
    key = of(platform, await a_problem(platform, 23, "施二三", TOWN)).split("/")[-2]
    await a_pass(platform)
    desk = await clerk.get("/desk", year="2023", township=TOWN, kind="not_enrolled")
    page = f"/attachments/not_enrolled/{key}"

    await clerk.get(page)
    said = {"kind": "not_enrolled", "person": key, "year": "2023"}
    done = await clerk.post("/attachments", files={"file": ("截图.png", PICTURE)}, **said)
    (link,) = set(re.findall(rf'href="({page}/[0-9a-f]{{32}})"', done.text))
    seen = await clerk.get(link)
    await clerk.get(page)
    gone = await clerk.post(f"{link}/removal", year="2023")

    assert page in desk.text
    assert "佐证材料已上传" in done.text
    assert seen.content == PICTURE
    assert seen.headers["content-disposition"].startswith("attachment")
    assert "已撤下（县医保局 clerk" in gone.text
    assert link not in gone.text
