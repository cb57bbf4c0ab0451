"""Read a pack from YAML, strictly: what is not understood to the letter names file, line and hint."""

import hashlib
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from policy.coverage import check_whole
from policy.pack import Pack
from policy.reading import PackError, Reader, read_text, read_yaml
from policy.reading_duties import parse_duties
from policy.reading_rules import _amount, _cliff, _high_cost, _layer, _premiums, _statement
from policy.rules import Cap, Layer
from policy.terms import RuleError

PACKS = Path(__file__).parent / "packs"
DUTIES = "duties.yaml"
"""Beside a pack.yaml (beside my.yaml: my.duties.yaml), and no part of its version: it pays nothing."""


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
    read.groups = _groups(read, node)
    pack = _pack(read, node, hashlib.sha256(text.encode()).hexdigest()[:8])
    try:
        check_whole(pack)
    except RuleError as error:
        raise PackError(path, error.line, str(error), error.hint) from None
    return pack


def _groups(read: Reader, node: dict[str, Any]) -> dict[str, list[str]]:
    groups = read.names(node, "groups")
    for name in groups:
        for category in read.listed(node["groups"], name):
            read.category(node["groups"], category)
    return groups


def _period(read: Reader, node: dict[str, Any]) -> tuple[date, date]:
    first, last = read.day(node, node["from"]), read.day(node, node["to"])
    if last < first:
        raise read.fail(
            node, f"the period ends on {last}, before it begins", "'to' is the last day"
        )
    return first, last


def _refuse_twice(read: Reader, nodes: list[Any]) -> None:
    seen: list[Any] = []
    for node in nodes:
        if isinstance(node, dict):
            if node.get("id") in seen:
                raise read.fail(node, f"layer {node['id']!r} stands twice", "give it another name")
            seen.append(node.get("id"))


def _levels(read: Reader, node: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    levels = {name: read.text(node["levels"], name) for name in read.names(node, "levels")}
    aliases = read.names(node, "level_aliases")
    for alias, level in aliases.items():
        if level not in levels:
            hint = f"one of {', '.join(sorted(levels))}"
            raise read.fail(
                node["level_aliases"], f"{alias!r} stands for no level: {level!r}", hint
            )
    return levels, aliases


def _area_code(read: Reader, node: dict[str, Any]) -> str:
    code = read.text(node, "area_code")
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        raise read.fail(node, f"{code!r} is no area code", 'six digits of GB/T 2260: "341623"')
    return code


def _pack(read: Reader, node: dict[str, Any], digest: str) -> Pack:
    named = read.names(node, "caps")
    per_disease = read.words(node, "caps_per_disease", named)
    caps = {
        name: Cap(
            name,
            tuple(_amount(read, limit) for limit in read.listed(node["caps"], name)),
            name in per_disease,
        )
        for name in named
    }
    _refuse_twice(read, read.listed(node, "layers"))
    layers = tuple(_layer(read, layer, caps) for layer in read.listed(node, "layers"))
    levels, aliases = _levels(read, node)
    areas = {name: read.text(node["areas"], name) for name in read.names(node, "areas")}
    first, last = _period(read, node)
    return Pack(
        name=read.text(node, "pack"),
        version=f"{node['pack']}@{digest}",
        title=read.text(node, "title"),
        area_code=_area_code(read, node),
        valid_from=first,
        valid_to=last,
        levels=levels,
        level_aliases=aliases,
        areas=areas,
        areas_without_level=frozenset(read.words(node, "areas_without_level", areas)),
        disease_classes={
            disease: name
            for name in read.names(node, "diseases")
            for disease in read.listed(node["diseases"], name)
        },
        priority=tuple(read.category(node, name) for name in read.listed(node, "priority")),
        layers=layers,
        premiums=_premiums(read, node),
        high_cost=tuple(_high_cost(read, one) for one in read.listed(node, "high_cost")),
        cliffs=tuple(_cliff(read, one) for one in read.listed(node, "cliffs")),
        statements=tuple(_statement(read, one) for one in read.listed(node, "statements")),
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
    pack = parse_pack(read_text(path.read_bytes(), shown), shown)
    beside = path.with_name(DUTIES if path.name == "pack.yaml" else f"{path.stem}.{DUTIES}")
    if beside.is_file():
        shown = str(Path(shown).with_name(beside.name))
        pack.duties = parse_duties(read_text(beside.read_bytes(), shown), shown, pack.areas)
    return pack


def load_packs(names: str) -> list[Pack]:
    """Read the packs that a county decides by, names or paths by commas. Raises as ``load_pack``."""
    return [load_pack(name.strip()) for name in names.split(",") if name.strip()]
