"""What pages say: every code that the door knows has a word, and nothing is offered that it refuses."""

import pytest

from services.console.words import FILTERS, MEANINGS, yuan
from services.gateway.intake.reading.columns import POSSIBLE


def test_a_word_of_a_list_may_mean_what_the_door_takes_and_nothing_else() -> None:
    """A choice that is always refused, or one that is missing, stops a clerk."""
    assert {column: set(words) for column, words in MEANINGS.items()} == {
        column: set(codes) for column, codes in POSSIBLE.items()
    }


@pytest.mark.parametrize(
    ("name", "said", "shown"),
    [
        ("category", "SUBSISTENCE", "低保对象"), ("problem", "not_enrolled", "应参未参"),
        ("issue_state", "fixing", "整改中"), ("outcome", "accepted", "已收到，尚在处理"),
        ("holder", "bureau/zhang", "县医保局 zhang"),
        ("holder", "township_office/张村镇/li", "乡镇医保办 张村镇 li"), ("holder", "tax", "税务局"),
        ("place", "@hospital/H1", "H1"), ("place", "张村镇", "张村镇"), ("untold", "opted_out", "已回复R不再接收"),
        ("moment", "2023-05-18T16:30:00+00:00", "2023-05-19 00:30"), ("moment", None, ""),
        ("category", "NEW", "NEW"),
    ],
)  # fmt: skip
def test_codes_are_said_in_words_and_an_unknown_one_stays(
    name: str, said: str | None, shown: str
) -> None:
    """Nobody reads a code, and nothing is hidden."""
    assert FILTERS[name](said) == shown


def test_amounts_have_commas_and_what_is_none_stays() -> None:
    """As a sheet prints them."""
    assert [yuan(one) for one in ("12345.60", "-0.50", "", None)] == ["12,345.60", "-0.50", "", ""]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("起付线以上12345.60元按80%报销9876.48元", "起付线以上12,345.60元按80%报销9,876.48元"),
        ("先自付350.00元", "先自付350.00元"), ("单号H34169901:20230518.01", "单号H34169901:20230518.01"),
    ],
)  # fmt: skip
def test_amounts_in_a_sentence_have_commas(said: str, shown: str) -> None:
    """A long number is misread by a digit."""
    assert FILTERS["grouped"](said) == shown
