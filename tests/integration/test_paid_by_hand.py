"""Payments by hand on the whole platform: two at one moment, and under numbers that were corrected since."""

import asyncio
from datetime import date

from tests.builders import an_id_number
from tests.integration.household import settled, told
from tests.integration.platform import Platform
from tests.integration.test_ledgers import ledger

TOWN, BORN = "张村镇", date(1961, 4, 2)


def number(sequence: int) -> str:
    """Return an identity number of this file's own people."""
    return an_id_number(sequence, born=BORN, code="522698")


async def a_household(platform: Platform, certno: str, claim: str) -> None:
    """Put somebody of low income on the roster, with a bill that was not settled in one stop."""
    common = {"certno": certno, "name": "郑九", "township": TOWN, "village": "石村"}
    paid = {"coverage_year": 2023, "amount": "350.00", "paid_on": "2022-12-20"}
    status = {"category": "SUBSISTENCE", "effective": "2023-01-01"}
    await told(platform, "tax", "PremiumPaid", **common, **paid)
    await told(platform, "civil_affairs", "StatusReported", **common, **status)
    await platform.quiet()
    await settled(platform, certno, claim, one_stop=False, why_not_one_stop="未联网")
    await platform.quiet()


async def row_of(platform: Platform, claim: str) -> dict[str, str]:
    """Return the bill's one row of ledger 4."""
    rows = await ledger(platform, "manual_assistance")
    (row,) = [row for row in rows if row["结算单号"] == f"H34169901:{claim}"]
    return row


async def pay(platform: Platform, certno: str, claim: str, amount: str, on: str) -> int:
    """Report a payment by hand; return the answer's status."""
    return await platform.report(
        "bureau", "ManualAssistancePaid", certno=certno, claim=f"H34169901:{claim}", amount=amount,
        paid_on=on,
    )  # fmt: skip


async def test_of_two_payments_of_all_that_is_due_at_one_moment_one_is_refused(
    platform: Platform,
) -> None:
    """Two clerks press the button together: the second is held against the first."""
    claim = f"PH{platform.number}"
    await a_household(platform, number(1), claim)
    due = (await row_of(platform, claim))["应发金额（元）"]

    answers = await asyncio.gather(
        pay(platform, number(1), claim, due, "2023-09-01"),
        pay(platform, number(1), claim, due, "2023-09-02"),
    )

    await platform.quiet()
    assert sorted(answers) == [202, 422]
    assert (await row_of(platform, claim))["未发金额（元）"] == "0.00"


async def test_a_payment_under_a_number_in_between_counts_and_is_not_made_twice(
    platform: Platform,
) -> None:
    """Corrected twice, and paid under the number in between; told again under the right one it is one."""
    first, middle, last = number(11), number(12), number(13)
    claim = f"PM{platform.number}"
    await a_household(platform, first, claim)
    for wrong, right in ((first, middle), (middle, last)):
        await told(platform, "bureau", "IdentityChanged", certno=wrong, new_certno=right,
            name="郑九", effective="2023-06-01",
        )  # fmt: skip
        await platform.quiet()
    due = (await row_of(platform, claim))["应发金额（元）"]

    once = await pay(platform, middle, claim, due, "2023-09-01")
    again = await pay(platform, last, claim, due, "2023-09-01")
    more = await pay(platform, middle, claim, "0.01", "2023-09-02")

    await platform.quiet()
    row = await row_of(platform, claim)
    assert (once, again, more) == (202, 202, 422)
    assert (row["身份证号"], row["已发金额（元）"], row["未发金额（元）"]) == (last, due, "0.00")
