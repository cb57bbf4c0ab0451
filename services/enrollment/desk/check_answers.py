"""Answers what is known of the people of a check list (核查名单); who asked is written down."""

from typing import Any

from sqlalchemy import text

from chassis.asking import answers
from chassis.runtime import Runtime
from contracts.money import format_yuan
from contracts.sheets import ENROLLMENT_CHECK, Checked, CheckQuestion
from services.enrollment.access import write_access
from services.enrollment.desk.case_store import (
    REGISTERED,
    REGISTERED_FORMERLY,
    as_of,
    case_of,
)
from services.enrollment.desk.cases import AsOf, justified_on
from services.enrollment.tables import NOT_MERGED

_KNOWN = text(
    # An earlier number is answered by whoever stands under the right one.
    f"{REGISTERED}SELECT asked.person AS asked, resident.person, resident.township, village, died, file,"
    " registered.name_tag, :year = ANY(covered_years) OR registered.person IS NOT NULL"
    f" OR {REGISTERED_FORMERLY} AS enrolled"
    " FROM (SELECT person, person AS standing FROM unnest(CAST(:persons AS text[])) AS one (person)"
    " UNION ALL SELECT earlier.number, resident.person FROM resident CROSS JOIN LATERAL"
    " unnest(formerly) AS earlier (number) WHERE formerly <> '{}'"
    " AND earlier.number = ANY(CAST(:persons AS text[]))) AS asked"
    " JOIN resident ON resident.person = asked.standing"
    " LEFT JOIN register_row AS registered ON registered.year = :year"
    " AND registered.batch = (SELECT batch FROM latest) AND registered.person = resident.person"
    f" WHERE {NOT_MERGED}"
)
_ONLY_REGISTERED = text(
    f"{REGISTERED}SELECT entry.person, entry.township, entry.name_tag FROM register_row AS entry"
    " WHERE entry.year = :year AND entry.batch = (SELECT batch FROM latest)"
    " AND entry.person = ANY(CAST(:persons AS text[]))"
)


async def check(runtime: Runtime, asked: CheckQuestion) -> list[Checked]:
    """Return what is known of those of whom something is known."""
    seen = as_of(runtime, asked.year)
    where = asked.model_dump(include={"persons", "year"})
    async with runtime.turn() as turn:
        rows = (await turn.tx.execute(_KNOWN, where)).all()
        registered = (await turn.tx.execute(_ONLY_REGISTERED, where)).all()
        await write_access(turn.tx, asked, "check_list", len(asked.persons))
    found = {row.asked: _checked(row, seen) for row in rows}
    for row in registered:
        found.setdefault(row.person, _enrolled_only(row))
    return list(found.values())


def _checked(row: Any, seen: AsOf) -> Checked:
    case = case_of(row, seen)
    premium = case.premium
    return Checked(
        person=row.asked, township=row.township, village=row.village, categories=list(case.listed),
        enrolled=case.enrolled, exempt=premium.exempt, paid=format_yuan(premium.kept),
        subsidy=format_yuan(premium.subsidy), reason=justified_on(case, seen.day), died=case.died,
        must_enrol=case.must_enrol, name_tag=row.file.get("name_tag", "") or row.name_tag or "",
    )  # fmt: skip


def _enrolled_only(row: Any) -> Checked:
    """Return somebody of whom no department ever said anything, and whom the register has."""
    return Checked(
        person=row.person, township=row.township, village="", categories=[], enrolled=True,
        exempt=False, paid="", subsidy="0.00", reason="", died=None, must_enrol=False,
        name_tag=row.name_tag,
    )  # fmt: skip


ANSWERS = (answers(ENROLLMENT_CHECK, check),)
