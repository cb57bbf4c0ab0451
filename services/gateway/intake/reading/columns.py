"""What columns and words departments use, read from data: aliases, dirty as they come."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.county_files import VocabularyError, read_file, refused
from contracts.vocabulary import Category
from contracts.vocabulary_files import read_vocabulary
from services.gateway.intake.reading.characters import tidy
from services.gateway.refusals import RefusedError, UnknownWordError

WORDS = Path(__file__).parent / "words.yaml"
_SUB_LEVEL = re.compile(r"^(.*?)\((.+)\)$")

Action = Literal["granted", "removed"]
DeathAction = Literal["reported", "revoked", "none"]
Payment = Literal["paid", "void"]
InsuredAs = Literal["EMPLOYEE", "RESIDENT"]
YesNo = Literal["yes", "no"]
RegisterState = Literal["insured", "not_insured"]
Meaning = TypeVar("Meaning")


class WordsError(VocabularyError):
    """A file of words that cannot be used: which file, and what is wrong in it."""


class WordsFile(BaseModel):
    """Some words, as officers edit them: our name → what departments write."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    headers: dict[str, list[str]] = {}
    codes: dict[Category, list[str]] = {}
    actions: dict[Action, list[str]] = {}
    deaths: dict[DeathAction, list[str]] = {}
    insured_as: dict[InsuredAs, list[str]] = {}
    risk_gone: dict[YesNo, list[str]] = {}
    states: dict[RegisterState, list[str]] = {}
    payments: dict[Payment, list[str]] = {}


@dataclass(frozen=True, slots=True)
class Words:
    """What one source writes → what it means. A word that nobody explained is a question."""

    headers: Mapping[str, str]
    categories: Mapping[str, Category]
    actions: Mapping[str, Action]
    deaths: Mapping[str, DeathAction]
    insured_as: Mapping[str, InsuredAs]
    risk_gone: Mapping[str, YesNo]
    states: Mapping[str, RegisterState]
    payments: Mapping[str, Payment]
    not_ours: frozenset[tuple[str, str]] = frozenset()

    def field_of(self, header: str) -> str | None:
        """Return our field for a column header, or None for a column that nobody asked for."""
        return self.headers.get(self._known(header))

    def rank_of(self, header: str) -> int:
        """Return how far back in the words a header stands: of two alike, the one named first is read."""
        word = self._known(header)
        return next(
            (rank for rank, one in enumerate(self.headers) if one == word), len(self.headers)
        )

    def _known(self, header: str) -> str:
        """Return a header as the files have it: 缴费金额(元) is 缴费金额, if no file says otherwise."""
        word = tidy(header).lower().strip("*:：、.。")
        return word if word in self.headers else re.sub(r"\([^()]*\)$", "", word).strip("*")

    def category_of(self, text: str) -> tuple[Category | None, str]:
        """Return (category, sub-level) of what a department wrote; None if it is not known.

        Raises RefusedError for a word of which the county said that it is none of ours.
        """
        word = tidy(text)
        self._refuse_foreign("category", word)
        if word in self.categories:
            return self.categories[word], ""
        match = _SUB_LEVEL.match(word)
        if match and match[1] in self.categories:
            return self.categories[match[1]], match[2]
        try:
            return Category(word.upper()), ""
        except ValueError:
            return None, ""

    def action_of(self, text: str) -> Action:
        """Return what a change is. Raises UnknownWordError."""
        return self._meaning(self.actions, text, "action")

    def death_of(self, text: str) -> DeathAction:
        """Return whether a death is reported or taken back. Raises UnknownWordError."""
        return self._meaning(self.deaths, text, "death")

    def insured_of(self, text: str) -> InsuredAs | None:
        """Return how somebody is insured; None if it is not said. Raises UnknownWordError."""
        return self._meaning(self.insured_as, text, "insured_as") if tidy(text) else None

    def is_risk_gone(self, text: str) -> bool:
        """Tell whether a monitored person's risk is gone. Raises UnknownWordError."""
        return self._meaning(self.risk_gone, text, "risk_gone") == "yes"

    def is_insured(self, text: str) -> bool:
        """Tell whether a register's state insures somebody. Raises UnknownWordError."""
        return self._meaning(self.states, text, "state") == "insured"

    def is_paid(self, text: str) -> bool:
        """Tell whether a payment stands. Raises UnknownWordError."""
        return self._meaning(self.payments, text, "payment") == "paid"

    def with_learned(self, learned: Iterable[tuple[str, str, str]]) -> "Words":
        """Return these words and what the county has answered since: (field, word, meaning)."""
        found = self
        for field, word, meaning in learned:
            if not meaning:
                found = replace(found, not_ours=found.not_ours | {(field, tidy(word))})
            elif field in MEANINGS:
                means: Any = Category(meaning) if field == "category" else meaning
                known = {**getattr(found, MEANINGS[field]), tidy(word): means}
                changed: dict[str, Any] = {MEANINGS[field]: known}
                found = replace(found, **changed)
        return found

    def _meaning(self, known: Mapping[str, Meaning], text: str, field: str) -> Meaning:
        word = tidy(text)
        self._refuse_foreign(field, word)
        found = known.get(word) or known.get(word.upper())
        if found is None:
            raise UnknownWordError(field, word)
        return found

    def _refuse_foreign(self, field: str, word: str) -> None:
        if self.not_ours and (field, word) in self.not_ours:
            raise RefusedError("word_not_ours", field)


