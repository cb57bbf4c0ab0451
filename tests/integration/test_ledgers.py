"""The eight ledgers of S0 and the sides of the equation, on the whole platform."""

from typing import Any

from tests.integration.household import HOSPITAL, TOWN, number, told
from tests.integration.platform import Platform
from tests.sheets import lines_of


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
    return [
        {heading: value or "" for heading, value in line.items()}
        for line in lines_of(answer.content)
    ]


async def row_of(platform: Platform, name: str, certno: str) -> dict[str, Any]:
    """Return the one row of a person."""
    rows = [row for row in await ledger(platform, name) if row["身份证号"] == certno]
    assert len(rows) == 1, rows
    return rows[0]


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
    assert "核实原因" in (await row_of(platform, "missing", missing))["原因及整改要求"]
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
