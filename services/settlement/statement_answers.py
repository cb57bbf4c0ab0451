"""The statement of a month: what was booked to each hospital, whatever day the bills are of.

A book is only ever added to: a month that is over never changes, and each booking is in one month. What
a correction takes back stands in the month of the correction.
"""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import text

from chassis.asking import answers
from chassis.clock import CHINA
from chassis.runtime import Runtime
from contracts.statements import SETTLEMENT_STATEMENTS, StatementLine, StatementMonth
from services.settlement.rules import PERSON_ACCOUNT
from services.settlement.store import PROVIDER

_BOOKED = text(
    # What goes to the hospital is credited to it, what it gives back debited; a family's part is no fund's.
    "WITH booked AS (SELECT claim.provider, posting.claim,"
    " CASE WHEN posting.credit = :hospital THEN posting.debit ELSE posting.credit END AS fund,"
    " CASE WHEN posting.credit = :hospital THEN posting.amount ELSE -posting.amount END AS fen"
    " FROM posting JOIN claim ON claim.person = posting.person AND claim.claim = posting.claim"
    " WHERE posting.booked >= :begins AND posting.booked < :ends"
    " AND (:provider = '' OR claim.provider = :provider))"
    " SELECT provider, fund, sum(fen)::bigint AS fen, (SELECT count(DISTINCT claim) FROM booked AS every"
    " WHERE every.provider = booked.provider) AS claims"
    " FROM booked WHERE fund <> :own GROUP BY provider, fund ORDER BY provider, fund"
)


def month_of(month: str) -> tuple[datetime, datetime]:
    """Return the first moment of a month in China, and that of the next one."""
    year, number = int(month[:4]), int(month[5:])
    begins = datetime(year, number, 1, tzinfo=CHINA)
    return begins, datetime(year + number // 12, number % 12 + 1, 1, tzinfo=CHINA)


async def statements(runtime: Runtime, asked: StatementMonth) -> list[StatementLine]:
    """Return a line a hospital for which something was booked in a month."""
    begins, ends = month_of(asked.month)
    said = {"begins": begins, "ends": ends, "provider": asked.provider}
    funds: defaultdict[str, dict[str, int]] = defaultdict(dict)
    claims: dict[str, int] = {}
    async with runtime.look() as connection:
        accounts = {"hospital": PROVIDER, "own": PERSON_ACCOUNT}
        for row in await connection.execute(_BOOKED, said | accounts):
            funds[row.provider][row.fund] = row.fen
            claims[row.provider] = row.claims
    return [
        StatementLine(provider=provider, claims=claims[provider], funds=found)
        for provider, found in funds.items()
    ]


ANSWERS = (answers(SETTLEMENT_STATEMENTS, statements),)
