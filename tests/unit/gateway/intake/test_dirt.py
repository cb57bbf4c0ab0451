"""Lists as untidy as they come, at random: nobody is lost, changed or invented."""

from datetime import date

import pytest

from tests.dirty_lists import dirty_lists
from tests.reading_dirt import complaints

MAY = date(2023, 5, 1)


@pytest.mark.parametrize("seed", range(1, 7))
def test_who_stands_in_a_list_is_taken_or_named(seed: int) -> None:
    """What a person can read is taken as it is; what cannot be read is named with its row."""
    lists = list(dirty_lists(seed, MAY, 1_500))

    found = [one for made in lists for one in complaints(made, MAY)]

    assert sum(len(made.lines) for made in lists) >= 1_500
    assert found == []
