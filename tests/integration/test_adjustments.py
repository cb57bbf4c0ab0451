"""What was decided again since a bill was settled, in ledgers and answers."""

from typing import Any

from services.gateway.answers import ClaimStanding
from tests.integration.household import HOSPITAL, OTHER_TOWN, TOWN, told
from tests.integration.platform import Platform
from tests.integration.test_ledgers import ledger


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
