"""By which words somebody is found whose name is sealed."""

import pytest

from services.enrollment.opened import Opened
from services.enrollment.person.words import READINGS_MOST, initials_of, words_of


@pytest.mark.parametrize(
    ("name", "some"),
    [
        ("张小明", {"zxm"}),
        ("欧阳娜", {"oyn"}),
        ("单小花", {"sxh", "dxh"}),  # a family name that is read otherwise than the word
        ("曾阿牛", {"zan", "can"}),
        ("仇和", {"qh", "ch"}),
        ("阿依古丽·买买提", {"ayglmmt"}),
        ("Anna Li", {"annali"}),
    ],
)
def test_a_name_is_found_by_its_initials_in_each_way_it_is_read(name: str, some: set[str]) -> None:
    """A clerk types what is usual; which of two readings is the family's nobody at the desk has to know."""
    assert some <= set(initials_of(name))


def test_a_name_with_a_sign_that_nobody_reads_has_no_initials() -> None:
    """It is still found by the whole name."""
    opened = Opened(id_number="", name="张?", phone="", head="")

    assert [kind for kind, _ in words_of(opened)] == ["name"]


def test_many_voiced_names_are_bounded() -> None:
    """Eight characters with three readings each would be thousands of words."""
    assert len(initials_of("单单单单单单单单")) <= READINGS_MOST


def test_the_dot_between_the_parts_of_a_name_does_not_matter() -> None:
    """One list writes it, the next one forgets it; the person is found by either."""
    with_dot, without = (Opened(name=one) for one in ("阿依古丽·买买提", "阿依古丽买买提"))

    assert words_of(with_dot) == words_of(without)


def test_somebody_without_name_and_phone_is_found_by_no_word() -> None:
    """An empty word would find everybody of whom nothing is known."""
    assert words_of(Opened()) == []
