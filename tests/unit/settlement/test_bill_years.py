"""Bills are decided year by year, and only where something is new."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from contracts.events.claims import ClaimSubmitted
from policy.engine import Decision
from policy.facts import PersonFacts
from policy.loader import load_pack
from services.settlement.bill_years import BillYears
from services.settlement.part import Decided
from services.settlement.repeats import OVERLAPPING_STAY, POSSIBLE_DUPLICATE
from tests.builders import a_bill

PACKS = [replace(load_pack("lixin-2023"), valid_to=date(2025, 12, 31))]
"""A pack of three years, so that bills of all of them are settled."""
NOBODY = PersonFacts([])


def stay(claim: str, last: str, days: int = 3, **other: Any) -> ClaimSubmitted:
    """Return a stay of some days."""
    day = date.fromisoformat(last)
    return a_bill(claim, on=last, admit=day - timedelta(days=days), **other)


class Bills:
    """A person's bills as settlement keeps them."""

    def __init__(self, *bills: ClaimSubmitted) -> None:
        self.years = BillYears()
        self.reversed: set[str] = set()
        self.dismissed: set[str] = set()
        self.add(*bills)

    def add(self, *bills: ClaimSubmitted) -> "Bills":
        """Take bills in."""
        for bill in bills:
            self.years.add(bill)
        return self

    def decide(self, person: PersonFacts = NOBODY, *, whole: bool = False) -> Decided:
        """Decide about them."""
        return self.years.decide(PACKS, person, self.reversed, self.dismissed, whole=whole)

    def outcomes(self) -> dict[str, tuple[str, str]]:
        """Return claim → outcome and reason."""
        return {c: (d.outcome, d.reason) for c, d in self.decide().decisions.items()}


def same(before: dict[str, Decision], after: dict[str, Decision]) -> set[str]:
    """Return the claims whose decision is the very same object."""
    return {claim for claim, one in before.items() if after.get(claim) is one}


def test_a_bill_of_another_year_leaves_this_one_as_it_is() -> None:
    """Nobody folds last year again for a bill of today."""
    bills = Bills(a_bill("H1:a", on="2023-03-01"), a_bill("H1:b", on="2024-03-01"))
    before = dict(bills.decide().decisions)

    after = bills.add(a_bill("H1:c", on="2024-05-01")).decide().decisions

    assert "H1:a" in same(before, after)
    assert set(after) == {"H1:a", "H1:b", "H1:c"}


def test_nothing_new_folds_nothing() -> None:
    """Asked again, the answer is the one that is known."""
    bills = Bills(a_bill("H1:a"), a_bill("H1:b", on="2023-06-01"))
    before = dict(bills.decide().decisions)

    assert same(before, bills.decide().decisions) == {"H1:a", "H1:b"}


def test_what_is_new_about_the_person_is_seen_in_every_year() -> None:
    """Somebody turns out to have died in 2023: bills of both years are refused."""
    bills = Bills(a_bill("H1:a", on="2023-06-01"), a_bill("H1:b", on="2024-03-01"))
    bills.decide()
    bills.years.all_anew()

    decided = bills.decide(PersonFacts([], died=date(2023, 1, 5))).decisions

    assert {one.outcome for one in decided.values()} == {"refused"}


def test_a_reversal_concerns_its_own_year_alone() -> None:
    """Taken back in 2023, nothing moves in 2024."""
    bills = Bills(a_bill("H1:a", on="2023-06-01"), a_bill("H1:b", on="2024-03-01"))
    before = dict(bills.decide().decisions)
    bills.reversed.add("H1:a")
    bills.years.anew("H1:a")

    after = bills.decide().decisions

    assert after["H1:a"].outcome == "reversed"
    assert same(before, after) == {"H1:b"}


def test_a_reversal_of_a_bill_that_has_not_come_waits_for_it() -> None:
    """It overtook its bill on the bus."""
    bills = Bills()
    bills.reversed.add("H1:a")
    bills.years.anew("H1:a")
    assert bills.outcomes() == {}

    bills.add(a_bill("H1:a"))

    assert bills.outcomes()["H1:a"][0] == "reversed"


