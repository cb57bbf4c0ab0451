"""Law two, checked: fold all facts from scratch and compare with what was announced and booked."""

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import factset
from chassis.book import Posting, link, split_head
from chassis.years import Years
from contracts.events.base import Event

CHUNK = 500
DIFFERENCES_SHOWN = 20


@dataclass(slots=True)
class Finding:
    """What an audit found. ``digest`` covers every claim's standing position, order-free."""

    claims: int = 0
    differences: list[str] = field(default_factory=list)
    digest: str = ""
    chain_breaks: int = 0


async def audit(
    engine: AsyncEngine,
    refold: Callable[[Sequence[Event]], dict[str, tuple[str, dict[str, int]]]],
    load: Callable[[AsyncConnection, Mapping[str, Years]], Any],
    pool: str,
) -> Finding:
    """Compare, for every person, fold(all facts) with the claim table and with the postings.

    ``refold`` returns claim → (decision line, account → fen); ``pool`` is the counter-account.
    """
    finding = Finding()
    lines: list[str] = []
    async with engine.connect() as connection:
        # One moment for all of it: what is decided while the audit reads is seen wholly or not at all.
        tx = await connection.execution_options(isolation_level="REPEATABLE READ")
        async for persons in _chunks(tx):
            known = await factset.read_events(tx, persons)
            standing = await load(tx, dict.fromkeys(persons, None))
            booked = await _booked(tx, persons, pool, finding)
            for person, events in known.items():
                decided = {
                    claim: decision for claim, decision in refold(events).items() if decision[0]
                }
                held = {
                    claim: (position.decided, position.pays)
                    for claim, position in standing.get(person, {}).items()
                }
                finding.claims += len(held)
                booked_here = {claim for whose, claim in booked if whose == person}
                for claim in sorted(decided.keys() | held.keys() | booked_here):
                    if (
                        _is_nothing(decided.get(claim))
                        and claim not in held
                        and claim not in booked_here
                    ):
                        continue
                    line = f"{person}|{claim}|{decided.get(claim)}"
                    lines.append(hashlib.blake2b(line.encode(), digest_size=16).hexdigest())
                    if decided.get(claim) != held.get(claim):
                        finding.differences.append(f"{claim}: fold and standing differ")
                    pays = held.get(claim, ("", {}))[1]
                    # An account that came back to nothing is as one that was never moved.
                    in_books = {name: fen for name, fen in booked[person, claim].items() if fen}
                    if in_books != {name: fen for name, fen in pays.items() if fen}:
                        finding.differences.append(f"{claim}: books and standing differ")
    del finding.differences[DIFFERENCES_SHOWN:]
    finding.digest = hashlib.blake2b("".join(sorted(lines)).encode(), digest_size=16).hexdigest()
    return finding


def _is_nothing(decision: tuple[str, dict[str, int]] | None) -> bool:
    """Tell whether a claim was taken back before anybody was told of it: a bill that only passed through."""
    return decision is not None and decision[0].startswith("reversed|") and not decision[1]


async def _chunks(tx: AsyncConnection) -> AsyncIterator[list[str]]:
    after = ""
    page = text("SELECT person FROM person WHERE person > :after ORDER BY person LIMIT :most")
    while True:
        rows = await tx.execute(page, {"after": after, "most": CHUNK})
        persons = [row[0] for row in rows]
        if not persons:
            return
        yield persons
        after = persons[-1]


async def _booked(
    tx: AsyncConnection, persons: Sequence[str], pool: str, finding: Finding
) -> defaultdict[tuple[str, str], defaultdict[str, int]]:
    """Sum the postings by claim and account, walking each person's hash chain on the way."""
    found: defaultdict[tuple[str, str], defaultdict[str, int]] = defaultdict(
        lambda: defaultdict(int)
    )
    heads = {
        row.person: split_head(row.head)
        for row in await tx.execute(
            text("SELECT person, head FROM person WHERE person = ANY(CAST(:p AS text[]))"),
            {"p": list(persons)},
        )
    }
    chain: dict[str, tuple[int, str]] = {}
    rows = await tx.execute(
        text(
            "SELECT person, seq, claim, revision, debit, credit, amount, hash FROM posting"
            " WHERE person = ANY(CAST(:p AS text[])) ORDER BY person, seq"
        ),
        {"p": list(persons)},
    )
    for row in rows:
        seq, head = chain.get(row.person, (0, ""))
        posting = Posting(row.claim, row.revision, row.debit, row.credit, row.amount)
        if row.seq != seq + 1 or link(head, posting) != row.hash:
            finding.chain_breaks += 1
        chain[row.person] = (row.seq, row.hash)
        account, sign = (row.debit, 1) if row.credit == pool else (row.credit, -1)
        found[row.person, row.claim][account] += sign * row.amount
    finding.chain_breaks += sum(chain.get(p, (0, "")) != head for p, head in heads.items())
    return found


async def accounts(engine: AsyncEngine, pool: str) -> tuple[dict[str, int], int]:
    """Return what each account has paid into ``pool``, in fen, and the number of postings."""
    query = text(
        "SELECT CASE WHEN credit = :pool THEN debit ELSE credit END AS account,"
        " sum(CASE WHEN credit = :pool THEN amount ELSE -amount END)::bigint, count(*)"
        " FROM posting GROUP BY 1 ORDER BY 1"
    )
    async with engine.connect() as connection:
        rows = (await connection.execute(query, {"pool": pool})).all()
    return {row[0]: row[1] for row in rows}, sum(row[2] for row in rows)
