"""The console over the real door: signing in, a clerk's and a township officer's work, and whom nobody sees."""

import asyncio
import io
import re
import time

import openpyxl
from fastapi import FastAPI
from fastapi.routing import APIRoute

from services.console.pages import ROUTERS
from tests.builders import an_id_number
from tests.integration.browsing import PASSWORD, TOWN, Person, fresh_code
from tests.integration.platform import Platform
from tests.integration.test_bills_to_look_at import (
    Hospital,
    hospital,  # noqa: F401  a fixture
)
from yingbao.running.accounts import add_account, end_account
from yingbao.running.stack import Stack

OWN = an_id_number(801)
OUTSIDE = re.compile(r'(?:src|href|action)="(?!/(?!/)|#|tel:)[^"]*"')


async def enrolled(platform: Platform, number: str, name: str, township: str) -> None:
    """Have civil affairs name somebody, and wait until enrollment knows."""
    status = {
        "certno": number, "name": name, "township": township, "village": "东村",
        "category": "SUBSISTENCE", "effective": "2023-01-01",
    }  # fmt: skip
    assert await platform.report("civil_affairs", "StatusReported", **status) == 202
    await platform.quiet()


async def test_nobody_gets_in_without_password_and_code_and_no_code_counts_twice(
    console: FastAPI, accounts: str
) -> None:
    """A wrong password, a wrong code and a code that was used say the same; then it is enough for now."""
    person, code = Person(console), await fresh_code(accounts)
    assert "登录" in (await person.get("/desk?township=甲&kind=b")).text
    assert (
        "/desk?township=%E7%94%B2&amp;kind=b" in (await person.get("/desk?township=甲&kind=b")).text
    )

    wrong = [
        await person.post("/login", login="clerk", password="another one", code=code),
        await person.post("/login", login="clerk", password=PASSWORD, code="000000"),
        await person.post("/login", login="nobody", password=PASSWORD),
    ]
    right = await person.post("/login", login="clerk", password=PASSWORD, code=code)
    other = Person(console)
    await other.get("/login")
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code)
    again = [
        await other.post("/login", login="clerk", password=PASSWORD, code=one)
        for one in (code, wide)
    ]
    guesses = [other.post("/login", login="nobody", password="guess") for _ in range(12)]
    last = await asyncio.gather(*guesses)
    tokenless = await Person(console).post("/login", login="clerk", password=PASSWORD, code=code)

    assert {one.status_code for one in wrong} == {401}
    assert len({re.sub(r'value="[^"]*"', "", one.text) for one in wrong}) == 1
    assert "县局甲" in right.text
    assert [one.status_code for one in again] == [401, 401]
    assert sorted(one.status_code for one in last) == [401] * 4 + [429] * 8
    assert tokenless.status_code == 403


