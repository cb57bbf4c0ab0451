"""The table of funds: what follows from it, and that events and answers have a field for each."""

import pytest

from contracts.events.assistance import AssistanceGranted
from contracts.events.settlement import BillIssued, ClaimSettled
from contracts.funds import (
    AMOUNTS,
    ASSISTANCE_FUNDS,
    FUND_ZH,
    FUNDS,
    GIVEN_FUNDS,
    INSURANCE_FUNDS,
    Fund,
    grouped,
)
from services.gateway.answers import Bill
from services.gateway.intake.national import BILL_FIELDS


def test_every_fund_stands_in_the_table_once_and_in_the_order_of_a_bill() -> None:
    """A fund that is added is a line here."""
    assert [one.fund for one in FUNDS] == list(Fund)
    assert sorted((*INSURANCE_FUNDS, *ASSISTANCE_FUNDS, *GIVEN_FUNDS)) == sorted(FUND_ZH)


@pytest.mark.parametrize(
    ("event", "funds"),
    [
        (BillIssued, tuple(FUND_ZH)), (Bill, tuple(FUND_ZH)),
        (ClaimSettled, (*INSURANCE_FUNDS, *GIVEN_FUNDS)), (AssistanceGranted, ASSISTANCE_FUNDS),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)  # fmt: skip
def test_an_event_has_a_field_for_each_fund_of_its_stage(
    event: type, funds: tuple[str, ...]
) -> None:
    """A fund without a field would be paid and never said."""
    assert set(funds) <= set(event.model_fields)  # type: ignore[attr-defined]


def test_what_the_national_interface_is_told_adds_up_to_the_bill() -> None:
    """Every fund goes into one national field, and the family's share beside them."""
    told = [name for names in BILL_FIELDS.values() for name in names]

    assert sorted(told) == sorted(AMOUNTS)


def test_a_message_to_a_family_names_every_fund_under_one_of_five_words() -> None:
    """The words are those of the counter: three kinds of assistance are one."""
    assert list(grouped("share")) == [
        "基本医保",
        "大病保险",
        "医疗救助",
        "减免和商业补充",
        "医院负担",
    ]
    assert sorted(one for many in grouped("share").values() for one in many) == sorted(FUND_ZH)
