"""Read a pack from YAML, strictly: what is not understood to the letter names file, line and hint."""

import hashlib
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from contracts.vocabulary import Fund
from policy.coverage import check_whole
from policy.dated import Amount, Dated
from policy.pack import Cliff, HighCostLine, Pack, Statement
from policy.premium import TERMS, EnrolmentTerm, PremiumRules, Refund
from policy.reading import DATED, PackError, Reader, plain, read_yaml
from policy.rules import Cap, Guarantee, Layer, Modifier, Rule, ShareOfTotal
from policy.terms import RuleError

PACKS = Path(__file__).parent / "packs"
MEASURES = {"in_scope", "remainder", "input", "out_of_catalogue"}
STAGES = {"settlement", "assistance"}
FUNDS = {fund.value for fund in Fund}


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
    for segment in node["segments"]:
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
        name=node["name"],
        deductible_factor_bp=read.ratio(node, node.get("deductible_factor", "100%"), most=100_000),
        ratio_factor_bp=read.ratio(node, node.get("ratio_factor", "100%"), most=100_000),
        ratio_add_bp=read.ratio(node, node.get("ratio_add", "0%"), signed=True),
        exclusive=node.get("exclusive", ""),
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


def _layer(read: Reader, node: dict[str, Any], caps: dict[str, Cap]) -> Layer:
    read.keys(node, _LAYER, {"id", "fund", "stage", "kinds", "measures"})
    names = node.get("caps", [])
    for name in names:
        if name not in caps:
            raise read.fail(node, f"unknown cap {name!r}", f"one of {', '.join(sorted(caps))}")
    change = read.choice(node, "category_change", {"marginal", "catch_up"}, "marginal")
    return Layer(
        id=node["id"],
        fund=read.choice(node, "fund", FUNDS),
        stage=read.choice(node, "stage", STAGES),
        kinds=frozenset(node["kinds"]),
        per_year=read.choice(node, "accumulator", {"claim", "year"}, "claim") == "year",
        measures=read.choice(node, "measures", MEASURES),
        telescoped=read.choice(node, "rounding", {"claim", "year"}, "year") == "year",
        catches_up=change == "catch_up",
        rules=tuple(_rule(read, rule) for rule in node.get("rules", [])),
        modifiers=tuple(_modifier(read, one) for one in node.get("modifiers", [])),
        caps=tuple(caps[name] for name in names),
        floors=tuple(_floor(read, one) for one in node.get("floors", [])),
        guarantees=tuple(_guarantee(read, one) for one in node.get("guarantees", [])),
        barred=tuple(_bar(read, one) for one in node.get("barred", [])),
        line=node["__line__"],
    )


def _premiums(read: Reader, node: dict[str, Any]) -> PremiumRules:
    return PremiumRules(
        full=tuple(_amount(read, one) for one in node["premiums"]),
        subsidies=tuple(_amount(read, one) for one in node.get("subsidies", [])),
        refunds=tuple(_refund(read, one) for one in node.get("refunds", [])),
        terms=_terms(read, node.get("enrolment", [])),
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
    return Cliff(higher, lower, node["why"], read.source(node))


def _statement(read: Reader, node: dict[str, Any]) -> Statement:
    read.keys(node, DATED | {"topic", "says"}, {"topic", "says", "from", "source"})
    return Statement(**read.dated(node), topic=node["topic"], says=node["says"])


_NEEDED = {
    "pack", "title", "area_code", "from", "to", "levels", "areas", "priority", "caps", "layers",
    "premiums",
}  # fmt: skip
_OPTIONAL = {
    "level_aliases", "areas_without_level", "diseases", "groups", "caps_per_disease", "subsidies",
    "refunds", "enrolment", "high_cost", "cliffs", "statements",
}  # fmt: skip


def parse_pack(text: str, path: str) -> Pack:
    """Read a pack from its YAML text; ``path`` is only used in messages.

    Raises PackError for anything that is not understood to the letter, and for a claim that would
    find no rule or two.
    """
    node: dict[str, Any] = read_yaml(text, path)
    read = Reader(path, {})
    read.keys(node, _NEEDED | _OPTIONAL, _NEEDED)
    read.groups = _groups(read, node.get("groups"))
    pack = _pack(read, node, hashlib.sha256(text.encode()).hexdigest()[:8])
    try:
        check_whole(pack)
    except RuleError as error:
        raise PackError(path, error.line, str(error), error.hint) from None
    return pack


def _groups(read: Reader, node: dict[str, Any] | None) -> dict[str, list[str]]:
    groups = plain(node)
    for members in groups.values():
        for category in members:
            read.category(node or {}, category)
    return groups


def _pack(read: Reader, node: dict[str, Any], digest: str) -> Pack:
    per_disease = node.get("caps_per_disease", [])
    caps = {
        name: Cap(name, tuple(_amount(read, limit) for limit in limits), name in per_disease)
        for name, limits in plain(node["caps"]).items()
    }
    layers = tuple(_layer(read, layer, caps) for layer in node["layers"])
    return Pack(
        name=node["pack"],
        version=f"{node['pack']}@{digest}",
        title=node["title"],
        area_code=node["area_code"],
        valid_from=read.day(node, node["from"]),
        valid_to=read.day(node, node["to"]),
        levels=plain(node["levels"]),
        level_aliases=plain(node.get("level_aliases")),
        areas=plain(node["areas"]),
        areas_without_level=frozenset(node.get("areas_without_level", [])),
        disease_classes={
            disease: name
            for name, diseases in plain(node.get("diseases")).items()
            for disease in diseases
        },
        priority=tuple(read.category(node, name) for name in node["priority"]),
        layers=layers,
        premiums=_premiums(read, node),
        high_cost=tuple(_high_cost(read, one) for one in node.get("high_cost", [])),
        cliffs=tuple(_cliff(read, one) for one in node.get("cliffs", [])),
        statements=tuple(_statement(read, one) for one in node.get("statements", [])),
        epochs=_epochs(layers),
    )


def _epochs(layers: tuple[Layer, ...]) -> tuple[date, ...]:
    """Return the days on which any value begins or has just ended."""
    days: set[date] = set()
    for value in (value for layer in layers for value in layer.values()):
        days.add(value.valid_from)
        if value.valid_to is not None:
            days.add(date.fromordinal(value.valid_to.toordinal() + 1))
    return tuple(sorted(days))


def pack_names() -> list[str]:
    """Return the packs that exist."""
    return sorted(path.parent.name for path in PACKS.glob("*/pack.yaml"))


def pack_file(name: str) -> Path:
    """Return the file of a pack: by its name, or a path to a draft that ends in .yaml."""
    path = Path(name) if name.endswith(".yaml") else PACKS / name / "pack.yaml"
    if not path.is_file():
        known = ", ".join(pack_names())
        raise FileNotFoundError(f"no pack {name!r}; there are: {known} (or the path of a .yaml)")
    return path


@lru_cache(maxsize=16)
def load_pack(name: str) -> Pack:
    """Read a pack by name or path. Raises PackError; FileNotFoundError if there is none."""
    path = pack_file(name)
    shown = f"policy/packs/{name}/pack.yaml" if path.parent.parent == PACKS else name
    return parse_pack(path.read_text(encoding="utf-8"), shown)
