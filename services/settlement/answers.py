"""What settlement answers over request/reply: a claim, its explanation, the ledger, an audit."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.asking import answers
from chassis.moneyroom import Decided, MoneyRoom
from chassis.runtime import Runtime
from chassis.settings import Settings
from contracts.asking import Everything
from contracts.bill_questions import (
    SETTLEMENT_AUDIT,
    SETTLEMENT_BOOK,
    SETTLEMENT_CLAIM,
    SETTLEMENT_CLAIMS,
    SETTLEMENT_EXPLAIN,
    SETTLEMENT_OPEN_CLAIMS,
    SETTLEMENT_PROGRESS,
    AboutClaim,
    AboutClaims,
    ClaimAnswer,
    OpenClaim,
    OpenClaims,
    ProgressAnswer,
)
from contracts.events.base import Event
from contracts.events.claims import ClaimSubmitted
from contracts.funds import FUND_ZH
from contracts.money import format_yuan
from policy.engine import SETTLEMENT, Decision, fold, pack_of
from policy.facts import Claim
from policy.loader import load_packs
from policy.tilt import tilt
from policy.trail import TrailLine
from services.settlement import (
    adjustment_answers,
    rules,
    sheet_answers,
    statement_answers,
    store,
    what_if_answers,
)
from services.settlement.adjusting import first_pays
from services.settlement.history_store import histories

MOVED = {"moved": rules.MOVED}
"""A claim under a number that was wrong is asked about where it is settled."""
_CLAIM = text(
    "SELECT claim, person, submitted_for, outcome, reason, revision, bill_revision, bill, content"
    " FROM claim WHERE claim = :claim ORDER BY reason = :moved, received LIMIT 1"
)
_KNOWN = text(
    "SELECT DISTINCT ON (claim) claim, person, submitted_for, outcome, reason, revision, content"
    " FROM unnest(CAST(:claims AS text[])) AS wanted (claim) JOIN claim USING (claim)"
    " ORDER BY claim, reason = :moved, received"
)
_COPIES = text(
    # Keys are in the order of bytes, so the beginning of a key finds its facts by the index.
    "SELECT wanted.claim, body FROM unnest(CAST(:persons AS text[]), CAST(:claims AS text[]))"
    " AS wanted (person, claim) JOIN fact ON fact.person = wanted.person"
    " AND fact.fact >= 'claim/' || wanted.claim || '/' AND fact.fact < 'claim/' || wanted.claim || '0'"
)
_OPEN = text(
    # What waits or is asked about; a hospital sees its own, the bureau all of it.
    "SELECT claim, provider, kind, discharge, outcome, reason, split_part(question, '|', 1) AS question,"
    " split_part(question, '|', 2) AS other, received FROM claim"
    " WHERE (outcome IN ('held', 'refused') OR question <> '')"
    " AND (CAST(:provider AS text) = '' OR provider = :provider)"
    " AND (CAST(:state AS text) = '' OR outcome = :state OR (:state = 'questioned' AND question <> ''))"
    " ORDER BY discharge, claim LIMIT :most OFFSET :offset"
)
_PROGRESS = text(
    "SELECT outcome, count(*) AS claims, count(*) FILTER (WHERE bill_revision > 0) AS billed"
    " FROM claim WHERE reason <> :moved GROUP BY outcome ORDER BY outcome"
)


async def about_claim(runtime: Runtime, question: AboutClaim) -> ClaimAnswer:
    """Say where a claim stands."""
    return await claim_answer(runtime.engine, question.claim)


async def known_claims(runtime: Runtime, question: AboutClaims) -> list[ClaimAnswer]:
    """Say which of these claims are known, whose they are, and by what content."""
    async with runtime.look() as connection:
        rows = (await connection.execute(_KNOWN, MOVED | {"claims": question.claims})).all()
        bills = await submitted_bills(connection, rows)
    return [
        ClaimAnswer(
            claim=row.claim, person=row.submitted_for, holder=row.person, outcome=row.outcome,
            reason=row.reason, revision=row.revision, content=row.content,
            submitted=bills.get(row.claim),
        )
        for row in rows
    ]  # fmt: skip


async def open_claims(runtime: Runtime, question: OpenClaims) -> list[OpenClaim]:
    """Return a page of bills that somebody has to look at."""
    async with runtime.look() as connection:
        rows = (await connection.execute(_OPEN, question.model_dump())).mappings().all()
    return [OpenClaim(**row) for row in rows]


async def progress(runtime: Runtime, _: Everything) -> ProgressAnswer:
    """Count the claims."""
    async with runtime.look() as connection:
        rows = (await connection.execute(_PROGRESS, MOVED)).all()
    return ProgressAnswer(
        claims=sum(row.claims for row in rows),
        billed=sum(row.billed for row in rows),
        outcomes={row.outcome: row.claims for row in rows},
    )


async def claim_answer(engine: AsyncEngine, claim: str) -> ClaimAnswer:
    """Return a claim's outcome and its standing bill."""
    async with engine.connect() as connection:
        row = (await connection.execute(_CLAIM, MOVED | {"claim": claim})).first()
        bills = {} if row is None else await submitted_bills(connection, [row])
        first = await paid_first(connection, row) if row is not None and _again(row) else None
    if row is None:
        return ClaimAnswer(claim=claim)
    on_its_way = row.reason == rules.MOVED
    return ClaimAnswer(
        claim=claim,
        person=row.submitted_for,
        holder=row.person,
        outcome="settled" if on_its_way else row.outcome,
        reason="" if on_its_way else row.reason,
        revision=row.revision,
        content=row.content,
        submitted=bills.get(claim),
        first_paid=first,
        bill=orjson.loads(row.bill) if row.bill and not on_its_way else None,
    )


