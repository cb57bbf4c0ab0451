"""Answers for a page of a ledger: opened from the vault here, sealed again for the door."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import today
from chassis.privacy import Vault, vault
from chassis.service import Runtime
from chassis.telemetry import logger
from contracts import questions
from contracts.questions import LedgerPage, LedgerPageAnswer
from contracts.vocabulary import SOURCE_ZH
from services.enrollment.desk_store import REGISTERED, REGISTERED_FORMERLY, case_of
from services.enrollment.ledgers import (
    CHANGES_COLUMNS,
    CHANGES_TITLE,
    COMMON,
    LEDGERS,
    Move,
    Opened,
    Resident,
    change_row,
    row_of,
)

QUEUE = "enrollment"
CHANGES = "enrolment_change"
PLACE = "ledger"
_RESIDENTS = text(
    f"{REGISTERED}SELECT resident.person, resident.township, village, listed, died, file,"
    " identity_sealed, identity_of, resident.batch, updated::date AS updated, registered.name_tag,"
    " :year = ANY(covered_years) OR registered.person IS NOT NULL"
    f" OR {REGISTERED_FORMERLY} AS enrolled FROM resident"
    " LEFT JOIN register_row AS registered ON registered.year = :year"
    " AND registered.batch = (SELECT batch FROM latest) AND registered.person = resident.person"
    " WHERE (CAST(:township AS text) = '' OR resident.township = :township)"
    " AND resident.person > :after ORDER BY resident.person LIMIT :most"
)
_MOVES = text(
    "SELECT status_change.person || '/' || status_change.revision AS person,"
    " status_change.person AS whose, status_change.township, status_change.village, change,"
    " effective, before, after, identity_sealed, identity_of, resident.batch,"
    " recorded::date AS updated FROM status_change JOIN resident USING (person)"
    " WHERE (CAST(:township AS text) = '' OR status_change.township = :township)"
    " AND (effective IS NULL OR extract(year FROM effective) = :year)"
    " AND status_change.person || '/' || status_change.revision > :after"
    " ORDER BY 1 LIMIT :most"
)


def answer_ledgers(runtime: Runtime) -> None:
    """Register the question."""
    settings = runtime.settings
    identities = vault(settings.identity_key.get_secret_value(), settings.cipher_suite)
    operators = vault(settings.operator_key.get_secret_value(), settings.cipher_suite)

    @runtime.broker.subscriber(questions.ENROLLMENT_LEDGER, queue=QUEUE)
    async def ledger_page(page: LedgerPage) -> LedgerPageAnswer:
        """Return a page of a ledger. Who asked, and why, is written down."""
        async with runtime.engine.connect() as connection:
            rows = await _rows(connection, page)
        day = min(today(runtime.clock), date(page.year, 12, 31))
        lines = _lines(page, rows, day, identities)
        logger().info(
            "ledger.read", ledger=page.ledger, holder=page.holder, rows=len(lines), why=page.why
        )
        title, columns = _head(page.ledger)
        return LedgerPageAnswer(
            title=title,
            columns=list(columns),
            sealed=operators.seal(orjson.dumps(lines).decode(), PLACE),
            after=rows[-1].person if len(rows) == page.most else "",
        )


async def _rows(connection: AsyncConnection, page: LedgerPage) -> Sequence[Any]:
    asked = page.model_dump(include={"year", "township", "after", "most"})
    query = _MOVES if page.ledger == CHANGES else _RESIDENTS
    return (await connection.execute(query, asked)).all()


def _lines(
    page: LedgerPage, rows: Sequence[Any], day: date, identities: Vault
) -> list[tuple[str, ...]]:
    if page.ledger == CHANGES:
        return [change_row(_move(row, identities)) for row in rows]
    ledger = LEDGERS[page.ledger]
    residents = (_resident(row, page.year, identities) for row in rows)
    lines = (row_of(ledger, one, page.year, day) for one in residents)
    return [line for line in lines if line is not None]


def _resident(row: Any, year: int, identities: Vault) -> Resident:
    opened = opened_of(row, row.person, identities)
    return Resident(
        opened, row.township, row.village, case_of(row, year), in_words_of(row.batch), row.updated
    )


def _move(row: Any, identities: Vault) -> Move:
    opened = opened_of(row, row.whose, identities)
    before, after = (tuple(filter(None, one.split(","))) for one in (row.before, row.after))
    return Move(
        opened, row.township, row.village, row.change, row.effective, before, after,
        in_words_of(row.batch), row.updated,
    )  # fmt: skip


def opened_of(row: Any, person: str, identities: Vault) -> Opened:
    """Open a person's row of the vault; empty where no list brought a name."""
    if not row.identity_sealed:
        return Opened()
    return Opened(**orjson.loads(identities.open(row.identity_sealed, row.identity_of or person)))


def in_words_of(batch: str) -> str:
    """Write a source and its batch: ``民政局 0123456789abcdef``."""
    source, _, number = batch.partition("/")
    return f"{SOURCE_ZH.get(source, source)} {number}".strip()


def _head(ledger: str) -> tuple[str, tuple[str, ...]]:
    if ledger == CHANGES:
        return CHANGES_TITLE, (*COMMON, *CHANGES_COLUMNS)
    return LEDGERS[ledger].title, (*COMMON, *LEDGERS[ledger].columns)
