"""The eight ledgers of S0 and the sides of the equation, on the whole platform."""

import io
from datetime import date
from typing import Any

import openpyxl
import pytest

from services.gateway.answers import ClaimStanding
from tests.builders import an_id_number
from tests.integration.platform import Platform

TOWN, OTHER_TOWN, BORN = "张村镇", "阚疃镇", date(1958, 3, 9)
HOSPITAL = "hospital/H34169901"


def number(sequence: int) -> str:
    """Return an identity number of this file's own people."""
    return an_id_number(sequence, born=BORN, code="522699")


async def told(platform: Platform, source: str, event: str, **body: object) -> None:
    """Send one report that must be accepted."""
    assert await platform.report(source, event, **body) == 202


async def settled(platform: Platform, certno: str, claim: str, **other: object) -> None:
    """Send a hospital's bill of 30,000 yuan and wait for it."""
    bill = {
        "claim": claim, "provider": "H34169901", "certno": certno, "kind": "inpatient",
        "level": "L2", "admit": "2023-05-10", "discharge": "2023-05-18", "disease": "I63",
        "total_fee": "30000.00", "in_scope": "30000.00",
    }  # fmt: skip
    async with platform.http() as http:
        answer = await http.post("/v1/claims", json=bill | other, headers=platform.key(HOSPITAL))
    assert answer.status_code == 200, answer.text


async def ledger(
    platform: Platform,
    name: str,
    holder: str = "bureau",
    *,
    township: str = TOWN,
    village: str = "",
) -> list[dict[str, Any]]:
    """Read a ledger of a township, a row a dictionary."""
    asked = {"why": "月度核对", "township": township, "village": village}
    async with platform.http() as http:
        answer = await http.get(
            f"/v1/enrollment/2023/ledgers/{name}", params=asked, headers=platform.key(holder)
        )
    assert answer.status_code == 200, answer.text
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0]
    head = [cell.value for cell in page[3]]
    return [
        dict(zip(head, (cell.value or "" for cell in row), strict=True))
        for row in page.iter_rows(min_row=4)
    ]


async def row_of(platform: Platform, name: str, certno: str) -> dict[str, Any]:
    """Return the one row of a person."""
    rows = [row for row in await ledger(platform, name) if row["身份证号"] == certno]
    assert len(rows) == 1, rows
    return rows[0]


@pytest.fixture
async def household(platform: Platform) -> str:
    """A household of this test: the head, of low income since January, told in June; two bills."""
    head = number(platform.number % 900)
    common = {"certno": head, "name": "吴老三", "phone": "19900001111", "township": TOWN,
              "village": "石村"}  # fmt: skip
    paid = {"coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20"}
    await told(platform, "tax", "PremiumPaid", **common, **paid)
    await platform.quiet()
    await settled(platform, head, f"L{platform.number}a")
    status = {"category": "SUBSISTENCE", "effective": "2023-01-01"}
    whose = {"household_head": "吴老三", "head_certno": head}
    await told(platform, "civil_affairs", "StatusReported", **common, **status, **whose)
    await platform.quiet()
    await settled(
        platform, head, f"L{platform.number}b", one_stop=False, why_not_one_stop="未联网",
        discharge="2023-08-02", admit="2023-07-20",
    )  # fmt: skip
    await told(platform, "health", "ChronicAssessmentReported", certno=head, disease="高血压",
        applied_on="2023-04-03", result="granted", certificate_no="慢2023-0007",
        valid_from="2023-05-01",
    )  # fmt: skip
    await platform.quiet()
    return head


async def test_a_stay_stands_in_the_ledgers_of_stays_one_stop_and_major_diseases(
    platform: Platform, household: str
) -> None:
    """Amounts by layer, whether it was one-stop and why not, and only where the person lives."""
    stays = [
        row for row in await ledger(platform, "inpatient_claim") if row["身份证号"] == household
    ]
    stops = [row for row in await ledger(platform, "one_stop") if row["身份证号"] == household]
    major = [row for row in await ledger(platform, "major_disease") if row["身份证号"] == household]

    assert [row["总费用（元）"] for row in stays] == ["30000.00", "30000.00"]
    assert {row["户主"] for row in stays} == {"吴老三"}
    assert {row["联系电话"] for row in stays} == {"19900001111"}
    assert [(row["是否一站式"], row["未一站式原因"]) for row in stops] == [
        ("是", ""),
        ("否", "未联网"),
    ]
    assert {row["是否出具一单清"] for row in stops} == {"是"}
    assert all(row["大病保险（元）"] != "0.00" for row in major)


