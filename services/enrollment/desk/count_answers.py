"""Answers with counts and applications: what is compared with city and province, what waits for review."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text

from chassis.asking import answers
from chassis.runtime import Runtime
from contracts.questions import (
    ENROLLMENT_APPLICATIONS,
    ApplicationAnswer,
    ApplicationPage,
    CountLine,
)
from services.enrollment.desk.cases import Case, justified_on

_APPLICATIONS = text(
    # Applications stand in the resident's file; a person may apply for several categories of one year.
    "SELECT person, township, village, one.* FROM resident CROSS JOIN LATERAL"
    " jsonb_to_recordset(file->'applications') AS one (category text, flag_year int, state text,"
    " filed_on date, decided_on date, reason text)"
    " WHERE file->'applications' <> '[]' AND one.flag_year = :year"
    " AND (CAST(:township AS text) = '' OR township = :township)"
    " AND (CAST(:state AS text) = '' OR one.state = :state)"
    " ORDER BY township, village, person, one.category LIMIT :most OFFSET :offset"
)


async def applications(runtime: Runtime, page: ApplicationPage) -> list[ApplicationAnswer]:
    """Return a page of applications."""
    async with runtime.look() as connection:
        rows = (await connection.execute(_APPLICATIONS, page.model_dump())).mappings().all()
    return [ApplicationAnswer(**row) for row in rows]


def count_lines(
    checked: Iterable[tuple[Any, Case]], rank: Sequence[str], day: date
) -> list[CountLine]:
    """Count everybody on a roster once, by the category that ranks first."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for row, case in checked:
        if not case.listed:
            continue
        first = min(
            case.listed, key=lambda one: (rank.index(one) if one in rank else len(rank), one)
        )
        count = counts.setdefault((row.township, first), Counter())
        justified = bool(justified_on(case, day)) and not case.enrolled
        count["roster"] += 1
        count["enrolled"] += case.enrolled
        count["subsidised"] += case.subsidised
        count["justified"] += justified
        count["missing"] += not case.enrolled and not justified
    names = ("roster", "enrolled", "subsidised", "justified", "missing")
    return [
        CountLine(township=township, category=category, **{name: count[name] for name in names})
        for (township, category), count in sorted(counts.items())
    ]


ANSWERS = (answers(ENROLLMENT_APPLICATIONS, applications),)
