"""Reads one YAML file to the letter: every complaint names file, line, what is wrong, and a hint."""

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

import yaml

from contracts.money import FULL_BP, MoneyError, parse_yuan
from contracts.vocabulary import Category
from policy.dated import Source
from policy.facts import NONE

MARKS = {"S", "P(h)", "P(m)", "P(l)", "R", "A"}
LINE = "__line__"
DATED = {"when", "from", "to", "source"}
CONDITIONS = {
    "kind", "level", "area", "category", "admission", "child", "compliant", "referred", "disease",
}  # fmt: skip
CATEGORIES = {NONE, *(category.value for category in Category)}


class PackError(ValueError):
    """A file that cannot be used: file, line, what is wrong, and a hint."""

    def __init__(self, path: str, line: int, problem: str, hint: str) -> None:
        super().__init__(f"{path}:{line}: {problem} ({hint})")
        self.line = line


class _LineLoader(yaml.SafeLoader):
    """YAML that knows the line of every mapping and takes no key twice."""


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


def read_yaml(text: str, path: str) -> Any:
    """Return the document. Raises PackError where YAML itself cannot be read."""
    loader = _LineLoader(text)
    loader.name = path
    try:
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = 1 if error.problem_mark is None else error.problem_mark.line + 1
        hint = "check indentation, quotes and brackets"
        raise PackError(path, line, f"not YAML: {error.problem}", hint) from None


def plain(node: dict[str, Any] | None) -> dict[str, Any]:
    """Return a mapping without its line."""
    return {key: value for key, value in (node or {}).items() if key != LINE}


@dataclass(slots=True)
class Reader:
    """One file being read. ``groups``: a name → the categories it stands for."""

    path: str
    groups: dict[str, list[str]]

    def fail(self, node: dict[str, Any], problem: str, hint: str) -> PackError:
        """Return the complaint about a mapping."""
        return PackError(self.path, node.get(LINE, 1), problem, hint)

    def keys(self, node: Any, allowed: set[str], needed: set[str]) -> None:
        """Refuse an unknown key and a missing one."""
        if not isinstance(node, dict):
            raise PackError(self.path, 1, f"{node!r} is not a mapping", "write key: value")
        for key in node:
            if key not in allowed and key != LINE:
                hint = f"one of {', '.join(sorted(allowed))}"
                raise self.fail(node, f"unknown key {key!r}", hint)
        for key in sorted(needed - set(node)):
            raise self.fail(node, f"key {key!r} is missing", "every value is written, also a zero")

    def choice(self, node: dict[str, Any], key: str, known: set[str], default: str = "") -> str:
        """Return one of the words that a key may hold."""
        value = node.get(key, default)
        if value not in known:
            hint = f"one of {', '.join(sorted(known))}"
            raise self.fail(node, f"unknown {key} {value!r}", hint)
        return str(value)

    def flag(self, node: dict[str, Any], key: str) -> bool:
        """Return true or false, written out."""
        if not isinstance(node[key], bool):
            raise self.fail(node, f"{node[key]!r} is not true or false", "write true or false")
        return bool(node[key])

    def fen(self, node: dict[str, Any], value: Any) -> int:
        """Return fen from a quoted amount of yuan, never negative."""
        hint = 'write yuan in quotes: "200.00"'
        if not isinstance(value, str):
            raise self.fail(node, f"{value!r} is not an amount", hint)
        try:
            amount = parse_yuan(value)
        except MoneyError as error:
            raise self.fail(node, f"{value!r} is not an amount", str(error)) from None
        if amount < 0:
            raise self.fail(node, f"{value!r} is negative", hint)
        return amount

    def ratio(
        self, node: dict[str, Any], value: Any, *, signed: bool = False, most: int = FULL_BP
    ) -> int:
        """Return basis points from per cent: 85% or 22.5%."""
        text = str(value)
        hint = "write per cent: 85% or 22.5%"
        if not isinstance(value, str) or not text.endswith("%"):
            raise self.fail(node, f"{value!r} is not a ratio", hint)
        try:
            bp = parse_yuan(text[:-1])
        except MoneyError:
            raise self.fail(node, f"{value!r} is not a ratio", hint) from None
        if bp > most or (bp < 0 and not signed):
            raise self.fail(node, f"{value!r} is out of range", f"0% to {most // 100}%")
        return bp

    def day(self, node: dict[str, Any], value: Any) -> date:
        """Return a date."""
        if not isinstance(value, date):
            raise self.fail(node, f"{value!r} is not a date", "write 2023-01-01")
        return value

    def day_or_none(self, node: dict[str, Any], key: str) -> date | None:
        """Return a date, or None where the key is absent."""
        return self.day(node, node[key]) if key in node else None

    def category(self, node: dict[str, Any], name: Any) -> str:
        """Return a category that exists."""
        if name not in CATEGORIES:
            hint = f"one of {', '.join(sorted(CATEGORIES))}, or a name of 'groups'"
            raise self.fail(node, f"unknown category {name!r}", hint)
        return str(name)

    def source(self, node: dict[str, Any]) -> Source:
        """Return where a value comes from; there is no value without."""
        source = node.get("source")
        if not isinstance(source, dict):
            raise self.fail(node, "the source is missing", "source: {document, clause, mark}")
        self.keys(source, {"document", "clause", "mark"}, {"document", "clause", "mark"})
        self.choice(source, "mark", MARKS)
        return Source(source["document"], source["clause"], source["mark"], node[LINE])

    def when(self, node: dict[str, Any]) -> MappingProxyType[str, frozenset[Any]]:
        """Return the conditions; a group stands for its categories."""
        conditions: dict[str, frozenset[Any]] = {}
        for key, value in plain(node.get("when")).items():
            if key not in CONDITIONS:
                hint = f"one of {', '.join(sorted(CONDITIONS))}"
                raise self.fail(node, f"unknown condition {key!r}", hint)
            wanted: list[Any] = []
            for one in value if isinstance(value, list) else [value]:
                wanted.extend(self.groups.get(one, [one]) if key == "category" else [one])
            if key == "category":
                wanted = [self.category(node, one) for one in wanted]
            conditions[key] = frozenset(wanted)
        return MappingProxyType(conditions)

    def dated(self, node: dict[str, Any]) -> dict[str, Any]:
        """Return what every value has, as arguments of Dated."""
        start, end = self.day(node, node.get("from")), self.day_or_none(node, "to")
        if end is not None and end < start:
            raise self.fail(node, f"it ends on {end}, before it begins", "'to' is the last day")
        return {
            "when": self.when(node),
            "valid_from": start,
            "valid_to": end,
            "source": self.source(node),
        }