async def test_a_form_from_elsewhere_changes_nothing(officer: Person) -> None:
    """Another site's form, or one without the session's token, is refused; a page goes into no frame."""
    page = await officer.get("/people")
    cross = await officer.http.post(
        "/logout", data={"form": officer.token}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    officer.token = "guessed"
    forged = await officer.post("/logout")

    assert (cross.status_code, forged.status_code) == (403, 403)
    assert "乡镇乙" in (await officer.get("/people")).text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"


async def test_a_clerk_finds_somebody_for_a_purpose_and_it_is_written_down(
    platform: Platform, clerk: Person
) -> None:
    """By number or by name; the page says identities and who said what; the trail has the clerk's own name."""
    await enrolled(platform, OWN, "金丝雀甲", TOWN)

    page = await clerk.post("/people", word=OWN)
    called = [await clerk.post("/people", word=word) for word in ("金丝雀甲", "jsqj")]
    trail = await clerk.get("/access")

    assert page.status_code == 200
    assert "低保对象" in page.text
    assert "民政局" in page.text
    assert "金丝雀甲（证号后四位" in page.text
    assert all(f'<td data-l="证号后四位">{OWN[-4:]}</td>' in one.text for one in called)
    assert OWN not in page.text
    assert OWN not in str(page.url)
    assert "县医保局 clerk" in trail.text
    assert "入户核对" in trail.text


async def test_an_officer_sees_the_own_township_and_by_no_address_another(
    platform: Platform, household: str, officer: Person
) -> None:
    """Every page there is, with another township's person and bill by their known addresses."""
    key, claim = await key_of(platform, household), f"H34169901:L{platform.number}a"
    known = {"person": key, "claim": claim, "ledger": "roster", "name": "identity"}
    known |= {
        "kind": "not_enrolled",
        "attachment": "0" * 32,
        "order": "0" * 32,
        "wanted": "zh",
        "number": "1",
    }
    pages = sorted({
        route.path.format(**known) for router in ROUTERS for route in router.routes
        if isinstance(route, APIRoute) and "GET" in route.methods
    } | set(GETS) | {f"/bills?claim={claim}&code=0000-0000-0000", f"/people/{key}?known_on=2023-05-01"})  # fmt: skip

    seen = {path: await officer.get(path) for path in pages}
    asked = await officer.post("/people", word=household)
    called = await officer.post("/people", word="吴老三")

    assert len(pages) > 30
    for path, answer in seen.items():
        assert answer.status_code in {200, 303, 403, 404, 422}, path
        assert "张村镇" not in answer.text.replace("张村镇、", ""), path
        assert "吴老三" not in answer.text, path
    for path in (f"/people/{key}", f"/bills/{claim}", f"/bills/{claim}/sheet"):
        assert seen[path].status_code == 404, path
    assert seen[f"/attachments/not_enrolled/{key}"].status_code == 404
    for path in ("/lists", "/access", "/keys", "/approvals", "/what-if", "/letters", "/letters/1"):
        assert seen[path].status_code == 403, path
    assert called.status_code == 200
    assert "未查到符合条件的人员" in called.text
    assert "本辖区没有这个人员，请核对" in asked.text


GETS = (
    "/", "/lists", "/people", "/desk", "/desk?township=张村镇", "/tasks", "/tasks?township=张村镇", "/calls",
    "/bills", "/adjustments", "/reports", "/reports/identity", "/sheets", "/officers",
    "/officers?township=张村镇", "/access", "/city", "/policy", "/policy?unverified=true", "/keys",
    "/sheets/statements?month=2023-05",
    "/sheets/chosen?ledger=roster&township=张村镇",
)  # fmt: skip


async def key_of(platform: Platform, number: str) -> str:
    """Return somebody's key, as the bureau finds it."""
    async with platform.http() as http:
        found = await http.post(
            "/v1/enrollment/persons/lookup", json={"certno": number, "why": "核对"},
            headers=platform.key("bureau"),
        )  # fmt: skip
    return str(found.json()["person"])


async def test_a_list_is_previewed_and_sent_in_and_what_goes_back_is_named(clerk: Person) -> None:
    """A department's list on a stick: who handed it in is known; a row without a right number goes back."""
    number = an_id_number(803)
    content = f"姓名,身份证号,人员类别,乡镇\n甲,{number},低保,{TOWN}\n乙,123,低保,{TOWN}\n".encode()
    said = {"source": "civil_affairs", "month": "2023-05"}

    first = await clerk.post(
        "/lists", files={"file": ("名册.csv", content)}, what="preview", **said
    )
    sent = await clerk.post("/lists", files={"file": ("名册.csv", content)}, what="send", **said)
    none = await clerk.post("/lists", what="send", **said)
    back = await clerk.post("/lists", files={"file": ("名册.csv", content)}, what="back", **said)

    assert "名册预览（未作任何改动）" in first.text
    assert "名册回执" in sent.text
    assert "收1行，退1行" in sent.text
    assert "乙" in sent.text
    assert "请选择名册文件" in none.text
    (sheet,) = openpyxl.load_workbook(io.BytesIO(back.content)).worksheets
    cells = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert {"民政局名册退回清单", "乙"} <= set(cells)
    assert "甲" not in cells


async def test_a_form_is_taken_or_says_what_is_wrong_beside_what_was_written(
    officer: Person,
) -> None:
    """A reason for not being enrolled; with a day that there is not, the form comes back as it was written."""
    await officer.get("/reports/justification")
    said = {"certno": OWN, "reason": "ARMY", "valid_from": "2023-03-01", "action": "reported"}

    taken = await officer.post("/reports/justification", **said)
    wrong = await officer.post("/reports/justification", **(said | {"valid_from": "2023-02-30"}))
    none = await officer.get("/reports/nothing")

    assert "已受理" in taken.text
    assert 'role="alert">自：' in wrong.text
    assert f'value="{OWN}"' in wrong.text
    assert none.status_code == 404


async def test_a_refused_bill_is_on_the_list_and_opens_with_its_reason(
    hospital: Hospital,  # noqa: F811  the fixture of that name
    clerk: Person,
) -> None:
    """The door answers 422 for it, with where it stands: that is an answer, and not a failure."""
    await hospital.send("a", hospital_reduction="9000.00")
    listed = await clerk.get("/bills", state="refused")
    (link,) = re.findall(rf'href="(/bills/[^"]*{hospital.platform.number}-a)"', listed.text)

    page = await clerk.get(link)

    assert page.status_code == 200
    assert "已退回" in page.text


async def test_whose_account_ends_is_shown_nothing_more(stack: Stack, console: FastAPI) -> None:
    """From the next click on, without a restart; and the login is free for nobody's key."""
    add_account(stack.directory, stack.county, "leaver", "丙", "", PASSWORD, second_factor=False)
    leaver = Person(console)
    await leaver.sign_in("leaver")
    before = await leaver.get("/desk")

    end_account(stack.directory, "leaver")
    after = await leaver.get("/desk")

    assert before.status_code == 200
    assert after.status_code == 401
    assert "账号已停用" in after.text
    await leaver.get("/login")
    assert (await leaver.post("/login", login="leaver", password=PASSWORD)).status_code == 401


async def test_pages_ask_nobody_else_for_anything_and_come_within_their_time(clerk: Person) -> None:
    """No font, script or picture from elsewhere; half of the pages within 300 ms on a small county."""
    times = []
    for path in GETS:
        begun = time.monotonic()
        page = await clerk.get(path)
        times.append(time.monotonic() - begun)
        assert page.status_code == 200, path
        assert OUTSIDE.findall(page.text) == [], path
        assert re.search(r'<script(?! src="/static/[^"]+" defer></script>)', page.text) is None
    assert sorted(times)[len(times) // 2] < 0.3
