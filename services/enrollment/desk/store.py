"""The problem desk as kept: who is checked, the issues, and what each pass found."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.vocabulary import ProblemKind
from services.enrollment.desk.cases import Case, Listed, case_on
from services.enrollment.desk.reviews import Found, Issue, Key, Outcome, State
from services.enrollment.desk.rules import OF_BILLS, OFF_ROSTER, problems_of

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
NOT_MERGED = "(coalesce(resident.file->>'merged_into', '') = '' OR resident.formerly <> '{}')"
"""A number that was corrected is nobody's any longer; whoever stands under the right one has formerly."""
_STRANGERS = text(
    "SELECT entry.person, entry.township, named.kind FROM latest_register AS named"
    " JOIN register_row AS entry ON entry.year = named.year AND entry.batch = named.batch"
    " WHERE named.year = :year AND named.kind <> 'enrolled'"
    " AND NOT EXISTS (SELECT 1 FROM resident WHERE resident.person = entry.person)"
    " AND entry.person NOT IN (SELECT unnest(formerly) FROM resident WHERE formerly <> '{}')"
    " ORDER BY entry.person, named.kind"
)
_CASES = text(
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
_ISSUES = text(
    "SELECT person, kind, year, state, opened, due, times FROM issue WHERE year = :year FOR UPDATE"
)
_OPEN = text(
    "INSERT INTO issue (person, kind, year, township, village, detail, state, opened)"
    " SELECT person, kind, CAST(:year AS int), township, village, detail, 'open', CAST(:day AS date)"
    " FROM unnest(CAST(:persons AS text[]), CAST(:kinds AS text[]), CAST(:townships AS text[]),"
    " CAST(:villages AS text[]), CAST(:details AS text[]))"
    " AS new (person, kind, township, village, detail)"
    " ON CONFLICT (person, kind, year) DO UPDATE SET state = 'open', opened = excluded.opened,"
    " closed = NULL, due = NULL, times = issue.times + 1, township = excluded.township,"
    " village = excluded.village, detail = excluded.detail"
)
_CLOSE = text(
    "UPDATE issue SET state = 'closed', closed = :day WHERE year = :year AND (person, kind) IN"
    " (SELECT * FROM unnest(CAST(:persons AS text[]), CAST(:kinds AS text[])))"
)
_LOCK_YEAR = text("SELECT pg_advisory_xact_lock(hashtext('review'), :year)")
_FOLLOW = text(
    "UPDATE issue SET township = resident.township, village = resident.village FROM resident"
    " WHERE issue.person = resident.person AND issue.year = :year AND issue.state <> 'closed'"
    " AND (issue.township, issue.village) <> (resident.township, resident.village)"
)
_RECORD = text(
    "INSERT INTO review (year, pass, as_of, roster, opened, closed, reopened, still_open, promised,"
    " broken) VALUES (:year, :pass, :as_of, :roster, :opened, :closed, :reopened, :still_open,"
    " :promised, :broken) RETURNING run"
)
_REVIEWS = text(
    "SELECT run, pass AS number, as_of, roster, opened, closed, reopened, still_open, promised, broken"
    " FROM review WHERE year = :year ORDER BY run DESC LIMIT 50"
)
_LISTED = text(
    "SELECT person, kind, year, township, village, detail, state, opened, closed, times, officer,"
    " due, evidence FROM issue WHERE year = :year"
    " AND (CAST(:township AS text) = '' OR township = :township)"
    " AND (CAST(:kind AS text) = '' OR kind = :kind)"
    " AND (CAST(:state AS text) = '' OR state = :state)"
    " ORDER BY township, village, kind, person LIMIT :most OFFSET :offset"
)
_PROMISE = text(
    "UPDATE issue SET state = 'fixing', officer = :officer, due = :due,"
    " evidence = CASE WHEN :evidence = '' THEN evidence ELSE :evidence END"
    " WHERE person = :person AND kind = :kind AND year = :year AND state <> 'closed'"
    " AND (CAST(:area AS text) = '' OR township = :area)"
    " RETURNING person"
)
_FINDINGS = text(
    "INSERT INTO review_finding (run, person, kind, change, detail) SELECT :run, * FROM unnest("
    "CAST(:persons AS text[]), CAST(:kinds AS text[]), CAST(:changes AS text[]),"
    " CAST(:details AS text[]))"
)
_REVIEWED = text("SELECT 1 FROM review WHERE year = :year AND as_of = :as_of LIMIT 1")
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


def case_of(row: Any, year: int, day: date) -> Case:
    """Read a resident's file as the check of a year sees it on a day."""
    listed = Listed(getattr(row, "exempt", None), getattr(row, "flagged", None))
    return case_on(
        row.file, row.died, year, day, enrolled=row.enrolled,
        register_tag=row.name_tag or "",
        system=listed,
    )  # fmt: skip


async def lock_year(tx: AsyncConnection, year: int) -> None:
    """Let one pass of a year run at a time; the next sees what it wrote."""
    await tx.execute(_LOCK_YEAR, {"year": year})


@dataclass(frozen=True, slots=True)
class Placed:
    """Who is checked, and where the person lives."""

    person: str
    township: str
    village: str


async def cases(tx: AsyncConnection, year: int, day: date) -> AsyncIterator[tuple[Placed, Case]]:
    """Yield everybody whom a check of the year as of a day looks at.

    Hundreds of thousands of files are read; none is kept once it was looked at.
    """
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
                yield Placed(row.person, row.township, row.village), case_of(row, year, day)


def found_problems(checked: Iterable[tuple[Any, Case]], year: int, day: date) -> list[Found]:
    """Return what is wrong with whom."""
    return [
        Found(Key(row.person, one.kind, year), row.township, row.village, one.detail)
        for row, case in checked
        for one in problems_of(case, day)
    ]


async def looked_through(tx: AsyncConnection, year: int, day: date) -> tuple[list[Found], int]:
    """Return what is wrong with whom as of a day, and how many people the rosters name."""
    found: list[Found] = []
    roster = 0
    async for who, case in cases(tx, year, day):
        found += found_problems([(who, case)], year, day)
        roster += bool(case.listed)
    return found, roster


async def strangers(tx: AsyncConnection, year: int) -> list[Found]:
    """Return whom the insurance system exempts or flags, and of whom no department ever said anything."""
    rows = await tx.execute(_STRANGERS, {"year": year})
    return [Found(Key(row[0], OFF_ROSTER[row[2]], year), row[1], "", "") for row in rows]


async def desk(tx: AsyncConnection, year: int) -> list[Issue]:
    """Return the issues of a year, locked."""
    return [
        Issue(
            Key(row.person, ProblemKind(row.kind), row.year), State(row.state), row.opened,
            row.due, row.times,
        )
        for row in await tx.execute(_ISSUES, {"year": year})
        if row.kind not in OF_BILLS
    ]  # fmt: skip


async def save_outcome(
    tx: AsyncConnection, year: int, number: int, day: date, roster: int, outcome: Outcome
) -> int:
    """Write what a pass changed, and the pass itself; returns the number of the run.

    Issues follow the person who moved: the office of the new township mends them.
    """
    await tx.execute(_FOLLOW, {"year": year})
    fresh = [*outcome.opened, *outcome.reopened]
    if fresh:
        await tx.execute(
            _OPEN,
            {
                "year": year, "day": day,
                "persons": [one.key.person for one in fresh],
                "kinds": [one.key.kind.value for one in fresh],
                "townships": [one.township for one in fresh],
                "villages": [one.village for one in fresh],
                "details": [one.detail for one in fresh],
            },
        )  # fmt: skip
    if outcome.closed:
        await tx.execute(
            _CLOSE,
            {
                "year": year, "day": day, "persons": [key.person for key in outcome.closed],
                "kinds": [key.kind.value for key in outcome.closed],
            },
        )  # fmt: skip
    counts = {
        name: len(getattr(outcome, name))
        for name in ("opened", "closed", "reopened", "still_open", "promised", "broken")
    }
    run = await tx.execute(
        _RECORD, {"year": year, "pass": number, "as_of": day, "roster": roster, **counts}
    )
    number_of_run = int(run.scalar_one())
    await _save_findings(tx, number_of_run, outcome)
    return number_of_run


async def _save_findings(tx: AsyncConnection, run: int, outcome: Outcome) -> None:
    """Keep what a pass says of whom, so that its result can still be sent out later."""
    rows = [
        *((one.key, "opened", one.detail) for one in outcome.opened),
        *((one.key, "reopened", one.detail) for one in outcome.reopened),
        *((key, "still_open", "") for key in outcome.still_open),
        *((key, "closed", "") for key in outcome.closed),
    ]
    if rows:
        columns = {
            "run": run,
            "persons": [key.person for key, _, _ in rows],
            "kinds": [key.kind.value for key, _, _ in rows],
            "changes": [change for _, change, _ in rows],
            "details": [detail for _, _, detail in rows],
        }
        await tx.execute(_FINDINGS, columns)


async def reviewed(tx: AsyncConnection, year: int, as_of: date) -> bool:
    """Tell whether a pass over a year was run as of a day."""
    return (await tx.execute(_REVIEWED, {"year": year, "as_of": as_of})).first() is not None


async def reviews(tx: AsyncConnection, year: int) -> list[dict[str, Any]]:
    """Return the passes of a year, the latest first."""
    return [dict(row) for row in (await tx.execute(_REVIEWS, {"year": year})).mappings()]


async def issues(tx: AsyncConnection, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a page of issues; ``asked``: year, township, kind, state, most, offset."""
    return [dict(row) for row in (await tx.execute(_LISTED, asked)).mappings()]


async def promise(tx: AsyncConnection, promised: dict[str, Any]) -> bool:
    """Write who mends an issue until when; False if there is no such open issue."""
    return (await tx.execute(_PROMISE, promised)).first() is not None
