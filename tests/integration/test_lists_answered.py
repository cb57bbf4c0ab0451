"""Lists that ask before they count: previewed, denied, confirmed, undone, corrected, and words explained."""

import asyncio
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl

from chassis.privacy import person_key
from tests.builders import an_id_number
from tests.integration.platform import PATIENCE, Platform
from tests.integration.test_ledgers import ledger
from tests.integration.test_operator import yingbao
from tests.integration.test_rosters import settled
from tests.sheets import lines_of

TOWN = "城关镇"
SOURCE = "civil_affairs"


class County:
    """One test's people, in a village of their own, with a category of their own."""

    def __init__(
        self, platform: Platform, village: str, word: str, born: date, source: str = SOURCE
    ) -> None:
        self.platform = platform
        self._source = source
        self.village = village
        self._word = word
        self._born = born

    def number(self, n: int) -> str:
        """Return a person's identity number."""
        return an_id_number(n, code="410299", born=self._born)

    def key(self, n: int) -> str:
        """Return a person's key."""
        return person_key(self.platform.stack.keys()["person_key"], self.number(n))

    def rows(self, *people: int, word: str = "") -> bytes:
        """Return a list."""
        head = "姓名,身份证号,人员类别,乡镇,村,认定日期,户主姓名,手机"
        lines = [
            f"丙{n},{self.number(n)},{word or self._word},{TOWN},{self.village},2023-04-10,丁{n},1990000{n:04d}"
            for n in people
        ]
        return "\n".join([head, *lines]).encode()

    async def send(self, content: bytes, month: str, **params: Any) -> Any:
        """Send a full list."""
        async with self.platform.http() as http:
            return await http.post(
                f"/v1/rosters/{self._source}",
                params={"month": month, "full": "true", **params},
                files={"file": ("list.csv", content)},
                headers=self.platform.key(self._source),
            )

    async def taken(self, content: bytes, month: str) -> dict[str, Any]:
        """Send a full list and wait for what becomes of it."""
        answer = await self.send(content, month)
        assert answer.status_code == 200, answer.text
        return await settled(self.platform, answer.json()["batch"])

    async def post(self, path: str, body: Any = None) -> Any:
        """Say something as the bureau."""
        async with self.platform.http() as http:
            answer = await http.post(path, json=body, headers=self.platform.key("bureau"))
        await self.platform.quiet()
        return answer

    async def standing(self) -> set[str]:
        """Return the keys of the people who stand on a roster."""
        query = (
            "SELECT person FROM enrollment.resident WHERE village = $1 AND cardinality(listed) > 0"
        )
        return {row["person"] for row in await self.platform.rows(query, self.village)}

    async def identities(self, n: int) -> list[tuple[str, str | None]]:
        """Return the days of a person's identities."""
        async with self.platform.http() as http:
            found = await http.get(
                f"/v1/enrollment/persons/{self.key(n)}?why=核对",
                headers=self.platform.key("bureau"),
            )
        if found.status_code == 404:
            return []
        return [(one["valid_from"], one["valid_to"]) for one in found.json()["identities"]]

    async def ledger_two(self) -> list[tuple[str, ...]]:
        """Return the lines of the dynamic ledger: who, what, when."""
        rows = await ledger(self.platform, "enrolment_change", township=TOWN, village=self.village)
        return [(row["姓名"], row["变动类型"], row["生效月份"]) for row in rows]

    async def messages(self) -> list[str]:
        """Return the states of the messages to officers about these people."""
        query = "SELECT state FROM notify.sms WHERE person = ANY($1) AND audience = 'officer'"
        everybody = [self.key(n) for n in range(50)]
        return [row["state"] for row in await self.platform.rows(query, everybody)]


async def test_a_preview_names_who_would_leave_and_changes_nothing(platform: Platform) -> None:
    """Before anything leaves, the clerk sees by name who would."""
    county = County(platform, "预览村", "困境儿童", date(1961, 1, 1))
    await county.taken(county.rows(1, 2, 3, 4, 5, 6), "2023-04")
    before = await county.standing()

    answer = await county.send(county.rows(1, 2, 3, 4, 5, 7), "2023-05", preview="true")

    receipt = answer.json()["receipt"]
    assert answer.json()["preview"] is True
    assert [one["name"] for one in receipt["entering"]] == ["丙7"]
    assert [one["name"] for one in receipt["leaving"]] == ["丙6"]
    assert "退出：丙6。" in receipt["text"]
    await platform.quiet()
    assert await county.standing() == before
    reads = await platform.rows("SELECT why FROM enrollment.access WHERE what = 'full_list'")
    assert "名册预览" in {row["why"] for row in reads}


