"""What settlement and assistance announce, as a history of one person."""

from contracts.examples import EXAMPLES
from contracts.vocabulary import Source
from services.settlement import rules
from tests.builders import (
    PERSON,
    a_bill,
    a_death,
    a_grant,
    a_premium,
    a_reversal,
    covered,
    names,
    tell,
    yuan,
)
from tests.county import PACKS, County


def test_a_bill_in_time_is_settled_assisted_and_billed_once() -> None:
    """The whole way of one bill."""
    county = County().tell(a_premium(), a_grant("SUBSISTENCE"))

    county.tell(a_bill())

    assert names(county.announced)[-3:] == ["ClaimSettled", "AssistanceGranted", "BillIssued"]
    bill = county.bills["H1:c1"]
    assert (bill.bmi, bill.medical_assistance, bill.personal_burden) == (
        yuan("7600.00"), yuan("1800.00"), yuan("600.00"),
    )  # fmt: skip


def test_a_late_status_tops_the_family_up_and_edits_nothing() -> None:
    """C13: one adjustment, a further bill, the first settlement untouched."""
    county = County().tell(a_premium(), a_bill())
    before = list(county.books)

    county.tell(a_grant("SUBSISTENCE", "2023-01-01"))

    adjusted = [event for event in county.announced if event.NAME == "AssistanceAdjusted"]
    assert [event.delta for event in adjusted] == [yuan("1800.00")]
    assert county.books[: len(before)] == before
    assert county.bills["H1:c1"].bill_revision == 2


def test_a_reversed_bill_ends_at_nothing_and_its_bill_is_withdrawn() -> None:
    """The postings go back one by one; what the funds paid for it sums to zero."""
    county = County().tell(a_premium(), a_grant("SUBSISTENCE")).tell(a_bill())

    county.tell(a_reversal())

    assert county.balance() == {}
    bill = county.bills["H1:c1"]
    assert (bill.outcome, bill.total_fee, bill.medical_assistance) == ("reversed", 0, 0)


def test_a_reversal_that_overtakes_its_bill_means_the_same() -> None:
    """Nothing is paid, and nobody gets a bill."""
    county = County().tell(a_premium(), a_reversal(), a_bill())

    assert county.balance() == {}
    assert county.bills == {}


def test_a_late_bill_reprices_the_later_one_and_books_the_difference() -> None:
    """C14: the high-cost line moves; the second stay gets more than it got alone."""
    later = a_bill("H1:c2", "100500.00", on="2023-09-01")
    county = County().tell(a_premium(), later)
    alone = county.bills["H1:c2"].cii

    county.tell(a_bill("H1:c1", "200500.00", on="2023-02-01"))

    assert county.bills["H1:c1"].cii == yuan("15300.00")
    assert county.bills["H1:c2"].cii == yuan("12300.00") > alone


def test_a_bill_before_coverage_waits_and_settles_by_itself() -> None:
    """C15: held until the premium is known; the hospital does nothing twice."""
    county = County().tell(a_bill())
    assert names(county.announced) == ["ClaimHeld"]

    county.tell(a_premium())

    assert county.bills["H1:c1"].outcome == "settled"


def test_a_bill_resent_with_the_same_content_is_one_bill() -> None:
    """Resending on a slow line costs nothing and pays nothing twice."""
    county = County().tell(a_premium(), a_bill(), a_bill(minute=5))

    assert names(county.announced).count("BillIssued") == 1


def test_the_bill_known_first_holds_against_one_with_other_amounts() -> None:
    """C19: whichever reaches the fold first, the earlier one at the door decides."""
    first, second = a_bill(minute=0), a_bill(in_scope="20000.00", minute=5)

    for order in ((first, second), (second, first)):
        assert County().tell(a_premium(), *order).bills["H1:c1"].total_fee == yuan("10000.00")


def test_a_revived_person_gets_the_refused_stay_paid() -> None:
    """A death by two sources refuses the stay after it; revoking one of them pays it."""
    county = County().tell(
        a_premium(),
        a_bill(on="2023-06-10"),
        a_death(Source.CIVIL_AFFAIRS, "2023-05-20", minute=1),
        a_death(Source.FUNERAL_HOME, "2023-05-20", minute=1),
    )
    assert county.balance() == {}

    county.tell(a_death(Source.FUNERAL_HOME, "2023-05-20", action="revoked", minute=2))

    assert county.bills["H1:c1"].bmi == yuan("7600.00")


def test_a_bill_waits_while_assistance_has_not_seen_the_whole_year() -> None:
    """A grant on half the picture may exceed what is left; it will be answered again."""
    facts = rules.Facts()
    tell(facts, covered(), a_bill(hospital_reduction=yuan("2000.00")))
    (settled,) = rules.decide(PACKS, facts, {})
    early = EXAMPLES["AssistanceGranted"].model_copy(
        update={
            "claim": "H1:c1",
            "person": PERSON,
            "settlement_revision": 1,
            "medical_assistance": yuan("500.00"),
        }
    )

    tell(facts, early)
    waiting = rules.decide(PACKS, facts, {"H1:c1": settled.after})
    tell(facts, early.model_copy(update={"revision": 2, "medical_assistance": 0}))
    (billed,) = rules.decide(PACKS, facts, {"H1:c1": settled.after})

    assert waiting == []
    assert billed.bill is not None
    assert billed.bill.personal_burden == yuan("400.00")


def test_assistance_hears_of_another_copy_of_a_bill_although_insurance_pays_the_same() -> None:
    """Two copies of one moment differ in scope only, below the deductible: whichever came first, one bill."""
    copies = [
        a_bill(on="2023-01-01", in_scope=scope, total_fee=201, level="L1").model_copy(
            update={"full_self_pay": 201 - fen}
        )
        for scope, fen in (("0.00", 0), ("0.06", 6))
    ]

    def told(first: int, then: int) -> list[str]:
        county = County().tell(a_premium(), a_grant())
        return county.tell(copies[first]).tell(copies[then]).ledger()

    assert told(0, 1) == told(1, 0)