async def test_assistance_that_the_hospital_did_not_carry_is_paid_by_hand(
    platform: Platform, household: str
) -> None:
    """What was found late, and what was not one-stop; part of it paid onto the card and signed."""
    before = [
        row for row in await ledger(platform, "manual_assistance") if row["身份证号"] == household
    ]
    claim = f"H34169901:L{platform.number}b"
    await told(platform, "bureau", "ManualAssistancePaid", certno=household, claim=claim,
        amount="100.00", paid_on="2023-09-01", card_last4="0042", signed=True,
    )  # fmt: skip
    await platform.quiet()
    after = {
        row["结算单号"]: row
        for row in await ledger(platform, "manual_assistance")
        if row["身份证号"] == household
    }

    assert [row["发放原因"] for row in before] == ["重新认定差额", "未一站式支付"]
    assert all(float(row["应发金额（元）"]) > 0 for row in before)
    paid = after[claim]
    assert (paid["已发金额（元）"], paid["社保卡后四位"], paid["是否签字"]) == (
        "100.00",
        "0042",
        "是",
    )
    assert float(paid["未发金额（元）"]) == float(paid["应发金额（元）"]) - 100


async def test_a_payment_by_hand_that_is_nobodys_or_too_much_is_refused_and_one_can_be_taken_back(
    platform: Platform, household: str
) -> None:
    """Unknown bill, somebody else's, above what is due; signed for later; returned by the bank."""
    other = number(990)
    claim = f"H34169901:L{platform.number}b"
    paid = {"certno": household, "claim": claim, "amount": "100.00", "paid_on": "2023-09-01"}

    async def answer(**changed: object) -> tuple[int, str]:
        async with platform.http() as http:
            found = await http.post(
                "/v1/reports/bureau/ManualAssistancePaid", json=paid | changed,
                headers=platform.key("bureau"),
            )  # fmt: skip
        await platform.quiet()
        return found.status_code, found.json().get("reason", "")

    async def sums() -> tuple[str, str]:
        rows = [
            row for row in await ledger(platform, "manual_assistance") if row["结算单号"] == claim
        ]
        return rows[0]["已发金额（元）"], rows[0]["是否签字"]

    assert await answer(claim="H34169901:nobody") == (404, "unknown_claim")
    assert await answer(certno=other) == (422, "claim_of_another")
    assert await answer(amount="99999.00") == (422, "above_due")
    assert await answer(action="revoked") == (422, "not_paid")
    assert await answer() == (202, "")
    assert await answer(signed=True) == (202, "")
    assert await sums() == ("100.00", "是")
    assert await answer(action="revoked") == (202, "")
    assert (await sums())[0] == "0.00"


async def test_what_was_re_decided_stands_in_the_ledgers_and_can_be_asked_by_layer(
    platform: Platform, household: str
) -> None:
    """Settled as an ordinary resident, of low income since January: first, now, why; nobody else's."""
    claim = f"H34169901:L{platform.number}a"
    (stay,) = [
        row for row in await ledger(platform, "one_stop")
        if row["身份证号"] == household and row["结算单号"] == claim
    ]  # fmt: skip
    lines = [row for row in await ledger(platform, "adjustment") if row["结算单号"] == claim]
    paths = [f"/v1/claims/{claim}", f"/v1/claims/{claim}/explanation"]
    answers: dict[str, list[Any]] = {}
    async with platform.http() as http:
        for holder in (
            HOSPITAL,
            "bureau",
            f"township_office/{TOWN}",
            f"township_office/{OTHER_TOWN}",
        ):
            answers[holder] = [await http.get(path, headers=platform.key(holder)) for path in paths]
        hospitals = await http.get(
            "/v1/adjustments", params={"year": 2023}, headers=platform.key(HOSPITAL)
        )

    assert float(stay["重新核定差额（元）"]) > 0
    ClaimStanding.model_validate(answers[HOSPITAL][0].json())
    bill = answers[HOSPITAL][0].json()["bill"]
    assert bill["one_stop"] is True
    now, later, burden = (
        float(bill[name]) for name in ("family_pays_now", "paid_by_hand_later", "personal_burden")
    )
    assert later == float(stay["重新核定差额（元）"]) == round(now - burden, 2)
    assert {row["资金渠道"] for row in lines} == {"医疗救助"}
    assert {row["原因"] for row in lines} == {"人员类别由普通居民变为低保对象"}
    assert all(row["应退（元）"] == "" for row in lines)
    found = answers[HOSPITAL][1].json()
    assert any("本年累计合规自付由" in one and "救助" in one for one in found["family"])
    assert {one["fund"] for one in found["adjustments"]} == {
        one["fund"] for one in answers["bureau"][1].json()["adjustments"]
    }
    assert "person" not in found["adjustments"][0]
    assert [one.status_code for one in answers[f"township_office/{TOWN}"]] == [200, 200]
    assert [one.status_code for one in answers[f"township_office/{OTHER_TOWN}"]] == [404, 404]
    assert claim in {one["claim"] for one in hospitals.json()["adjustments"]}


