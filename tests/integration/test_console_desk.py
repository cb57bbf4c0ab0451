"""What the bureau does at its desk: bills for families, the city's tables, what holds in this county."""

import io
import re

import openpyxl

from tests.builders import an_id_number
from tests.integration.browsing import TOWN, Person
from tests.integration.platform import Platform


async def test_a_clerk_prints_a_family_its_bill_and_verifies_one_that_is_brought(
    platform: Platform, household: str, clerk: Person
) -> None:
    """From the person's page to the bill, with a name; a code that was copied wrongly is not verified."""
    await clerk.get("/?year=2023")
    person = await clerk.post("/people", word=household)
    (link,) = set(re.findall(rf'href="(/bills/[^"/]*L{platform.number}a)"', person.text))
    page = await clerk.get(link)
    code = re.search(r"校验码 ([0-9A-F-]{14})", page.text)
    printed = await clerk.get(f"{link}/sheet")
    claim = link.removeprefix("/bills/")
    assert code is not None
    verified = await clerk.get("/bills", claim=claim, code=code[1])
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code[1])
    typed = await clerk.get("/bills", claim=claim.replace(":", "："), code=wide)
    wrong = await clerk.get("/bills", claim=claim, code="0000-1111-2222")
    strange = await clerk.get("/bills", claim="../keys?x=", code="0000-1111-2222")

    assert "吴老三" in page.text
    assert household not in page.text
    assert printed.content.startswith(b"%PDF-")
    assert "校验码有效" in verified.text
    assert "30,000.00元" in verified.text, (
        "a code tells nothing of a paper that was altered: compare"
    )
    assert "校验码不符" in wrong.text
    assert "校验码有效" in typed.text, "a Chinese keyboard writes other signs"
    assert strange.status_code == 404
    trail = await clerk.get("/access")
    assert "一单清" in trail.text
    assert "个人结算单" in trail.text
    assert "同户人员" in trail.text


async def test_the_city_is_answered_from_the_page(platform: Platform, clerk: Person) -> None:
    """Counts line by line, a list of people that comes back with its answers, and the register they rest on."""
    await clerk.get("/city?year=2023")
    remark = "长" * 40_000  # a file is larger than any other form may be
    counts = f"乡镇,人员类别,名册人数,备注\n城关镇,低保,999999,{remark}\n".encode()
    number = an_id_number(811)
    book = openpyxl.Workbook()
    book.active.append(["姓名", "身份证号", "反馈"])
    book.active.append(["甲", number, ""])
    content = io.BytesIO()
    book.save(content)

    compared = await clerk.post("/city/counts", files={"file": ("人数.csv", counts)})
    answered = await clerk.post(
        "/city/check-lists", files={"file": ("核查.xlsx", content.getvalue())}
    )
    nothing = await clerk.post("/city/check-lists")
    register = f"姓名,身份证号,乡镇\n甲,{number},{TOWN}\n乙,123,{TOWN}\n".encode()
    taken = await clerk.post(
        "/lists/register", files={"file": ("参保.csv", register)}, kind="enrolled"
    )
    unnamed = await clerk.post("/lists/register", kind="enrolled")
    await clerk.get("/?year=2024")  # in another window
    page = await clerk.get("/lists?year=2023")

    assert "999999" in compared.text
    assert TOWN in compared.text
    assert answered.headers["content-type"].endswith("sheet"), answered.text[:500]
    assert "请选择文件" in nothing.text
    assert "收1行，退1行" in taken.text
    assert "请选择名单文件" in unnamed.text
    form = page.text[page.text.index('action="/lists/register"') :].partition("</form>")[0]
    assert 'name="year" value="2023"' in form, "a list counts for the year that its page names"


async def test_what_holds_is_read_with_its_clause_and_who_holds_a_key(
    clerk: Person, officer: Person
) -> None:
    """What no notice says is marked; a township reads the values and sees nobody's keys."""
    every = await clerk.get("/policy")
    doubtful = await clerk.get("/policy", unverified="true")
    keys = await clerk.get("/keys")
    theirs = await officer.get("/policy")
    closed = await officer.get("/keys")
    unknown = await clerk.get("/policy", pack="nowhere-2023")

    assert "皖医保发" in every.text
    assert doubtful.text.count("<tr>") == doubtful.text.count("未核实</b>") + 1
    assert every.text.count("<tr>") > doubtful.text.count("<tr>")
    assert "县医保局 clerk" in keys.text
    assert "有效" in keys.text
    assert "皖医保发" in theirs.text
    assert closed.status_code == 403
    assert unknown.status_code == 404
