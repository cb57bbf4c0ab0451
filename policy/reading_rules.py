"""Reads the rules of a pack: layers, brackets, caps, premiums; every mistake with its line."""

from typing import Any

from contracts.funds import ASSISTANCE_FUNDS, GIVEN_FUNDS, INSURANCE_FUNDS, Fund
from policy.dated import Amount, Dated
from policy.pack import Cliff, HighCostLine, Statement
from policy.premium import TERMS, EnrolmentTerm, PremiumRules, Refund
from policy.reading import DATED, Reader
from policy.refusals import KINDS
from policy.rules import Cap, Guarantee, Layer, Modifier, Rule, ShareOfTotal

MEASURES = {"in_scope", "remainder", "input", "out_of_catalogue"}


STAGES = {"settlement", "assistance"}


FUNDS = {fund.value for fund in Fund}


INPUT_FUNDS = set(GIVEN_FUNDS)
"""What a hospital or an insurer gives as stated on the bill (C11)."""


STAGE_FUNDS = {
    "settlement": set(INSURANCE_FUNDS),
    "assistance": set(ASSISTANCE_FUNDS),
}
"""The funds that each stage books and announces; another one's money would go nowhere."""


def _rule(read: Reader, node: dict[str, Any]) -> Rule:
    if node.get("covered") is False:
        read.keys(node, DATED | {"covered"}, {"from", "source"})
        return Rule(
            **read.dated(node), covered=False, deductible=0, of_total=None,
            absolute=False, segments=((None, 0),),
        )  # fmt: skip
    own = {"deductible", "deductible_of_total", "segments", "bounds"}
    read.keys(node, DATED | own, {"from", "source", "segments"})
    share = _share_of_total(read, node.get("deductible_of_total"))
    if share is None and "deductible" not in node:
        raise read.fail(node, "key 'deductible' is missing", 'a zero is written: "0.00"')
    bounds = read.choice(node, "bounds", {"above_deductible", "absolute"}, "above_deductible")
    return Rule(
        **read.dated(node),
        covered=True,
        deductible=share.least if share else read.fen(node, node["deductible"]),
        of_total=share,
        absolute=bounds == "absolute",
        segments=_segments(read, node),
    )


def _share_of_total(read: Reader, node: dict[str, Any] | None) -> ShareOfTotal | None:
    if node is None:
        return None
    read.keys(node, {"ratio", "least", "most", "base"}, {"ratio"})
    return ShareOfTotal(
        ratio_bp=read.ratio(node, node["ratio"]),
        least=read.fen(node, node.get("least", "0.00")),
        most=read.fen(node, node["most"]) if "most" in node else None,
        net=read.choice(node, "base", {"billed", "net"}, "billed") == "net",
    )


def _segments(read: Reader, node: dict[str, Any]) -> tuple[tuple[int | None, int], ...]:
    found: list[tuple[int | None, int]] = []
    for segment in read.listed(node, "segments"):
        read.keys(segment, {"up_to", "ratio"}, {"ratio"})
        upper = None if "up_to" not in segment else read.fen(segment, segment["up_to"])
        if found and found[-1][0] is None:
            raise read.fail(segment, "a segment after the open one", "only the last has no up_to")
        if upper is not None and found and upper <= (found[-1][0] or 0):
            raise read.fail(segment, "segments are not in order", "each up_to above the one before")
        found.append((upper, read.ratio(segment, segment["ratio"])))
    if not found:
        raise read.fail(node, "no segment", "at least one ratio")
    return tuple(found)


def _modifier(read: Reader, node: dict[str, Any]) -> Modifier:
    own = {"name", "deductible_factor", "ratio_factor", "ratio_add", "exclusive"}
    read.keys(node, DATED | own, {"name", "from", "source"})
    return Modifier(
        **read.dated(node),
        name=read.text(node, "name"),
        deductible_factor_bp=read.ratio(node, node.get("deductible_factor", "100%"), most=100_000),
        ratio_factor_bp=read.ratio(node, node.get("ratio_factor", "100%"), most=100_000),
        ratio_add_bp=read.ratio(node, node.get("ratio_add", "0%"), signed=True),
        exclusive=read.text(node, "exclusive") if "exclusive" in node else "",
    )


def _amount(read: Reader, node: dict[str, Any]) -> Amount:
    read.keys(node, DATED | {"amount"}, {"amount", "from", "source"})
    none = node["amount"] == "none"
    return Amount(**read.dated(node), value=None if none else read.fen(node, node["amount"]))


def _floor(read: Reader, node: dict[str, Any]) -> Amount:
    read.keys(node, DATED | {"ratio"}, {"ratio", "from", "source"})
    return Amount(**read.dated(node), value=read.ratio(node, node["ratio"]))


def _guarantee(read: Reader, node: dict[str, Any]) -> Guarantee:
    read.keys(node, DATED | {"ratio", "per"}, {"ratio", "per", "from", "source"})
    per_year = read.choice(node, "per", {"claim", "year"}) == "year"
    return Guarantee(**read.dated(node), value=read.ratio(node, node["ratio"]), per_year=per_year)


def _bar(read: Reader, node: dict[str, Any]) -> Dated:
    read.keys(node, DATED, {"from", "source"})
    return Dated(**read.dated(node))


