"""Reads who must be enrolled, and whose word counts, to the letter; every mistake with its line."""

from collections.abc import Callable, Collection
from typing import Any

from contracts.vocabulary import KIND_ZH
from policy.duties import Duties, MonthlyReport, Named, OutOfAreaFiling
from policy.reading import DATED, Reader, read_yaml

_KEYS = {
    "must_enrol", "roster_owners", "death_registrars", "out_of_area_filing", "chronic_screening",
    "monthly_report",
}  # fmt: skip
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
        screened=_named(read, node, "chronic_screening", "kinds", _kind_by(read)),
        monthly_reports=_reports(read, node),
    )


def _kind_by(read: Reader) -> Callable[[dict[str, Any], Any], str]:
    def kind(node: dict[str, Any], name: Any) -> str:
        if not isinstance(name, str) or name not in KIND_ZH:
            hint = f"one of {', '.join(sorted(KIND_ZH))}"
            raise read.fail(node, f"unknown kind {name!r}", hint)
        return str(name)

    return kind


def _reports(read: Reader, node: dict[str, Any]) -> tuple[MonthlyReport, ...]:
    found: list[MonthlyReport] = []
    for entry in read.listed(node, "monthly_report"):
        needed = {"day", "remind_days", "subject", "report_to", "from", "source"}
        read.keys(entry, (DATED - {"when"}) | needed, needed)
        for name, most in {"day": 28, "remind_days": 27}.items():
            if type(entry[name]) is not int or not 1 <= entry[name] <= most:
                raise read.fail(entry, f"{name}: {entry[name]!r}", f"a number from 1 to {most}")
        if entry["remind_days"] >= entry["day"]:
            raise read.fail(entry, "reminded in the month before", "remind_days below day")
        value = MonthlyReport(
            **read.dated(entry), day=entry["day"], remind_days=entry["remind_days"],
            subject=read.text(entry, "subject"), to=read.text(entry, "report_to"),
        )  # fmt: skip
        if any(value.overlaps(other) for other in found):
            raise read.fail(entry, "monthly_report has two values on a day", "end the earlier one")
        found.append(value)
    return tuple(found)


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
