"""A corrected identity number, on the whole platform: doors, folds, books, ledgers and questions."""

import io
from datetime import date
from typing import Any

import openpyxl

from chassis.privacy import person_key
from tests.builders import an_id_number
from tests.integration.platform import Platform

TOWN, OTHER_TOWN, BORN = "旧城镇", "阚疃镇", date(1969, 8, 7)
HOSPITAL = "hospital/H34169901"


def number(sequence: int) -> str:
    """Return an identity number of this file's own people."""
    return an_id_number(sequence, born=BORN, code="370899")


async def enrolled_under(platform: Platform, certno: str) -> None:
    """Put a person of low income on the roster, paid for 2023."""
    common = {"certno": certno, "name": "周七", "township": TOWN, "village": "河村"}
    status = {"category": "SUBSISTENCE", "effective": "2023-01-01"}
    await platform.report("civil_affairs", "StatusReported", **common, **status)
    paid = {"coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20"}
    await platform.report("tax", "PremiumPaid", **common, **paid)
    await platform.quiet()


def bill_for(certno: str, claim: str) -> dict[str, str]:
    """Return a hospital's bill of 10,000 yuan."""
    return {
        "claim": claim, "provider": "H34169901", "certno": certno, "kind": "inpatient",
        "level": "L2", "admit": "2023-05-10", "discharge": "2023-05-18",
        "total_fee": "10000.00", "in_scope": "10000.00",
    }  # fmt: skip


async def test_the_bill_the_ledger_and_the_hospital_follow_the_right_number(
    platform: Platform,
) -> None:
    """Settled under the wrong number; after the correction everything stands under the right one."""
    wrong, right, claim = number(1), number(2), f"N{platform.number}"
    await enrolled_under(platform, wrong)
    async with platform.http() as http:
        first = await http.post(
            "/v1/claims", json=bill_for(wrong, claim), headers=platform.key(HOSPITAL)
        )

    status = await platform.report(
        f"township_office/{TOWN}", "IdentityChanged",
        certno=wrong, new_certno=right, name="周七", effective="2023-06-01",
    )  # fmt: skip

    await platform.quiet()
    async with platform.http() as http:
        again = await http.post(
            "/v1/claims", json=bill_for(wrong, claim), headers=platform.key(HOSPITAL)
        )
        sheet = await http.get(
            f"/v1/enrollment/2023/ledgers/roster?why=核对号码&township={TOWN}",
            headers=platform.key("bureau"),
        )
    numbers = {row[1].value for row in openpyxl.load_workbook(io.BytesIO(sheet.content)).active}
    audits = await platform.asker.audits()
    assert status == 202
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["bill"]["personal_burden"] == first.json()["bill"]["personal_burden"]
    assert right in numbers
    assert wrong not in numbers
    assert [one.differences for one in audits] == [[], []]


async def test_a_reversal_in_the_right_number_takes_back_what_came_under_the_wrong_one(
    platform: Platform,
) -> None:
    """The hospital has learnt the right number by then."""
    wrong, right, claim = number(11), number(12), f"R{platform.number}"
    await enrolled_under(platform, wrong)
    async with platform.http() as http:
        await http.post("/v1/claims", json=bill_for(wrong, claim), headers=platform.key(HOSPITAL))
    correction = {"certno": wrong, "new_certno": right, "name": "周七", "effective": "2023-06-01"}
    await platform.report("bureau", "IdentityChanged", **correction)
    await platform.quiet()

    async with platform.http() as http:
        taken = await http.post(
            f"/v1/claims/{claim}/reversal", json={"certno": right}, headers=platform.key(HOSPITAL)
        )
        await platform.quiet()
        seen = await http.get(f"/v1/claims/{claim}", headers=platform.key(HOSPITAL))

    assert taken.status_code == 202
    assert (seen.json()["status"], seen.json()["bill"]["total_fee"]) == ("reversed", "0.00")
    assert await platform.booked(f"H34169901:{claim}") == {}


async def test_a_township_corrects_its_own_people_only(platform: Platform) -> None:
    """Another's person is refused on either side, an unknown one too, and a number is not its own correction."""
    wrong, right = number(21), number(22)
    await enrolled_under(platform, wrong)
    body = {"certno": wrong, "new_certno": right, "name": "周七", "effective": "2023-06-01"}

    stranger = await platform.report(f"township_office/{OTHER_TOWN}", "IdentityChanged", **body)
    unknown = await platform.report(
        f"township_office/{TOWN}", "IdentityChanged", **body | {"certno": number(29)}
    )
    same = await platform.report("bureau", "IdentityChanged", **body | {"new_certno": wrong})

    elsewhere = {"certno": number(23), "name": "外乡人", "township": OTHER_TOWN, "village": "河村"}
    paid = {"coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20"}
    await platform.report("tax", "PremiumPaid", **elsewhere, **paid)
    await platform.quiet()
    taken = await platform.report(
        f"township_office/{TOWN}", "IdentityChanged", **body | {"new_certno": number(23)}
    )
    again = await platform.report(
        f"township_office/{TOWN}", "IdentityChanged", **body | {"new_certno": number(23)}
    )
    await platform.quiet()

    assert (stranger, unknown, same) == (404, 404, 422)
    assert (taken, again) == (202, 202), "that the number is somebody's is not to be learnt"
    assert await merged(platform, wrong) == ""
    (waits,) = await waiting(platform, wrong)
    assert waits["other"] == key_of(platform, number(23))
    async with platform.http() as http:
        approved = await http.post(
            f"/v1/approvals/{waits['id']}/approval", headers=platform.key("bureau")
        )
    await platform.quiet()
    assert approved.status_code == 200
    assert await merged(platform, wrong) == key_of(platform, number(23))


async def test_what_a_township_says_last_of_a_number_is_what_waits(platform: Platform) -> None:
    """It took the first correction back: nobody merges two people by a word that is no longer said."""
    wrong, foreign, other = number(41), number(42), number(43)
    await enrolled_under(platform, wrong)
    for one in (foreign, other):
        elsewhere = {"certno": one, "name": "外乡人", "township": OTHER_TOWN, "village": "河村"}
        paid = {"coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20"}
        await platform.report("tax", "PremiumPaid", **elsewhere, **paid)
    await platform.quiet()
    body = {"certno": wrong, "name": "周七", "effective": "2023-06-01"}

    async def say(right: str, action: str = "reported") -> int:
        said = body | {"new_certno": right, "action": action}
        return await platform.report(f"township_office/{TOWN}", "IdentityChanged", **said)

    first = await say(foreign)
    second = await say(other)
    (waits,) = await waiting(platform, wrong)
    back = await say(other, "revoked")

    assert (first, second, back) == (202, 202, 202)
    assert waits["other"] == key_of(platform, other)
    assert await waiting(platform, wrong) == []


def key_of(platform: Platform, certno: str) -> str:
    """Return a person's key."""
    return person_key(platform.stack.keys()["person_key"], certno)


async def waiting(platform: Platform, certno: str) -> list[dict[str, Any]]:
    """Return what the bureau has to decide about somebody."""
    async with platform.http() as http:
        found = await http.get("/v1/approvals", headers=platform.key("bureau"))
    return [one for one in found.json() if one["about"] == key_of(platform, certno)]


async def merged(platform: Platform, certno: str) -> str:
    """Return under whose key somebody stands now; empty: under the own one."""
    (row,) = await platform.rows(
        "SELECT file->>'merged_into' AS merged_into FROM enrollment.resident WHERE person = $1",
        key_of(platform, certno),
    )
    return str(row["merged_into"] or "")
