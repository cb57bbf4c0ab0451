"""Reads JSON Lines of identities, deaths, claims and reversals into one dossier a person."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from chassis.language import tr
from contracts.money import MoneyError, parse_yuan
from contracts.vocabulary import Category
from policy.facts import Claim, HeldIdentity, PersonFacts
from policy.refusals import CONFLICTING_RESUBMISSION, UNKNOWN_CATEGORY

AMOUNTS = (
    "total_fee", "in_scope", "class_b_prepay", "over_limit_self_pay", "full_self_pay",
    "hospital_reduction", "commercial_supplement",
)  # fmt: skip
REQUIRED = ("kind", "discharge", "total_fee", "in_scope")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
KNOWN = frozenset(category.value for category in Category)


class InputError(ValueError):
    """A line that says nothing about one claim, so nothing can be refused for it: wrong use."""


class FieldError(ValueError):
    """A claim's field that cannot be read; ``reason`` is the stable code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class Dossier:
    """What the lines say about one person. ``refused``: claim, reason; once each."""

    claims: dict[str, Claim] = field(default_factory=dict)
    identities: list[HeldIdentity] = field(default_factory=list)
    died: date | None = None
    refused: dict[tuple[str, str], None] = field(default_factory=dict)
    unknown_categories: list[str] = field(default_factory=list)

    def facts(self, reversed_claims: frozenset[str]) -> PersonFacts:
        """Return the person as the engine reads it.

        Nobody is settled as an ordinary person because of a category that no one knows.
        """
        return PersonFacts(
            claims=list(self.claims.values()),
            reversed_claims=reversed_claims,
            identities=tuple(self.identities),
            died=self.died,
            held=UNKNOWN_CATEGORY if self.unknown_categories else "",
        )


@dataclass(slots=True)
class Dossiers:
    """All persons of a file, and the claims that were reversed."""

    people: defaultdict[str, Dossier] = field(default_factory=lambda: defaultdict(Dossier))
    reversed_claims: set[str] = field(default_factory=set)

    def as_people(self) -> tuple[list[str], list[PersonFacts]]:
        """Return persons and their facts; people of an unknown category are held by name."""
        reversed_claims = frozenset(self.reversed_claims)
        return list(self.people), [one.facts(reversed_claims) for one in self.people.values()]


def read_dossiers(lines: Iterable[str]) -> Dossiers:
    """Read the lines, in any order. Raises InputError with the number of a line without sense."""
    found = Dossiers()
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                _take(found, json.loads(line))
            except (KeyError, TypeError, ValueError) as error:
                raise InputError(
                    tr(
                        "line {number}: {kind}: {error}",
                        number=number,
                        kind=type(error).__name__,
                        error=error,
                    )
                ) from error
    return found


def _take(found: Dossiers, said: dict[str, Any]) -> None:
    kind = said["type"]
    if kind == "reversal":
        found.reversed_claims.add(str(said["claim"]))
    elif kind == "identity":
        _take_identity(found.people[said["person"]], said)
    elif kind == "death":
        dossier, died = found.people[said["person"]], _day(said["date"])
        dossier.died = died if dossier.died is None else min(died, dossier.died)
    elif kind == "claim":
        _take_claim(found.people[said["person"]], said)
    else:
        raise InputError(tr("unknown type {kind!r}; identity, death, claim or reversal", kind=kind))


def _take_identity(dossier: Dossier, said: dict[str, Any]) -> None:
    start = _day(said["valid_from"])
    end = _day(said["valid_to"]) if said.get("valid_to") else None
    name = str(said["category"])
    if name in KNOWN:
        dossier.identities.append(HeldIdentity(name, start, end))
    else:
        dossier.unknown_categories.append(name)


def _take_claim(dossier: Dossier, said: dict[str, Any]) -> None:
    name = str(said["claim"])
    try:
        claim = _claim(name, said)
    except FieldError as error:
        dossier.refused[name, error.reason] = None
        return
    known = dossier.claims.setdefault(name, claim)
    if any(getattr(known, key) != getattr(claim, key) for key in AMOUNTS):
        dossier.refused[name, CONFLICTING_RESUBMISSION] = None
    # The one settled first holds; of two without a time the one that stands first.
    dossier.claims[name] = min(known, claim, key=lambda one: one.settled)


def _claim(name: str, said: dict[str, Any]) -> Claim:
    """Read a claim. Raises FieldError, which refuses this claim alone."""
    for key in REQUIRED:
        if said.get(key) is None:
            raise FieldError("missing_field")
    amounts = {key: _fen(said.get(key, "0.00")) for key in AMOUNTS}
    try:
        discharge = _day(said["discharge"])
        admit = _day(said["admit"]) if said.get("admit") else None
    except (TypeError, ValueError):
        raise FieldError("bad_date") from None
    return Claim(
        claim=name, kind=str(said["kind"]), discharge=discharge, admit=admit,
        settled=str(said.get("settled") or ""), level=str(said.get("level") or ""),
        area=str(said.get("area") or "local"), compliant=_flag(said, "compliant"),
        referred=_flag(said, "referred"), age=_age(said.get("age")),
        disease=str(said.get("disease") or ""), **cast("Any", amounts),
    )  # fmt: skip


def _fen(value: Any) -> int:
    try:
        fen = parse_yuan(value)
    except MoneyError as error:
        raise FieldError(error.reason) from None
    if fen < 0:
        raise FieldError("negative_amount")
    return fen


def _day(text: Any) -> date:
    if not isinstance(text, str) or not DAY.fullmatch(text):
        raise ValueError(tr("{text!r} is not a date such as 2020-02-14", text=text))
    return date.fromisoformat(text)


def _flag(said: dict[str, Any], key: str) -> bool:
    value = said.get(key)
    if value is None:
        return True
    if not isinstance(value, bool):
        raise FieldError("not_true_or_false")
    return value


def _age(value: Any) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    raise FieldError("bad_age")
