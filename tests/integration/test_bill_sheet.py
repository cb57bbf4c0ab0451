"""The one-page bill at a window: printed with a name for a purpose, verified by its code, found by person."""

from typing import Any

from tests.builders import an_id_number
from tests.integration.household import HOSPITAL, OTHER_TOWN, TOWN
from tests.integration.platform import Platform

WHY = {"why": "窗口打印"}


async def answered(platform: Platform, holder: str, path: str, **params: Any) -> Any:
    """Return what the door answers to somebody."""
    async with platform.http() as http:
        return await http.get(path, params=params, headers=platform.key(holder))


async def test_a_family_takes_its_bill_home_and_a_copy_is_verified(
    platform: Platform, household: str
) -> None:
    """Name, layers and sum as the platform has them; the township prints it too, another one does not."""
    path = f"/v1/claims/H34169901:L{platform.number}a"
    bill = (await answered(platform, HOSPITAL, path)).json()["bill"]

    page = (await answered(platform, "bureau", f"{path}/sheet", **WHY)).json()
    printed = await answered(platform, f"township_office/{TOWN}", f"{path}/sheet.pdf", **WHY)
    foreign = await answered(platform, f"township_office/{OTHER_TOWN}", f"{path}/sheet.pdf", **WHY)
    at_hospital = (await answered(platform, HOSPITAL, f"{path}/sheet")).json()
    aimless = await answered(platform, "bureau", f"{path}/sheet")
    verified = [
        (await answered(platform, "bureau", f"{path}/verification", code=code)).json()
        for code in (page["code"], page["code"].lower().replace("-", " "), "0000-0000-0000")
    ]
    elsewhere = await answered(
        platform, f"township_office/{OTHER_TOWN}", f"{path}/verification", code=page["code"]
    )
    guessed = await answered(
        platform, f"township_office/{OTHER_TOWN}", f"{path}/verification", code="0000-0000-0000"
    )

    who = dict(page["who"])
    assert (who["姓名"], who["证号后四位"], who["人员类别"]) == (
        "吴老三",
        household[-4:],
        "低保对象",
    )
    assert page["burden"] == bill["personal_burden"]
    assert {name: amount for name, amount, _ in page["layers"]}["基本医疗保险"] == bill["bmi"]
    assert any("应补" in line and "低保对象" in line for line in page["again"])
    assert printed.content.startswith(b"%PDF-")
    assert foreign.status_code == 404
    assert dict(at_hospital["who"])["姓名"] == "", "the door tells no hospital a name"
    assert (aimless.status_code, aimless.json()["field"]) == (422, "why")
    assert [one["verified"] for one in verified] == [True, True, False]
    assert verified[0]["burden"] == bill["personal_burden"]
    assert elsewhere.json()["verified"], "a family brings its paper to any window"
    assert guessed.status_code == 404


async def test_the_paper_of_a_bill_that_was_taken_back_holds_no_longer(
    platform: Platform, household: str
) -> None:
    """It is said so, and nothing is printed on which a family bears nothing."""
    path = f"/v1/claims/H34169901:L{platform.number}a"
    code = (await answered(platform, "bureau", f"{path}/sheet", **WHY)).json()["code"]
    async with platform.http() as http:
        await http.post(
            f"/v1/claims/L{platform.number}a/reversal", json={"certno": household},
            headers=platform.key(HOSPITAL),
        )  # fmt: skip
    await platform.quiet()

    told = (await answered(platform, "bureau", f"{path}/verification", code=code)).json()
    printed = await answered(platform, "bureau", f"{path}/sheet.pdf", **WHY)

    assert (told["verified"], told["status"]) == (False, "reversed")
    assert (printed.status_code, printed.json()["reason"]) == (409, "bill_reversed")


async def test_the_bills_of_somebody_stand_together_for_who_may_see_the_person(
    platform: Platform, household: str
) -> None:
    """The latest first, those that were taken back or are held among them; another township learns nothing."""
    async with platform.http() as http:
        await http.post(
            f"/v1/claims/L{platform.number}b/reversal",
            json={"certno": household},
            headers=platform.key(HOSPITAL),
        )
        found = await http.post(
            "/v1/enrollment/persons/lookup", json={"certno": household, "why": "核对"},
            headers=platform.key("bureau"),
        )  # fmt: skip
        unpaid = {
            "claim": f"L{platform.number}c", "provider": "H34169901", "certno": household,
            "kind": "inpatient", "level": "L2", "admit": "2024-01-01", "discharge": "2024-01-02",
            "total_fee": "1.00", "in_scope": "1.00",
        }  # fmt: skip
        await http.post("/v1/claims", json=unpaid, headers=platform.key(HOSPITAL))
    await platform.quiet()
    path = f"/v1/enrollment/persons/{found.json()['person']}/bills"

    lines = (await answered(platform, f"township_office/{TOWN}", path, year=2023, **WHY)).json()
    next_year = (await answered(platform, "bureau", path, year=2024, **WHY)).json()
    foreign = await answered(platform, f"township_office/{OTHER_TOWN}", path, year=2023, **WHY)

    assert [(one["claim"][-1], one["outcome"], one["total_fee"]) for one in lines] == [
        ("b", "reversed", "30000.00"), ("a", "settled", "30000.00"),
    ]  # fmt: skip
    assert [(one["claim"][-1], one["outcome"]) for one in next_year] == [("c", "held")]
    assert "暂缓" in next_year[0]["message"]
    assert foreign.status_code == 404


async def test_a_bill_that_is_not_settled_has_no_sheet_yet(platform: Platform) -> None:
    """Nobody is handed a page of blanks."""
    async with platform.http() as http:
        bill = {
            "claim": f"U{platform.number}", "provider": "H34169901", "kind": "inpatient", "level": "L2",
            "certno": an_id_number(871), "admit": "2023-05-10", "discharge": "2023-05-18",
            "total_fee": "300.00", "in_scope": "300.00",
        }  # fmt: skip
        await http.post("/v1/claims", json=bill, headers=platform.key(HOSPITAL))
    answer = await answered(platform, HOSPITAL, f"/v1/claims/H34169901:U{platform.number}/sheet")

    assert (answer.status_code, answer.json()["reason"]) == (409, "bill_held")


async def test_what_a_family_was_told_about_somebody_is_read_by_who_may_see_the_person(
    platform: Platform, household: str
) -> None:
    """The bill and the change of status, with what became of each message; no phone, no text."""
    async with platform.http() as http:
        found = await http.post(
            "/v1/enrollment/persons/lookup", json={"certno": household, "why": "核对"},
            headers=platform.key("bureau"),
        )  # fmt: skip
    path = f"/v1/enrollment/persons/{found.json()['person']}/messages"

    told = (await answered(platform, f"township_office/{TOWN}", path, **WHY)).json()
    foreign = await answered(platform, f"township_office/{OTHER_TOWN}", path, **WHY)

    assert "family" in {one["audience"] for one in told}
    assert {one["state"] for one in told} <= {
        "created", "sending", "sent", "delivered", "bundled", "held", "withdrawn", "no_recipient",
        "addressed",
    }  # fmt: skip
    assert [one["created"] for one in told] == sorted(
        (one["created"] for one in told), reverse=True
    )
    assert "1990000" not in str(told)
    assert foreign.status_code == 404