async def test_a_bill_whose_category_was_withdrawn_does_not_vanish(
    platform: Platform, household: str
) -> None:
    """Low income taken back from January: the bill stays in the ledgers, with what went back."""
    await told(platform, "civil_affairs", "StatusReported", certno=household, name="吴老三",
        category="SUBSISTENCE", effective="2023-01-01", action="removed", township=TOWN,
    )  # fmt: skip
    await platform.quiet()

    rows = [
        row for row in await ledger(platform, "inpatient_claim") if row["身份证号"] == household
    ]
    back = [row for row in await ledger(platform, "adjustment") if row["身份证号"] == household]

    assert len(rows) == 2
    assert {row["状态"] for row in rows} == {"已结算"}
    assert any(float(row["重新核定差额（元）"]) < 0 for row in rows)
    assert any(row["应退（元）"] for row in back)


async def test_a_bill_that_the_hospital_took_back_stands_among_the_adjustments(
    platform: Platform, household: str
) -> None:
    """What each fund had paid is to come back, with the reason, by HTTP and on the sheet (C13, C14)."""
    claim = f"L{platform.number}a"
    async with platform.http() as http:
        bill = (await http.get(f"/v1/claims/{claim}", headers=platform.key(HOSPITAL))).json()[
            "bill"
        ]
        answer = await http.post(
            f"/v1/claims/{claim}/reversal",
            json={"certno": household},
            headers=platform.key(HOSPITAL),
        )
        assert answer.status_code == 202, answer.text
        await platform.quiet()
        found = await http.get(
            "/v1/adjustments", params={"year": 2023}, headers=platform.key(HOSPITAL)
        )
        told = await http.get(f"/v1/claims/{claim}/explanation", headers=platform.key(HOSPITAL))
    sheet = [
        row for row in await ledger(platform, "adjustment")
        if row["结算单号"] == f"H34169901:{claim}"
    ]  # fmt: skip

    lines = {
        one["fund"]: one
        for one in found.json()["adjustments"]
        if one["claim"] == f"H34169901:{claim}"
    }
    assert set(lines) == {"bmi", "medical_assistance"}
    assert {one["now"] for one in lines.values()} == {"0.00"}
    assert lines["bmi"]["delta"] == f"-{bill['bmi']}"
    assert lines["bmi"]["direction"] == "refundable"
    # Granted only after the first settlement: nothing was carried in one stop, so nothing is owed back.
    assert lines["medical_assistance"]["direction"] == "even"
    assert {one["steps"][-1]["why"] for one in lines.values()} == {"医院撤销"}
    assert {one["fund"] for one in told.json()["adjustments"]} == set(lines)
    assert {row["资金渠道"]: row["应退（元）"] for row in sheet} == {
        "基本医疗保险": bill["bmi"], "医疗救助": "",
    }  # fmt: skip