TOLD, OPEN = {"addressed", "bundled"}, {"held", "created"}
"""By itself, or with what else there was in the township at that moment."""


async def test_a_list_that_is_not_so_is_withdrawn_and_nobody_leaves(platform: Platform) -> None:
    """Twenty of thirty absent are a question whatever the number; the answer may be no."""
    county = County(platform, "不实村", "重点优抚", date(1962, 1, 1))
    await county.taken(county.rows(*range(1, 31)), "2023-04")
    wrong = await county.taken(county.rows(*range(1, 11), 40), "2023-05")
    assert (wrong["state"], wrong["absent"], wrong["asked"]) == ("question", 20, "share")
    assert "held" in await county.messages()

    denied = await county.post(f"/v1/lists/{wrong['batch']}/withdrawal", {"why": "报送不全"})

    assert denied.status_code == 200
    assert await county.standing() == {county.key(n) for n in range(1, 31)}
    async with asyncio.timeout(PATIENCE):
        while "held" in await county.messages():
            await asyncio.sleep(0.3)
    # The first list of a register is an opening balance: nobody is told of its thirty.
    assert sorted(await county.messages()) == ["withdrawn"] * 32
    await county.taken(county.rows(*range(1, 31), 41), "2023-06")
    async with asyncio.timeout(PATIENCE):
        while len(await county.messages()) < 33 or OPEN & set(await county.messages()):
            await asyncio.sleep(0.3)
    assert sorted(set(await county.messages()) - TOLD) == ["withdrawn"]
    assert (await county.messages()).count("withdrawn") == 32
    again = await county.post(f"/v1/lists/{wrong['batch']}/withdrawal", {"why": "报送不全"})
    assert again.status_code == 404


async def test_a_wrong_confirmation_can_be_undone(platform: Platform) -> None:
    """Everybody returns with the original dates, and the dynamic ledger says nothing twice."""
    county = County(platform, "撤回村", "因病致贫重病患者", date(1963, 1, 1))
    await county.taken(county.rows(*range(1, 11)), "2023-04")
    before, lines = await county.identities(9), sorted(await county.ledger_two())
    half = await county.taken(county.rows(*range(1, 6)), "2023-05")
    await county.post(f"/v1/lists/{half['batch']}/confirmation")
    await settled(platform, half["batch"])
    async with asyncio.timeout(PATIENCE):
        while len(await county.standing()) > 5:
            await asyncio.sleep(0.3)
    assert await county.identities(9) == [("2023-04-10", "2023-04-30")]
    gone = [(f"丙{n}", "取消", "2023-05") for n in range(6, 11)]
    assert sorted(await county.ledger_two()) == sorted([*lines, *gone])

    await county.post(f"/v1/lists/{half['batch']}/withdrawal", {"why": "确认有误"})

    async with asyncio.timeout(PATIENCE):
        while len(await county.standing()) < 10:
            await asyncio.sleep(0.3)
    await platform.quiet()
    assert await county.identities(9) == before == [("2023-04-10", None)]
    assert sorted(await county.ledger_two()) == lines


