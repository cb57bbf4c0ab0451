"""Phone numbers as people write them: the first mobile number of several, or a named reason. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import phonenumbers

from services.gateway.intake.reading.characters import clean, tidy

_BETWEEN = re.compile(r"[/／、,，;；|\\\s]|或|和|转")
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?(1[3-9]\d(?:[- ]?\d{4}){2})(?!\d)")
_NONE = frozenset(
    {"", "无", "没有", "暂无", "无电话", "无手机", "未知", "不详", "-", "—", "--", "/", "0", "空"}
)
State = Literal["mobile", "landline", "none", "unreadable"]


@dataclass(frozen=True, slots=True)
class Phone:
    """What is known of a phone: 11 digits of a mobile number that an SMS can reach, else why not."""

    mobile: str
    state: State


@lru_cache(maxsize=4096)
def phone_of(text: str) -> Phone:
    """Read a phone cell. Of several numbers the first mobile one counts."""
    seen = clean(text).removesuffix(".0")
    word = tidy(seen)
    if word in _NONE:
        return Phone("", "none")
    whole = _one(word)
    if whole.state == "mobile":
        return whole
    for match in _MOBILE.finditer(unicodedata.normalize("NFKC", seen)):
        one = _one(match[1])
        if one.state == "mobile":
            return one
    found = {_one(tidy(part)).state for part in _BETWEEN.split(seen)} | {whole.state}
    if re.fullmatch(r"1\d{21}", word):  # two numbers with nothing between them
        return _one(word[:11])
    return Phone("", "landline" if "landline" in found else "unreadable")


def _one(word: str) -> Phone:
    bare = re.sub(r"[-—–.()]", "", word)
    if re.search(r"\d[eE]\+?\d", bare):
        return Phone("", "unreadable")  # a spreadsheet has lost its last digits
    digits = re.sub(r"[^\d+]", "", bare)
    for prefix in ("+86", "0086", "86"):
        if digits.startswith(prefix) and len(digits) > 11:
            digits = digits.removeprefix(prefix)
    try:
        number = phonenumbers.parse(digits, "CN")
    except phonenumbers.NumberParseException:
        return Phone("", "unreadable")
    kind = phonenumbers.number_type(number)
    national = str(number.national_number)
    mobile = {
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
    if number.country_code == 86 and kind in mobile and re.fullmatch(r"1\d{10}", national):
        return Phone(national, "mobile")
    if kind == phonenumbers.PhoneNumberType.FIXED_LINE or re.fullmatch(r"\d{7,8}", digits):
        return Phone("", "landline")
    return Phone("", "unreadable")
