"""The book (账本): double entry per fund and claim; append-only, balanced by construction, hash-chained.

A posting moves an amount from one account to another, so debits equal credits in every row; a
correction is a further posting the other way. UPDATE and DELETE are not granted on the table.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from chassis.tables import PostingRow


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount (fen, above zero) from a debited to a credited account, for one claim revision."""

    claim: str
    revision: int
    debit: str
    credit: str
    amount: int


Change = TypeVar("Change")


@dataclass(slots=True)
class Booked(Generic[Change]):
    """What is new about a person's claims; ``head``: of the chain of postings, as it stands."""

    person: str
    head: str
    changes: Sequence[Change]


Position = TypeVar("Position")


def by_person(rows: Iterable[tuple[str, str, Position]]) -> dict[str, dict[str, Position]]:
    """Sort (person, claim, position) into person → claim → position."""
    found: defaultdict[str, dict[str, Position]] = defaultdict(dict)
    for person, claim, position in rows:
        found[person][claim] = position
    return found


def postings(
    claim: str, revision: int, before: dict[str, int], after: dict[str, int], credit: str
) -> list[Posting]:
    """Return what turns the booked position into the decided one; ``before``/``after``: account → fen."""
    found = []
    for account in sorted(before.keys() | after.keys()):
        delta = after.get(account, 0) - before.get(account, 0)
        if delta > 0:
            found.append(Posting(claim, revision, account, credit, delta))
        elif delta < 0:
            found.append(Posting(claim, revision, credit, account, -delta))
    return found


def link(head: str, posting: Posting) -> str:
    """Return the hash of a posting chained to the one before it."""
    content = (
        f"{head}|{posting.claim}|{posting.revision}|{posting.debit}|{posting.credit}"
        f"|{posting.amount}"
    )
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


_INSERT = bulk.append(
    PostingRow, "person", "seq", "claim", "revision", "debit", "credit", "amount", "hash"
)


async def book(
    tx: AsyncConnection, entries: Sequence[tuple[str, str, Sequence[Posting]]]
) -> dict[str, str]:
    """Append (person, present chain head ``<seq>:<hash>``, postings); return the new heads."""
    rows = []
    heads: dict[str, str] = {}
    for person, head, found in entries:
        seq, hash_ = split_head(head)
        for posting in found:
            seq, hash_ = seq + 1, link(hash_, posting)
            rows.append((
                person, seq, posting.claim, posting.revision, posting.debit, posting.credit,
                posting.amount, hash_,
            ))  # fmt: skip
            heads[person] = f"{seq}:{hash_}"
    await _INSERT.write(tx, rows)
    return heads


def split_head(head: str) -> tuple[int, str]:
    """Read a chain head: the last sequence number and its hash."""
    seq, _, hash_ = head.partition(":")
    return (int(seq), hash_) if hash_ else (0, "")


def book_tables() -> list[str]:
    """Return the DDL of the book."""
    return [
        "CREATE TABLE posting (person text NOT NULL, seq int NOT NULL, claim text NOT NULL,"
        " revision int NOT NULL, debit text NOT NULL, credit text NOT NULL,"
        " amount bigint NOT NULL CHECK (amount > 0), hash text NOT NULL,"
        " booked timestamptz NOT NULL DEFAULT now(), CHECK (debit <> credit),"
        " PRIMARY KEY (person, seq))",
    ]


def book_grants(role: str) -> list[str]:
    """Return the grants: postings are added and read, never changed or removed."""
    return [f"GRANT SELECT, INSERT ON posting TO {role}"]
