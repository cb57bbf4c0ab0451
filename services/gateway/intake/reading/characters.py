"""Characters that nobody sees or nobody means: unified before anything is compared or kept. Pure."""

import re
import unicodedata

_INVISIBLE = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
"""Format characters, variation selectors, fillers: Unicode's Cf and default-ignorable code points."""

_DROPPED = re.compile(f"[{_INVISIBLE}\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_TYPED = re.compile("[\\s'`]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BRACKETS = str.maketrans({"〔": "(", "〕": ")", "【": "(", "】": ")", "[": "(", "]": ")"})
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅․.。‐-﹒᛫ꞏ", "·"))

_NOW_STANDARD = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5,
    0xE82B: 0x9FB6, 0xE82C: 0x9FB7, 0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F,
    0xE843: 0x9FB9, 0xE854: 0x9FBA, 0xE855: 0x241FE, 0xE864: 0x9FBB, 0xE78D: 0xFE10,
    0xE78E: 0xFE12, 0xE78F: 0xFE11, 0xE790: 0xFE13, 0xE791: 0xFE14, 0xE792: 0xFE15,
    0xE793: 0xFE16, 0xE794: 0xFE17, 0xE795: 0xFE18, 0xE796: 0xFE19, 0xE7C7: 0x1E3F, 0xE7C8: 0x1F9,
}  # fmt: skip
"""Private code points that GB 18030-2022 gave standard ones; Python's codec keeps the year 2000."""


def _private_use() -> dict[int, str]:
    """Return private-use code point → standard character.

    GBK kept 80 characters (FE50 to FEA0) in a row of private ones from U+E815 on; old fonts and
    input methods still write them. The codec knows what most of them became.
    """
    found: dict[int, str] = {}
    trail = [byte for byte in range(0x50, 0xA1) if byte != 0x7F]
    for code, byte in enumerate(trail, start=0xE815):
        known = bytes((0xFE, byte)).decode("gb18030")
        if ord(known) != code:
            found[code] = known
    return found | {code: chr(standard) for code, standard in _NOW_STANDARD.items()}


_PRIVATE_USE = _private_use()
_HALVES = re.compile("[\ud800-\udfff]")
_HAS_PRIVATE = re.compile("[\ue000-\uf8ff]")

_is_plain = re.compile("[0-9A-Za-z\u4e00-\u9fa5]*").fullmatch
"""Digits, letters and usual Chinese characters: nothing to unify, as nearly every cell of a million."""


def clean(text: str) -> str:
    """Return text as a person sees it.

    Nothing invisible, spreadsheet escapes undone, rare characters at their standard code points, no
    blanks around it.
    """
    if _is_plain(text):
        return text
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    text = _DROPPED.sub("", text)
    if _HALVES.search(text):  # two halves are a rare character, one alone is nothing
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    if _HAS_PRIVATE.search(text):
        text = text.translate(_PRIVATE_USE)
    return text.strip()


def tidy(text: str) -> str:
    """Return text for comparing: cleaned, one width, one kind of brackets, no blanks or quotes."""
    if _is_plain(text) or _is_plain(text := clean(text)):
        return text
    if not unicodedata.is_normalized("NFKC", text):
        text = _DROPPED.sub("", unicodedata.normalize("NFKC", text))
    return _TYPED.sub("", text).translate(_BRACKETS)


def name_of(text: str) -> str:
    """Return a person's name as it is compared and kept: tidied, with one kind of dot."""
    return tidy(text).translate(_DOTS).strip("·")


def is_numberlike(text: str) -> bool:
    """Tell whether text could be an identity number: 15 to 18 digits, mistyped or not."""
    word = tidy(text).upper()
    return 14 <= len(word) <= 20 and word[:14].isdigit()
