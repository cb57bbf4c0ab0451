import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from contracts.money import Money, MoneyError, format_yuan, parse_yuan, round_half_up, times_bp


class Priced(BaseModel):
    """A model with an amount, as events have."""

    amount: Money


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("8330.00", 833_000),
        ("0.01", 1),
        ("12", 1_200),
        ("12.5", 1_250),
        ("-3.20", -320),
        (" 1.00 ", 100),
    ],
)
def test_a_string_of_yuan_is_read_to_the_fen(text: str, fen: int) -> None:
    """What hospitals and tax offices write is read exactly."""
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("350.005", "too_many_decimals"), ("NaN", "not_an_amount"), ("1e5", "not_an_amount"),
        ("", "not_an_amount"), ("¥5.00", "not_an_amount"), ("1,000.00", "not_an_amount"),
        ("Infinity", "not_an_amount"), ("٣.00", "not_an_amount"), ("1.2.3", "not_an_amount"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused_by_name(text: str, reason: str) -> None:
    """A reason code, never a guess."""
    with pytest.raises(MoneyError) as refused:
        parse_yuan(text)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "body", ['{"amount": 350}', '{"amount": 350.0}', '{"amount": NaN}', '{"amount": true}']
)
def test_a_bare_number_in_a_message_is_refused(body: str) -> None:
    """Nobody can tell whether 350 meant yuan or fen."""
    with pytest.raises(ValidationError):
        Priced.model_validate_json(body)


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_what_is_written_is_read_back(fen: int) -> None:
    """Format and parse are inverse for every amount."""
    assert parse_yuan(format_yuan(fen)) == fen


@given(st.integers(min_value=0, max_value=10**15))
def test_an_amount_survives_the_wire(fen: int) -> None:
    """The fast way of reading equals the careful one."""
    sent = Priced(amount=fen).model_dump_json()

    assert Priced.model_validate_json(sent).amount == fen


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(5, 10, 1), (4, 10, 0), (15, 10, 2), (-5, 10, -1), (-4, 10, 0), (-15, 10, -2), (0, 7, 0)],
)
def test_half_a_fen_rounds_away_from_zero(numerator: int, denominator: int, rounded: int) -> None:
    """HALF_UP on both signs (C2)."""
    assert round_half_up(numerator, denominator) == rounded


def test_a_ratio_of_an_amount_is_rounded_once() -> None:
    """45 % of 0.01 yuan is nothing, 50 % of it is a fen."""
    assert (times_bp(1, 4_500), times_bp(1, 5_000)) == (0, 1)
