"""The problem desk as kept: the issues, and what each pass found."""

from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from contracts.vocabulary import ProblemKind
from services.enrollment.desk.reviews import Found, Issue, Key, Outcome, State
from services.enrollment.desk.rules import OF_BILLS, OFF_ROSTER
from services.enrollment.tables import IssueRow, ReviewFindingRow

_STRANGERS = text(
    # A number that was corrected since is no stranger: the list names the person by the earlier one.
    "SELECT entry.person, entry.township, named.kind FROM latest_register AS named"
    " JOIN register_row AS entry ON entry.year = named.year AND entry.batch = named.batch"
    " WHERE named.year = :year AND named.kind <> 'enrolled'"
    " AND NOT EXISTS (SELECT 1 FROM resident WHERE resident.person = entry.person)"
    " AND entry.person NOT IN (SELECT unnest(formerly) FROM resident WHERE formerly <> '{}')"
    " ORDER BY entry.person, named.kind"
)
_ISSUES = text(
    "SELECT person, kind, year, state, opened, due, times FROM issue WHERE year = :year FOR UPDATE"
)
_OPEN = bulk.upsert(
    IssueRow, "person", "kind", "year", "township", "village", "detail", "state", "opened",
    own={"closed": "NULL", "due": "NULL", "times": "issue.times + 1"},
)  # fmt: skip
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
    # An empty choice means all: one statement serves every filter of the desk.
    "SELECT person, kind, year, township, village, detail, state, opened, closed, times, officer,"
    " due, evidence FROM issue WHERE year = :year"
    " AND (CAST(:township AS text) = '' OR township = :township)"
    " AND (CAST(:kind AS text) = '' OR kind = :kind)"
    " AND (CAST(:state AS text) = '' OR state = :state)"
    " AND (CAST(:person AS text) = '' OR person = :person)"
    " AND (CAST(:overdue AS date) IS NULL OR (state <> 'closed' AND due < CAST(:overdue AS date)))"
    " ORDER BY township, village, kind, person LIMIT :most OFFSET :offset"
)
_PROMISE = text(
    "UPDATE issue SET state = 'fixing', officer = :officer, due = :due,"
    " evidence = CASE WHEN :evidence = '' THEN evidence ELSE :evidence END"
    " WHERE person = :person AND kind = :kind AND year = :year AND state <> 'closed'"
    " AND (CAST(:area AS text) = '' OR township = :area)"
    " RETURNING person"
)
_FINDINGS = bulk.append(ReviewFindingRow, "run", "person", "kind", "change", "detail")
_REVIEWED = text("SELECT 1 FROM review WHERE year = :year AND as_of = :as_of LIMIT 1")


async def lock_year(tx: AsyncConnection, year: int) -> None:
    """Let one pass of a year run at a time; the next sees what it wrote."""
    await tx.execute(_LOCK_YEAR, {"year": year})


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
    # First, so that an issue that opens again opens in the township where the person lives now.
    await tx.execute(_FOLLOW, {"year": year})
    fresh = [
        (
            one.key.person, one.key.kind.value, year, one.township, one.village, one.detail, "open",
            day,
        )
        for one in (*outcome.opened, *outcome.reopened)
    ]  # fmt: skip
    await _OPEN.write(tx, fresh)
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
    said = [
        *((one.key, "opened", one.detail) for one in outcome.opened),
        *((one.key, "reopened", one.detail) for one in outcome.reopened),
        *((key, "still_open", "") for key in outcome.still_open),
        *((key, "closed", "") for key in outcome.closed),
    ]
    rows = [(run, key.person, key.kind.value, change, detail) for key, change, detail in said]
    await _FINDINGS.write(tx, rows)


async def reviewed(tx: AsyncConnection, year: int, as_of: date) -> bool:
    """Tell whether a pass over a year was run as of a day."""
    return (await tx.execute(_REVIEWED, {"year": year, "as_of": as_of})).first() is not None


async def reviews(tx: AsyncConnection, year: int) -> list[dict[str, Any]]:
    """Return the passes of a year, the latest first."""
    return [dict(row) for row in (await tx.execute(_REVIEWS, {"year": year})).mappings()]


async def issues(tx: AsyncConnection, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a page of issues; ``asked``: the fields of ``IssuePage``."""
    return [dict(row) for row in (await tx.execute(_LISTED, asked)).mappings()]


async def promise(tx: AsyncConnection, promised: dict[str, Any]) -> bool:
    """Write who mends an issue until when; False if there is no such open issue."""
    return (await tx.execute(_PROMISE, promised)).first() is not None
