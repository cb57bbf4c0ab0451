"""Finds identity and mobile numbers in a text, however they are written. Pure.

People write ``139-1234-5678``, ``+86 139 1234 5678``, full-width digits, an identity number in groups of
four. Each is brought to one form before it is looked for, so that no spelling gets past a log or a door.
"""

import re
import unicodedata
from datetime import date, timedelta

from contracts.identity import IdentityNumberError, normalise_id_number

REDACTED = "[redacted]"
_SIGN = r"[\s\-_.·・/\u2010-\u2015]"
_APART = rf"{_SIGN}*"
"""What people put between the digits of an identity number."""
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff]")
_GROUPS = "|".join(
    # A number is written whole, in the groups that people use, or with the same sign between all digits;
    # amounts and days in a row are none.
    (r"1[3-9]\d{9}", rf"1[3-9]\d({_SIGN})\d{{4}}\1\d{{4}}", rf"1[3-9]\d({_SIGN})\d{{3}}\2\d{{5}}",
     rf"1[3-9]\d\d({_SIGN})\d{{3}}\3\d{{4}}", rf"1({_SIGN})[3-9](?:\4\d){{9}}")
)  # fmt: skip
_PHONE = re.compile(rf"(?<!\d)(?<!\d\.)(?:(?:\+|00)?86{_APART})?(?:{_GROUPS})(?!\d|\.\d)")
_WHOLE_ID = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])|(?<!\d)\d{15}(?!\d)")
_GROUPED_ID = re.compile(rf"(?<![\d])[1-9](?:{_APART}\d){{16}}{_APART}[\dXx](?![\dXx])")
_GROUPED_PHONE = re.compile(r"(?<!\d)1[3-9]\d([\-_. ])(?!(?:19|20)\d\d)\d{4}\1\d{4}(?!\d)")
_BETWEEN = re.compile(r"[\s\-_.]")
BILLS_TIME, EARLIEST_BIRTH = timedelta(days=10 * 366), 1900
PREFIX_MOST = 8
"""So many digits may stand before an identity number: a year, or a day."""
_NOTHING = re.compile(r"[^0-9Xx]")
_BORN = re.compile(r"\d{6}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


def redact(text: str) -> str:
    """Remove identity numbers and mobile numbers from a text. One without any comes back as it is."""
    plain = one_form(text)
    found = _GROUPED_ID.sub(_if_born, _WHOLE_ID.sub(REDACTED, plain))
    found = _PHONE.sub(REDACTED, found)
    return text if found == plain else found


def one_form(text: str) -> str:
    """Return a text with full-width and other compatible signs in their plain form, invisible ones gone."""
    return text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))


def is_somebody(code: str, today: date) -> bool:
    """Tell whether a code that a sender chose, such as the number of a bill, is somebody's number.

    Eleven digits are no mobile number unless they are grouped as one: a counter may have come that far.

    Hospitals number by area, day and counter, which looks like one: only a right birth date and check
    character make it a person's, and a birth within a bill's time makes it a day of the counter.
    """
    if _GROUPED_PHONE.search(one_form(code)):
        return True
    for run in re.findall(r"\d+[Xx]?", _BETWEEN.sub("", one_form(code))):
        for begin in range(min(len(run) - 18, PREFIX_MOST) + 1):
            if _born_before(run[begin : begin + 18], today):
                return True
    return False


def _born_before(number: str, today: date) -> bool:
    """Tell whether this is an identity number, of somebody born before any bill of these years."""
    try:
        normalise_id_number(number, today)
    except IdentityNumberError:
        return False
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return born.year >= EARLIEST_BIRTH and born < today - BILLS_TIME


def holds(code: str, number: str) -> bool:
    """Tell whether a code holds this identity number, however it is grouped."""
    bare = _NOTHING.sub("", one_form(number)).upper()
    return bool(bare) and bare in _NOTHING.sub("", one_form(code)).upper()


def _if_born(found: re.Match[str]) -> str:
    """Take grouped digits for an identity number only if a birth date stands in them."""
    return REDACTED if _BORN.match(_NOTHING.sub("", found[0])) else found[0]
