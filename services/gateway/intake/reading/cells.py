"""What stands in a cell, read strictly: dates, months, moments, amounts, counts. Pure.

A form that could mean two things is refused with ``bad_date``, and so is a day that no list can mean.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from chassis.language import tr
from contracts.money import MoneyError, parse_yuan
from services.gateway.intake.reading.characters import tidy
from services.gateway.refusals import RefusedError

_PARTS = re.compile(
    r"(\d{4})(?:年(\d{1,2})月(?:(\d{1,2})日?)?|([-/.])(\d{1,2})(?:\4(\d{1,2}))?)"
    r"(?:[T日]?\d{1,2}[:时]\d{2}.*)?"
)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_TIME_AFTER = re.compile(r"(?<=\d)\s+(?=\d{1,2}:)")
_MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})")
_ISO_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?(Z|[+-]\d{2}:?\d{2})?"
)
_AMBIGUOUS = re.compile(r"\d{4}\.\d")
"""Written as a number, October has lost its zero: 2023.1."""
_SERIAL = re.compile(r"\d{5}(\.0+)?")
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
FOR_EVER = frozenset({date(9999, 12, 31), date(2099, 12, 31)})
"""Days by which systems write that something has no end."""

EXCEL_1900 = date(1899, 12, 30)
EXCEL_1904 = date(1904, 1, 1)
SIGNIFICANT_DIGITS = 15
"""A spreadsheet's number carries no more; what stands behind is the noise of binary fractions."""


@dataclass(frozen=True, slots=True)
class Window:
    """From when to how many days after today a date is plausible."""

    first: date
    days_ahead: int = 0

    def holds(self, day: date, today: date) -> bool:
        """Tell whether a day lies in the window."""
        return self.first <= day <= today + timedelta(days=self.days_ahead)


BIRTHS = Window(date(1900, 1, 1))
EVENTS = Window(date(1949, 10, 1), 1)
"""Deaths, refunds, marriages: they have happened."""
STATUSES = Window(date(1990, 1, 1), 366)
"""An identity may be granted for the next year."""
PAYMENTS = Window(date(2003, 1, 1), 1)
"""Residents' insurance begins with the rural cooperative scheme of 2003."""
REASONS = Window(date(1949, 10, 1), 366)
"""Why somebody is not enrolled may have begun long ago."""
BILLS = Window(date(2000, 1, 1), 1)
"""A stay may have begun before the schemes; nothing is billed from the future."""
SPANS = Window(date(1990, 1, 1), 10 * 366)
"""Ends of insurance and certificates lie ahead."""


def excel_day(number: float, epoch: date) -> date | None:
    """Return the day that a spreadsheet means by a number; None if it can be none."""
    whole = int(number)
    if epoch == EXCEL_1900 and whole < 61:
        return None  # before the day that Excel invented
    try:
        return epoch + timedelta(days=whole)
    except OverflowError:
        return None


def as_excel_wrote(cell: object, epoch: date) -> str:
    """Return a date cell's text: a number is the spreadsheet's day, or digits that spell a day."""
    text = str(int(cell)) if isinstance(cell, float | int) else str(cell)
    word = tidy(text)
    if isinstance(cell, float | int) and not float(cell).is_integer() and cell < 10**5:
        word = str(int(cell))  # a day with a time of day
    if _SERIAL.fullmatch(word):
        day = excel_day(float(word), epoch)
        return day.isoformat() if day else text
    return text


def day_of(text: str, name: str) -> date:
    """Read a day; of a month alone, its first. Raises RefusedError with ``bad_date``."""
    word = tidy(_TIME_AFTER.sub("T", text.strip()))
    if _AMBIGUOUS.fullmatch(word) or _is_two_dates(word):
        raise RefusedError("bad_date", name, detail=tr("有歧义"))
    match = _PARTS.fullmatch(word)
    if match:
        year, month, day = match[1], match[2] or match[5], match[3] or match[6] or "1"
    else:
        spelt = _DIGITS.fullmatch(word)
        if spelt is None:
            raise RefusedError("bad_date", name)
        year, month, day = spelt[1], spelt[2], spelt[3] or "1"
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise RefusedError("bad_date", name) from None


