"""A county's claims as columns of whole numbers, in canonical order within person and year."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policy.engine import Decision, judge
from policy.facts import Claim, PersonFacts
from policy.pack import Pack

Ints = NDArray[np.int64]
Context = tuple[Claim, str]
"""A claim like those that share it, and the category that decides for them."""


@dataclass(slots=True)
class Columns:
    """Claims that count. All arrays are int64 of one length; amounts in fen.

    ``year``: the person-year a claim belongs to, ascending, so that equal numbers stand together in
    canonical order. ``context``: which of ``contexts`` (a claim like it, its category) decides the
    terms. ``disease``: a counter of its own for each disease of a person-year.
    """

    year: Ints
    context: Ints
    disease: Ints
    total_fee: Ints
    in_scope: Ints
    out_of_catalogue: Ints
    hospital_reduction: Ints
    commercial_supplement: Ints
    contexts: list[Context]


@dataclass(slots=True)
class Gathered:
    """Columns, and for each row whose claim it is and the decision to be completed."""

    columns: Columns
    people: list[int] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    others: list[tuple[int, Decision]] = field(default_factory=list)


def gather(pack: Pack, people: Sequence[PersonFacts]) -> Gathered:
    """Put the claims of people into columns; refused, held and reversed ones stand apart."""
    rows: list[tuple[int, ...]] = []
    contexts: dict[tuple[Any, ...], int] = {}
    shown: list[Context] = []
    years: dict[tuple[int, int], int] = {}
    diseases: dict[tuple[int, str], int] = {}
    found = Gathered(columns_of([], []))
    for person, facts in enumerate(people):
        for refused, reason in facts.refused.items():
            found.others.append((person, Decision(refused, "refused", reason)))
        for claim in sorted(facts.claims, key=Claim.canonical_order):
            decision = judge(pack if pack.covers(claim.discharge) else None, facts, claim)
            if decision.outcome != "settled":
                found.others.append((person, decision))
                continue
            key = (pack.likeness(claim), decision.category)
            if key not in contexts:
                contexts[key] = len(shown)
                shown.append((claim, decision.category))
            year = years.setdefault((person, claim.discharge.year), len(years))
            disease = diseases.setdefault((year, claim.disease), len(diseases))
            rows.append(
                (
                    year, contexts[key], disease, claim.total_fee, claim.in_scope,
                    claim.full_self_pay + claim.over_limit_self_pay,
                    claim.hospital_reduction, claim.commercial_supplement,
                )
            )  # fmt: skip
            found.people.append(person)
            found.decisions.append(decision)
    found.columns = columns_of(rows, shown)
    return found


def columns_of(rows: Sequence[tuple[int, ...]], contexts: list[Context]) -> Columns:
    """Turn rows, in the order of the fields of Columns, into columns."""
    table = np.array(rows, dtype=np.int64).reshape(len(rows), 8).T.copy()
    return Columns(*table, contexts)  # type: ignore[call-arg]