async def test_rows_with_a_word_that_nobody_explained_wait_for_the_answer(
    platform: Platform,
) -> None:
    """The list does not count before; then the rows are read, and nobody has to send anything again."""
    county = County(platform, "待答村", "孤儿", date(1966, 1, 1))
    content = county.rows(1, 2) + b"\n" + county.rows(3, word="光荣户").split(b"\n", 1)[1]
    content += b"\n" + county.rows(4, word="外县代管户").split(b"\n", 1)[1]
    answer = (await county.send(content, "2023-04")).json()
    assert [one["word"] for one in answer["receipt"]["waiting"]] == ["光荣户", "外县代管户"]
    await platform.quiet()
    async with platform.http() as http:
        asked = (await http.get("/v1/words", headers=platform.key("bureau"))).json()
    assert {one["word"]: one["rows"] for one in asked["open"]} == {"光荣户": 1, "外县代管户": 1}
    assert [
        one["state"] for one in await lists_of(platform) if one["batch"] == answer["batch"]
    ] == ["waiting"]

    said = {"source": SOURCE, "column": "category", "word": "光荣户", "meaning": "ORPHAN"}
    meant = await county.post("/v1/words", said)
    foreign = await county.post("/v1/words", said | {"word": "外县代管户", "meaning": ""})

    assert (meant.json(), foreign.json()) == (
        {"taken": 1, "rejected": 0, "waiting": 0}, {"taken": 0, "rejected": 1, "waiting": 0},
    )  # fmt: skip
    assert (await settled(platform, answer["batch"]))["state"] == "closed"
    assert await county.standing() == {county.key(n) for n in (1, 2, 3)}
    later = (
        await county.send(county.rows(1, 2, 3, word="光荣户"), "2023-05", preview="true")
    ).json()
    assert later["receipt"]["waiting"] == []
    wrong = await county.post("/v1/words", said | {"meaning": "RICH"})
    assert (wrong.status_code, wrong.json()["reason"]) == (422, "unknown_meaning")


async def test_a_list_without_head_or_phone_leaves_them_as_they_are(platform: Platform) -> None:
    """The tax office names neither; the ledger shows what civil affairs said."""
    county = County(platform, "税单村", "特困人员", date(1967, 1, 1))
    await county.taken(county.rows(1, 2), "2023-04")
    tax = f"姓名,证件号码,缴费金额,乡镇\n丙1,{county.number(1)},350.00,{TOWN}"
    async with platform.http() as http:
        sent = await http.post(
            "/v1/rosters/tax", params={"month": "2023-05"}, files={"file": ("t.csv", tax.encode())},
            headers=platform.key("tax"),
        )  # fmt: skip
        assert sent.status_code == 200
        await platform.quiet()
        ledger = await http.get(
            "/v1/enrollment/2023/ledgers/roster", params={"village": county.village, "why": "核对"},
            headers=platform.key("bureau"),
        )  # fmt: skip

    one = next(row for row in lines_of(ledger.content) if row["姓名"] == "丙1")
    assert (one["户主"], one["联系电话"], one["村（社区）"]) == ("丁1", "19900000001", "税单村")


async def test_refused_rows_go_back_on_a_sheet_that_can_be_stamped(
    platform: Platform, tmp_path: Path
) -> None:
    """Row, name, last four digits, why, what to do; also when every row goes back."""
    bad = f"姓名,身份证号,人员类别,乡镇,村\n戊,{an_id_number(7)[:17]}Y,低保对象,{TOWN},东村"
    file = tmp_path / "低保名册.csv"
    file.write_text(bad, encoding="utf-8")

    sent = await asyncio.to_thread(
        yingbao, platform, "roster", "import", str(file), "--source", SOURCE, "--month", "2023-05", "--json"
    )  # fmt: skip
    async with platform.http() as http:
        sheet = await http.post(
            f"/v1/rosters/{SOURCE}", files={"file": ("低保名册.csv", bad.encode())},
            params={"preview": "true", "answer": "xlsx", "resend_by": "2023年6月8日"},
            headers=platform.key(SOURCE),
        )  # fmt: skip

    assert sent.returncode == 1
    found = json.loads(sent.stdout)
    assert found["reason"] == "no_valid_row"
    for content in (Path(found["rejection_file"]).read_bytes(), sheet.content):
        page = openpyxl.load_workbook(io.BytesIO(content)).active
        text = [cell.value for row in page.iter_rows() for cell in row if cell.value is not None]
        assert page["A4"].value == 2
        assert [page["B4"].value, page["C4"].value] == ["戊", an_id_number(7)[13:17][1:] + "Y"]
        assert {"退回单位（盖章）：", "接收单位签收："} <= set(text)
        assert any(str(one).startswith("重报期限：") for one in text)


async def lists_of(platform: Platform) -> list[dict[str, Any]]:
    """Return the full lists."""
    async with platform.http() as http:
        found: list[dict[str, Any]] = (
            await http.get("/v1/lists", headers=platform.key("bureau"))
        ).json()
    return found
