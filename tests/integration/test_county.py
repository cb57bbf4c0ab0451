"""The register, the equation and the ledgers, on the whole platform."""

import asyncio
import os
import signal
from datetime import date
from pathlib import Path

import asyncpg

from chassis.privacy import person_key
from tests.builders import an_id_number
from tests.integration.platform import PATIENCE, Platform
from tests.integration.test_operator import yingbao
from tests.sheets import lines_of, page_of

TOWN, BORN = "江集镇", date(1971, 4, 2)


def number(sequence: int) -> str:
    """Return an identity number of this file's own people."""
    return an_id_number(sequence, born=BORN, code="410299")


async def listed(platform: Platform, *people: tuple[int, str], town: str = TOWN) -> None:
    """Put people on a roster, one by one."""
    async with platform.http() as http:
        for sequence, name in people:
            body = {
                "certno": number(sequence), "name": name, "category": "SUBSISTENCE",
                "effective": "2023-01-01", "township": town, "village": "河村",
            }  # fmt: skip
            await http.post(
                "/v1/reports/civil_affairs/StatusReported", json=body,
                headers=platform.key("civil_affairs"),
            )  # fmt: skip
    await platform.quiet()


async def test_whoever_stands_in_the_register_is_enrolled_and_another_name_is_found(
    platform: Platform, tmp_path: Path
) -> None:
    """Three on the roster: one enrolled, one under another name, one not at all."""
    await listed(platform, (1, "张一"), (2, "王二"), (3, "=1+1"))
    register = tmp_path / "参保名单.csv"
    rows = [
        "姓名,身份证号,乡镇",
        f"张一,{number(1)},{TOWN}",
        f"汪二,{number(2)},{TOWN}",
        f"坏,123,{TOWN}",
    ]
    register.write_bytes("\n".join(rows).encode("gb18030"))

    sent = await asyncio.to_thread(
        yingbao, platform, "roster", "import", str(register), "--source", "bureau", "--register", "--year", "2023",
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        while not await platform.rows("SELECT 1 FROM enrollment.register"):
            await asyncio.sleep(0.2)
    lines = [one for one in await platform.asker.equation(2023) if one.township == TOWN]
    order = {"number": 1, "as_of": "2023-06-15"}
    async with platform.http() as http:
        headers = platform.key("bureau")
        await http.post("/v1/enrollment/2023/reviews", json=order, headers=headers)
        found = await http.get(
            "/v1/enrollment/2023/issues", params={"township": TOWN}, headers=headers
        )

    assert "接收2行，退回1行" in sent.stdout
    assert [(one.roster, one.enrolled, one.missing, one.holds) for one in lines] == [
        (3, 2, 1, False)
    ]
    county = (await platform.asker.equation(2023))[-1]
    assert (county.township, county.village, county.holds) == ("", "", False)
    assert county.enrolled + county.justified + county.missing == county.roster
    kinds = sorted(one["kind"] for one in found.json()["issues"])
    assert kinds == ["identity_wrong", "not_enrolled"]
    async with platform.http() as http:
        sheet = await http.get(
            f"/v1/enrollment/2023/ledgers/roster?why=核对&township={TOWN}", headers=headers
        )
    enrolled = {row["身份证号"]: list(row.values())[-4] for row in lines_of(sheet.content)}
    assert [enrolled[number(one)] for one in (1, 2, 3)] == ["是", "是", "否"]


async def test_two_passes_at_once_open_an_issue_once(platform: Platform) -> None:
    """The second waits for the first, and sees what it wrote."""
    await listed(platform, (51, "孙五一"))
    order = {"number": 1, "as_of": "2023-06-15"}
    async with platform.http() as http:
        path, headers = "/v1/enrollment/2023/reviews", platform.key("bureau")
        both = await asyncio.gather(
            *(http.post(path, json=order, headers=headers) for _ in range(2))
        )
    opened = sorted(one.json()["opened"] for one in both)
    times = await platform.rows(
        "SELECT times FROM enrollment.issue JOIN enrollment.resident USING (person, township)"
        " WHERE township = $1 AND kind = 'not_enrolled'", TOWN,
    )  # fmt: skip

    assert opened[0] == 0 < opened[1]
    assert {row["times"] for row in times} == {1}


async def test_a_ledger_is_a_printable_sheet_of_text_for_the_callers_area_only(
    platform: Platform, tmp_path: Path
) -> None:
    """Numbers keep every digit, nothing is a formula, the header repeats; another town is refused."""
    await listed(platform, (11, "张十一"), (12, "=1+1"))
    path = f"/v1/enrollment/2023/ledgers/roster?why=月度核对&township={TOWN}"
    async with platform.http() as http:
        sheet = await http.get(path, headers=platform.key("bureau"))
        refused = await http.get(path, headers=platform.key("township_office/阚疃镇"))
        without_reason = await http.get(
            "/v1/enrollment/2023/ledgers/roster", headers=platform.key("bureau")
        )

    page, rows = page_of(sheet.content), lines_of(sheet.content)
    assert {number(11), number(12)} <= {row["身份证号"] for row in rows}
    written = [
        (str(page.cell(3, cell.column).value), cell)
        for row in page.iter_rows(min_row=4) for cell in row if cell.value
    ]  # fmt: skip
    assert {cell.data_type for _, cell in written} <= {"s", "n", "f"}
    assert all(
        cell.data_type == "s" for head, cell in written if "元" not in head and head != "序号"
    )
    assert "=1+1" in {row["姓名"] for row in rows}
    assert page.print_title_rows == "$1:$3"
    assert "&P" in page.oddFooter.center.text
    assert {row["乡镇"] for row in rows} == {TOWN}
    assert (refused.status_code, refused.json()["reason"]) == (403, "outside_area")
    assert without_reason.status_code == 422


async def test_the_dynamic_ledger_is_exported_from_the_command_line(
    platform: Platform, tmp_path: Path
) -> None:
    """Who was added when, in the words of the ledger."""
    await listed(platform, (21, "李"))
    out = tmp_path / "动态.xlsx"

    done = await asyncio.to_thread(
        yingbao, platform, "ledger", "export", "enrolment_change", "--year", "2023", "--why", "月度核对",
        "--township", TOWN, "--out", str(out),
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    mine = next(row for row in lines_of(out) if row["身份证号"] == number(21))
    assert (mine["变动类型"], mine["生效月份"], mine["变动后"]) == ("新增", "2023-01", "低保对象")


async def test_a_refund_without_exemption_is_found_also_off_every_roster(
    platform: Platform,
) -> None:
    """The seed's own finding, through the database: refunded, and the identity withdrawn."""
    person = {"certno": number(31), "name": "赵", "township": TOWN, "village": "河村"}
    said = [
        ("civil_affairs", "StatusReported", person | {"category": "SUBSISTENCE", "effective": "2021-01-01"}),
        ("civil_affairs", "StatusReported", person | {"category": "SUBSISTENCE", "effective": "2022-01-01", "action": "removed"}),
        ("tax", "PremiumPaid", person | {"coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20"}),
        ("bureau", "PremiumRefunded", {"certno": number(31), "name": "赵", "coverage_year": 2023, "amount": "350.00", "refunded_on": "2023-03-01"}),
    ]  # fmt: skip
    async with platform.http() as http:
        for source, name, body in said:
            answer = await http.post(
                f"/v1/reports/{source}/{name}", json=body, headers=platform.key(source)
            )
            assert answer.status_code == 202, answer.text
        await platform.quiet()
        headers = platform.key("bureau")
        order = {"number": 2, "as_of": "2023-06-15"}
        await http.post("/v1/enrollment/2023/reviews", json=order, headers=headers)
        found = await http.get(
            "/v1/enrollment/2023/issues", params={"kind": "refunded_not_exempt"}, headers=headers
        )

    assert TOWN in {one["township"] for one in found.json()["issues"]}


async def test_what_was_known_on_a_day_and_what_is_known_now_are_two_answers(
    platform: Platform,
) -> None:
    """Nothing was known yesterday; today the identity has held since January. Another office may not ask."""
    await listed(platform, (51, "周"))
    person = person_key(platform.stack.keys()["person_key"], number(51))
    async with platform.http() as http:
        headers = platform.key("bureau")
        now = (await http.get(f"/v1/enrollment/persons/{person}?why=核对", headers=headers)).json()
        then = await http.get(
            f"/v1/enrollment/persons/{person}",
            params={"known_on": "2026-01-01", "why": "核对"},
            headers=headers,
        )
        without = await http.get(f"/v1/enrollment/persons/{person}", headers=headers)
        other = await http.get(
            f"/v1/enrollment/persons/{person}?why=核对",
            headers=platform.key("township_office/阚疃镇"),
        )

    assert now["identities"][0]["category"] == "SUBSISTENCE"
    assert now["identities"][0]["valid_from"] <= "2023-01-01"
    assert then.status_code == 404
    assert (other.status_code, other.json()["reason"]) == (404, "unknown_person")
    assert other.json() == then.json(), "whether the county knows somebody is not told"
    assert without.json()["field"] == "why"


async def test_people_kept_by_an_earlier_version_are_folded_again_when_the_service_starts(
    platform: Platform,
) -> None:
    """Their file had no days of the roster: after the upgrade they stand in the equation as before."""
    await listed(platform, (61, "旧一"))
    key = person_key(platform.stack.keys()["person_key"], number(61))
    connection = await asyncpg.connect(platform.stack.database_url)
    try:
        await connection.execute(
            "UPDATE enrollment.resident SET file = file - 'version' - 'rosters' WHERE person = $1",
            key,
        )
    finally:
        await connection.close()
    os.kill(platform.stack.children["enrollment"].pid, signal.SIGTERM)

    async with asyncio.timeout(PATIENCE):
        while not (
            await platform.rows(
                "SELECT 1 FROM enrollment.resident WHERE person = $1"
                " AND file->'version' IS NOT NULL AND jsonb_array_length(file->'rosters') = 1", key,
            )
        ):  # fmt: skip
            await asyncio.sleep(0.3)
    await platform.quiet()