def _is_two_dates(word: str) -> bool:
    """Tell whether six digits could be a year and a month as well as a short year, month and day."""
    if not re.fullmatch(r"\d{6}", word, re.ASCII):
        return False
    try:
        date(2000 + int(word[:2]), int(word[2:4]), int(word[4:]))
    except ValueError:
        return False
    return True


def plausible(day: date, name: str, window: Window, today: date) -> date:
    """Return a day that can be meant. Raises RefusedError with ``bad_date``."""
    if not window.holds(day, today):
        last = today + timedelta(days=window.days_ahead)
        raise RefusedError(
            "bad_date",
            name,
            detail=tr("{day}：应在{first}至{last}之间", day=day, first=window.first, last=last),
        )
    return day


def end_of(day: date | None, name: str, today: date) -> date | None:
    """Return the end of a span; None for none, also where it is written as the end of time."""
    if day is None or day in FOR_EVER:
        return None
    return plausible(day, name, SPANS, today)


def moment_of(text: str, name: str) -> datetime:
    """Read a moment: ISO 8601, or 14 digits as the national interface writes it.

    Raises RefusedError: a number alone could be seconds since anything.
    """
    word = text.strip()
    match = _MOMENT.fullmatch(word)
    try:
        if match:
            return datetime(*(int(part) for part in match.groups()))  # type: ignore[arg-type]  # noqa: DTZ001  the caller adds China's offset
        if _ISO_MOMENT.fullmatch(word):
            return datetime.fromisoformat(word)
    except ValueError:
        pass
    raise RefusedError("bad_date", name)


def yuan_of(text: str, name: str) -> int:
    """Read an amount as people and spreadsheets write it, in fen. Raises RefusedError."""
    word = tidy(text)
    for mark in ("人民币", "RMB", "CNY", "¥", "￥"):
        word = word.removeprefix(mark)
    for mark in ("整", "正", "元", "圆"):
        word = word.removesuffix(mark)
    if "," in word:
        if not _GROUPED.fullmatch(word):
            raise RefusedError("not_an_amount", name)
        word = word.replace(",", "")
    try:
        fen = parse_yuan(_without_noise(word))
    except MoneyError as error:
        raise RefusedError(error.reason, name) from None
    if fen < 0:
        raise RefusedError("negative_amount", name)
    return fen


def _without_noise(word: str) -> str:
    """Round a number of more than 15 significant digits to them: 380.00000000000006 is 380."""
    if not re.fullmatch(r"-?\d+\.\d{10,}", word, re.ASCII):
        return word
    try:
        number = Decimal(word)
    except InvalidOperation:
        return word
    digits = len(number.as_tuple().digits)
    if digits <= SIGNIFICANT_DIGITS:
        return f"{number.normalize():f}"
    places = SIGNIFICANT_DIGITS - number.adjusted() - 1
    return f"{round(number, max(places, 0)).normalize():f}"


def coverage_year_of(year: int, paid_on: date, name: str = "coverage_year") -> int:
    """Return a coverage year for which somebody can have paid on a day: that day's, or the next.

    Raises RefusedError where the two do not go together: one of them is a slip.
    """
    if year not in {paid_on.year, paid_on.year + 1}:
        raise RefusedError(
            "year_unlikely",
            name,
            detail=tr("{year}年度，缴费日期{paid_on}", year=year, paid_on=paid_on),
        )
    return year


def count_of(text: str, name: str) -> int:
    """Read a number of people. Raises RefusedError with ``not_a_count``."""
    word = tidy(text).replace(",", "").removesuffix("人").removesuffix("户")
    word = re.sub(r"\.0+$", "", word)
    if not (word.isascii() and word.isdigit()) or len(word) > 9:
        raise RefusedError("not_a_count", name)
    return int(word)


def number_text(cell: float) -> str:
    """Write a numeric cell as a person sees it: no exponent, no noise of binary fractions."""
    if float(cell).is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    text = f"{Decimal(f'{cell:.{SIGNIFICANT_DIGITS}g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
