"""A household with two bills, for the tests of ledgers and of what was decided again."""

from datetime import date

import pytest

from tests.builders import an_id_number
from tests.integration.platform import Platform

TOWN = "张村镇"


OTHER_TOWN = "阚疃镇"


BORN = date(1958, 3, 9)


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