MEANINGS: Mapping[str, str] = {
    "category": "categories", "action": "actions", "death": "deaths", "insured_as": "insured_as",
    "risk_gone": "risk_gone", "state": "states", "payment": "payments",
}  # fmt: skip
"""A column whose words have meanings → which of the words."""

POSSIBLE: Mapping[str, frozenset[str]] = {
    "category": frozenset(one.value for one in Category),
    "action": frozenset({"granted", "removed"}),
    "death": frozenset({"reported", "revoked", "none"}),
    "insured_as": frozenset({"EMPLOYEE", "RESIDENT"}),
    "risk_gone": frozenset({"yes", "no"}),
    "state": frozenset({"insured", "not_insured"}),
    "payment": frozenset({"paid", "void"}),
}
"""What a word of a column may mean."""


@lru_cache(maxsize=64)
def words_of(source: str = "", local: Path | None = None) -> Words:
    """Return the words of a source: common ones, its own, and those of the county's own folder ``local``.

    Raises WordsError where a file is not understood, or gives one word two meanings.
    """
    try:
        known = read_vocabulary(local)
    except VocabularyError as error:
        raise WordsError(str(error)) from None
    files = [WORDS] if local is None else [WORDS, local / WORDS.name]
    try:
        read = [_checked(path, read_file(path)) for path in files if path.is_file()]
    except VocabularyError as error:
        raise WordsError(str(error)) from None
    if source in known.partners:
        read.append(_checked(f"partners/{source}.yaml: words", known.partners[source].words))
    meant = [{code: list(one.words) for code, one in known.categories.items()}]
    meant += [{code.value: words for code, words in file.codes.items()} for file in read]
    return Words(
        headers=_by_word([one.headers for one in read], lower=True),
        categories={word: Category(code) for word, code in _by_word(meant).items()},
        actions=_by_word([one.actions for one in read]),
        deaths=_by_word([one.deaths for one in read]),
        insured_as=_by_word([one.insured_as for one in read]),
        risk_gone=_by_word([one.risk_gone for one in read]),
        states=_by_word([one.states for one in read]),
        payments=_by_word([one.payments for one in read]),
    )


def check_words(local: Path | None, sources: list[str]) -> None:
    """Read every file of words once, so that a mistake stops the start and not a list. Raises WordsError."""
    for source in sources:
        words_of(source, local)


def _checked(name: Path | str, content: object) -> WordsFile:
    try:
        return WordsFile.model_validate(content)
    except ValidationError as error:
        raise WordsError(str(refused(name, error))) from None


def _by_word(
    said: Sequence[Mapping[Meaning, list[str]]], *, lower: bool = False
) -> dict[str, Meaning]:
    found: dict[str, Meaning] = {}
    for vocabulary in said:
        for meaning, words in vocabulary.items():
            for word in words:
                key = tidy(word).lower() if lower else tidy(word)
                if found.setdefault(key, meaning) != meaning:
                    raise WordsError(
                        f"{word!r} means both {found[key]} and {meaning}: see categories.yaml, words.yaml,"
                        " and the department's file"
                    )
    return found
