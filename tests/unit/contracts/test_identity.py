from datetime import date

import pytest

from contracts.identity import IdentityNumberError, is_synthetic, normalise_id_number
from tests.builders import an_id_number

TODAY = date(2023, 6, 1)


WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
"""As GB 11643 prints them: the check is worked out here a second time, from the table of the standard."""


@pytest.mark.parametrize("sequence", range(1, 40))
def test_the_check_character_is_that_of_the_standard(sequence: int) -> None:
    """Among forty people in a row every remainder comes up, X too."""
    number = an_id_number(sequence)
    weighed = sum(int(one) * weight for one, weight in zip(number, WEIGHTS, strict=False))

    assert number[17] == "10X98765432"[weighed % 11]
    assert normalise_id_number(number, TODAY) == number


def test_a_lower_case_x_becomes_a_capital_and_blanks_go() -> None:
    """As clerks type it."""
    number = next(one for one in map(an_id_number, range(1, 40)) if one.endswith("X"))

    assert normalise_id_number(f" {number.lower()} ", TODAY) == number


def test_a_number_of_the_first_generation_is_lengthened() -> None:
    """15 digits are the same person as the 18 that follow from them."""
    long = an_id_number(7, date(1949, 12, 31))
    short = long[:6] + long[8:17]

    assert normalise_id_number(short, TODAY) == long


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("", "id_empty"), ("   ", "id_empty"), ("34169919600504", "id_malformed"),
        ("34169919600504001Z", "id_malformed"), ("341699196005040019876", "id_malformed"),
        (an_id_number()[:17] + ("0" if an_id_number()[17] != "0" else "1"), "id_check_digit"),
        ("341699202302300012", "id_birth_date"), ("341699209901010012", "id_birth_date"),
        ("３４１６９９１９６００５０４００１１", "id_malformed"),
    ],
)  # fmt: skip
def test_a_wrong_number_is_refused_by_name_and_never_repeated(number: str, reason: str) -> None:
    """The reason is stable, and the message does not leak the number."""
    with pytest.raises(IdentityNumberError) as refused:
        normalise_id_number(number, TODAY)

    assert refused.value.reason == reason
    assert not number.strip() or number not in str(refused.value)


def test_made_up_people_can_be_told_from_real_ones() -> None:
    """Synthetic numbers use address codes that are not assigned."""
    assert is_synthetic(an_id_number())
    assert not is_synthetic(an_id_number(code="110105"))
