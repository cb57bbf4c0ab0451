"""Reads a JSON object as it was sent: nothing twice, nothing invisible, no date that could be seconds."""

import json
from datetime import date, datetime
from typing import Annotated, Any

import orjson
from pydantic import BeforeValidator

from services.gateway.intake.reading.cells import day_of, moment_of
from services.gateway.intake.reading.characters import clean
from services.gateway.refusals import RefusedError


def object_of(body: bytes) -> dict[str, Any]:
    """Return the fields of a JSON object, texts cleaned. Raises RefusedError with 400."""
    try:
        fields = json.loads(
            body.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number
        )
    except (ValueError, RecursionError):
        raise RefusedError("broken_json", status=400) from None
    if not isinstance(fields, dict):
        raise RefusedError("broken_json", status=400, detail="an object is expected")
    return {name: clean(one) if isinstance(one, str) else one for name, one in fields.items()}


def as_json(fields: dict[str, Any]) -> bytes:
    """Write fields as JSON, so that a model reads them as they were sent: amounts only as text."""
    try:
        return orjson.dumps(fields)
    except TypeError:  # a number beyond all bounds, or nested deeper than anything we take
        raise RefusedError("broken_json", status=400) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A field that stands there twice leaves it open which of the two is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RefusedError("duplicate_field", twice[:60], 400)
    return found


def _no_number(name: str) -> float:
    raise ValueError(name)


class DateError(ValueError):
    """A date that cannot be read; ``reason`` is the stable code a sender gets."""

    reason = "bad_date"


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise DateError("a date is a text such as 2023-01-05")
    try:
        found = day_of(value, "")
    except RefusedError:
        raise DateError("a date is a text such as 2023-01-05") from None
    if len(value.strip()) < 8:
        raise DateError("a date names its day")
    return found


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise DateError("a moment is a text such as 2023-01-05T10:30:00+08:00")
    try:
        return moment_of(value, "")
    except RefusedError:
        raise DateError("a moment is a text such as 2023-01-05T10:30:00+08:00") from None


Day = Annotated[date, BeforeValidator(_day)]
"""A day as text: ISO, or eight digits as the national interface writes it; never a bare number."""

Moment = Annotated[datetime, BeforeValidator(_moment)]
"""A moment as text: ISO, or fourteen digits as the national interface writes it."""
