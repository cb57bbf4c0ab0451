"""Reads who must be enrolled, and whose word counts, to the letter; every mistake with its line."""

from collections.abc import Callable, Collection
from typing import Any

from policy.duties import Duties, Named, OutOfAreaFiling
from policy.reading import DATED, Reader, read_yaml

_KEYS = {"must_enrol", "roster_owners", "death_registrars", "out_of_area_filing"}
_NUMBERS = {"months": 36, "days_back": 366, "days_ahead": 366}


def parse_duties(text: str, path: str, areas: Collection[str] = ()) -> Duties:
    """Read a duties.yaml from its text; ``areas``: those of its pack. Raises PackError with file and line."""
    read, node = Reader(path, {}), read_yaml(text, path)
    read.keys(node, _KEYS, set())
    return Duties(
        must_enrol=_named(read, node, "must_enrol", "categories", read.somebody),
        roster_owners=_named(read, node, "roster_owners", "departments", read.department),
        death_registrars=_named(read, node, "death_registrars", "departments", read.department),
        filings=_filings(read, node, areas),
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


def _filings(
    read: Reader, node: dict[str, Any], known: Collection[str]
) -> tuple[OutOfAreaFiling, ...]:
    found: list[OutOfAreaFiling] = []
    for entry in read.listed(node, "out_of_area_filing"):
        needed = {*_NUMBERS, "areas", "from", "source"}
        read.keys(entry, (DATED - {"when"}) | needed, needed)
        for name, most in _NUMBERS.items():
            if not isinstance(entry[name], int) or not 0 <= entry[name] <= most:
                raise read.fail(entry, f"{name}: {entry[name]!r}", f"a number from 0 to {most}")
        areas = {name: read.text(entry["areas"], name) for name in read.names(entry, "areas")}
        for name in (*areas, *areas.values()):
            if name not in known:
                hint = f"one of {', '.join(sorted(known))}"
                raise read.fail(entry, f"unknown area {name!r}", hint)
        numbers = {name: entry[name] for name in _NUMBERS}
        value = OutOfAreaFiling(**read.dated(entry), **numbers, areas=tuple(areas.items()))
        if any(value.overlaps(other) for other in found):
            raise read.fail(
                entry, "out_of_area_filing has two values on a day", "end the earlier one"
            )
        found.append(value)
    return tuple(found)
