"""What assistance answers over request/reply: an explanation, the ledger, an audit."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import factset
from chassis.asking import answers
from chassis.audit import Finding, accounts, audit
from chassis.runtime import Runtime
from contracts.asking import Everything
from contracts.bill_questions import (
    ASSISTANCE_AUDIT,
    ASSISTANCE_EXPLAIN,
    ASSISTANCE_LEDGER,
    AboutClaim,
    AuditAnswer,
    ExplainAnswer,
    LedgerAnswer,
)
from contracts.events.base import Event
from contracts.money import format_yuan
from contracts.vocabulary import FUND_ZH
from policy.engine import ASSISTANCE, fold
from policy.loader import load_packs
from policy.pack import Pack
from services.assistance import ledger_answers, rules, store

_CLAIM = text("SELECT person FROM claim WHERE claim = :claim ORDER BY decided = :withdrawn LIMIT 1")
_HISTORY = text(
    "SELECT revision, debit, credit, amount FROM posting WHERE person = :person AND"
    " claim = :claim ORDER BY seq"
)


async def explain(runtime: Runtime, question: AboutClaim) -> ExplainAnswer:
    """Explain every layer of a claim."""
    return await explanation(runtime.engine, load_packs(runtime.settings.packs), question.claim)


async def ledger(runtime: Runtime, _: Everything) -> LedgerAnswer:
    """Add the ledger up."""
    found, count = await accounts(runtime.engine, store.PERSON)
    return LedgerAnswer(accounts=found, postings=count)


async def check(runtime: Runtime, _: Everything) -> AuditAnswer:
    """Fold everything from scratch and compare."""
    found = await check_all(runtime.engine, load_packs(runtime.settings.packs))
    return AuditAnswer(
        claims=found.claims, differences=found.differences, digest=found.digest,
        chain_breaks=found.chain_breaks,
    )  # fmt: skip


async def explanation(engine: AsyncEngine, packs: Sequence[Pack], claim: str) -> ExplainAnswer:
    """Fold the person again, this time writing down every step, and tell the claim's postings."""
    asked = {"claim": claim, "withdrawn": rules.WITHDRAWN}
    async with engine.connect() as connection:
        row = (await connection.execute(_CLAIM, asked)).first()
        if row is None:
            return ExplainAnswer(claim=claim, zh=[], en=[])
        events = (await factset.read_events(connection, [row.person]))[row.person]
        rows = (await connection.execute(_HISTORY, {"person": row.person, "claim": claim})).all()
    facts = rules.collect(events).person()
    decision = fold(packs, facts, ASSISTANCE, with_trail=True).get(claim)
    trail = decision.trail if decision else []
    return ExplainAnswer(
        claim=claim,
        zh=[line.zh for line in trail],
        en=[line.en for line in trail],
        family=[line.family for line in trail],
        history=[_posting_zh(one) for one in rows],
    )


def _posting_zh(row: Any) -> str:
    back = row.debit == store.PERSON
    name = FUND_ZH[row.credit if back else row.debit]
    verb = "应退" if back else "应补" if row.revision > 1 else "支付"
    return f"第{row.revision}次认定：{name}{verb}{format_yuan(row.amount)}元"


def refolder(packs: Sequence[Pack]) -> Any:
    """Return events → claim → (decision line, shares), from scratch."""

    def refold(events: Sequence[Event]) -> dict[str, tuple[str, dict[str, int]]]:
        return {
            change.claim: (change.after.decided, change.after.pays)
            for change in rules.decide(packs, rules.collect(events), {})
        }

    return refold


async def check_all(engine: AsyncEngine, packs: Sequence[Pack]) -> Finding:
    """Audit every person. A claim that settlement withdrew stands at nothing on both sides."""
    return await audit(engine, refolder(packs), _load_standing, store.PERSON)


async def _load_standing(tx: Any, persons: Sequence[str]) -> dict[str, dict[str, rules.Position]]:
    positions = await store.load_positions(tx, persons)
    return {
        person: {claim: one for claim, one in of_person.items() if one.decided != rules.WITHDRAWN}
        for person, of_person in positions.items()
    }


ANSWERS = (
    answers(ASSISTANCE_EXPLAIN, explain),
    answers(ASSISTANCE_LEDGER, ledger),
    answers(ASSISTANCE_AUDIT, check),
    *ledger_answers.ANSWERS,
)
