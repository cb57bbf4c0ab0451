"""Answers which bills were decided again since they were settled, layer by layer (C13, C14)."""

from collections.abc import Iterable
from typing import Any, Literal

from sqlalchemy import text

from chassis.asking import answers
from chassis.runtime import Runtime
from contracts.bill_sheets import (
    SETTLEMENT_ADJUSTMENTS,
    AdjustmentAnswer,
    AdjustmentLine,
    AdjustmentPage,
    AdjustmentStep,
)
from contracts.funds import FUND_ZH
from contracts.money import format_yuan
from services.settlement.adjusting import Booking, Known, Step, first_pays, steps_of
from services.settlement.history_store import histories
from services.settlement.rules import MOVED

_DECIDED_AGAIN = (
    # A bill that its hospital took back is one too: what every fund had paid comes back.
    "SELECT person, claim, provider, discharge, outcome FROM claim WHERE reason <> :moved"
    " AND (revision > 1 OR bill_revision > 1 OR EXISTS (SELECT 1 FROM claim AS earlier"
    " WHERE earlier.claim = claim.claim AND earlier.person <> claim.person AND earlier.reason = :moved))"
)
_ONE = text(f"{_DECIDED_AGAIN} AND claim = :claim")
_PAGE = text(
    f"{_DECIDED_AGAIN} AND discharge BETWEEN make_date(:year, 1, 1) AND make_date(:year, 12, 31)"
    " AND (CAST(:provider AS text) = '' OR provider = :provider)"
    " AND (cardinality(CAST(:persons AS text[])) = 0 OR person = ANY(CAST(:persons AS text[])))"
    " AND (person, claim) > (CAST(:after_person AS text), CAST(:after_claim AS text))"
    " ORDER BY person, claim LIMIT :most"
)


async def adjustments(runtime: Runtime, page: AdjustmentPage) -> AdjustmentAnswer:
    """Return what was decided again, a line per claim and layer."""
    person, _, claim = page.after.partition("/")
    asked = page.model_dump() | {"moved": MOVED, "after_person": person, "after_claim": claim}
    async with runtime.look() as connection:
        rows = (await connection.execute(_ONE if page.claim else _PAGE, asked)).all()
        history = await histories(connection, [(row.person, row.claim) for row in rows])
    lines = [line for row in rows for line in lines_of(row, *history[row.person, row.claim])]
    last = rows[-1] if len(rows) == page.most and not page.claim else None
    return AdjustmentAnswer(lines=lines, after=f"{last.person}/{last.claim}" if last else "")


def lines_of(row: Any, booked: list[Booking], known: list[Known]) -> Iterable[AdjustmentLine]:
    """Yield a line for each layer of a claim that was decided again."""
    first = first_pays(booked, known)
    by_fund: dict[str, list[Step]] = {}
    for step in steps_of(booked, known, row.outcome):
        by_fund.setdefault(step.fund, []).append(step)
    for fund in sorted(by_fund, key=list(FUND_ZH).index):
        steps, start = by_fund[fund], first.get(fund, 0)
        now = steps[-1].after
        yield AdjustmentLine(
            person=row.person, claim=row.claim, provider=row.provider, discharge=row.discharge,
            fund=fund, first=format_yuan(start), now=format_yuan(now), delta=format_yuan(now - start),
            direction=direction_of(now - start), steps=[_step(one) for one in steps],
        )  # fmt: skip


def direction_of(delta: int) -> Literal["due", "refundable", "even"]:
    """Say whether a difference is to be paid or reclaimed."""
    return "due" if delta > 0 else "refundable" if delta < 0 else "even"


def _step(one: Step) -> AdjustmentStep:
    return AdjustmentStep(
        at=one.at, before=format_yuan(one.before), after=format_yuan(one.after), why=one.why
    )


ANSWERS = (answers(SETTLEMENT_ADJUSTMENTS, adjustments),)
