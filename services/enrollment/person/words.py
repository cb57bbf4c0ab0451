"""By which words somebody is found whose name and phone are sealed: name, initials, phone. Pure.

The words are kept as keyed hashes, so only a whole word finds somebody, never a part of it.
"""

from functools import lru_cache
from itertools import islice, product

from pypinyin import Style, pinyin

from contracts.identity import plain_name
from contracts.sheets import BY_INITIALS, BY_NAME, BY_PHONE
from services.enrollment.opened import Opened

READINGS_MOST = 16
"""So many ways to read one name are kept: most have one, a name of four many-voiced characters has more."""
MOBILE_DIGITS = 11


def words_of(opened: Opened) -> list[tuple[str, str]]:
    """Return (kind, word) of somebody; ``张小明`` is found by the name and by ``zxm``."""
    found = [(BY_NAME, plain_name(opened.name))] if opened.name else []
    found += [(BY_INITIALS, one) for one in initials_of(opened.name)]
    return found + ([(BY_PHONE, opened.phone)] if _is_mobile(opened.phone) else [])


def _is_mobile(phone: str) -> bool:
    """Tell whether somebody can be looked for by a phone: landlines are a family's or a shop's."""
    return len(phone) == MOBILE_DIGITS and phone.isdecimal() and phone[0] == "1"


def initials_of(name: str) -> list[str]:
    """Return the initials of a name, in every way that its characters are read: ``单`` is shan and dan."""
    letters = [_letters(one) for one in plain_name(name)]
    if not letters or not all(letters):
        return []
    return ["".join(one) for one in islice(product(*letters), READINGS_MOST)]


@lru_cache(maxsize=8192)
def _letters(character: str) -> tuple[str, ...]:
    """Return with which letters the readings of a character begin, the usual one first; none: no letter."""
    if character.isascii():
        return (character,) if character.isalpha() else ()
    readings = pinyin(character, style=Style.FIRST_LETTER, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(readings[0])) if readings else ()
