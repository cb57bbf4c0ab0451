"""Reads one YAML file to the letter: every complaint names file, line, what is wrong, and a hint."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import yaml

from contracts.money import FULL_BP, MoneyError, parse_yuan
from contracts.vocabulary import PARTNERS, Category
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
        key: Any = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if isinstance(key, list | dict):
            raise PackError(str(loader.name), line, "a key is no word", "write key: value")
        if key in found:
            raise PackError(str(loader.name), line, f"key {key!r} stands twice", "keep one")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_LineLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def _complain(loader: _LineLoader, node: yaml.Node, problem: str, hint: str) -> PackError:
    return PackError(str(loader.name), node.start_mark.line + 1, problem, hint)


def _int(loader: _LineLoader, node: yaml.ScalarNode) -> int:
    """Take a whole number as a person writes it; YAML would read 0325 as octal and 1:30 as minutes."""
    if not re.fullmatch(r"-?(0|[1-9]\d*)", node.value):
        hint = 'write it without leading zeros, or in quotes: "0325"'
        raise _complain(loader, node, f"{node.value} could be read as another number", hint)
    return int(node.value)


def _bool(loader: _LineLoader, node: yaml.ScalarNode) -> bool:
    """Take true and false; YAML would read NO, on and yes as such too."""
    if node.value not in {"true", "false"}:
        hint = f'write true or false, or quotes: "{node.value}"'
        raise _complain(loader, node, f"{node.value} would be read as yes or no", hint)
    return bool(node.value == "true")


def _date(loader: _LineLoader, node: yaml.ScalarNode) -> date:
    """Take a day that exists, without a time."""
    try:
        return date.fromisoformat(node.value)
    except ValueError:
        raise _complain(loader, node, f"{node.value} is no day", "write 2023-01-01") from None


_LineLoader.add_constructor("tag:yaml.org,2002:int", _int)
_LineLoader.add_constructor("tag:yaml.org,2002:bool", _bool)
_LineLoader.add_constructor("tag:yaml.org,2002:timestamp", _date)


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
    except (yaml.YAMLError, RecursionError) as error:
        raise PackError(path, 1, f"not YAML: {type(error).__name__}", "save it as UTF-8") from None


def read_text(content: bytes, path: str) -> str:
    """Return a file's text. Raises PackError with the line for a file in another encoding than UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise PackError(
            path, line, "the file is not UTF-8", "save it as UTF-8, not as GBK"
        ) from None


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

    def mapping(self, node: dict[str, Any], key: str) -> dict[str, Any]:
        """Return a key's mapping without its line; empty where the key is absent or empty."""
        value = node.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.fail(
                node, f"{key}: {value!r} is not a mapping", f"write {key}: {{key: value}}"
            )
        return plain(value)

    def listed(self, node: dict[str, Any], key: str) -> list[Any]:
        """Return a key's list; empty where the key is absent or empty."""
        value = node.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            shown = plain(value) if isinstance(value, dict) else value
            raise self.fail(node, f"{key}: {shown!r} is not a list", f"write {key}: [a, b]")
        return value

    def words(self, node: dict[str, Any], key: str, known: Collection[str]) -> list[str]:
        """Return a key's list of words, each of them known."""
        found = self.listed(node, key)
        for word in found:
            if word not in known:
                hint = f"one of {', '.join(sorted(known))}"
                raise self.fail(node, f"unknown word {word!r} in {key}", hint)
        return [str(word) for word in found]

    def names(self, node: dict[str, Any], key: str) -> dict[str, Any]:
        """Return a mapping whose keys are names; a number or a bare NO is no name."""
        found = self.mapping(node, key)
        for name in found:
            if not isinstance(name, str) or not name:
                hint = f'write quotes: "{name}"'
                raise self.fail(node[key], f"{name!r} in {key} is not a name", hint)
        return found

    def text(self, node: dict[str, Any], key: str) -> str:
        """Return a key's text."""
        value = node.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.fail(node, f"{key}: {value!r} is not a text", "write it in quotes")
        return value

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
        if not isinstance(value, str) or value not in known:
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
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.fail(node, f"{value!r} is not a date", "write 2023-01-01")
        return value

    def day_or_none(self, node: dict[str, Any], key: str) -> date | None:
        """Return a date, or None where the key is absent."""
        return self.day(node, node[key]) if key in node else None

    def category(self, node: dict[str, Any], name: Any) -> str:
        """Return a category that exists."""
        if not isinstance(name, str) or name not in CATEGORIES:
            hint = f"one of {', '.join(sorted(CATEGORIES))}, or a name of 'groups'"
            raise self.fail(node, f"unknown category {name!r}", hint)
        return str(name)

    def somebody(self, node: dict[str, Any], name: Any) -> str:
        """Return a category that somebody has: not that of whoever has none."""
        if name == NONE:
            raise self.fail(node, f"{NONE} is whoever has no category", "name the categories")
        return self.category(node, name)

    def department(self, node: dict[str, Any], name: Any) -> str:
        """Return a department that exists."""
        if not isinstance(name, str) or name not in PARTNERS:
            hint = f"one of {', '.join(sorted(PARTNERS))}"
            raise self.fail(node, f"unknown department {name!r}", hint)
        return name

    def source(self, node: dict[str, Any]) -> Source:
        """Return where a value comes from; there is no value without."""
        source = node.get("source")
        if not isinstance(source, dict):
            raise self.fail(node, "the source is missing", "source: {document, clause, mark}")
        self.keys(source, {"document", "clause", "mark"}, {"document", "clause", "mark"})
        self.choice(source, "mark", MARKS)
        document, clause = self.text(source, "document"), self.text(source, "clause")
        return Source(document, clause, source["mark"], node[LINE])

    def when(self, node: dict[str, Any]) -> MappingProxyType[str, frozenset[Any]]:
        """Return the conditions; a group stands for its categories."""
        conditions: dict[str, frozenset[Any]] = {}
        for key, value in self.mapping(node, "when").items():
            if key not in CONDITIONS:
                hint = f"one of {', '.join(sorted(CONDITIONS))}"
                raise self.fail(node, f"unknown condition {key!r}", hint)
            wanted: list[Any] = []
            for item in value if isinstance(value, list) else [value]:
                if not isinstance(item, str | bool):
                    raise self.fail(
                        node, f"{item!r} in when.{key} is not a word", 'write quotes: "1"'
                    )
                wanted.extend(self.groups.get(str(item), [item]) if key == "category" else [item])
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
