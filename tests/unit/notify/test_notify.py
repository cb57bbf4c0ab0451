"""Which messages ought to exist, and what they say."""

from datetime import date

import pytest

from contracts.events.settlement import BillIssued
from contracts.examples import EXAMPLES
from services.notify.gateways import Sms, Tried
from services.notify.gateways.phone_log import PhoneLog
from services.notify.rules import Facts, parts_of, render
from tests.builders import MORNING, an_id_number


def the_bill(**changes: object) -> BillIssued:
    """Return the golden bill with changes."""
    bill = EXAMPLES["BillIssued"]
    assert isinstance(bill, BillIssued)
    return bill.model_copy(update=changes)


def test_a_bill_makes_one_message_however_often_it_arrives() -> None:
    """The key is the fact's, so a resend finds it requested."""
    facts = Facts()
    facts.add(the_bill())
    (wish,) = facts.wishes(set())

    facts.add(the_bill())

    assert facts.wishes({wish.key}) == []


def test_a_corrected_bill_replaces_a_message_not_yet_requested() -> None:
    """A family hears the latest figures only, whichever revision arrives first."""
    early, late = the_bill(), the_bill(bill_revision=2, personal_burden=1)

    for order in ((early, late), (late, early)):
        facts = Facts()
        for bill in order:
            facts.add(bill)
        assert [wish.template for wish in facts.wishes(set())] == ["bill_corrected"]


def test_the_text_names_no_one_and_leaves_out_what_is_zero() -> None:
    """Masked name, amounts of this bill, no layer that paid nothing, no identity number."""
    facts = Facts()
    facts.add(the_bill())
    (wish,) = facts.wishes(set())

    text = render(wish.template, wish.words, "张")

    assert text.startswith("张**您好：5月18日住院费用已结算，总费用12000.00元，")
    assert "大病保险" not in text
    assert "医疗救助1800.00元" in text
    assert an_id_number() not in text


def test_officers_are_told_which_flags_rose() -> None:
    """In the words of the trade."""
    facts = Facts()
    facts.add(EXAMPLES["StatusChanged"])

    officer, family = facts.wishes(set())

    assert (officer.audience, officer.township) == ("officer", "城关镇")
    assert (family.audience, family.township) == ("family", "")
    assert all(
        "新增低保对象" in render(one.template, one.words | {"code": "3f9a1c"}, "李")
        for one in (officer, family)
    )


def test_nobody_writes_to_the_dead() -> None:
    """Their flags end with the month; the officer hears of it, the phone of the family does not."""
    facts = Facts()
    facts.add(EXAMPLES["StatusChanged"].model_copy(update={"died": date(2023, 5, 20)}))

    assert [wish.audience for wish in facts.wishes(set())] == ["officer"]


@pytest.mark.parametrize(("length", "parts"), [(64, 1), (65, 2), (128, 2), (129, 3)])
def test_a_long_text_is_counted_in_parts_with_its_signature(length: int, parts: int) -> None:
    """70 characters in one, then 67 a part; 【县医保局】 is six of them."""
    assert parts_of("字" * length, "县医保局") == parts


async def test_the_phone_log_knows_what_it_took(tmp_path: object) -> None:
    """After a crash the sender asks instead of guessing."""
    log = PhoneLog(tmp_path / "phones.jsonl")  # type: ignore[operator]
    (outcome,) = await log.send([Sms("k1", "19900000001", "您好", 1)])

    assert outcome.kind == "sent"
    tried = [Tried(id_, "19900000001", MORNING) for id_ in ("k1", "k2")]
    assert await log.taken(tried) == {"k1"}
