"""What officers do with what was found: results for roster owners, look-ups, applications, counts."""

import io
from datetime import date
from typing import Any

import openpyxl

from tests.builders import an_id_number
from tests.integration.platform import Platform

TOWN, OTHER_TOWN, BORN = "西潘楼镇", "阚疃镇", date(1966, 11, 3)
NEW_TOWN = "旧城镇"


def number(sequence: int) -> str:
    """Return an identity number of this file's own people."""
    return an_id_number(sequence, born=BORN, code="370899")


async def listed(platform: Platform, sequence: int, name: str, **other: object) -> str:
    """Put a person of low income on the roster of civil affairs; returns the number."""
    body = {
        "certno": number(sequence), "name": name, "category": "SUBSISTENCE", "township": TOWN,
        "effective": "2023-01-01", "village": "潘村",
    }  # fmt: skip
    assert await platform.report("civil_affairs", "StatusReported", **body | other) == 202
    await platform.quiet()
    return number(sequence)


def rows_of(content: bytes) -> list[dict[str, Any]]:
    """Read a sheet, a row a dictionary."""
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    head = [cell.value for cell in page[3]]
    return [
        dict(zip(head, (cell.value or "" for cell in row), strict=True))
        for row in page.iter_rows(min_row=4)
    ]


async def test_the_result_of_a_pass_goes_back_to_the_roster_owner_with_right_numbers(
    platform: Platform,
) -> None:
    """Civil affairs reads its own people and corrected numbers; another department's key does not."""
    missing, wrong = await listed(platform, 1, "郑一"), await listed(platform, 2, "郑二")
    right = number(3)
    correction = {"certno": wrong, "new_certno": right, "name": "郑二", "effective": "2023-06-01"}
    await platform.report("bureau", "IdentityChanged", **correction)
    await platform.quiet()
    async with platform.http() as http:
        order = {"number": 1, "as_of": "2023-06-15"}
        done = await http.post(
            "/v1/enrollment/2023/reviews", json=order, headers=platform.key("bureau")
        )
        path = f"/v1/enrollment/2023/reviews/{done.json()['run']}/result?why=反馈名册单位"
        own = await http.get(path, headers=platform.key("civil_affairs"))
        other = await http.get(path, headers=platform.key("rural_revitalisation"))
        stranger = await http.get(path, headers=platform.key("tax"))
        foreign = await http.get(
            f"{path}&source=civil_affairs", headers=platform.key("rural_revitalisation")
        )

    by_number = {row["身份证号"]: row for row in rows_of(own.content) if row["乡镇"] == TOWN}
    assert "核实原因" in by_number[missing]["问题及处理要求"]
    assert by_number[missing]["本次比对"] == "新发现"
    corrected = [row for row in rows_of(own.content) if row["原身份证号（已更正）"] == wrong]
    assert [row["身份证号"] for row in corrected] == [right]
    assert missing not in {row["身份证号"] for row in rows_of(other.content)}
    assert (stranger.status_code, foreign.status_code) == (403, 403)


async def test_a_person_is_found_by_number_for_a_purpose_within_the_area(
    platform: Platform,
) -> None:
    """The township finds its own, by the old number too; another township does not."""
    old = await listed(platform, 11, "冯一")
    new = number(12)
    await platform.report(
        "bureau", "IdentityChanged", certno=old, new_certno=new, name="冯一",
        effective="2023-06-01",
    )  # fmt: skip
    await platform.quiet()
    body = {"certno": old, "why": "入户核实"}
    async with platform.http() as http:
        path = "/v1/enrollment/persons/lookup"
        found = await http.post(path, json=body, headers=platform.key(f"township_office/{TOWN}"))
        other = await http.post(
            path, json=body, headers=platform.key(f"township_office/{OTHER_TOWN}")
        )
        unknown = await http.post(
            path, json=body | {"certno": number(19)}, headers=platform.key("bureau")
        )
        without = await http.post(path, json={"certno": old}, headers=platform.key("bureau"))
        access = await http.get("/v1/access?limit=20", headers=platform.key("bureau"))
        nul = await http.post(path, json=body | {"why": "核\0实"}, headers=platform.key("bureau"))
        in_query = await http.get("/v1/lists?limit=1&x=%00", headers=platform.key("bureau"))

    person = found.json()
    assert [one["category"] for one in person["identities"]] == ["SUBSISTENCE"]
    assert [line["said"] for line in person["history"]] == [
        "2023-01-01起新增低保对象，西潘楼镇潘村"
    ]
    assert person["formerly"]

    assert (other.status_code, unknown.status_code, without.status_code) == (404, 404, 422)
    assert (nul.status_code, in_query.status_code) == (422, 422)
    assert "入户核实" in {line["why"] for line in access.json()}
    assert old not in access.text


