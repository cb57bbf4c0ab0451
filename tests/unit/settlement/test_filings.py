"""A stay in another province is settled as filed if it was filed, also when the filing is learnt of later."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from contracts.events.enrollment import Filing, FilingsChanged
from contracts.events.settlement import ClaimSettled
from policy.filing import filed_area
from policy.loader import load_pack
from services.settlement.facts import Facts
from services.settlement.rules import Position, decide
from tests.builders import PERSON, a_bill, covered, tell, yuan

LX = [load_pack("lixin-2023")]


def away(claim: str = "H1:c1", **other: Any) -> Any:
    """Return a stay outside the province that nobody had filed."""
    said = {"area": "out_unfiled", "level": "", "admit": date(2023, 5, 10), **other}
    return a_bill(claim, "20000.00", **said)


def filings(
    first: str = "2023-05-10", last: str = "2023-11-09", province: str = "31", revision: int = 1
) -> FilingsChanged:
    """Return what enrollment says."""
    one = Filing(
        place="上海市", province=province, first=date.fromisoformat(first), last=date.fromisoformat(last)
    )  # fmt: skip
    return FilingsChanged(person=PERSON, revision=revision, filings=(one,))


def paid(facts: Facts) -> dict[str, tuple[str, int]]:
    """Return each claim's area and what basic insurance pays."""
    changes = decide(LX, facts, {})
    said = [one.event for one in changes if isinstance(one.event, ClaimSettled)]
    return {one.claim: (one.area, one.bmi) for one in said}


def known(*events: Any) -> Facts:
    """Return what settlement knows."""
    facts = Facts()
    tell(facts, covered(2023), *events)
    return facts


def test_a_filed_stay_gets_sixty_per_cent_and_an_unfiled_one_fifty() -> None:
    """皖医保发〔2019〕11号: deductible a fifth of the bill in both, another rate."""
    assert paid(known(away())) == {"H1:c1": ("out_unfiled", yuan("8000.00"))}
    assert paid(known(away(), filings())) == {"H1:c1": ("out_filed", yuan("9600.00"))}


def test_a_filing_learnt_of_after_the_bill_is_a_further_decision() -> None:
    """The bill is settled again under the next revision; taken back, it is as it was before."""
    facts, stands = known(away()), dict[str, Position]()
    (first,) = decide(LX, facts, stands)
    stands[first.claim] = first.after

    tell(facts, filings())
    (second,) = decide(LX, facts, stands)
    stands[second.claim] = second.after
    tell(facts, FilingsChanged(person=PERSON, revision=2))
    (third,) = decide(LX, facts, stands)

    told = [one.event for one in (first, second, third)]
    assert [one.revision for one in told if one] == [1, 2, 3]
    assert [one.bmi for one in told if isinstance(one, ClaimSettled)] == [
        yuan("8000.00"), yuan("9600.00"), yuan("8000.00"),
    ]  # fmt: skip


def test_a_bill_that_pays_alike_is_told_again_because_assistance_reads_the_area() -> None:
    """Below the deductible insurance pays nothing either way; unfiled, assistance would pay nothing."""
    facts = known(a_bill("H1:c1", "1500.00", area="out_unfiled", level=""))
    (first,) = decide(LX, facts, {})
    stands = {first.claim: first.after}

    tell(facts, filings(first="2023-05-01"))
    (second,) = decide(LX, facts, stands)

    assert first.after.pays == second.after.pays
    assert isinstance(second.event, ClaimSettled)
    assert second.event.area == "out_filed"


def test_the_order_in_which_bills_and_filings_come_changes_nothing() -> None:
    """Each permutation, with everything told twice, ends in the same decisions."""
    facts = [away(), away("H1:c2", on="2023-08-01", admit=date(2023, 7, 20)), filings()]
    facts += [filings(first="2023-07-01", last="2023-12-31", revision=2)]

    found = {tuple(sorted(paid(known(*order, *order)).items())) for order in permutations(facts)}

    assert found == {
        (("H1:c1", ("out_unfiled", yuan("8000.00"))), ("H1:c2", ("out_filed", yuan("9600.00"))))
    }


@pytest.mark.parametrize(
    ("provider", "admit", "area", "settled_as"),
    [
        ("H31010101", "2023-05-10", "out_unfiled", "out_filed"),
        ("H11010101", "2023-05-10", "out_unfiled", "out_unfiled"),
        ("H34169901", "2023-05-10", "out_unfiled", "out_filed"),
        ("H1", "2023-05-10", "out_unfiled", "out_filed"),
        ("H31010101", "2023-05-09", "out_unfiled", "out_unfiled"),
        ("H31010101", "2023-11-09", "out_unfiled", "out_filed"),
        ("H31010101", "2023-11-10", "out_unfiled", "out_unfiled"),
        ("H31010101", "2023-05-10", "local", "local"),
        ("H31010101", "2023-05-10", "out_filed", "out_filed"),
    ],
)
def test_a_filing_is_meant_for_its_province_and_its_days(
    provider: str, admit: str, area: str, settled_as: str
) -> None:
    """Filed for Shanghai a stay in Beijing is not; the county's own number on a bill says nothing of where."""
    bill = away(area=area, admit=date.fromisoformat(admit), on="2023-11-20").model_copy(
        update={"provider": provider}
    )

    assert filed_area(LX, filings().filings, bill) == settled_as


def test_a_stay_from_before_the_pack_s_first_day_is_settled_by_the_rule_of_its_discharge() -> None:
    """As all of a bill is; filed must be the day of admission."""
    bill = away(on="2023-01-05", admit=date(2022, 12, 28))
    filed = filings(first="2022-12-20", last="2023-06-19").filings
    assert filed_area(LX, filed, bill) == "out_filed"


def test_a_county_whose_pack_knows_no_filing_settles_bills_as_they_came() -> None:
    """汶上's areas are those of a referral, which no filing replaces."""
    bill = a_bill(area="unreferred", on="2020-05-18")
    assert filed_area([load_pack("wenshang-2020")], filings().filings, bill) == "unreferred"
