"""What the rules for a person's category added to a bill, as it stands on the page."""

from chassis.settings import Settings
from services.settlement.answers import added_of
from tests.builders import a_bill, a_status, covered


def test_a_poor_patient_reads_what_the_category_added_to_each_layer() -> None:
    """C17: half the deductible and five points more of critical illness insurance, in words and yuan."""
    facts = [
        covered(2023),
        a_status(("SUBSISTENCE", "2023-01-01", None)),
        a_bill(in_scope="200000.00"),
    ]

    added = added_of(Settings(), facts, "H1:c1")

    assert [one.partition("，")[0] for one in added] == [
        "降低或取消大病保险起付线", "提高大病保险支付比例",
    ]  # fmt: skip
    assert all(one.endswith("元") and "多报销" in one for one in added)


def test_an_ordinary_patient_and_an_unknown_bill_read_nothing() -> None:
    """There is no category that could have added anything, and no bill."""
    facts = [covered(2023), a_bill(in_scope="200000.00")]

    assert list(added_of(Settings(), facts, "H1:c1")) == []
    assert list(added_of(Settings(), facts, "H1:other")) == []
