"""The statement of a month: what the insurance funds owe each hospital for what it settled then.

What the hospital carried is a bill's first settlement; it is given back once the hospital reverses the bill.
What is decided later is paid to the family by hand, or reclaimed from it (C13): it is an adjustment.
A book is only ever added to, so that what was booked by the end of a month does not change.
"""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import text

from chassis.asking import answers
from chassis.clock import CHINA
from chassis.runtime import Runtime
from contracts.statements import CARRIED_FUNDS, SETTLEMENT_STATEMENTS, StatementLine, StatementMonth
from services.settlement.store import PROVIDER

_BOOKED = text(
    # Bills with a booking in the month; of each its first settlement, and whether it stands as reversed.
    "WITH touched AS (SELECT DISTINCT posting.person, posting.claim FROM posting"
    " JOIN claim ON claim.person = posting.person AND claim.claim = posting.claim"
    " WHERE posting.booked >= :begins AND posting.booked < :ends"
    " AND (:provider = '' OR claim.provider = :provider)),"
    " steps AS (SELECT person, claim, min(revision) AS first, max(revision) AS last"
    " FROM posting JOIN touched USING (person, claim) GROUP BY person, claim),"
    " carried AS (SELECT claim.provider, posting.claim, posting.debit AS fund, posting.amount,"
    " posting.booked >= :begins AND posting.booked < :ends AS given,"
    " claim.outcome = 'reversed' AND EXISTS (SELECT 1 FROM posting AS back WHERE back.person = steps.person"
    " AND back.claim = steps.claim AND back.revision = steps.last AND steps.last > steps.first"
    " AND back.booked >= :begins AND back.booked < :ends) AS taken"
    " FROM steps JOIN posting ON posting.person = steps.person AND posting.claim = steps.claim"
    " AND posting.revision = steps.first AND posting.credit = :hospital"
    " JOIN claim ON claim.person = steps.person AND claim.claim = steps.claim"
    " WHERE posting.debit = ANY(CAST(:funds AS text[])))"
    " SELECT provider, fund, sum(given::int * amount - taken::int * amount)::bigint AS fen,"
    " (SELECT count(DISTINCT claim) FROM carried AS every WHERE every.provider = carried.provider"
    " AND (every.given OR every.taken)) AS claims FROM carried WHERE given OR taken"
    " GROUP BY provider, fund ORDER BY provider, fund"
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
        accounts = {"hospital": PROVIDER, "funds": list(CARRIED_FUNDS)}
        for row in await connection.execute(_BOOKED, said | accounts):
            funds[row.provider][row.fund] = row.fen
            claims[row.provider] = row.claims
    return [
        StatementLine(provider=provider, claims=claims[provider], funds=found)
        for provider, found in funds.items()
    ]


ANSWERS = (answers(SETTLEMENT_STATEMENTS, statements),)
