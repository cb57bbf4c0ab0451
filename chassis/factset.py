"""Law one: facts are a set. Adding a fact twice changes nothing; arrival order means nothing.

Each service keeps the facts it was told, by person. Adding locks the persons touched, in key
order, so that two workers never decide about one person at a time.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events.base import Event
from contracts.subjects import BY_NAME

_KEYS = "unnest(CAST(:persons AS text[]))"
_LOCK = text(
    "SELECT person, head FROM person WHERE person = ANY(CAST(:persons AS text[]))"
    " ORDER BY person FOR UPDATE"
)
_REGISTER = text(
    f"INSERT INTO person (person) SELECT p FROM {_KEYS} AS p ORDER BY p"
    " ON CONFLICT (person) DO NOTHING"
)
_ADD = text(
    "INSERT INTO fact (person, fact, event, body)"
    " SELECT * FROM unnest(CAST(:persons AS text[]), CAST(:facts AS text[]),"
    " CAST(:events AS text[]), CAST(:bodies AS bytea[]))"
    " ON CONFLICT (person, fact) DO NOTHING"
)
_LOAD = text("SELECT person, event, body FROM fact WHERE person = ANY(CAST(:persons AS text[]))")

ADAPTERS: dict[str, TypeAdapter[Event]] = {
    name: TypeAdapter(model) for name, model in BY_NAME.items()
}


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as a member of the set: whose it is, and the id that makes it that fact."""

    person: str
    id: str
    event: Event
    body: bytes


@dataclass(slots=True)
class Known:
    """All that is known about a person: the facts, and the head of the person's ledger chain."""

    person: str
    events: list[Event]
    head: str


async def add(tx: AsyncConnection, facts: Sequence[Fact]) -> dict[str, Known]:
    """Lock the persons, add the facts to the set, return everything known about them."""
    persons = sorted({fact.person for fact in facts})
    heads = await _lock(tx, persons)
    await tx.execute(
        _ADD,
        {
            "persons": [fact.person for fact in facts],
            "facts": [fact.id for fact in facts],
            "events": [fact.event.NAME for fact in facts],
            "bodies": [fact.body for fact in facts],
        },
    )
    return await _known(tx, persons, heads)


async def recall(tx: AsyncConnection, persons: Iterable[str]) -> dict[str, Known]:
    """Lock persons and return what is known, without adding anything."""
    wanted = sorted(set(persons))
    return await _known(tx, wanted, await _lock(tx, wanted))


async def read(tx: AsyncConnection, persons: Iterable[str]) -> dict[str, Known]:
    """Return what is known about persons without locking them, for questions and audits."""
    wanted = sorted(set(persons))
    return await _known(tx, wanted, dict.fromkeys(wanted, ""))


async def _lock(tx: AsyncConnection, persons: Sequence[str]) -> dict[str, str]:
    heads = {row.person: row.head for row in await tx.execute(_LOCK, {"persons": persons})}
    if len(heads) < len(persons):
        await tx.execute(_REGISTER, {"persons": persons})
        heads = {row.person: row.head for row in await tx.execute(_LOCK, {"persons": persons})}
    return heads


async def _known(
    tx: AsyncConnection, persons: Sequence[str], heads: dict[str, str]
) -> dict[str, Known]:
    events: defaultdict[str, list[Event]] = defaultdict(list)
    for person, name, body in await tx.execute(_LOAD, {"persons": persons}):
        events[person].append(ADAPTERS[name].validate_json(body))
    return {person: Known(person, events[person], heads[person]) for person in persons}


def fact_tables() -> list[str]:
    """Return the DDL of the tables that every service shares, for its first migration."""
    return [
        "CREATE TABLE person (person text PRIMARY KEY, head text NOT NULL DEFAULT '')"
        " WITH (fillfactor = 80)",
        "CREATE TABLE fact (person text NOT NULL, fact text NOT NULL, event text NOT NULL,"
        " body bytea NOT NULL, added timestamptz NOT NULL DEFAULT now(),"
        " PRIMARY KEY (person, fact))",
        "CREATE TABLE outbox (id text PRIMARY KEY, stream text NOT NULL, subject text NOT NULL,"
        " headers bytea NOT NULL, payload bytea NOT NULL,"
        " created timestamptz NOT NULL DEFAULT now())"
        " WITH (autovacuum_vacuum_scale_factor = 0.05)",
    ]


def fact_grants(role: str) -> list[str]:
    """Return the grants on the shared tables: facts can be added and read, never changed."""
    return [
        f"GRANT SELECT, INSERT ON fact TO {role}",
        f"GRANT SELECT, INSERT, UPDATE ON person TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO {role}",
    ]
