"""How pages are drawn: one set of templates a language, each text translated when a template is read."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, select_autoescape
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from chassis.language import CHINESE, ENGLISH, LANGUAGES, spoken, tr, tr_within
from services.console.words import FILTERS

LANG = {CHINESE: "zh-CN", ENGLISH: "en"}
OWN_NAME = {CHINESE: "中文", ENGLISH: "English"}
"""Language → as a page's mark names it; as those who speak it do."""


class Translated(Extension):
    """Reads a template in the language of its environment: its texts, and the words in its expressions."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Translate what people read; a template stays as it was written."""
        with spoken(str(self.environment.globals["language"])):
            # A whole template is read here, so that the language holds to its end.
            found = [_translated(one) for one in stream]
        yield from found


def _translated(token: Token) -> Token:
    if token.type == "data":
        return Token(token.lineno, token.type, tr_within(token.value))
    if token.type == "string":
        return Token(token.lineno, token.type, tr(token.value))
    return token


def drawn_in_every_language(folder: Path) -> Mapping[str, Jinja2Templates]:
    """Return the templates of a folder, language → as it is drawn there."""
    return {one: _drawn(folder, one) for one in LANGUAGES}


def _drawn(folder: Path, language: str) -> Jinja2Templates:
    env = Environment(
        loader=FileSystemLoader(folder), autoescape=select_autoescape(), extensions=[Translated]
    )
    other = next(one for one in LANGUAGES if one != language)
    env.globals |= {
        "language": language, "lang": LANG[language],
        "other": {"code": other, "lang": LANG[other], "name": OWN_NAME[other]},
    }  # fmt: skip
    env.filters |= FILTERS
    return Jinja2Templates(env=env)
