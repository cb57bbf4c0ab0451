"""Law one: facts are a set. Adding a fact twice changes nothing; arrival order means nothing.

Each service keeps the facts it was told, by person. Adding locks the persons touched, in key
order, so that two workers never decide about one person at a time.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from chassis.tables import FactRow, PersonRow
from chassis.years import Years, asked_for, rows_of, together, unread
from contracts.events.base import Event
from contracts.reach import EVER, TIMELESS, WITH_ITS_KIN, Reach
from contracts.subjects import BY_NAME

_LOCK = text(
    "SELECT person.person, head, version, whole, folded"
    " FROM unnest(CAST(:persons AS text[])) AS wanted (person)"
    " JOIN person USING (person) ORDER BY person.person FOR UPDATE OF person"
)
_REGISTER = text(
    "INSERT INTO person (person) SELECT p FROM unnest(CAST(:persons AS text[])) AS p ORDER BY p"
    " ON CONFLICT (person) DO NOTHING"
)
_ADD = bulk.insert(FactRow, "person", "fact", "event", "body", "year", returning="person, fact")
_LOAD = text(rows_of("fact", "fact, event, body"))
_KIN = text(
    # Keys are in the order of bytes, so the beginning of a key finds its facts by the index.
    "SELECT wanted.person, kin, year, fact, event, CASE WHEN year = :alone THEN body END AS body"
    " FROM unnest(CAST(:persons AS text[]), CAST(:kin AS text[])) AS wanted (person, kin)"
    " JOIN fact ON fact.person = wanted.person"
    " AND fact.fact >= wanted.kin || '/' AND fact.fact < wanted.kin || '0'"
)
_CLOSE = bulk.update(PersonRow, "person", "head", "version", "whole", "folded")
REMEMBERED_PERSONS_MAX = 8_000
NEVER = "never"
"""By which rules all years of a person were decided last whose fold broke."""
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
    reach: Reach = TIMELESS


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
    """What is known about a person, under lock.

    ``version`` counts the changes of the set: what was remembered at this version is still true.
    ``announced`` is the room's own record of what it said so far, None until it is loaded.
    ``years``: what ``facts`` and ``announced`` hold. ``whole``: they are always all of them. ``folded``:
    by which rules all years were decided last.
    """

    person: str
    facts: F
    head: str
    version: int
    announced: S | None = None
    changed: bool = False
    years: Years = None
    whole: bool = False
    folded: str = ""


class FactSet(Generic[F, S]):
    """A service's facts by person. Remembers recent persons, so that a chain of events is cheap.

    Memory is never trusted by itself: the locked row's version says whether it is still true, so
    any number of processes may share the tables.
    """

    def __init__(
        self,
        empty: Callable[[], F],
        most: int = REMEMBERED_PERSONS_MAX,
        linked: Callable[[F], Years] = lambda _: set(),
        rules: str = "",
    ) -> None:
        self._empty = empty
        self._most = most
        self._linked = linked
        self._rules = rules
        self._remembered: OrderedDict[str, Known[F, S]] = OrderedDict()

    async def add(self, tx: AsyncConnection, facts: Sequence[Fact]) -> dict[str, Known[F, S]]:
        """Lock the persons, add the facts to the set, return what is known about the years they touch."""
        known = self._recalled(await _lock(tx, sorted({fact.person for fact in facts})))
        rows = [(one.person, one.id, one.event.NAME, one.body, one.reach.year) for one in facts]
        new = {(person, fact) for person, fact in await _ADD.write(tx, rows)}
        by_key = {(fact.person, fact.id): fact for fact in facts}
        added = [fact for key, fact in by_key.items() if key in new]
        wanted = self._touched(facts, known)
        await self._relate(tx, facts, known, wanted)
        for fact in added:
            known[fact.person].facts.add(fact.event, fact.id)
            known[fact.person].changed = True
        await self._read(tx, known, wanted)
        # Which years belong together with those that were touched is known only now.
        await self._read(tx, known, {person: self._links(one) for person, one in known.items()})
        return known

    def _touched(self, facts: Sequence[Fact], known: Mapping[str, Known[F, S]]) -> dict[str, Years]:
        """Return the years of each person that these facts touch; all of them once the rules are others."""
        wanted: dict[str, Years] = {}
        for fact in facts:
            one = known[fact.person]
            anew = one.whole or one.folded != self._rules
            touched = None if anew else fact.reach.touches
            wanted[fact.person] = together(wanted.get(fact.person, {EVER}), touched)
        for person in wanted:
            if known[person].folded != self._rules:
                known[person].folded, known[person].changed = self._rules, True
        return wanted

    def _links(self, one: Known[F, S]) -> Years:
        """Return the years that are read whatever is touched; once it is all of them, it stays so."""
        linked = self._linked(one.facts)
        if linked is None and not one.whole:
            one.whole = one.changed = True
        return linked

    async def again(self, tx: AsyncConnection, persons: Sequence[str]) -> dict[str, Known[F, S]]:
        """Lock persons of whom nothing is new, and return everything known about them."""
        locked = await _lock(tx, sorted(persons))
        for person in locked:
            self._remembered.pop(person, None)
        known = self._recalled(locked)
        await self._read(tx, known, dict.fromkeys(known, None))
        return known

    def _recalled(self, locked: Mapping[str, tuple[str, int, bool, str]]) -> dict[str, Known[F, S]]:
        """Return what is remembered and still true; of others nothing is read yet.

        What is remembered is taken out while it changes: if this turn fails, it is read afresh.
        """
        known = {}
        for person, (head, version, whole, folded) in locked.items():
            one = self._remembered.pop(person, None)
            if one is None or one.version != version:
                # Of a new person, what is about to be added is the whole set.
                years: Years = None if version == FRESH else set()
                one = Known(person, self._empty(), head, version, changed=True, years=years)
                one.whole, one.folded = whole, self._rules if version == FRESH else folded
            known[person] = one
        return known

    async def _relate(
        self, tx: AsyncConnection, facts: Sequence[Fact], known: Mapping[str, Known[F, S]],
        wanted: dict[str, Years],
    ) -> None:  # fmt: skip
        """Touch the years of kin as well, where not everything is known; all years if they lie in several.

        Kin that are read with their kin only are taken in here. A fact that is told again relates too: it
        may be one whose fold failed, sent back after the mend.
        """
        related = dict.fromkeys(
            (fact.person, kin) for fact in facts
            if known[fact.person].years is not None for kin in fact.reach.kin
        )  # fmt: skip
        if not related:
            return
        columns = {"persons": [one[0] for one in related], "kin": [one[1] for one in related]}
        years: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        for row in await tx.execute(_KIN, columns | {"alone": WITH_ITS_KIN}):
            if row.body is None:
                years[row.person, row.kin].add(row.year)
            else:
                known[row.person].facts.add(ADAPTERS[row.event].validate_json(row.body), row.fact)
        for (person, _), found in years.items():
            wanted[person] = None if len(found) > 1 else together(wanted[person], found)

    async def _read(
        self, tx: AsyncConnection, known: Mapping[str, Known[F, S]], wanted: Mapping[str, Years]
    ) -> None:
        """Read what is wanted and was not read yet. Adding what is known already changes nothing."""
        missing = {person: unread(wanted[person], one.years) for person, one in known.items()}
        missing = {person: years for person, years in missing.items() if years != set()}
        if not missing:
            return
        for person, told in (await _read_years(tx, missing)).items():
            one = known[person]
            for fact, event in told:
                one.facts.add(event, fact)
            one.years = together(one.years, missing[person])
            one.announced = None

    async def close(self, tx: AsyncConnection, known: Iterable[Known[F, S]]) -> None:
        """Write the new version and chain head of every person whose set or ledger changed."""
        changed = [one for one in known if one.changed]
        for one in changed:
            one.version += 1
            one.changed = False
        rows = [(one.person, one.head, one.version, one.whole, one.folded) for one in changed]
        await _CLOSE.write(tx, rows)

    def remember(self, known: Iterable[Known[F, S]]) -> None:
        """Keep what was committed; the longest unused is forgotten first."""
        for one in known:
            self._remembered[one.person] = one
        while len(self._remembered) > self._most:
            self._remembered.popitem(last=False)


async def read(tx: AsyncConnection, persons: Sequence[str]) -> dict[str, list[Told]]:
    """Return the facts about persons, without a lock: for questions and audits."""
    return await _read_years(tx, dict.fromkeys(persons, None))


async def _read_years(tx: AsyncConnection, wanted: Mapping[str, Years]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {person: [] for person in wanted}
    for person, fact, name, body in (await tx.execute(_LOAD, asked_for(wanted))).all():
        found[person].append((fact, ADAPTERS[name].validate_json(body)))
    return found


async def read_events(tx: AsyncConnection, persons: Sequence[str]) -> dict[str, list[Event]]:
    """Return the events that told what is known about persons, as ``read``."""
    return {
        person: [event for _, event in told] for person, told in (await read(tx, persons)).items()
    }


async def _lock(
    tx: AsyncConnection, persons: Sequence[str]
) -> dict[str, tuple[str, int, bool, str]]:
    found = await _locked(tx, persons)
    if len(found) < len(persons):
        await tx.execute(_REGISTER, {"persons": persons})
        found = await _locked(tx, persons)
    return found


async def _locked(
    tx: AsyncConnection, persons: Sequence[str]
) -> dict[str, tuple[str, int, bool, str]]:
    rows = await tx.execute(_LOCK, {"persons": persons})
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}
