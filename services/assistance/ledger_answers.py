"""Answers for a page of assistance paid by hand: S0's fourth ledger."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import factset
from chassis.service import Runtime
from contracts.ledgers import (
    ASSISTANCE_MANUAL_PAGE,
    ManualLine,
    ManualPage,
    ManualPageAnswer,
    PaidByHand,
)
from contracts.money import format_yuan
from services.assistance import domain, store
from services.assistance.manual import ByHand, by_hand

QUEUE = "assistance"
NOT_ONE_STOP, CORRECTED = "未一站式支付", "重新认定差额"
_PERSONS = text(
    "SELECT DISTINCT person FROM claim WHERE person > :after"
    " AND (cardinality(CAST(:persons AS text[])) = 0 OR person = ANY(CAST(:persons AS text[])))"
    " ORDER BY person LIMIT :most"
)
_BOOKED = text(
    "SELECT person, claim, sum(signed) FILTER (WHERE revision = 1) AS first, sum(signed) AS granted"
    " FROM (SELECT person, claim, revision,"
    " CASE WHEN credit = :pool THEN amount ELSE -amount END AS signed FROM posting"
    " WHERE person = ANY(CAST(:persons AS text[]))) AS one GROUP BY person, claim"
)


def answer_ledgers(runtime: Runtime) -> None:
    """Register the question; it reads, and changes nothing."""

    @runtime.broker.subscriber(ASSISTANCE_MANUAL_PAGE, queue=QUEUE)
    async def manual_page(page: ManualPage) -> ManualPageAnswer:
        """Return what a page of people is owed or was paid by hand."""
        asked = page.model_dump(include={"persons", "after", "most"})
        async with runtime.engine.connect() as connection:
            persons = [row[0] for row in await connection.execute(_PERSONS, asked)]
            events = await factset.read(connection, persons)
            booked = await _booked(connection, persons)
        lines = [
            _line(person, one)
            for person in persons
            for one in by_hand(domain.collect(events[person]), booked[person], page.year)
        ]
        return ManualPageAnswer(lines=lines, after=persons[-1] if len(persons) == page.most else "")


async def _booked(
    connection: AsyncConnection, persons: Sequence[str]
) -> dict[str, dict[str, tuple[int, int]]]:
    found: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    asked = {"persons": list(persons), "pool": store.PERSON}
    for person, claim, first, granted in await connection.execute(_BOOKED, asked):
        found[person][claim] = (int(first or 0), int(granted or 0))
    return found


def _line(person: str, one: ByHand) -> ManualLine:
    last = one.payments[-1] if one.payments else None
    return ManualLine(
        person=person, claim=one.claim, discharge=one.discharge,
        why=CORRECTED if one.carried else NOT_ONE_STOP, due=format_yuan(one.due),
        paid=format_yuan(one.paid), left=format_yuan(one.due - one.paid),
        card_last4=last.card_last4 if last else "", paid_on=last.paid_on if last else None,
        signed=bool(last and last.signed), withdrawn=one.withdrawn,
        payments=[
            PaidByHand(
                paid_on=paid.paid_on, amount=format_yuan(paid.amount), card_last4=paid.card_last4,
                signed=paid.signed,
            )
            for paid in one.payments
        ],
    )  # fmt: skip
