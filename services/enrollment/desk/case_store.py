"""Everybody whom a check looks at, read file by file."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import today
from chassis.runtime import Runtime
from policy.duties import must_enrol
from policy.loader import load_packs
from services.enrollment.desk.cases import AsOf, Case, Listed, case_on
from services.enrollment.desk.reviews import Found, Key
from services.enrollment.desk.rules import problems_of
from services.enrollment.tables import NOT_MERGED

REGISTERED = (
    "WITH latest AS (SELECT batch FROM latest_register WHERE year = :year AND kind = 'enrolled') "
)
"""The register of a year that counts."""
REGISTERED_FORMERLY = (
    "(resident.formerly <> '{}' AND EXISTS (SELECT 1 FROM register_row AS earlier"
    " WHERE earlier.year = :year AND earlier.batch = (SELECT batch FROM latest)"
    " AND earlier.person = ANY(resident.formerly)))"
)
"""Whether the register names a person by a number that has been corrected since."""

_SYSTEM = "".join(
    f", {kind} AS (SELECT batch FROM latest_register WHERE year = :year AND kind = '{kind}')"
    for kind in ("exempt", "flagged")
)
"""The lists of the exempt and the flagged that count, after the register."""


def _named_on(kind: str) -> str:
    """Return whether a list names a resident, by whatever number; NULL if there is no list."""
    earlier = (
        "(resident.formerly <> '{}' AND EXISTS (SELECT 1 FROM register_row AS entry WHERE"
        f" entry.year = :year AND entry.batch = (SELECT batch FROM {kind})"
        " AND entry.person = ANY(resident.formerly)))"
    )
    named = f"(on_{kind}.person IS NOT NULL OR {earlier})"
    return f"CASE WHEN EXISTS (SELECT 1 FROM {kind}) THEN {named} END"


def _join(kind: str) -> str:
    return (
        f" LEFT JOIN register_row AS on_{kind} ON on_{kind}.year = :year"
        f" AND on_{kind}.batch = (SELECT batch FROM {kind}) AND on_{kind}.person = resident.person"
    )


READ_A_TIME = 2_000
_ALL_ARE_READ = text("SET LOCAL cursor_tuple_fraction = 1")
"""A cursor is planned for its first rows; here all of them are read."""
_CASES = text(
    # Whom a check looks at: named by a roster, paid back or subsidised, said to be dead by one side only,
    # or named by the system's own lists. Everybody else agrees with everything and need not be read.
    f"{REGISTERED.rstrip()}{_SYSTEM} SELECT resident.person, resident.township, village, listed, died,"
    " file, :year = ANY(covered_years) OR registered.person IS NOT NULL"
    f" OR {REGISTERED_FORMERLY} AS enrolled, registered.name_tag,"
    f" {_named_on('exempt')} AS exempt, {_named_on('flagged')} AS flagged"
    " FROM resident LEFT JOIN register_row AS registered"
    " ON registered.year = :year AND registered.batch = (SELECT batch FROM latest)"
    f" AND registered.person = resident.person{_join('exempt')}{_join('flagged')}"
    f" WHERE {NOT_MERGED} AND (file @? CAST(:rostered AS jsonpath) OR file @? CAST(:paid_back AS jsonpath)"
    " OR (died IS NULL AND file @? '$.deaths[*]')"
    f" OR {_named_on('exempt')} OR {_named_on('flagged')})"
)
ROSTERED = (
    '$.rosters[*] ? (@.valid_from <= "{day}"'
    ' && (!exists(@.valid_to) || @.valid_to == null || @.valid_to >= "{floor}"))'
)
"""Of a resident's file: a roster named the person on a day or some time in its year."""
PAID_BACK = (
    "$.premiums[*] ? (@.refunded > 0 || @.refund_due > 0 || @.overpaid > 0"
    " || (@.year == {year} && @.owed > 0))"
)
"""Of a resident's file: a premium was refunded, is to be, was paid twice, or the year is subsidised; such
a person is checked off the roster too."""


def as_of(runtime: Runtime, year: int) -> AsOf:
    """Return how people of a year are seen today, or on its last day once it is over."""
    return on_day(runtime, year, min(today(runtime.clock), date(year, 12, 31)))


def on_day(runtime: Runtime, year: int, day: date) -> AsOf:
    """Return how people of a year are seen on a day."""
    return AsOf(year, day, must_enrol(load_packs(runtime.settings.packs), day))


def case_of(row: Any, as_of: AsOf) -> Case:
    """Read a resident's file as a check sees it."""
    listed = Listed(getattr(row, "exempt", None), getattr(row, "flagged", None))
    return case_on(
        row.file, row.died, as_of, enrolled=row.enrolled,
        register_tag=row.name_tag or "",
        system=listed,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placed:
    """Who is checked, and where the person lives."""

    person: str
    township: str
    village: str


async def cases(tx: AsyncConnection, as_of: AsOf) -> AsyncIterator[tuple[Placed, Case]]:
    """Yield everybody whom a check of the year as of a day looks at.

    Hundreds of thousands of files are read; none is kept once it was looked at.
    """
    year, day = as_of.year, as_of.day
    floor = min(day, date(year, 1, 1)) - timedelta(days=31)
    asked = {
        "year": year, "rostered": ROSTERED.format(day=day, floor=floor),
        "paid_back": PAID_BACK.format(year=year),
    }  # fmt: skip
    await tx.execute(_ALL_ARE_READ)
    options = {"yield_per": READ_A_TIME}
    async with tx.stream(_CASES, asked, execution_options=options) as result:
        async for rows in result.partitions():
            for row in rows:
                yield Placed(row.person, row.township, row.village), case_of(row, as_of)


def found_problems(checked: Iterable[tuple[Any, Case]], year: int, day: date) -> list[Found]:
    """Return what is wrong with whom."""
    return [
        Found(Key(row.person, one.kind, year), row.township, row.village, one.detail)
        for row, case in checked
        for one in problems_of(case, day)
    ]


async def looked_through(tx: AsyncConnection, as_of: AsOf) -> tuple[list[Found], int]:
    """Return what is wrong with whom as of a day, and how many people the rosters name."""
    found: list[Found] = []
    roster = 0
    async for who, case in cases(tx, as_of):
        found += found_problems([(who, case)], as_of.year, as_of.day)
        roster += bool(case.listed)
    return found, roster
