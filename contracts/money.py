"""Money is a whole number of fen; a ratio is a whole number of basis points.

On the wire an amount is a decimal string of yuan with two places (``"8330.00"``), never a JSON
number: a number would pass through a float in half of the world's parsers.
"""

import re
from functools import lru_cache
from typing import Annotated, Any, NewType

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

Fen = NewType("Fen", int)

FULL_BP = 10_000
_LENGTH_MAX = 40
"""More than the largest amount has, and blanks around it."""
_YUAN = re.compile(r"(-?)(\d{1,14})(?:\.(\d{1,2}))?", re.ASCII)


class MoneyError(ValueError):
    """An amount that cannot be read; ``reason`` is the stable code a sender gets."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def _no_string() -> MoneyError:
    return MoneyError("not_an_amount", 'an amount is a string of yuan, such as "8330.00"')


def parse_yuan(text: str) -> Fen:
    """Read a decimal string of yuan as fen, exactly.

    Raises MoneyError with reason ``too_many_decimals`` or ``not_an_amount``.
    """
    if not isinstance(text, str):
        raise _no_string()
    match = _YUAN.fullmatch(text.strip())
    if match is None:
        decimals = re.fullmatch(r"-?\d+\.\d{3,}", text.strip(), re.ASCII)
        reason = "too_many_decimals" if decimals else "not_an_amount"
        raise MoneyError(reason, "an amount has at most two decimals and no exponent or symbol")
    sign, whole, cents = match.groups()
    fen = int(whole) * 100 + int((cents or "0").ljust(2, "0"))
    return Fen(-fen if sign else fen)


@lru_cache(maxsize=1 << 16)
def format_yuan(fen: int) -> str:
    """Write fen as a decimal string of yuan with two places. The same few come again and again."""
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


@lru_cache(maxsize=1 << 16)
def _unsigned(text: str) -> int:
    """Read what stands in a message. The same few amounts come again and again: they are remembered."""
    if text[-3:-2] == ".":  # the form that we write ourselves
        digits = text[:-3] + text[-2:]
        if digits.isdigit() and digits.isascii() and 2 < len(digits) <= 16:
            return int(digits)
    return _not_negative(parse_yuan(text))


def _not_negative(fen: int) -> int:
    if fen < 0:
        raise MoneyError("negative_amount", "a negative amount is only allowed in a reversal")
    return fen


def _from_python(value: Any) -> int:
    """Take a whole number as fen, between our own functions, and a string as in a message."""
    if isinstance(value, str):
        return parse_yuan(value)
    if type(value) is int:
        return value
    raise _no_string()


def _from_python_unsigned(value: Any) -> int:
    return _not_negative(_from_python(value))


_STRING = core_schema.custom_error_schema(
    core_schema.str_schema(strict=True, max_length=_LENGTH_MAX),
    custom_error_type="value_error",
    custom_error_context={"error": _no_string()},
)
"""A bare number in JSON is refused: nobody can tell whether its sender meant yuan or fen."""


class _Amount:
    """Tells pydantic how an amount is read and written: fen inside, a string of yuan outside."""

    def __init__(self, *, signed: bool) -> None:
        self._signed = signed

    def __get_pydantic_core_schema__(
        self, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from_json = parse_yuan if self._signed else _unsigned
        from_python = _from_python if self._signed else _from_python_unsigned

        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(from_json, _STRING),
            python_schema=core_schema.no_info_plain_validator_function(from_python),
            serialization=core_schema.plain_serializer_function_ser_schema(
                format_yuan, return_schema=core_schema.str_schema()
            ),
        )

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        sign, example = ("-?", "-12.50") if self._signed else ("", "8330.00")
        pattern = rf"^{sign}\d{{1,14}}(\.\d{{1,2}})?$"
        return {"type": "string", "pattern": pattern, "examples": [example]}


Money = Annotated[int, _Amount(signed=False)]
"""Fen in Python (an int is fen), a decimal string of yuan on the wire, never negative."""

SignedMoney = Annotated[int, _Amount(signed=True)]
"""As Money, for a difference that may be a claw-back."""