async def test_an_application_waits_for_the_county_and_then_flags_the_next_year(
    platform: Platform,
) -> None:
    """Filed by the township for its own people only, approved by the bureau, listed with its state."""
    who = {"certno": number(21), "name": "陈一", "category": "REGISTERED_POOR"}
    filed = {"filed_on": "2022-12-30", "township": TOWN, "village": "潘村"}
    holder = f"township_office/{TOWN}"
    foreign = await platform.report(holder, "FlagApplied", **who | filed | {"township": OTHER_TOWN})
    taken = await platform.report(holder, "FlagApplied", **who | filed)
    await platform.quiet()
    async with platform.http() as http:
        path = f"/v1/enrollment/2023/applications?township={TOWN}"
        before = await http.get(path, headers=platform.key(holder))
        decision = {"flag_year": 2023, "decision": "approved", "decided_on": "2023-01-05"}
        await platform.report("bureau", "FlagDecided", **who, **decision)
        await platform.quiet()
        after = await http.get(f"{path}&state=approved", headers=platform.key("bureau"))
        person = await http.get(
            f"/v1/enrollment/persons/{after.json()[0]['person']}?why=核对",
            headers=platform.key(holder),
        )

    assert (foreign, taken) == (403, 202)
    assert [one["state"] for one in before.json()] == ["pending"]
    assert [one["category"] for one in person.json()["identities"]] == ["REGISTERED_POOR"]


async def test_counts_are_compared_with_the_tables_of_city_and_province(platform: Platform) -> None:
    """Equal counts agree; one person more is named with township and category."""
    await listed(platform, 31, "褚一")
    async with platform.http() as http:
        headers = platform.key("bureau")
        ours = await http.get("/v1/enrollment/2023/counts", headers=headers)
        lines = [f"{one['township']},{one['category']},{one['roster']}" for one in ours.json()]
        table = "\n".join(["乡镇,人员类别,名册人数", *lines]).encode()
        path = "/v1/enrollment/2023/counts/comparison"
        same = await http.post(path, files={"file": table}, headers=headers)
        mine = next(one for one in ours.json() if one["township"] == TOWN)
        more = f"{TOWN},{mine['category']},{mine['roster'] + 1}"
        changed = [
            more if line.startswith(f"{TOWN},{mine['category']},") else line for line in lines
        ]
        other = await http.post(
            path, files={"file": "\n".join(["乡镇,人员类别,名册人数", *changed]).encode()},
            headers=headers,
        )  # fmt: skip
        township = await http.get(
            "/v1/enrollment/2023/counts", headers=platform.key(f"township_office/{OTHER_TOWN}")
        )

    assert same.json() == {"agree": True, "differences": []}
    assert [(one["township"], one["measure"], one["theirs"] - one["ours"]) for one in other.json()["differences"]] == [(TOWN, "roster", 1)]  # fmt: skip
    assert TOWN not in {one["township"] for one in township.json()}