def _again(row: Any) -> bool:
    """Tell whether a claim was decided again since, also under another number."""
    return bool(row.revision > 1 or row.bill_revision > 1 or '"moved":true' in row.bill)


async def paid_first(connection: AsyncConnection, row: Any) -> dict[str, int]:
    """Return what each fund paid when a claim was settled first, in fen."""
    of = (row.person, row.claim)
    return first_pays(*(await histories(connection, [of]))[of])


async def submitted_bills(
    connection: AsyncConnection, rows: Sequence[Any]
) -> dict[str, ClaimSubmitted]:
    """Return the bill that stands under each number, as it was sent."""
    contents = {row.claim: row.content for row in rows}
    columns = {
        "persons": [row.submitted_for for row in rows],
        "claims": [row.claim for row in rows],
    }
    found: dict[str, ClaimSubmitted] = {}
    for claim, body in await connection.execute(_COPIES, columns):
        bill = ClaimSubmitted.model_validate_json(body)
        if bill.fingerprint("received") == contents[claim]:
            found[claim] = bill
    return found


def trail_of(settings: Settings, events: Sequence[Event], claim: str) -> Sequence[TrailLine]:
    """Return the steps of the insurance layers that led to a claim's decision."""
    _, decision = _folded(settings, events, claim)
    return decision.trail if decision else []


def added_of(settings: Settings, events: Sequence[Event], claim: str) -> Sequence[str]:
    """Return what the rules for the person's category added to a claim, a sentence a part (C17)."""
    bill, decision = _folded(settings, events, claim)
    pack = (
        None if bill is None else pack_of(load_packs(settings.packs), bill.discharge, bill.provider)
    )
    if bill is None or pack is None or decision is None or decision.outcome != "settled":
        return ()
    return tilt(pack, bill, decision).zh


def _folded(
    settings: Settings, events: Sequence[Event], claim: str
) -> tuple[Claim | None, Decision | None]:
    packs = load_packs(settings.packs)
    counted = rules.collect(events).counted(packs)
    decision = fold(packs, counted, SETTLEMENT, with_trail=True).get(claim)
    return next((one for one in counted.claims if one.claim == claim), None), decision


def _posting_zh(row: Any) -> str:
    back = row.debit == store.PROVIDER
    account = row.credit if back else row.debit
    name = FUND_ZH.get(account, "个人")
    return f"第{row.revision}次结算：{name}{'退' if back else '付'}{format_yuan(row.amount)}元"


def refold(settings: Settings, events: Sequence[Event]) -> Decided:
    """Decide every claim of a person from scratch."""
    changes = rules.decide(load_packs(settings.packs), rules.collect(events), {})
    return {one.claim: (one.after.decided, one.after.pays) for one in changes}


MONEY = MoneyRoom(
    store.PROVIDER,
    _CLAIM,
    refold,
    store.load_positions,
    trail_of,
    _posting_zh,
    asked=MOVED,
    added=added_of,
)
ANSWERS = (
    answers(SETTLEMENT_CLAIM, about_claim),
    answers(SETTLEMENT_CLAIMS, known_claims),
    answers(SETTLEMENT_OPEN_CLAIMS, open_claims),
    answers(SETTLEMENT_PROGRESS, progress),
    *MONEY.answers(SETTLEMENT_EXPLAIN, SETTLEMENT_BOOK, SETTLEMENT_AUDIT),
    *sheet_answers.ANSWERS,
    *adjustment_answers.ANSWERS,
    *statement_answers.ANSWERS,
    *what_if_answers.ANSWERS,
)
