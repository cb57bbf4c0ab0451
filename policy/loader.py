"""Read a pack from YAML, strictly: an unknown key, a float or a missing source names file and line.

This is the only file of ``policy`` that reads anything.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from contracts.money import FULL_BP, MoneyError, parse_yuan
from contracts.vocabulary import Fund
from policy.pack import Amount, Cap, Dated, Layer, Modifier, Pack, Premium, Rule, Source

PACKS = Path(__file__).parent / "packs"
MARKS = {"S", "P(h)", "P(m)", "P(l)", "R", "A"}
LINE = "__line__"
MEASURES = {"in_scope", "remainder", "input", "out_of_catalogue"}
STAGES = {"settlement", "assistance"}
FUNDS = {fund.value for fund in Fund}


class PackError(ValueError):
    """A pack that cannot be used: file, line, what is wrong, and a hint."""

    def __init__(self, path: str, line: int, problem: str, hint: str) -> None:
        super().__init__(f"{path}:{line}: {problem} ({hint})")
        self.line = line


class _LineLoader(yaml.SafeLoader):
    """YAML with the line of every mapping, and scalars left as text: dates and money are ours."""


def _mapping(loader: _LineLoader, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {LINE: node.start_mark.line + 1}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            line = key_node.start_mark.line + 1
            raise PackError(str(loader.name), line, f"key {key!r} stands twice", "keep one")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_LineLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


@dataclass(slots=True)
class _Reader:
    """One file being read; every complaint carries its name and a line."""

    path: str
    groups: dict[str, list[str]]

    def fail(self, node: dict[str, Any], problem: str, hint: str) -> PackError:
        return PackError(self.path, node.get(LINE, 1), problem, hint)

    def keys(self, node: dict[str, Any], allowed: set[str], needed: set[str]) -> None:
        for key in node:
            if key not in allowed and key != LINE:
                raise self.fail(
                    node, f"unknown key {key!r}", f"one of {', '.join(sorted(allowed))}"
                )
        for key in sorted(needed - set(node)):
            raise self.fail(node, f"key {key!r} is missing", "every value is written, also a zero")

    def fen(self, node: dict[str, Any], value: Any) -> int:
        if not isinstance(value, str):
            raise self.fail(node, f"{value!r} is not an amount", 'write yuan in quotes: "200.00"')
        try:
            return parse_yuan(value)
        except MoneyError as error:
            raise self.fail(node, f"{value!r} is not an amount", str(error)) from None

    def ratio(
        self, node: dict[str, Any], value: Any, *, signed: bool = False, most: int = FULL_BP
    ) -> int:
        text = str(value)
        if not isinstance(value, str) or not text.endswith("%"):
            raise self.fail(node, f"{value!r} is not a ratio", "write per cent: 85% or 22.5%")
        bp = parse_yuan(text[:-1])
        if bp > most or (bp < 0 and not signed):
            raise self.fail(node, f"{value!r} is out of range", f"at most {most // 100}%")
        return bp

    def day(self, node: dict[str, Any], value: Any) -> date:
        if not isinstance(value, date):
            raise self.fail(node, f"{value!r} is not a date", "write 2023-01-01")
        return value

    def source(self, node: dict[str, Any]) -> Source:
        source = node.get("source")
        if not isinstance(source, dict):
            raise self.fail(node, "the source is missing", "document, clause and mark")
        self.keys(source, {"document", "clause", "mark"}, {"document", "clause", "mark"})
        if source["mark"] not in MARKS:
            raise self.fail(source, f"unknown mark {source['mark']!r}", ", ".join(sorted(MARKS)))
        return Source(source["document"], source["clause"], source["mark"], node[LINE])

    def when(self, node: dict[str, Any]) -> MappingProxyType[str, frozenset[Any]]:
        raw = dict(node.get("when") or {})
        raw.pop(LINE, None)
        known = {"kind", "level", "area", "category", "admission", "child", "compliant", "referred"}
        conditions: dict[str, frozenset[Any]] = {}
        for key, value in raw.items():
            if key not in known:
                raise self.fail(node, f"unknown condition {key!r}", ", ".join(sorted(known)))
            values = value if isinstance(value, list) else [value]
            wanted: list[Any] = []
            for one in values:
                wanted.extend(self.groups.get(one, [one]) if key == "category" else [one])
            conditions[key] = frozenset(wanted)
        return MappingProxyType(conditions)

    def dated(self, node: dict[str, Any]) -> dict[str, Any]:
        until = node.get("to")
        return {
            "when": self.when(node),
            "valid_from": self.day(node, node.get("from")),
            "valid_to": None if until is None else self.day(node, until),
            "source": self.source(node),
        }


_DATED = {"when", "from", "to", "source"}


def _rule(read: _Reader, node: dict[str, Any]) -> Rule:
    if node.get("covered") is False:
        read.keys(node, _DATED | {"covered"}, {"from", "source"})
        return Rule(
            **read.dated(node), covered=False, deductible=0, deductible_of_total=None,
            absolute=False, segments=((None, 0),),
        )  # fmt: skip
    read.keys(
        node,
        _DATED | {"deductible", "deductible_of_total", "segments", "bounds"},
        {"from", "source", "segments"},
    )
    of_total = node.get("deductible_of_total")
    share = None
    if of_total is not None:
        read.keys(of_total, {"ratio", "least", "most"}, {"ratio"})
        share = (
            read.ratio(of_total, of_total["ratio"]),
            read.fen(of_total, of_total.get("least", "0.00")),
            read.fen(of_total, of_total["most"]) if "most" in of_total else None,
        )
    elif "deductible" not in node:
        raise read.fail(node, "key 'deductible' is missing", 'a zero is written: "0.00"')
    deductible = share[1] if share else read.fen(node, node["deductible"])
    bounds = node.get("bounds", "above_deductible")
    if bounds not in {"above_deductible", "absolute"}:
        raise read.fail(node, f"unknown bounds {bounds!r}", "above_deductible or absolute")
    segments = _segments(read, node)
    return Rule(
        **read.dated(node), covered=True, deductible=deductible, deductible_of_total=share,
        absolute=bounds == "absolute", segments=segments,
    )  # fmt: skip


def _segments(read: _Reader, node: dict[str, Any]) -> tuple[tuple[int | None, int], ...]:
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


def _modifier(read: _Reader, node: dict[str, Any]) -> Modifier:
    read.keys(
        node,
        _DATED | {"name", "deductible_factor", "ratio_factor", "ratio_add", "exclusive"},
        {"name", "from", "source"},
    )
    return Modifier(
        **read.dated(node),
        name=node["name"],
        deductible_factor_bp=read.ratio(node, node.get("deductible_factor", "100%"), most=100_000),
        ratio_factor_bp=read.ratio(node, node.get("ratio_factor", "100%")),
        ratio_add_bp=read.ratio(node, node.get("ratio_add", "0%"), signed=True),
        exclusive=node.get("exclusive", ""),
    )


def _limit(read: _Reader, node: dict[str, Any]) -> Amount:
    read.keys(node, _DATED | {"amount"}, {"amount", "from", "source"})
    value = node["amount"]
    fen = None if value == "none" else read.fen(node, value)
    return Amount(**read.dated(node), value=fen)


def _share(read: _Reader, node: dict[str, Any]) -> Amount:
    read.keys(node, _DATED | {"ratio"}, {"ratio", "from", "source"})
    return Amount(**read.dated(node), value=read.ratio(node, node["ratio"]))


def _bar(read: _Reader, node: dict[str, Any]) -> Dated:
    read.keys(node, _DATED, {"from", "source"})
    return Dated(**read.dated(node))


_LAYER = {
    "id", "fund", "stage", "kinds", "accumulator", "measures", "rules", "modifiers", "caps",
    "floors", "guarantees", "barred",
}  # fmt: skip


def _layer(read: _Reader, node: dict[str, Any], caps: dict[str, Cap]) -> Layer:
    read.keys(node, _LAYER, {"id", "fund", "stage", "kinds", "measures"})
    choices = {
        "measures": MEASURES,
        "stage": STAGES,
        "fund": FUNDS,
        "accumulator": {"claim", "year"},
    }
    for key, known in choices.items():
        if node.get(key, "claim") not in known:
            problem = f"unknown {key} {node[key]!r}"
            raise read.fail(node, problem, f"one of {', '.join(sorted(known))}")
    names = node.get("caps", [])
    for name in names:
        if name not in caps:
            raise read.fail(node, f"unknown cap {name!r}", f"one of {', '.join(sorted(caps))}")
    return Layer(
        id=node["id"],
        fund=node["fund"],
        stage=node["stage"],
        kinds=frozenset(node["kinds"]),
        per_year=node.get("accumulator", "claim") == "year",
        measures=node["measures"],
        rules=tuple(_rule(read, rule) for rule in node.get("rules", [])),
        modifiers=tuple(_modifier(read, one) for one in node.get("modifiers", [])),
        caps=tuple(caps[name] for name in names),
        floors=tuple(_share(read, one) for one in node.get("floors", [])),
        guarantees=tuple(_share(read, one) for one in node.get("guarantees", [])),
        barred=tuple(_bar(read, one) for one in node.get("barred", [])),
    )


_PACK = {
    "pack", "title", "area_code", "from", "to", "levels", "level_aliases", "areas",
    "areas_without_level", "priority", "groups", "caps", "caps_per_disease", "layers", "premium",
}  # fmt: skip


def parse_pack(text: str, path: str) -> Pack:
    """Read a pack from its YAML text; ``path`` is only used in messages.

    Raises PackError for anything that is not understood to the letter.
    """
    loader = _LineLoader(text)
    loader.name = path
    node: dict[str, Any] = loader.get_single_data()
    groups = {k: v for k, v in (node.get("groups") or {}).items() if k != LINE}
    read = _Reader(path, groups)
    optional = {"level_aliases", "groups", "areas_without_level", "premium", "caps_per_disease"}
    read.keys(node, _PACK, _PACK - optional)
    per_disease = node.get("caps_per_disease", [])
    caps = {
        name: Cap(name, tuple(_limit(read, limit) for limit in limits), name in per_disease)
        for name, limits in node["caps"].items()
        if name != LINE
    }
    layers = tuple(_layer(read, layer, caps) for layer in node["layers"])
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return Pack(
        name=node["pack"],
        version=f"{node['pack']}@{digest}",
        title=node["title"],
        area_code=node["area_code"],
        valid_from=read.day(node, node["from"]),
        valid_to=read.day(node, node["to"]),
        levels=_plain(node["levels"]),
        level_aliases=_plain(node.get("level_aliases")),
        areas=_plain(node["areas"]),
        areas_without_level=frozenset(node.get("areas_without_level", [])),
        priority=tuple(node["priority"]),
        layers=layers,
        premium=_premium(read, node.get("premium")),
        epochs=_epochs(layers),
    )


def _premium(read: _Reader, node: dict[str, Any] | None) -> Premium | None:
    """Read what a year costs and who is subsidised; a group stands for its categories."""
    if node is None:
        return None
    read.keys(
        node, {"coverage_year", "full", "subsidies", "source"}, {"coverage_year", "full", "source"}
    )
    read.source(node)
    subsidies: dict[str, int] = {}
    for name, amount in _plain(node.get("subsidies")).items():
        for category in read.groups.get(name, [name]):
            subsidies[category] = read.fen(node, amount)
    full = read.fen(node, node["full"])
    return Premium(int(node["coverage_year"]), full, MappingProxyType(subsidies))


def _plain(node: dict[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (node or {}).items() if key != LINE}


def _epochs(layers: tuple[Layer, ...]) -> tuple[date, ...]:
    """Return the days on which any value begins or has just ended."""
    days: set[date] = set()
    for layer in layers:
        values: list[Dated] = [*layer.rules, *layer.modifiers, *layer.floors, *layer.guarantees]
        values += [*layer.barred, *(limit for cap in layer.caps for limit in cap.limits)]
        for value in values:
            days.add(value.valid_from)
            if value.valid_to is not None:
                days.add(date.fromordinal(value.valid_to.toordinal() + 1))
    return tuple(sorted(days))


@lru_cache(maxsize=16)
def load_pack(name: str) -> Pack:
    """Read a pack by name from ``policy/packs``. Raises PackError; FileNotFoundError if unknown."""
    path = PACKS / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in PACKS.glob("*.yaml")))
        raise FileNotFoundError(f"no pack {name!r}; there are: {known}")
    return parse_pack(path.read_text(encoding="utf-8"), f"policy/packs/{path.name}")
