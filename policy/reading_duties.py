"""Reads who must be enrolled, and whose word counts, to the letter; every mistake with its line."""

from collections.abc import Callable
from typing import Any

from policy.duties import Duties, Named
from policy.reading import DATED, Reader, read_yaml

_KEYS = {"must_enrol", "roster_owners", "death_registrars"}


def parse_duties(text: str, path: str) -> Duties:
    """Read a duties.yaml from its text. Raises PackError naming file and line."""
    read, node = Reader(path, {}), read_yaml(text, path)
    read.keys(node, _KEYS, set())
    return Duties(
        must_enrol=_named(read, node, "must_enrol", "categories", read.somebody),
        roster_owners=_named(read, node, "roster_owners", "departments", read.department),
        death_registrars=_named(read, node, "death_registrars", "departments", read.department),
    )


def _named(
    read: Reader,
    node: dict[str, Any],
    key: str,
    what: str,
    name_of: Callable[[dict[str, Any], Any], str],
) -> tuple[Named, ...]:
    found: list[Named] = []
    for entry in read.listed(node, key):
        read.keys(entry, (DATED - {"when"}) | {what}, {what, "from", "source"})
        names = frozenset(name_of(entry, name) for name in read.listed(entry, what))
        value = Named(**read.dated(entry), names=names)
        if any(value.overlaps(other) for other in found):
            raise read.fail(entry, f"{key} has two values on a day", "end the earlier one")
        found.append(value)
    return tuple(found)
