"""Law one and two, as a property: the order and the number of copies of facts mean nothing."""

import random
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.events.base import Event
from contracts.vocabulary import Kind, Source
from tests.builders import (
    PERSON,
    RIGHT,
    a_bill,
    a_correction,
    a_death,
    a_grant,
    a_premium,
    a_reversal,
    a_status,
    covered,
    insured_elsewhere,
    yuan,
)
from tests.county import County, ledger_of

IN_YEAR = st.dates(min_value=date(2023, 1, 1), max_value=date(2023, 12, 31))
AROUND = st.dates(min_value=date(2022, 11, 1), max_value=date(2024, 2, 1))
DAYS = st.one_of(IN_YEAR, IN_YEAR, IN_YEAR, AROUND).map(str)
FEN = st.integers(min_value=1, max_value=yuan("400000.00"))
CATEGORIES = st.sampled_from(
    ["SUBSISTENCE", "DESTITUTE", "MARGINAL_AT_RISK", "BACK_TO_POVERTY", "SUBSISTENCE_MARGIN"]
)


@st.composite
def some_bills(draw: st.DrawFn) -> Event:
    """A bill of any kind, day, size and level; small ids, so that some collide."""
    fen = draw(FEN)
    share = draw(st.integers(0, 10_000))
    in_scope = fen * share // 10_000
    return a_bill(
        f"H1:c{draw(st.integers(1, 4))}", on=draw(DAYS), minute=draw(st.integers(0, 99)),
        kind=draw(st.sampled_from(list(Kind))), level=draw(st.sampled_from(["L1", "L2", "L2", "L3_CITY", "L9"])),
        area=draw(st.sampled_from(["local", "cross", "out_filed", "out_unfiled"])),
        referred=draw(st.booleans()), total_fee=fen,
        hospital_reduction=draw(st.sampled_from([0, 0, 0, 0, 0, in_scope // 10, in_scope])),
    ).model_copy(update={"in_scope": in_scope, "full_self_pay": fen - in_scope})  # fmt: skip


FACTS: st.SearchStrategy[Event] = st.one_of(
    some_bills(),
    some_bills(),
    st.integers(1, 4).map(lambda n: a_reversal(f"H1:c{n}")),
    st.builds(
        a_grant, CATEGORIES, DAYS, action=st.sampled_from(["granted", "granted", "removed"]),
        source=st.sampled_from([Source.CIVIL_AFFAIRS, Source.RURAL_REVITALISATION]),
        minute=st.integers(0, 99),
    ),
    st.builds(
        a_death, st.sampled_from([Source.FUNERAL_HOME, Source.CIVIL_AFFAIRS]), DAYS,
        action=st.sampled_from(["reported", "revoked"]), minute=st.integers(0, 99),
    ),
    st.builds(a_premium, st.sampled_from([2023, 2024]), on=DAYS, minute=st.integers(0, 99)),
    st.builds(insured_elsewhere, DAYS, st.sampled_from(["", "2024-03-31"]), minute=st.integers(0, 99)),
)  # fmt: skip


@settings(max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(facts=st.lists(FACTS, min_size=3, max_size=10), seed=st.integers(0, 2**32))
def test_any_order_and_any_copies_of_the_same_facts_end_in_the_same_ledger(
    facts: list[Event], seed: int
) -> None:
    """Statuses, bills, reversals, deaths and premiums together, through all three services."""
    facts = [a_premium(), *facts]
    rng = random.Random(seed)
    shuffled = facts + rng.choices(facts, k=rng.randrange(4))
    rng.shuffle(shuffled)

    in_order = ledger_of(facts)

    assert ledger_of(shuffled, rng) == in_order


THIRD = "p" + "c" * 26
NUMBERS = st.sampled_from([PERSON, RIGHT, THIRD])
CORRECTIONS = st.builds(
    a_correction, NUMBERS, NUMBERS, action=st.sampled_from(["reported", "reported", "revoked"]),
    minute=st.integers(0, 99),
).filter(lambda one: one.person != one.new_person)  # fmt: skip
UNDER_SOME_NUMBER = st.builds(
    lambda fact, person: fact.model_copy(update={"person": person}), FACTS, NUMBERS
)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    facts=st.lists(UNDER_SOME_NUMBER, min_size=3, max_size=8),
    corrections=st.lists(CORRECTIONS, min_size=1, max_size=4),
    seed=st.integers(0, 2**32),
)
def test_corrections_of_numbers_end_the_same_in_any_order_and_lose_nobody(
    facts: list[Event], corrections: list[Event], seed: int
) -> None:
    """Merges, chains, circles and splits, mixed with everything else, at any time."""
    told = [a_premium(), *facts, *corrections]
    rng = random.Random(seed)
    shuffled = told + rng.choices(told, k=rng.randrange(4))
    rng.shuffle(shuffled)

    county = County().tell(*told)

    assert ledger_of(shuffled, rng) == county.ledger()
    if all(one.action == "reported" for one in corrections):  # type: ignore[attr-defined]
        stands = [one for one in county.standing.values() if one.coverage]
        assert stands or any(fact.NAME == "DeathReported" for fact in facts)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(facts=st.lists(FACTS, min_size=1, max_size=8), seed=st.integers(0, 2**32))
def test_the_books_say_what_the_decisions_say_after_any_history(
    facts: list[Event], seed: int
) -> None:
    """However many corrections were booked, the postings add up to the standing decision."""
    county = County(random.Random(seed))

    county.tell(a_premium(), *facts)

    standing = {
        (person, claim, account): fen
        for person, settled in county.settled.items()
        for claim, position in settled.items()
        for account, fen in position.pays.items()
        if fen
    }
    assert county.balance() == standing


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(facts=st.lists(FACTS, min_size=1, max_size=8), seed=st.integers(0, 2**32))
def test_every_standing_bill_adds_up_to_the_fen(facts: list[Event], seed: int) -> None:
    """Layers, inputs and the family's share sum to the total; nobody pays a negative amount."""
    county = County(random.Random(seed)).tell(a_premium(), *facts)

    for bill in county.bills.values():
        parts = (
            bill.bmi, bill.cii, bill.supplement, bill.medical_assistance, bill.hospital_reduction,
            bill.commercial_supplement, bill.reassistance, bill.tilted_assistance,
            bill.hospital_borne, bill.personal_burden,
        )  # fmt: skip
        assert min(parts) >= 0
        assert sum(parts) == bill.total_fee


def test_a_status_told_twice_and_late_ends_as_if_told_once_and_in_time() -> None:
    """The shortest story of the law, for a reader."""
    in_time = [covered(), a_status(("SUBSISTENCE", "2023-01-01", None)), a_bill()]
    late = [a_bill(), covered(), in_time[1], in_time[1], a_bill()]

    assert ledger_of(late) == ledger_of(in_time)
