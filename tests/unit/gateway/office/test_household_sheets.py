"""The sheet in a household's pouch: one page a household, whatever is on it."""

from datetime import date

import pytest

from contracts.bill_sheets import ClaimLine
from contracts.sheets import Household, Member
from services.gateway.office.household_sheets import half_hidden, pages_of, pdf_of
from tests.builders import PERSON, an_id_number

DAY = date(2023, 11, 23)
LONG = "长" * 200


def a_member(name: str = "吴老三", **other: object) -> Member:
    """Return a member of low income, enrolled."""
    fields = {
        "person": PERSON, "id_number": an_id_number(), "name": name, "categories": "低保对象",
        "enrolled": True, "reason": "", "paid": "35.00", "subsidy": "315.00", "exempt": False,
        "chronic": ["高血压（已办理）"],
    }  # fmt: skip
    return Member.model_validate(fields | other)


def a_household(*members: Member, **other: str) -> Household:
    """Return a household of a village."""
    said = {
        "head": "吴老三",
        "township": "张村镇",
        "village": "石村",
        "phone": "19900001111",
    } | other
    return Household(members=list(members) or [a_member()], **said)


def bills(number: int) -> dict[str, list[ClaimLine]]:
    """Return so many stays of the head."""
    return {
        PERSON: [
            ClaimLine(
                person=PERSON, claim=f"H1:{one}", provider="H1", kind="inpatient", level="L2",
                admit=None, discharge=date(2023, 5, 1), disease="", category="SUBSISTENCE",
                one_stop=True, why_not="", statement=True, total_fee="12345678.90",
                in_scope="30000.00", pays={"bmi": "21000.00", "cii": "12345678.90"},
                personal_burden="12345678.90",
            )
            for one in range(number)
        ]
    }  # fmt: skip


@pytest.mark.parametrize(
    "home",
    [
        a_household(),
        a_household(*(a_member(LONG, categories=LONG, chronic=[LONG]) for _ in range(20))),
        a_household(a_member(enrolled=False, reason=LONG), head=LONG, township=LONG, village=LONG),
    ],
    ids=["plain", "many long members", "long words"],
)
def test_a_household_takes_exactly_one_page(home: Household) -> None:
    """Also with twenty members and forty bills."""
    assert len(pages_of([home], bills(40), 2023, DAY)) == 1


def test_a_village_is_a_page_a_household_in_one_file() -> None:
    """A printable PDF with its own fonts."""
    homes = [a_household(head=name) for name in ("甲", "乙", "*丙_#[]")]

    assert len(pages_of(homes, {}, 2023, DAY)) == 3
    assert pdf_of(homes, {}, 2023, DAY).startswith(b"%PDF-")


def test_the_day_of_birth_is_hidden() -> None:
    """Visitors see the sheet too."""
    assert half_hidden("522699195803090017") == "522699********0017"
