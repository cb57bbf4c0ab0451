"""Problems, refunds, payments by hand, assessments, high costs: who hears of which, and what is not said any more."""

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from contracts.events.base import Event
from contracts.events.enrollment import (
    DiscrepancyClosed,
    DiscrepancyOpened,
    PersonRegistered,
    RefundDue,
)
from contracts.events.partner import ChronicAssessmentReported, ManualAssistancePaid
from contracts.vocabulary import PROBLEM_ZH, ProblemKind, Source
from services.notify.rules import Facts, fact_id, render
from tests.builders import MORNING, PERSON

DAY = date(2023, 6, 1)
CODE = {"code": "3f9a1c"}
HOME = PersonRegistered(person=PERSON, revision=1, township="城关镇", village="东村")


def opened(
    kind: str = "not_enrolled", days: int = 0, times: int = 0, year: int | None = None
) -> DiscrepancyOpened:
    """Return that something is wrong."""
    return DiscrepancyOpened(
        person=PERSON, discrepancy=kind, township="城关镇", village="东村", year=year,
        opened=DAY + timedelta(days=days), times=times,
    )  # fmt: skip


def closed(
    kind: str = "not_enrolled", days: int = 0, times: int = 0, year: int | None = None
) -> DiscrepancyClosed:
    """Return that it is mended."""
    return DiscrepancyClosed(
        person=PERSON, discrepancy=kind, closed=DAY + timedelta(days=days), times=times, year=year
    )  # fmt: skip


def refund(amount: int = 35_000, revision: int = 1) -> RefundDue:
    """Return what is to be given back."""
    return RefundDue(
        person=PERSON, coverage_year=2023, amount=amount, rule="r", revision=revision
    )  # fmt: skip


def paid(action: str = "paid", minute: int = 0, *, signed: bool = True) -> ManualAssistancePaid:
    """Return a payment onto a card."""
    return ManualAssistancePaid(
        source=Source.BUREAU, received=MORNING.replace(minute=minute), person=PERSON, claim="H1:c1", amount=40_915,
        paid_on=DAY, signed=signed, action=action,
    )  # fmt: skip


def assessed(result: str = "granted", minute: int = 0, **other: Any) -> ChronicAssessmentReported:
    """Return an assessment's result."""
    return ChronicAssessmentReported(
        source=Source.HEALTH, received=MORNING.replace(minute=minute), person=PERSON,
        disease="高血压", applied_on=DAY, result=result, **other,
    )  # fmt: skip


def texts(*events: Event) -> list[tuple[str, str]]:
    """Return whom each message is for and what it says, without those that are taken back."""
    facts = Facts()
    for event in (HOME, *events):
        known = fact_id(event)
        assert known is not None
        facts.add(event, known[1])
    gone = set(facts.voided)
    wishes = [one for one in facts.wishes(set()) if one.key not in gone]
    return sorted((one.audience, render(one.template, one.words | CODE, "张")) for one in wishes)


def test_each_occasion_is_told_to_whom_it_concerns() -> None:
    """A problem to the officer, money and results to the family."""
    told = texts(opened(), refund(), paid(), assessed(valid_from=DAY))
    assert [one[0] for one in told] == ["family", "family", "family", "officer"]
    assert "应参未参" in told[3][1]
    said = "".join(one[1] for one in told)
    assert all(word in said for word in ("350.00元", "409.15元", "2023年6月1日", "东村张**"))
    assert "高血压" not in said


@pytest.mark.parametrize(
    ("events", "count"),
    [
        ((opened(), closed(days=1)), 0),
        ((opened(), closed()), 0),
        ((opened(), closed(days=1), opened(days=2)), 1),
        ((refund(), refund(0, 2)), 0),
        ((refund(), refund(20_000, 2)), 1),
        ((paid(), paid("revoked", 1)), 0),
        ((paid(), paid("revoked", 1), paid(minute=2)), 1),
        ((paid(signed=False), paid(minute=1)), 1),
        ((opened(times=1), closed(times=1), opened(times=2)), 1),
        ((opened(), closed(times=1, year=2023, days=1)), 0),
        ((opened(times=1), closed(times=1, days=1)), 0),
        ((opened(times=1, year=2023), opened(times=1, year=2022), closed(times=1, year=2022)), 1),
        ((assessed("granted", 0), assessed("refused", 1, reason="no_need", office="张村镇")), 1),
        ((assessed("refused", 0, reason="no_need"), assessed("granted", 1)), 1),
        ((assessed("not_applied"),), 0),
        ((assessed(office="张村镇"),), 0),
        ((assessed(office="城关镇"),), 1),
        ((opened("refund_due"), opened("bill_held")), 0),
    ],
)
def test_what_is_over_or_was_taken_back_is_not_said_in_whatever_order_it_came(
    events: tuple[Event, ...], count: int
) -> None:
    """Mended, given back, revoked, assessed again, or said by another's office."""
    found = {tuple(texts(*order, *order)) for order in permutations(events)}
    assert len(found) == 1
    assert len(found.pop()) == count


def test_what_has_to_be_signed_for_says_so_and_an_assessment_says_why_not() -> None:
    """The family knows what to do next."""
    assert "签收" in texts(paid(signed=False))[0][1]
    assert "签收" not in texts(paid(signed=False), paid(minute=1))[0][1]
    assert "不在认定病种范围" in texts(assessed("refused", reason="disease_not_covered"))[0][1]


def test_every_problem_has_a_name_that_fits_into_a_text() -> None:
    """None is shown to an officer by its code."""
    assert set(PROBLEM_ZH) == {one.value for one in ProblemKind}
    assert max(map(len, PROBLEM_ZH.values())) <= 8
