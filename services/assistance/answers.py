"""What assistance answers over request/reply: an explanation, the ledger, an audit."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.moneyroom import Decided, MoneyRoom
from chassis.settings import Settings
from chassis.years import Years
from contracts.bill_questions import (
    ASSISTANCE_AUDIT,
    ASSISTANCE_BOOK,
    ASSISTANCE_EXPLAIN,
)
from contracts.events.base import Event
from contracts.funds import FUND_ZH
from contracts.money import format_yuan
from policy.engine import ASSISTANCE, fold
from policy.loader import load_packs
from policy.trail import TrailLine
from services.assistance import rules, sheet_answers, store

_CLAIM = text("SELECT person FROM claim WHERE claim = :claim ORDER BY decided = :withdrawn LIMIT 1")


def trail_of(settings: Settings, events: Sequence[Event], claim: str) -> Sequence[TrailLine]:
    """Return the steps of the assistance layers that led to a claim's decision."""
    facts = rules.collect(events).person()
    decision = fold(load_packs(settings.packs), facts, ASSISTANCE, with_trail=True).get(claim)
    return decision.trail if decision else []


def _posting_zh(row: Any) -> str:
    back = row.debit == store.PERSON
    name = FUND_ZH[row.credit if back else row.debit]
    verb = "应退" if back else "应补" if row.revision > 1 else "支付"
    return f"第{row.revision}次认定：{name}{verb}{format_yuan(row.amount)}元"


def refold(settings: Settings, events: Sequence[Event]) -> Decided:
    """Decide every claim of a person from scratch."""
    changes = rules.decide(load_packs(settings.packs), rules.collect(events), {})
    return {one.claim: (one.after.decided, one.after.pays) for one in changes}


async def _load_standing(
    tx: AsyncConnection, wanted: Mapping[str, Years]
) -> dict[str, dict[str, rules.Position]]:
    """A claim that settlement withdrew stands at nothing on both sides."""
    positions = await store.load_positions(tx, wanted)
    return {
        person: {claim: one for claim, one in of_person.items() if one.decided != rules.WITHDRAWN}
        for person, of_person in positions.items()
    }


MONEY = MoneyRoom(
    store.PERSON, _CLAIM, refold, _load_standing, trail_of, _posting_zh,
    asked={"withdrawn": rules.WITHDRAWN},
)  # fmt: skip
ANSWERS = (
    *MONEY.answers(ASSISTANCE_EXPLAIN, ASSISTANCE_BOOK, ASSISTANCE_AUDIT),
    *sheet_answers.ANSWERS,
)