async def test_a_bill_that_is_not_one_stop_says_what_the_family_pays_and_what_comes_later(
    platform: Platform, household: str
) -> None:
    """The hospital charges insurance's share only; assistance goes to the card by hand (C16)."""
    async with platform.http() as http:
        found = await http.get(f"/v1/claims/L{platform.number}b", headers=platform.key(HOSPITAL))
    bill = found.json()["bill"]

    assert bill["one_stop"] is False
    assert bill["paid_by_hand_later"] == bill["medical_assistance"] != "0.00"
    assert float(bill["family_pays_now"]) == round(
        float(bill["personal_burden"]) + float(bill["medical_assistance"]), 2
    )


async def test_a_township_that_there_is_not_is_an_error_and_no_empty_ledger(
    platform: Platform,
) -> None:
    """A typing slip would look like nobody to visit; an older name is read as the official one."""
    paths = [
        "/v1/enrollment/2023/ledgers/roster", "/v1/enrollment/2023/issues",
        "/v1/enrollment/2023/equation", "/v1/enrollment/2023/applications",
        "/v1/enrollment/2023/households",
    ]  # fmt: skip
    async with platform.http() as http:
        found = [
            await http.get(
                path, params={"township": "张村真", "why": "核对"}, headers=platform.key("bureau")
            )
            for path in paths
        ]
        codes = await http.get("/v1/packs/lixin-2023/codes")
        nothing = await http.get("/v1/packs/lixin-1999/codes")

    assert {(one.status_code, one.json()["reason"]) for one in found} == {(422, "unknown_township")}
    levels = {one["code"]: one["aliases"] for one in codes.json()["levels"]}
    assert "TOWNSHIP" in levels["L1"]
    assert (nothing.status_code, nothing.json()["reason"]) == (404, "unknown_pack")


async def test_a_chronic_certificate_stands_in_its_ledger(
    platform: Platform, household: str
) -> None:
    """Disease, certificate, and since when."""
    row = await row_of(platform, "chronic", household)

    assert (row["病种"], row["办理结果"], row["证号"], row["起始日期"]) == (
        "高血压", "已办理", "慢2023-0007", "2023-05-01",
    )  # fmt: skip


async def test_the_sides_of_the_equation_name_the_people(platform: Platform) -> None:
    """Missing, on two rosters, and paid for although no roster names them any longer."""
    missing, twice, gone = (number(900 + one) for one in range(3))
    for certno, name in ((missing, "甲"), (twice, "乙"), (gone, "丙")):
        await told(platform, "civil_affairs", "StatusReported", certno=certno, name=name,
            category="SUBSISTENCE" if certno != gone else "DESTITUTE", effective="2023-01-01",
            township=TOWN, village="石村",
        )  # fmt: skip
    await told(platform, "rural_revitalisation", "StatusReported", certno=twice, name="乙",
        category="MARGINAL_AT_RISK", effective="2023-01-01", township=TOWN, village="石村",
    )  # fmt: skip
    await told(platform, "civil_affairs", "StatusReported", certno=gone, name="丙", category="DESTITUTE",
        effective="2023-05-01", action="removed", township=TOWN, village="石村",
    )  # fmt: skip
    await platform.quiet()

    line = next(one for one in await platform.asker.equation(2023) if one.township == TOWN)
    assert "核对原因" in (await row_of(platform, "missing", missing))["原因及整改要求"]
    assert (await row_of(platform, "duplicate", twice))["在册部门及类别"] == (
        "民政局（低保对象）、乡村振兴局（边缘易致贫人口）"
    )
    assert (await row_of(platform, "not_on_roster", gone))["资助类别"] == "特困人员"
    assert line.duplicates == 1
    assert line.not_on_roster == 1


async def test_who_read_a_ledger_is_written_down_and_only_the_bureau_may_look(
    platform: Platform,
) -> None:
    """Holder, purpose, area, number of people."""
    await ledger(platform, "roster", f"township_office/{TOWN}")
    async with platform.http() as http:
        seen = await http.get("/v1/access?limit=5", headers=platform.key("bureau"))
        refused = await http.get("/v1/access", headers=platform.key(f"township_office/{TOWN}"))

    latest = seen.json()[0]
    assert (latest["holder"], latest["what"], latest["area"], latest["why"]) == (
        f"township_office/{TOWN}", "roster", TOWN, "月度核对",
    )  # fmt: skip
    assert refused.status_code == 403
