"""Worked cases beside a pack: a caseworker's sentence, a person, bills, and what each fund pays.

The amounts are computed by hand from the notice, so they test the pack and the engine together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from contracts.money import format_yuan
from policy.engine import Decision, personal_burden
from policy.facts import Claim, HeldIdentity, PersonFacts
from policy.loader import load_pack, pack_file
from policy.one_stop import settle
from policy.pack import Pack
from policy.reading import LINE, Reader, read_yaml

FEN = (
    "total_fee", "in_scope", "class_b_prepay", "over_limit_self_pay", "full_self_pay",
    "hospital_reduction", "commercial_supplement",
)  # fmt: skip
PROBLEMS_SHOWN = 20
_CLAIM = {
    *FEN, "claim", "kind", "discharge", "admit", "settled", "level", "area", "compliant", "referred",
    "age", "disease",
}  # fmt: skip
_OUTCOME = {"pays", "burden", "category", "refused", "held", "reversed"}
_IDENTITY = {"category", "from", "to"}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a case says about one bill. ``pays``: fund → fen, zeros left out."""

    outcome: str
    reason: str
    pays: dict[str, int]
    burden: int | None
    category: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """One sentence of a caseworker, with the facts and what must come out."""

    sentence: str
    line: int
    facts: PersonFacts
    expected: dict[str, Expected]


def load_cases(pack: Pack, name: str) -> list[Case]:
    """Read ``cases.yaml`` beside a pack. Raises PackError for what is not understood."""
    path = pack_file(name).with_name("cases.yaml")
    shown = f"{path.parent.name}/{path.name}"
    return parse_cases(pack, path.read_text(encoding="utf-8"), shown) if path.is_file() else []


def parse_cases(pack: Pack, text: str, path: str) -> list[Case]:
    """Read cases from their YAML text; ``path`` is only used in messages."""
    node = read_yaml(text, path)
    read = Reader(path, {})
    read.keys(node, {"cases"}, {"cases"})
    return [_case(read, pack, one) for one in node["cases"]]


def check(name: str) -> tuple[int, list[str]]:
    """Read a pack strictly and work out its cases: how many cases, and what is wrong.

    Raises PackError for a pack that cannot be used.
    """
    pack = load_pack(name)
    cases = load_cases(pack, name)
    found = [problem for case in cases for problem in differences(pack, case)]
    return len(cases), found[:PROBLEMS_SHOWN]


def differences(pack: Pack, case: Case) -> Iterator[str]:
    """Settle a case and yield what comes out differently from what it says."""
    decisions = settle([pack], case.facts)
    claims = {claim.claim: claim for claim in case.facts.claims}
    for name, expected in case.expected.items():
        for what, found, wanted in _compared(claims[name], decisions[name], expected):
            if found != wanted:
                yield f"line {case.line}, {case.sentence!r}, {name}: {what} {found}, not {wanted}"


def _compared(
    claim: Claim, decision: Decision, expected: Expected
) -> Iterator[tuple[str, str, str]]:
    yield "outcome", decision.outcome, expected.outcome
    yield "reason", decision.reason, expected.reason
    for fund in sorted({*decision.pays, *expected.pays}):
        found, wanted = decision.pays.get(fund, 0), expected.pays.get(fund, 0)
        yield fund, format_yuan(found), format_yuan(wanted)
    if expected.burden is not None:
        burden = personal_burden(claim, decision.pays)
        yield "personal burden", format_yuan(burden), format_yuan(expected.burden)
    if expected.category is not None:
        yield "category", decision.category, expected.category


def _case(read: Reader, pack: Pack, node: dict[str, Any]) -> Case:
    read.keys(node, {"case", "identities", "died", "claims"}, {"case", "claims"})
    claims: list[Claim] = []
    expected: dict[str, Expected] = {}
    reversed_claims: set[str] = set()
    for number, entry in enumerate(node["claims"], start=1):
        read.keys(entry, _CLAIM | _OUTCOME, {"in_scope"})
        claim = _claim(read, pack, entry, number)
        claims.append(claim)
        expected[claim.claim] = _expected(read, entry)
        if "reversed" in entry:
            reversed_claims.add(claim.claim)
    facts = PersonFacts(
        claims=claims,
        reversed_claims=frozenset(reversed_claims),
        identities=tuple(_identity(read, pack, one) for one in node.get("identities", [])),
        died=read.day_or_none(node, "died"),
    )
    return Case(node["case"], node[LINE], facts, expected)


def _identity(read: Reader, pack: Pack, node: dict[str, Any]) -> HeldIdentity:
    read.keys(node, _IDENTITY, {"category"})
    start = read.day(node, node.get("from", pack.valid_from))
    return HeldIdentity(read.category(node, node["category"]), start, read.day_or_none(node, "to"))


def _claim(read: Reader, pack: Pack, node: dict[str, Any], number: int) -> Claim:
    """Build a bill: by default a stay discharged in mid-May, a day after the one before it."""
    amounts = {key: read.fen(node, node.get(key, "0.00")) for key in FEN}
    if "total_fee" not in node:
        parts = ("in_scope", "class_b_prepay", "over_limit_self_pay", "full_self_pay")
        amounts["total_fee"] = sum(amounts[key] for key in parts)
    first_day = date(pack.valid_from.year, 5, 18)
    return Claim(
        claim=node.get("claim", f"c{number}"),
        kind=node.get("kind", "inpatient"),
        discharge=read.day(node, node.get("discharge", first_day + timedelta(days=number - 1))),
        admit=read.day_or_none(node, "admit"),
        settled=node.get("settled", ""),
        level=node.get("level", "L2"),
        area=node.get("area", "local"),
        compliant=node.get("compliant", True),
        referred=node.get("referred", True),
        age=node.get("age"),
        disease=node.get("disease", ""),
        **cast("Any", amounts),
    )


def _expected(read: Reader, node: dict[str, Any]) -> Expected:
    outcomes = [key for key in ("pays", "refused", "held", "reversed") if key in node]
    if len(outcomes) != 1:
        raise read.fail(node, "a bill has one outcome", "pays, refused, held or reversed")
    outcome = "settled" if outcomes[0] == "pays" else outcomes[0]
    pays = {
        fund: read.fen(node, amount)
        for fund, amount in node.get("pays", {}).items()
        if fund != LINE
    }
    return Expected(
        outcome=outcome,
        reason=str(node[outcome]) if outcome in {"refused", "held"} else "",
        pays=pays,
        burden=read.fen(node, node["burden"]) if "burden" in node else None,
        category=node.get("category"),
    )
