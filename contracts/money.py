"""Money is a whole number of fen; a ratio is a whole number of basis points.

On the wire an amount is a decimal string of yuan with two places (``"8330.00"``), never a JSON
number: a number would pass through a float in half of the world's parsers.
"""

import re
from typing import Annotated, Any, NewType

from pydantic import BeforeValidator, PlainSerializer, ValidationInfo, WithJsonSchema

Fen = NewType("Fen", int)
BasisPoints = NewType("BasisPoints", int)

FULL_BP = 10_000
YUAN_MAX = 99_999_999_999_999  # (16,2) of the national interface, without its two decimals
_YUAN = re.compile(r"(-?)(\d{1,14})(?:\.(\d{1,2}))?", re.ASCII)


class MoneyError(ValueError):
    """An amount that cannot be read; ``reason`` is the stable code a sender gets."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def parse_yuan(text: str) -> Fen:
    """Read a decimal string of yuan as fen, exactly.

    Raises MoneyError with reason ``too_many_decimals`` or ``not_an_amount``.
    """
    if not isinstance(text, str):
        raise MoneyError("not_an_amount", 'an amount is a string of yuan, such as "8330.00"')
    match = _YUAN.fullmatch(text.strip())
    if match is None:
        decimals = re.fullmatch(r"-?\d+\.\d{3,}", text.strip(), re.ASCII)
        reason = "too_many_decimals" if decimals else "not_an_amount"
        raise MoneyError(reason, "an amount has at most two decimals and no exponent or symbol")
    sign, whole, cents = match.groups()
    fen = int(whole) * 100 + int((cents or "0").ljust(2, "0"))
    return Fen(-fen if sign else fen)


def format_yuan(fen: int) -> str:
    """Write fen as a decimal string of yuan with two places."""
    sign = "-" if fen < 0 else ""
    whole, cents = divmod(abs(fen), 100)
    return f"{sign}{whole}.{cents:02d}"


def grouped_yuan(fen: int) -> str:
    """Write fen for people: thousands separated, ``1,234,567.89``."""
    sign = "-" if fen < 0 else ""
    whole, cents = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{cents:02d}"


def round_half_up(numerator: int, denominator: int) -> int:
    """Divide exactly and round half away from zero (C2: HALF_UP once per layer and claim)."""
    quotient = (2 * abs(numerator) + denominator) // (2 * denominator)
    return quotient if numerator >= 0 else -quotient


def times_bp(fen: int, ratio_bp: int) -> Fen:
    """Take a ratio of an amount, rounded half up to the fen."""
    return Fen(round_half_up(fen * ratio_bp, FULL_BP))


def _read(value: Any, info: ValidationInfo) -> int:
    """Read a string of yuan; a whole number is fen, but only between our own functions.

    A bare number in JSON is refused: nobody can tell whether its sender meant yuan or fen.
    """
    if isinstance(value, str):
        return parse_yuan(value)
    if info.mode == "python" and type(value) is int:
        return value
    raise MoneyError("not_an_amount", 'an amount is a string of yuan, such as "8330.00"')


def _read_unsigned(value: Any, info: ValidationInfo) -> int:
    fen = _read(value, info)
    if fen < 0:
        raise MoneyError("negative_amount", "a negative amount is only allowed in a reversal")
    return fen


_WIRE = PlainSerializer(format_yuan, return_type=str)

Money = Annotated[
    int,
    BeforeValidator(_read_unsigned),
    _WIRE,
    WithJsonSchema(
        {"type": "string", "pattern": r"^\d{1,14}(\.\d{1,2})?$", "examples": ["8330.00"]}
    ),
]
"""Fen in Python (an int is fen), a decimal string of yuan on the wire, never negative."""

SignedMoney = Annotated[
    int,
    BeforeValidator(_read),
    _WIRE,
    WithJsonSchema(
        {"type": "string", "pattern": r"^-?\d{1,14}(\.\d{1,2})?$", "examples": ["-12.50"]}
    ),
]
"""As Money, for a difference that may be a claw-back."""
