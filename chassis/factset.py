"""Law one: facts are a set. Adding a fact twice changes nothing; arrival order means nothing.

Each service keeps the facts it was told, by person. Adding locks the persons touched, in key
order, so that two workers never decide about one person at a time.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.events.base import Event
from contracts.subjects import BY_NAME

_LOCK = text(
    "SELECT person.person, head, version FROM unnest(CAST(:persons AS text[])) AS wanted (person)"
    " JOIN person USING (person) ORDER BY person.person FOR UPDATE OF person"
)
_REGISTER = text(
    "INSERT INTO person (person) SELECT p FROM unnest(CAST(:persons AS text[])) AS p ORDER BY p"
    " ON CONFLICT (person) DO NOTHING"
)
_ADD = text(
    "INSERT INTO fact (person, fact, event, body)"
    " SELECT * FROM unnest(CAST(:persons AS text[]), CAST(:facts AS text[]),"
    " CAST(:events AS text[]), CAST(:bodies AS bytea[]))"
    " ON CONFLICT (person, fact) DO NOTHING RETURNING person, fact"
)
_LOAD = text(
    "SELECT person, fact, event, body FROM fact WHERE person = ANY(CAST(:persons AS text[]))"
)
_CLOSE = text(
    "UPDATE person SET head = new.head, version = new.version"
    " FROM unnest(CAST(:persons AS text[]), CAST(:heads AS text[]), CAST(:versions AS int[]))"
    " AS new (person, head, version) WHERE person.person = new.person"
)
REMEMBERED_PERSONS_MAX = 8_000
FRESH = 0
"""The version of a person whose first facts are not committed yet: each change adds one."""

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


Told = tuple[str, Event]
"""A fact's id, and the event that told it."""


class Facts(Protocol):
    """A service's view of a person's facts: a set, so adding is idempotent and knows no order."""

    def add(self, event: Event, fact: str, /) -> None:
        """Take a fact in; ``fact``: its id, by which it is the same whenever it comes."""


F = TypeVar("F", bound=Facts)
S = TypeVar("S")
"""A room's own record of what it announced about a person."""


@dataclass(slots=True)
class Known(Generic[F, S]):
    """All that is known about a person, under lock.

    ``version`` counts the changes of the set: what was remembered at this version is still true.
    ``announced`` is the room's own record of what it said so far, None until it is loaded.
    """

    person: str
    facts: F
    head: str
    version: int
    announced: S | None = None
    changed: bool = False


class FactSet(Generic[F, S]):
    """A service's facts by person. Remembers recent persons, so that a chain of events is cheap.

    Memory is never trusted by itself: the locked row's version says whether it is still true, so
    any number of processes may share the tables.
    """

    def __init__(self, empty: Callable[[], F], most: int = REMEMBERED_PERSONS_MAX) -> None:
        self._empty = empty
        self._most = most
        self._remembered: OrderedDict[str, Known[F, S]] = OrderedDict()

    async def add(self, tx: AsyncConnection, facts: Sequence[Fact]) -> dict[str, Known[F, S]]:
        """Lock the persons, add the facts to the set, return everything known about them."""
        persons = sorted({fact.person for fact in facts})
        locked = await _lock(tx, persons)
        columns = {
            "persons": [fact.person for fact in facts],
            "facts": [fact.id for fact in facts],
            "events": [fact.event.NAME for fact in facts],
            "bodies": [fact.body for fact in facts],
        }
        new = {(row[0], row[1]) for row in (await tx.execute(_ADD, columns)).all()}
        # What is remembered is taken out while it changes: if this turn fails, it is read afresh.
        memory = {person: self._remembered.pop(person, None) for person in persons}
        known = {
            person: one
            for person, one in memory.items()
            if one is not None and one.version == locked[person][1]
        }
        for person, (head, version) in locked.items():
            if version == FRESH:  # nothing was known before: what was just added is the whole set
                known[person] = Known(person, self._empty(), head, version, changed=True)
        missing = [person for person in persons if person not in known]
        for fact in facts:
            if fact.person in known and (fact.person, fact.id) in new:
                new.discard((fact.person, fact.id))
                known[fact.person].facts.add(fact.event, fact.id)
                known[fact.person].changed = True
        if missing:
            for person, told in (await read(tx, missing)).items():
                known[person] = self._collected(person, told, *locked[person])
        return known

    async def again(self, tx: AsyncConnection, persons: Sequence[str]) -> dict[str, Known[F, S]]:
        """Lock persons of whom nothing is new, and return everything known about them."""
        locked = await _lock(tx, sorted(persons))
        known = {}
        for person, told in (await read(tx, list(locked))).items():
            self._remembered.pop(person, None)
            known[person] = self._collected(person, told, *locked[person])
        return known

    def _collected(self, person: str, told: Sequence[Told], head: str, version: int) -> Known[F, S]:
        facts = self._empty()
        for fact, event in told:
            facts.add(event, fact)
        return Known(person, facts, head, version, changed=True)

    async def close(self, tx: AsyncConnection, known: Iterable[Known[F, S]]) -> None:
        """Write the new version and chain head of every person whose set or ledger changed."""
        changed = [one for one in known if one.changed]
        for one in changed:
            one.version += 1
            one.changed = False
        if changed:
            columns = {
                "persons": [one.person for one in changed],
                "heads": [one.head for one in changed],
                "versions": [one.version for one in changed],
            }
            await tx.execute(_CLOSE, columns)

    def remember(self, known: Iterable[Known[F, S]]) -> None:
        """Keep what was committed; the longest unused is forgotten first."""
        for one in known:
            self._remembered[one.person] = one
        while len(self._remembered) > self._most:
            self._remembered.popitem(last=False)


async def read(tx: AsyncConnection, persons: Sequence[str]) -> dict[str, list[Told]]:
    """Return the facts about persons, without a lock: for the first look, questions and audits."""
    found: dict[str, list[Told]] = {person: [] for person in persons}
    for person, fact, name, body in (await tx.execute(_LOAD, {"persons": list(persons)})).all():
        found[person].append((fact, ADAPTERS[name].validate_json(body)))
    return found


async def read_events(tx: AsyncConnection, persons: Sequence[str]) -> dict[str, list[Event]]:
    """Return the events that told what is known about persons, as ``read``."""
    return {
        person: [event for _, event in told] for person, told in (await read(tx, persons)).items()
    }


async def _lock(tx: AsyncConnection, persons: Sequence[str]) -> dict[str, tuple[str, int]]:
    found = {row[0]: (row[1], row[2]) for row in await tx.execute(_LOCK, {"persons": persons})}
    if len(found) < len(persons):
        await tx.execute(_REGISTER, {"persons": persons})
        found = {row[0]: (row[1], row[2]) for row in await tx.execute(_LOCK, {"persons": persons})}
    return found


def fact_tables() -> list[str]:
    """Return the DDL of the tables that every service shares, for its first migration."""
    return [
        "CREATE TABLE person (person text PRIMARY KEY, head text NOT NULL DEFAULT '',"
        " version int NOT NULL DEFAULT 0)"
        " WITH (fillfactor = 50)",
        "CREATE TABLE fact (person text NOT NULL, fact text NOT NULL, event text NOT NULL,"
        " body bytea NOT NULL, added timestamptz NOT NULL DEFAULT now(),"
        " PRIMARY KEY (person, fact))",
        "CREATE TABLE outbox (id text PRIMARY KEY, source text NOT NULL, subject text NOT NULL,"
        " said timestamptz NOT NULL, payload bytea NOT NULL,"
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
