"""The real folds offline: JSON lines of identities, deaths, claims and reversals in, decisions out."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from contracts.funds import Fund
from contracts.money import format_yuan
from policy.county import settle_county
from policy.engine import Decision, personal_burden
from policy.facts import Claim, PersonFacts
from policy.one_stop import settle
from policy.pack import Pack
from policy.tilt import tilt
from policy.trail import TrailLine, percent
from yingbao.commands.dossiers import Dossiers, read_dossiers


def adjudicate(
    pack: Pack, lines: Iterable[str], *, with_tilt: bool = False
) -> Iterator[dict[str, Any]]:
    """Return one result a claim, in canonical order over all persons; refused input comes first.

    ``with_tilt`` adds what the poverty rules gave, in five parts (C17).
    Raises InputError with the line number for a line without sense.
    """
    found = read_dossiers(lines)
    _, people = found.as_people()
    decided = [settle([pack], facts, with_trail=True) for facts in people]
    yield from _refused(found)
    for claim, decision in _in_order(people, decided):
        result = _result(claim, decision)
        if decision.outcome == "settled":
            result["trail"] = [_line(line) for line in decision.trail]
            if with_tilt:
                result["tilt"] = tilt(pack, claim, decision).in_yuan()
        yield result


def reprice(pack: Pack, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Return the same without explanations, settled as a whole county: many times faster."""
    found = read_dossiers(lines)
    _, people = found.as_people()
    yield from _refused(found)
    for claim, decision in _in_order(people, settle_county(pack, people)):
        yield _result(claim, decision)


def _refused(found: Dossiers) -> Iterator[dict[str, Any]]:
    for dossier in found.people.values():
        yield from ({"claim": claim, "refused": reason} for claim, reason in dossier.refused)


def _in_order(
    people: Sequence[PersonFacts], decided: Sequence[dict[str, Decision]]
) -> list[tuple[Claim, Decision]]:
    claims = [
        (claim, decisions[claim.claim])
        for facts, decisions in zip(people, decided, strict=True)
        for claim in facts.claims
    ]
    return sorted(claims, key=lambda one: one[0].canonical_order())


def _result(claim: Claim, decision: Decision) -> dict[str, Any]:
    if decision.outcome in {"refused", "held"}:
        return {"claim": claim.claim, decision.outcome: decision.reason}
    if decision.outcome == "reversed":
        return {"claim": claim.claim, "reversed": True}
    pays = decision.pays
    result: dict[str, Any] = {"claim": claim.claim, "category": decision.category}
    result |= {fund.value: format_yuan(pays.get(fund.value, 0)) for fund in Fund}
    result["personal_burden"] = format_yuan(personal_burden(claim, pays))
    result["pack"] = decision.pack
    return result


def _line(line: TrailLine) -> dict[str, Any]:
    return {
        "layer": line.layer,
        "fund": line.fund,
        "base": {"before": format_yuan(line.before), "after": format_yuan(line.after)},
        "deductible": format_yuan(line.deductible),
        "brackets": [
            {"from": format_yuan(low), "to": format_yuan(high), "rate": percent(rate)}
            for low, high, rate in line.pieces
        ],
        "product": line.product,
        "raised_by": line.raised_by or None,
        "due": format_yuan(line.due),
        "cap_left": None if line.cap_left is None else format_yuan(line.cap_left),
        "pay": format_yuan(line.pay),
        "sources": [
            {
                "document": one.document,
                "clause": one.clause,
                "mark": one.mark,
                "verified": one.verified,
            }
            for one in line.sources
        ],
        "pack": line.pack,
        "zh": line.zh,
        "en": line.en,
    }
