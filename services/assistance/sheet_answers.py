"""Answers for a page of assistance paid by hand: S0's fourth sheet."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.asking import answers
from chassis.factset import ADAPTERS
from chassis.runtime import Runtime
from contracts.bill_sheets import (
    ASSISTANCE_MANUAL_PAGE,
    ManualLine,
    ManualPage,
    ManualPageAnswer,
    PaidByHand,
)
from contracts.money import format_yuan
from services.assistance import rules, store
from services.assistance.manual import ByHand, Under, by_hand

NOT_ONE_STOP, CORRECTED = "未一站式支付", "重新认定差额"
_CLAIMS = text(
    "SELECT DISTINCT claim FROM claim WHERE claim > :after"
    " AND (CAST(:claim AS text) = '' OR claim = :claim) ORDER BY claim LIMIT :most"
)
_TOLD = text(
    # Keys are in the order of bytes, so the beginning of a key finds its facts by the index.
    "SELECT claim, claim.person, event, body, added"
    " FROM unnest(CAST(:claims AS text[])) AS wanted (claim) JOIN claim USING (claim)"
    " JOIN fact ON fact.person = claim.person AND ("
    " (fact.fact >= 'outcome/' || claim || '/' AND fact.fact < 'outcome/' || claim || '0') OR"
    " (fact.fact >= 'paid/' || claim || '/' AND fact.fact < 'paid/' || claim || '0'))"
)
_BOOKED = text(
    "SELECT claim, person, coalesce(sum(signed) FILTER (WHERE revision = 1), 0), sum(signed)"
    " FROM (SELECT person, claim, posting.revision,"
    " CASE WHEN credit = :pool THEN amount ELSE -amount END AS signed"
    " FROM unnest(CAST(:claims AS text[])) AS wanted (claim) JOIN claim USING (claim)"
    " JOIN posting USING (person, claim)) AS one GROUP BY claim, person"
)


async def manual_page(runtime: Runtime, page: ManualPage) -> ManualPageAnswer:
    """Return what a page of bills owes or was paid by hand."""
    asked = page.model_dump(include={"claim", "after", "most"})
    async with runtime.look() as connection:
        claims = (await connection.execute(_CLAIMS, asked)).scalars().all()
        numbers = await _numbers(connection, claims)
    found = [by_hand(claim, numbers[claim]) for claim in claims]
    lines = [
        _line(one)
        for one in found
        if one is not None and one.discharge.year == page.year
        and (one.due or one.paid or page.claim)
    ]  # fmt: skip
    return ManualPageAnswer(lines=lines, after=claims[-1] if len(claims) == page.most else "")


async def _numbers(connection: AsyncConnection, claims: Sequence[str]) -> dict[str, list[Under]]:
    """Return what is known of each bill, under every number that its person had."""
    told: defaultdict[tuple[str, str], rules.Facts] = defaultdict(rules.Facts)
    since: dict[tuple[str, str], datetime] = {}
    for claim, person, event, body, added in await connection.execute(_TOLD, {"claims": claims}):
        of = (claim, person)
        told[of].add(ADAPTERS[event].validate_json(body))
        since[of] = min(added, since.get(of, added))
    asked = {"claims": claims, "pool": store.PERSON}
    booked = {
        (claim, person): (int(first), int(granted))
        for claim, person, first, granted in await connection.execute(_BOOKED, asked)
    }
    found: defaultdict[str, list[Under]] = defaultdict(list)
    for of, facts in told.items():
        found[of[0]].append(Under(of[1], since[of], facts, *booked.get(of, (0, 0))))
    return found


def _line(one: ByHand) -> ManualLine:
    last = one.payments[-1] if one.payments else None
    return ManualLine(
        person=one.person, claim=one.claim, discharge=one.discharge,
        why=CORRECTED if one.one_stop else NOT_ONE_STOP, due=format_yuan(one.due),
        paid=format_yuan(one.paid), left=format_yuan(one.due - one.paid),
        card_last4=last.card_last4 if last else "", paid_on=last.paid_on if last else None,
        signed=bool(last and last.signed),
        payments=[
            PaidByHand(
                paid_on=paid.paid_on, amount=format_yuan(paid.amount), card_last4=paid.card_last4,
                signed=paid.signed,
            )
            for paid in one.payments
        ],
    )  # fmt: skip


ANSWERS = (answers(ASSISTANCE_MANUAL_PAGE, manual_page),)
