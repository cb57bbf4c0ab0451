"""Resident identity numbers (GB 11643-1999) and the opaque key that replaces them everywhere."""

import re
from datetime import date
from operator import mul
from typing import Annotated

from pydantic import StringConstraints

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
WEIGHT_OF_ZEROS = ord("0") * sum(WEIGHTS)
CHECK_CHARACTERS = "10X98765432"
SYNTHETIC_ADDRESS_CODES = frozenset({"522699", "370899", "410299", "341699"})
"""Address codes that GB/T 2260 does not assign: made-up people use them, so none can be real."""

CENTENARIAN_SEQUENCES = frozenset({"996", "997", "998", "999"})

_is_form = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII).fullmatch

PersonKey = Annotated[str, StringConstraints(pattern=r"^p[a-z2-7]{26}$")]
"""Opaque key of a person: keyed hash of the identity number, base32. Says nothing about who it is."""


class IdentityNumberError(ValueError):
    """An identity number that is refused; ``reason`` is the stable code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def check_character(first_17: str) -> str:
    """Return the 18th character for the first 17 digits."""
    if len(first_17) != len(WEIGHTS):
        raise ValueError("a check character is of 17 digits")
    total = sum(map(mul, first_17.encode("ascii"), WEIGHTS)) - WEIGHT_OF_ZEROS
    return CHECK_CHARACTERS[total % 11]


def normalise_id_number(text: str, today: date) -> str:
    """Return the 18-character form of an identity number.

    15-digit numbers of the first generation are lengthened, x becomes X.
    Raises IdentityNumberError with reason ``id_empty``, ``id_malformed``, ``id_birth_date``,
    or ``id_check_digit``. The message never repeats the number.
    """
    number = text.strip().upper()
    if not number:
        raise IdentityNumberError("id_empty", "the identity number is empty")
    if len(number) == 15 and number.isascii() and number.isdecimal():
        century = "18" if number[12:15] in CENTENARIAN_SEQUENCES else "19"
        number = number[:6] + century + number[6:]
        number += check_character(number)
    if not _is_form(number):
        raise IdentityNumberError("id_malformed", "an identity number has 18 characters (or 15)")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdentityNumberError("id_birth_date", "the birth date does not exist") from None
    if born > today:
        raise IdentityNumberError("id_birth_date", "the birth date lies in the future")
    if check_character(number[:17]) != number[17]:
        raise IdentityNumberError("id_check_digit", "the check character does not fit the digits")
    return number


def plain_name(name: str) -> str:
    """Return a name as people are looked for by it: without the dot that one list writes and another forgets.

    The door asks by it and enrollment keeps it (as a keyed hash): both have to write it alike.
    """
    return name.replace("·", "").replace(" ", "").lower()


def is_synthetic(number: str) -> bool:
    """Tell whether the number uses an address code that no real person can have."""
    return number[:6] in SYNTHETIC_ADDRESS_CODES