async def test_household_sheets_are_a_pdf_of_the_callers_area(platform: Platform) -> None:
    """Two of one household, by the head's number; the other township gets its own only."""
    head = await listed(platform, 41, "卫一", household_head="卫一", head_certno=number(41))
    await listed(platform, 42, "卫二", household_head="卫一", head_certno=head)
    async with platform.http() as http:
        path = f"/v1/enrollment/2023/households?why=入户&township={TOWN}"
        sheets = await http.get(path, headers=platform.key("bureau"))
        refused = await http.get(path, headers=platform.key(f"township_office/{OTHER_TOWN}"))
    homes = await platform.rows(
        "SELECT household, count(*) FROM enrollment.resident WHERE household <> ''"
        " AND township = $1 GROUP BY household", TOWN,
    )  # fmt: skip

    assert sheets.headers["content-type"] == "application/pdf"
    assert sheets.content.startswith(b"%PDF-")
    assert refused.status_code == 403
    assert [row["count"] for row in homes] == [2]


async def test_issues_follow_a_household_that_moved(platform: Platform) -> None:
    """易地搬迁: the new township's officer finds the open issue, the old one's no longer."""
    who = await listed(platform, 51, "蒋一")
    async with platform.http() as http:
        headers = platform.key("bureau")
        order = {"number": 1, "as_of": "2023-06-15"}
        await http.post("/v1/enrollment/2023/reviews", json=order, headers=headers)
        await listed(platform, 51, "蒋一", township=NEW_TOWN, effective="2023-06-10")
        await http.post("/v1/enrollment/2023/reviews", json=order, headers=headers)
        found = {}
        for town in (TOWN, NEW_TOWN):
            answer = await http.get(
                f"/v1/enrollment/2023/issues?kind=not_enrolled&limit=1000&township={town}",
                headers=platform.key(f"township_office/{town}"),
            )
            found[town] = {one["person"] for one in answer.json()["issues"]}
        person = await http.post(
            "/v1/enrollment/persons/lookup", json={"certno": who, "why": "核对"}, headers=headers
        )

    key = person.json()["person"]
    assert key in found[NEW_TOWN]
    assert key not in found[TOWN]


async def test_a_township_writes_of_its_own_people_and_is_told_what_waits(
    platform: Platform,
) -> None:
    """Of another township's person and of somebody unknown it reads the same, and its word moves nothing."""
    mine, theirs, unknown = (an_id_number(n, born=date(1949, 7, 7)) for n in (1, 2, 3))
    for number, town in ((mine, TOWN), (theirs, OTHER_TOWN)):
        await platform.report(
            "civil_affairs", "StatusReported", certno=number, name="甲", category="SUBSISTENCE",
            effective="2023-01-01", township=town,
        )  # fmt: skip
    await platform.quiet()
    answers = []
    async with platform.http() as http:
        for number in (mine, theirs, unknown):
            body = {
                "certno": number, "reason": "ARMY", "evidence_type": "证明", "valid_from": "2023-03-01",
            }  # fmt: skip
            answers.append(
                await http.post(
                    "/v1/reports/township_office/JustificationReported", json=body,
                    headers=platform.key(f"township_office/{TOWN}"),
                )
            )  # fmt: skip
        decided = await http.post(
            "/v1/reports/bureau/FlagDecided",
            json={"certno": mine, "category": "SUBSISTENCE", "flag_year": 2024, "decision": "approved",
                  "decided_on": "2023-12-30"},
            headers=platform.key("bureau"),
        )  # fmt: skip

    await platform.quiet()
    async with platform.http() as http:
        file = await http.post(
            "/v1/enrollment/persons/lookup", json={"certno": theirs, "why": "核对"},
            headers=platform.key("bureau"),
        )  # fmt: skip

    assert file.json()["reasons"] == []
    assert [one.status_code for one in answers] == [202, 202, 202]
    for answer in answers:
        assert answer.json()["notes"] == [f"仅对名册所载住址在{TOWN}的人员生效"]
    assert decided.json()["notes"] == ["未见2024年度该类别的申报；申报到达后生效"]
