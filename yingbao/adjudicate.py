"""The real folds offline: JSON lines of identities, deaths, claims and reversals in, decisions out."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from contracts.money import MoneyError, format_yuan, parse_yuan
from contracts.vocabulary import Category, Fund
from policy.engine import (
    ASSISTANCE,
    SETTLEMENT,
    Decision,
    fold,
    in_scope_pays,
    personal_burden,
    refuse_wrong_inputs,
)
from policy.facts import Claim, HeldIdentity, PersonFacts
from policy.pack import Pack
from policy.refusals import CONFLICTING_RESUBMISSION
from policy.trail import TrailLine

AMOUNTS = (
    "total_fee", "in_scope", "class_b_prepay", "over_limit_self_pay", "full_self_pay",
    "hospital_reduction", "commercial_supplement",
)  # fmt: skip
REQUIRED = ("claim", "person", "kind", "discharge", "total_fee", "in_scope")


class InputError(ValueError):
    """A line that says nothing about one claim, so nothing can be refused for it: wrong use."""


@dataclass(slots=True)
class Dossier:
    """What the lines say about one person."""

    claims: dict[str, Claim] = field(default_factory=dict)
    identities: list[HeldIdentity] = field(default_factory=list)
    died: date | None = None
    refused: list[tuple[str, str]] = field(default_factory=list)


def adjudicate(pack: Pack, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Return one result a claim, in canonical order over all persons; refused input comes first.

    Raises InputError with the line number for a line that cannot be understood at all.
    """
    dossiers: defaultdict[str, Dossier] = defaultdict(Dossier)
    reversed_claims: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if line.strip():
            _take(dossiers, reversed_claims, number, line)
    decided: list[tuple[Claim, dict[str, Any]]] = []
    for dossier in dossiers.values():
        yield from ({"claim": claim, "refused": reason} for claim, reason in dossier.refused)
        decided += _decide(pack, dossier, frozenset(reversed_claims))
    for _, result in sorted(decided, key=lambda one: one[0].canonical_order()):
        yield result


def _take(dossiers: dict[str, Dossier], reversed_claims: set[str], number: int, line: str) -> None:
    try:
        said = json.loads(line)
        kind = said["type"]
        if kind == "reversal":
            reversed_claims.add(said["claim"])
        elif kind == "identity":
            start = date.fromisoformat(said["valid_from"])
            end = date.fromisoformat(said["valid_to"]) if said.get("valid_to") else None
            category = Category(said["category"]).value
            dossiers[said["person"]].identities.append(HeldIdentity(category, start, end))
        elif kind == "death":
            dossier, died = dossiers[said["person"]], date.fromisoformat(said["date"])
            dossier.died = died if dossier.died is None else min(died, dossier.died)
        elif kind == "claim":
            _take_claim(dossiers[said["person"]], said)
        else:
            raise InputError(f"line {number}: unknown type {kind!r}")
    except InputError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"line {number}: {type(error).__name__}: {error}") from error


def _take_claim(dossier: Dossier, said: dict[str, Any]) -> None:
    name = str(said["claim"])
    claim = _claim(dossier, said)
    if claim is None:
        return
    known = dossier.claims.setdefault(name, claim)
    if known != claim:  # the one settled first holds, whichever line comes first
        dossier.claims[name] = min(known, claim, key=lambda one: (one.settled, repr(one)))
        dossier.refused.append((name, CONFLICTING_RESUBMISSION))


def _claim(dossier: Dossier, said: dict[str, Any]) -> Claim | None:
    """Read a claim; a wrong value refuses the claim alone, by its reason code."""
    name = str(said["claim"])
    for key in REQUIRED:
        if key not in said:
            dossier.refused.append((name, "missing_field"))
            return None
    amounts: dict[str, int] = {}
    for key in AMOUNTS:
        try:
            amounts[key] = parse_yuan(said.get(key, "0.00"))
        except MoneyError as error:
            dossier.refused.append((name, error.reason))
            return None
        if amounts[key] < 0:
            dossier.refused.append((name, "negative_amount"))
            return None
    try:
        discharge = date.fromisoformat(said["discharge"])
        admit = date.fromisoformat(said["admit"]) if said.get("admit") else None
    except ValueError:
        dossier.refused.append((name, "bad_date"))
        return None
    claim = Claim(
        claim=name, kind=said["kind"], discharge=discharge, admit=admit, total_fee=0, in_scope=0,
        settled=said.get("settled") or "", level=said.get("level") or "",
        area=said.get("area") or "local", compliant=said.get("compliant", True),
        referred=said.get("referred", True), age=said.get("age"),
        disease=said.get("disease") or "",
    )  # fmt: skip
    for key, fen in amounts.items():
        setattr(claim, key, fen)
    return claim


def _decide(
    pack: Pack, dossier: Dossier, reversed_claims: frozenset[str]
) -> list[tuple[Claim, dict[str, Any]]]:
    facts = PersonFacts(
        claims=list(dossier.claims.values()),
        reversed_claims=reversed_claims,
        identities=tuple(dossier.identities),
        died=dossier.died,
    )
    facts = refuse_wrong_inputs([pack], facts)
    first = fold([pack], facts, SETTLEMENT, with_trail=True)
    settled = [one for one in facts.claims if first[one.claim].outcome == "settled"]
    for claim in settled:
        decision = first[claim.claim]
        claim.paid = in_scope_pays(decision.pays)
        claim.category = decision.category
    second = fold([pack], PersonFacts(claims=settled), ASSISTANCE, with_trail=True)
    return [
        (claim, _result(pack, claim, first[name], second.get(name)))
        for name, claim in dossier.claims.items()
    ]


def _result(pack: Pack, claim: Claim, first: Decision, second: Decision | None) -> dict[str, Any]:
    if first.outcome in {"refused", "held"}:
        return {"claim": claim.claim, first.outcome: first.reason}
    if first.outcome == "reversed" or second is None:
        return {"claim": claim.claim, "reversed": True}
    pays = {**first.pays, **second.pays}
    result: dict[str, Any] = {"claim": claim.claim, "category": first.category}
    result |= {fund.value: format_yuan(pays.get(fund.value, 0)) for fund in Fund}
    result["personal_burden"] = format_yuan(personal_burden(claim, pays))
    result["pack"] = pack.version
    result["trail"] = [_line(line) for line in [*first.trail, *second.trail]]
    return result


def _line(line: TrailLine) -> dict[str, Any]:
    return {
        "layer": line.layer,
        "fund": line.fund,
        "deductible": format_yuan(line.deductible),
        "before": format_yuan(line.before),
        "after": format_yuan(line.after),
        "due": format_yuan(line.due),
        "pay": format_yuan(line.pay),
        "source": {"document": line.document, "clause": line.clause, "mark": line.mark},
        "zh": line.zh,
        "en": line.en,
    }
