"""Who reads English reads all of a page in English, and what the door refuses too."""

import re

import httpx2

from chassis.language import ENGLISH, HAN, spoken, tr
from services.console.form_files import FORMS
from tests.builders import an_id_number
from tests.integration.browsing import TOWN, Person
from tests.integration.platform import Platform
from tests.integration.test_console import enrolled
from yingbao.running.stack import Stack

OWN = an_id_number(831)
MENU = re.compile(r"<nav.*?</nav>", re.DOTALL)
LINK = re.compile(r'<li><a href="(/[^"]*)"')
TEXT = re.compile(r">([^<]+)<|(?:data-l|aria-label|placeholder)=\"([^\"]+)\"")
NAMES = re.compile(
    f"{TOWN}|东村|赵语言|县局甲|乡镇乙|入户核对|语言核对|张小明|上海市|江苏省苏州市|中文"
)
"""What somebody is called, wherever it is read, and what an English text quotes."""


RECORDS = re.compile(r"<tbody>.*?</tbody>", re.DOTALL)
QUOTED = {"/policy", "/access", "/letters", "/approvals"}
"""Pages whose tables say what a document or somebody said, as it was said."""


def texts_of(page: str) -> set[str]:
    """Return what people read on a page."""
    return {(one[0] or one[1]).strip() for one in TEXT.findall(page)}


async def pages_of(person: Person) -> list[str]:
    """Return every page of somebody's menu, and every form."""
    menu = MENU.search((await person.get("/")).text)
    assert menu
    return [*LINK.findall(menu[0]), "/login", "/purpose", *(f"/reports/{name}" for name in FORMS)]


async def test_every_page_is_english_for_whoever_chose_it_and_chinese_again_after(
    platform: Platform, clerk: Person, officer: Person
) -> None:
    """No text of the catalogue stands there untranslated: menus, headings, buttons, states, hints."""
    await enrolled(platform, OWN, "赵语言", TOWN)
    for person in (clerk, officer):
        await person.get("/language/en", then="/")
        left: dict[str, set[str]] = {}
        for path in await pages_of(person):
            page = await person.get(path)
            assert (page.status_code, '<html lang="en">' in page.text) == (200, True), path
            with spoken(ENGLISH):
                shown = RECORDS.sub("", page.text) if path in QUOTED else page.text
                found = {one for one in texts_of(shown) if HAN.search(one) and tr(one) != one}
            left |= {path: found} if found else {}

        assert left == {}

    assert "Problem desk" in (await officer.get("/desk")).text
    await officer.get("/language/zh", then="/")
    assert "问题台账" in (await officer.get("/desk")).text


async def test_a_page_without_data_has_no_chinese_sign(clerk: Person) -> None:
    """Headings, forms and hints of pages that show no record, down to the last comma."""
    await clerk.get("/language/en", then="/")
    for path in (
        "/people",
        "/purpose",
        "/city",
        "/sheets",
        *(f"/reports/{name}" for name in FORMS),
    ):
        page = await clerk.get(path)
        told = {
            one for one in texts_of(RECORDS.sub("", page.text)) if HAN.search(NAMES.sub("", one))
        }
        assert told == set(), path


async def test_the_door_says_no_in_the_language_that_is_asked_for(stack: Stack) -> None:
    """The reason is the same word for programs."""
    async with httpx2.AsyncClient(base_url=stack.gateway_url) as http:
        said = [
            (await http.get("/v1/lists", headers={"Accept-Language": one})).json()
            for one in ("en-GB,zh;q=0.5", "zh-CN", "fr")
        ]

    assert [one["reason"] for one in said] == ["key_refused"] * 3
    assert [one["message"] for one in said] == [
        "No key, or not the key of this source", *["未提供密钥，或密钥与来源不符"] * 2,
    ]  # fmt: skip


async def test_a_language_that_there_is_not_and_a_foreign_address_change_nothing(
    officer: Person,
) -> None:
    """The link takes people nowhere else."""
    odd = await officer.get("/language/fr", then="//elsewhere.example/")

    assert ("yingbao-language" in officer.http.cookies, odd.url.path) == (False, "/")
    assert '<html lang="zh-CN">' in odd.text


async def test_whoever_is_signed_out_meanwhile_is_sent_to_sign_in_by_the_part_that_is_fetched_again(
    officer: Person,
) -> None:
    """It is not put where the sign-in page has no such part, and does not keep a session alive."""
    part = {"HX-Request": "true"}
    there = await officer.http.get("/?again=true&year=2023", headers=part)
    await officer.post("/logout")
    gone = await officer.http.get("/?again=true&year=2023", headers=part)

    assert there.status_code == 200
    assert (gone.status_code, gone.headers["hx-redirect"][:12]) == (204, "/login?then=")
