"""What the audit counts as a difference, and what it does not."""

import pytest

from chassis.audit import _is_nothing


@pytest.mark.parametrize(
    ("decision", "nothing"),
    [
        (("reversed|number_corrected|||", {}), True),
        (("reversed||||", {}), True),
        (("settled||NONE|p|bmi=1", {"bmi": 1}), False),
        (("refused|after_death|||", {}), False),
        (("held|not_enrolled|||", {}), False),
        (("reversed||||", {"bmi": 1}), False),
        (None, False),
    ],
)  # fmt: skip
def test_a_bill_that_only_passed_through_is_no_difference(
    decision: tuple[str, dict[str, int]] | None, nothing: bool
) -> None:
    """Taken back before anybody was told of it: nothing was announced, and nothing is owed."""
    assert _is_nothing(decision) is nothing