def test_a_stay_over_new_year_makes_two_years_one() -> None:
    """It went on while somebody lay in another bed in December: somebody has to look."""
    december = stay("H1:december", "2023-12-20", days=4)
    over = stay("H2:over", "2024-01-10", days=24)

    decided = Bills(over, december).decide()

    assert decided.decisions["H1:december"].outcome == "settled"
    assert Bills(over).years.linked == {2023, 2024}
    assert decided.questions == {"H2:over": f"{OVERLAPPING_STAY}|H1:december"}


def test_years_that_hang_together_through_a_third_are_one() -> None:
    """Two stays, each over a New Year: three years are decided together."""
    bills = Bills(stay("H1:a", "2024-01-05", 10), stay("H1:b", "2025-01-05", 10))

    assert bills.years.linked == {2023, 2024, 2025}
    assert [years for _, years in bills.years._due(whole=False)] == [{2023, 2024, 2025}]


def test_years_without_such_a_stay_are_decided_apart() -> None:
    """Each under its own number."""
    bills = Bills(a_bill("H1:a", on="2023-06-01"), a_bill("H1:b", on="2024-03-01"))

    assert list(bills.years._due(whole=False)) == [(2023, {2023}), (2024, {2024})]


def test_a_bill_that_comes_again_with_a_day_in_another_year_binds_both() -> None:
    """Either copy may be the one that counts."""
    refused = a_bill("H1:a", on="2023-06-01", level="nowhere")
    again = a_bill("H1:a", on="2024-02-01", minute=5)

    bills = Bills(refused, again)

    assert bills.years.several
    assert bills.decide().bills["H1:a"].discharge == date(2024, 2, 1)


def test_equal_copies_bind_nothing() -> None:
    """A bill sent twice is one bill of one year."""
    assert not Bills(a_bill("H1:a"), a_bill("H1:a", minute=3)).years.several


def test_of_a_corrected_number_all_years_are_one() -> None:
    """Its caller says so."""
    bills = Bills(a_bill("H1:a", on="2023-06-01"), a_bill("H1:b", on="2024-03-01"))

    assert list(bills.years._due(whole=True)) == [(0, {2023, 2024})]


def test_a_refused_bill_does_not_use_up_its_number() -> None:
    """The next copy under it is tried, in the order in which they became known."""
    wrong = a_bill("H1:a", level="nowhere")
    right = a_bill("H1:a", "8000.00", minute=1)
    late = a_bill("H1:a", "9000.00", minute=2)

    decided = Bills(late, right, wrong).decide()

    assert decided.decisions["H1:a"].outcome == "settled"
    assert decided.bills["H1:a"].in_scope == right.in_scope


def test_a_stay_sent_under_two_numbers_is_counted_once() -> None:
    """The one known first stands; the other waits and moves no accumulator."""
    bills = Bills(stay("H1:a", "2023-05-18"), stay("H1:b", "2023-05-18", minute=5))

    assert bills.outcomes()["H1:b"] == ("held", POSSIBLE_DUPLICATE)
    assert bills.decide().questions["H1:b"] == f"{POSSIBLE_DUPLICATE}|H1:a"


def test_a_dismissed_repeat_counts_as_a_stay_of_its_own() -> None:
    """The bureau looked at it."""
    bills = Bills(stay("H1:a", "2023-05-18"), stay("H1:b", "2023-05-18", minute=5))
    bills.decide()
    bills.dismissed.add("H1:b")
    bills.years.anew("H1:b")

    assert bills.outcomes()["H1:b"][0] == "settled"
    assert "H1:b" not in bills.decide().questions


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_whatever_comes_first_the_same_is_decided(order: tuple[int, ...]) -> None:
    """One at a time, with a decision after each."""
    told = [
        stay("H1:a", "2023-05-18"), stay("H1:b", "2024-01-02", 9), stay("H1:c", "2024-03-01"),
    ]  # fmt: skip
    bills = Bills()
    for number in order:
        bills.add(told[number]).decide()

    assert bills.outcomes() == Bills(*told).outcomes()


def test_what_is_decided_anew_takes_the_place_of_what_was_decided() -> None:
    """A question that is settled goes."""
    decided = Decided(questions={"H1:a": "old|", "H1:b": "other|"})

    decided.replace(Decided(decisions={"H1:a": Decision("H1:a", "settled")}))

    assert decided.questions == {"H1:b": "other|"}