_LAYER = {
    "id", "fund", "stage", "kinds", "accumulator", "measures", "rounding", "category_change",
    "rules", "modifiers", "caps", "floors", "guarantees", "barred",
}  # fmt: skip


def _caps_of(read: Reader, node: dict[str, Any], caps: dict[str, Cap]) -> list[str]:
    names = read.listed(node, "caps")
    for name in names:
        if name not in caps:
            raise read.fail(node, f"unknown cap {name!r}", f"one of {', '.join(sorted(caps))}")
    return names


def _layer(read: Reader, node: dict[str, Any], caps: dict[str, Cap]) -> Layer:
    read.keys(node, _LAYER, {"id", "fund", "stage", "kinds", "measures"})
    names = _caps_of(read, node, caps)
    measures = read.choice(node, "measures", MEASURES)
    stage = read.choice(node, "stage", STAGES)
    read.choice(node, "fund", FUNDS)
    read.choice(node, "fund", INPUT_FUNDS if measures == "input" else STAGE_FUNDS[stage])
    if measures == "input" and stage != "assistance":
        raise read.fail(node, "an input before assistance", "inputs belong to stage assistance")
    change = read.choice(node, "category_change", {"marginal", "catch_up"}, "marginal")
    return Layer(
        id=read.text(node, "id"),
        fund=read.choice(node, "fund", FUNDS),
        stage=stage,
        kinds=frozenset(read.words(node, "kinds", KINDS)),
        per_year=read.choice(node, "accumulator", {"claim", "year"}, "claim") == "year",
        measures=measures,
        telescoped=read.choice(node, "rounding", {"claim", "year"}, "year") == "year",
        catches_up=change == "catch_up",
        rules=tuple(_rule(read, rule) for rule in read.listed(node, "rules")),
        modifiers=tuple(_modifier(read, one) for one in read.listed(node, "modifiers")),
        caps=tuple(caps[name] for name in names),
        floors=tuple(_floor(read, one) for one in read.listed(node, "floors")),
        guarantees=tuple(_guarantee(read, one) for one in read.listed(node, "guarantees")),
        barred=tuple(_bar(read, one) for one in read.listed(node, "barred")),
        line=node["__line__"],
    )


def _premiums(read: Reader, node: dict[str, Any]) -> PremiumRules:
    return PremiumRules(
        full=tuple(_amount(read, one) for one in read.listed(node, "premiums")),
        subsidies=tuple(_amount(read, one) for one in read.listed(node, "subsidies")),
        refunds=tuple(_refund(read, one) for one in read.listed(node, "refunds")),
        terms=_terms(read, read.listed(node, "enrolment")),
    )


def _terms(read: Reader, nodes: list[dict[str, Any]]) -> tuple[EnrolmentTerm, ...]:
    terms: list[EnrolmentTerm] = []
    for node in nodes:
        one = _term(read, node)
        if any(one.term == other.term and one.overlaps(other) for other in terms):
            raise read.fail(node, f"{one.term} has two values on a day", "end the earlier one")
        terms.append(one)
    return tuple(terms)


def _term(read: Reader, node: dict[str, Any]) -> EnrolmentTerm:
    read.keys(node, DATED | {"term", "value"}, {"term", "value", "from", "source"})
    name, value = read.choice(node, "term", set(TERMS)), node["value"]
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise read.fail(node, f"{value!r} is not a whole number", "days, months, or a day as MMDD")
    if name == "collection_closes" and not (1 <= value // 100 <= 12 and 1 <= value % 100 <= 28):
        raise read.fail(node, f"{value!r} is not a day of every year", "MMDD up to the 28th: 228")
    return EnrolmentTerm(**read.dated(node), term=name, value=value)


def _refund(read: Reader, node: dict[str, Any]) -> Refund:
    own = {"refund", "recognised_from", "recognised_to"}
    read.keys(node, DATED | own, {"refund", "from", "source"})
    return Refund(
        **read.dated(node),
        refund=read.flag(node, "refund"),
        recognised_from=read.day_or_none(node, "recognised_from"),
        recognised_to=read.day_or_none(node, "recognised_to"),
    )


def _high_cost(read: Reader, node: dict[str, Any]) -> HighCostLine:
    own = {"threshold", "comparison", "basis"}
    read.keys(node, DATED | own, own | {"from", "source"})
    return HighCostLine(
        **read.dated(node),
        threshold=read.fen(node, node["threshold"]),
        at_line=read.choice(node, "comparison", {"above", "at_or_above"}) == "at_or_above",
        in_scope_only=read.choice(node, "basis", {"total", "in_scope"}) == "in_scope",
    )


def _cliff(read: Reader, node: dict[str, Any]) -> Cliff:
    own = {"higher", "lower", "why", "source"}
    read.keys(node, own, own)
    higher, lower = (read.category(node, node[key]) for key in ("higher", "lower"))
    return Cliff(higher, lower, read.text(node, "why"), read.source(node))


def _statement(read: Reader, node: dict[str, Any]) -> Statement:
    read.keys(node, DATED | {"topic", "says"}, {"topic", "says", "from", "source"})
    return Statement(
        **read.dated(node), topic=read.text(node, "topic"), says=read.text(node, "says")
    )
