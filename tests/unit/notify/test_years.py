"""Messages about bills hang on those bills: which year is read for one."""

from datetime import date

from contracts.events.settlement import BillIssued
from contracts.reach import TIMELESS
from services.notify.rules import Facts, bill_key, reach_of
from tests.builders import PERSON, a_status


def issued(
    claim: str = "H1:c1", revision: int = 1, on: str = "2023-05-18", **other: object
) -> BillIssued:
    """Return a bill of a hundred yuan."""
    said = {
        "claim": claim, "person": PERSON, "bill_revision": revision, "settlement_revision": revision,
        "assistance_revision": 1, "provider": "H1", "kind": "inpatient",
        "discharge": date.fromisoformat(on), "category": "NONE", "pack": "p", "total_fee": "100.00",
        "bmi": "60.00", "cii": "0.00", "medical_assistance": "0.00", "personal_burden": "40.00",
    }  # fmt: skip
    return BillIssued.model_validate(said | other)


def told(*events: object) -> Facts:
    """Return what notify knows."""
    facts = Facts()
    for event in events:
        facts.add(event)  # type: ignore[arg-type]
    return facts


def test_a_bill_is_about_its_year_and_a_status_about_none() -> None:
    """A registration, too, is read always."""
    reach = reach_of(issued(on="2024-01-01"))

    assert (reach.year, reach.touches, reach.kin) == (2024, {2024}, ("bill/H1:c1",))
    assert reach_of(a_status()) == TIMELESS


def test_a_message_says_of_which_year_its_bill_is() -> None:
    """So that it is found again with the bills of that year, and nobody is texted twice."""
    (wish,) = told(issued(on="2024-03-01")).wishes(set())

    assert (wish.year, wish.key) == (2024, bill_key(issued(on="2024-03-01")))


def test_what_was_requested_is_not_requested_again() -> None:
    """Its key is known."""
    bill = issued()

    assert told(bill).wishes({bill_key(bill)}) == []


def test_only_the_last_revision_of_a_bill_is_told() -> None:
    """Whatever order they came in."""
    first, second = issued(), issued(revision=2)

    for order in ((first, second), (second, first)):
        (wish,) = told(*order).wishes(set())
        assert (wish.key, wish.template) == (bill_key(second), "bill_corrected")


def test_a_bill_issued_with_another_day_binds_its_years() -> None:
    """What stands of it in one year hangs on the other."""
    assert told(issued(), issued(revision=2)).linked_years == set()
    assert told(issued(), issued(revision=2, on="2024-01-02")).linked_years is None


def test_a_bill_that_only_moved_to_the_right_number_is_not_withdrawn_for_the_family() -> None:
    """It is issued again under the right one, and they hear of it once."""
    gone = issued(revision=2, moved=True, outcome="reversed")

    assert told(issued(), gone).wishes(set()) == []
