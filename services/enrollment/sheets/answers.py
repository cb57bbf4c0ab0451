"""Answers for a page of a sheet: opened from the vault here, sealed again for the door."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.asking import answers
from chassis.privacy import Vault
from chassis.runtime import Runtime
from contracts.sheets import (
    ENROLLMENT_SHEET,
    SheetPage,
    SheetPageAnswer,
)
from contracts.vocabulary import PEOPLE_SHEETS
from policy.loader import load_packs
from policy.pack import Pack
from services.enrollment.access import VAULT, identities_of, opened_of, sealed, write_access
from services.enrollment.desk.case_store import (
    REGISTERED,
    REGISTERED_FORMERLY,
    as_of,
    case_of,
)
from services.enrollment.desk.cases import AsOf
from services.enrollment.desk.ranks import rank_of
from services.enrollment.lists.store import opening_lists
from services.enrollment.sheets import household_answers, people_answers, result_answers
from services.enrollment.sheets.columns import Resident, in_words_of
from services.enrollment.sheets.moves import Move, moves_of
from services.enrollment.sheets.rules import (
    CHANGES_COLUMNS,
    CHANGES_TITLE,
    COMMON,
    SHEETS,
    change_rows,
    rows_of,
)
from services.enrollment.tables import NOT_MERGED

CHANGES = "enrolment_change"
_RESIDENTS = text(
    # Enrolled by premium or exemption, or because the register says so, by whatever number it knows.
    f"{REGISTERED}SELECT resident.person, resident.township, village, listed, died, file,"
    f" {VAULT}, resident.batch, updated::date AS updated, registered.name_tag,"
    " :year = ANY(covered_years) OR registered.person IS NOT NULL"
    f" OR {REGISTERED_FORMERLY} AS enrolled FROM resident"
    " LEFT JOIN register_row AS registered ON registered.year = :year"
    " AND registered.batch = (SELECT batch FROM latest) AND registered.person = resident.person"
    " WHERE (CAST(:township AS text) = '' OR resident.township = :township)"
    " AND (CAST(:village AS text) = '' OR resident.village = :village)"
    # A number that was corrected is nobody's any longer; what was assessed or changed under it stays.
    f" AND (:whoever OR {NOT_MERGED})"
    " AND resident.person > :after ORDER BY resident.person LIMIT :most"
)


async def ledger_page(runtime: Runtime, page: SheetPage) -> SheetPageAnswer:
    """Return a page of a sheet. Who asked, and why, is written down."""
    packs = load_packs(runtime.settings.packs)
    async with runtime.turn() as turn:
        rows = await _rows(turn.tx, page)
        seen = as_of(runtime, page.year)
        moves = await _moves(turn.tx, packs, page.year, seen.day)
        lines = _lines(page, rows, seen, identities_of(runtime.settings), moves)
        await write_access(turn.tx, page, page.ledger, len(lines))
    title, columns = _head(page.ledger)
    after = rows[-1].person if len(rows) == page.most else ""
    return SheetPageAnswer(
        title=title, columns=list(columns), sealed=sealed(runtime, lines), after=after
    )


async def _rows(connection: AsyncConnection, page: SheetPage) -> Sequence[Any]:
    asked = page.model_dump(include={"year", "township", "village", "after", "most"})
    asked["whoever"] = page.ledger not in PEOPLE_SHEETS
    return (await connection.execute(_RESIDENTS, asked)).all()


def _lines(
    page: SheetPage, rows: Sequence[Any], seen: AsOf, identities: Vault, moves: "Moves"
) -> list[tuple[str, ...]]:
    residents = ((row, _resident(row, seen, identities)) for row in rows)
    if page.ledger == CHANGES:
        return [line for row, one in residents for line in change_rows(one, moves(row))]
    ledger = SHEETS[page.ledger]
    return [line for _, one in residents for line in rows_of(ledger, one, seen.year, seen.day)]


Moves = Callable[[Any], list[Move]]


async def _moves(tx: AsyncConnection, packs: Sequence[Pack], year: int, day: date) -> Moves:
    """Return how the lines of sheet 2 of a year are read from a resident's row."""
    opening = await opening_lists(tx)

    def moves(row: Any) -> list[Move]:
        rank = partial(rank_of, packs)
        return [
            one for one in moves_of(row.file, row.died, rank, opening, day)
            if one.effective.year == year
        ]  # fmt: skip

    return moves


def _resident(row: Any, seen: AsOf, identities: Vault) -> Resident:
    opened = opened_of(row, row.person, identities)
    case = case_of(row, seen)
    return Resident(
        opened, row.township, row.village, case, in_words_of(row.batch), row.updated, seen.year
    )


def _head(ledger: str) -> tuple[str, tuple[str, ...]]:
    if ledger == CHANGES:
        return CHANGES_TITLE, (*COMMON, *CHANGES_COLUMNS)
    return SHEETS[ledger].title, (*COMMON, *SHEETS[ledger].columns)


ANSWERS = (
    answers(ENROLLMENT_SHEET, ledger_page),
    *people_answers.ANSWERS,
    *household_answers.ANSWERS,
    *result_answers.ANSWERS,
)
