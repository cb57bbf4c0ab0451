"""What columns and words departments use, read from data: aliases, dirty as they come."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.vocabulary import Category

WORDS = Path(__file__).parent / "words"
COMMON = "common"
_BRACKETS = str.maketrans({"〔": "(", "〕": ")", "【": "(", "】": ")", "[": "(", "]": ")"})
_SUB_LEVEL = re.compile(r"^(.*?)\((.+)\)$")

Action = Literal["granted", "removed"]
DeathAction = Literal["reported", "revoked"]
InsuredAs = Literal["EMPLOYEE", "RESIDENT"]
Meaning = TypeVar("Meaning")


class WordsError(ValueError):
    """A file of words that cannot be used: which file, and what is wrong in it."""


class WordsFile(BaseModel):
    """One file of words, as officers edit it: our name → what departments write."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    headers: dict[str, list[str]] = {}
    categories: dict[Category, list[str]] = {}
    codes: dict[Category, list[str]] = {}
    actions: dict[Action, list[str]] = {}
    deaths: dict[DeathAction, list[str]] = {}
    insured_as: dict[InsuredAs, list[str]] = {}


@dataclass(frozen=True, slots=True)
class Words:
    """What one source writes → what it means."""

    headers: Mapping[str, str]
    categories: Mapping[str, Category]
    actions: Mapping[str, Action]
    deaths: Mapping[str, DeathAction]
    insured_as: Mapping[str, InsuredAs]

    def field_of(self, header: str) -> str | None:
        """Return our field for a column header, or None for a column that nobody asked for."""
        return self.headers.get(tidy(header).lower().rstrip("*:"))

    def category_of(self, text: str) -> tuple[Category | None, str]:
        """Return (category, sub-level) of what a department wrote; None if it is not known."""
        word = tidy(text)
        if word in self.categories:
            return self.categories[word], ""
        match = _SUB_LEVEL.match(word)
        if match and match[1] in self.categories:
            return self.categories[match[1]], match[2]
        try:
            return Category(word.upper()), ""
        except ValueError:
            return None, ""


def tidy(text: str) -> str:
    """Unify width, brackets, blanks and invisible characters: what people type into spreadsheets."""
    flat = unicodedata.normalize("NFKC", text).translate(_BRACKETS)
    return "".join(char for char in flat if not char.isspace() and char not in "\ufeff\u200b'`")


@lru_cache(maxsize=64)
def words_of(source: str = "", local: Path | None = None) -> Words:
    """Return the words of a source: common ones, its own, and those of the county's own folder.

    Raises WordsError where a file is not understood, or gives one word two meanings.
    """
    files = [
        folder / f"{name}.yaml"
        for folder in (WORDS, local)
        if folder is not None
        for name in (COMMON, source)
        if name
    ]
    read = [_read(path) for path in files if path.is_file()]
    meant = [(file.categories, file.codes) for file in read]
    return Words(
        headers=_by_word([one.headers for one in read], lower=True),
        categories=_by_word([one for pair in meant for one in pair]),
        actions=_by_word([one.actions for one in read]),
        deaths=_by_word([one.deaths for one in read]),
        insured_as=_by_word([one.insured_as for one in read]),
    )


def check_words(local: Path | None, sources: list[str]) -> None:
    """Read every file of words once, so that a mistake stops the start and not a list. Raises WordsError."""
    if local is not None and not local.is_dir():
        raise WordsError(f"{local}: no such folder")
    for source in sources:
        words_of(source, local)


def _read(path: Path) -> WordsFile:
    try:
        return WordsFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (yaml.YAMLError, ValidationError) as error:
        raise WordsError(f"{path.name}: {error}") from None


def _by_word(said: list[Mapping[Meaning, list[str]]], *, lower: bool = False) -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    for one in said:
        for meaning, words in one.items():
            for word in words:
                key = tidy(word).lower() if lower else tidy(word)
                if found.setdefault(key, meaning) != meaning:
                    raise WordsError(f"{word!r} means both {found[key]} and {meaning}")
    return found
