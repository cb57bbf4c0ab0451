"""Texts for people in the language that they read: Chinese, and English.

A text stands in the code once, in the language in which it was written: what an office reads in Chinese,
the help of commands in English. ``locale/`` holds one catalogue a language with what was written in the
other (gettext; ``make contracts`` collects it, and a test knows a text that nobody translated).
"""

import gettext
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

CHINESE, ENGLISH = "zh", "en"
LANGUAGES = (CHINESE, ENGLISH)
LOCALE = Path(__file__).parent / "locale"
DOMAIN = "yingbao"
HAN = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
"""A Chinese sign: a character, or a mark as Chinese writes it."""
TEXT = re.compile(rf'[^<>"\n]*{HAN.pattern}[^<>"\n]*')
"""A text between the marks of a page."""

_spoken: ContextVar[str] = ContextVar("language", default=CHINESE)


def language() -> str:
    """Return the language in which is spoken now."""
    return _spoken.get()


def speak(wanted: str) -> None:
    """Speak a language from here on, within this call; one that there is not is Chinese."""
    _spoken.set(wanted if wanted in LANGUAGES else CHINESE)


@contextmanager
def spoken(wanted: str) -> Iterator[None]:
    """Speak a language for a while."""
    before = _spoken.set(wanted if wanted in LANGUAGES else CHINESE)
    try:
        yield
    finally:
        _spoken.reset(before)


def accepted(header: str) -> str:
    """Return the language that a caller asks for first: English if it says so, Chinese otherwise."""
    first = header.partition(",")[0].partition(";")[0].strip().lower()
    return ENGLISH if first.split("-")[0] == ENGLISH else CHINESE


def tr(text: str, /, **named: object) -> str:
    """Return a text in the language that is spoken, with what it names; one of no catalogue as it is."""
    said = catalogue(_spoken.get()).gettext(text) if text else text
    return said.format(**named) if named else said


def tr_within(page: str) -> str:
    """Return a piece of a page with its texts translated, marks and blanks as they were."""
    return TEXT.sub(lambda found: _kept_blanks(found[0]), page)


def texts_within(page: str) -> list[str]:
    """Return the texts of a piece of a page, as the catalogue names them."""
    return [one.strip() for one in TEXT.findall(page)]


def _kept_blanks(text: str) -> str:
    bare = text.strip()
    return text.replace(bare, tr(bare))


@cache
def catalogue(wanted: str) -> gettext.NullTranslations:
    """Return what is written in a language."""
    return gettext.translation(DOMAIN, LOCALE, [wanted], fallback=True)
