"""Law one in memory: a fact that stands twice in one batch is one fact."""

import asyncio
from typing import Any

from chassis.factset import Fact, FactSet
from contracts.events.base import Event
from services.enrollment.person.rules import Facts, fact_id
from tests.builders import PERSON, a_grant, a_premium


class Table:
    """The fact table of a transaction: what is asked of it, answered from a set."""

    def __init__(self) -> None:
        self.kept: set[tuple[str, str]] = set()
        self.version = 0
        self.returns_rows = True

    async def execute(self, statement: Any, asked: dict[str, Any]) -> "Table":
        """Lock, add with RETURNING, or read nothing yet."""
        said = str(statement)
        self.rows: list[tuple[Any, ...]] = []
        if said.startswith("INSERT INTO fact"):
            pairs = list(zip(asked["person"], asked["fact"], strict=True))
            self.rows = [pair for pair in dict.fromkeys(pairs) if pair not in self.kept]
            self.kept |= set(pairs)
        elif said.startswith("SELECT person.person"):
            self.rows = [(person, "", self.version, False, "") for person in asked["persons"]]
        return self

    def all(self) -> list[tuple[Any, ...]]:
        """Return the rows of the last statement."""
        return self.rows

    def __iter__(self) -> Any:
        return iter(self.rows)


def as_fact(event: Event) -> Fact:
    """Return an event as a member of the set."""
    found = fact_id(event)
    assert found is not None
    return Fact(*found, event, event.model_dump_json().encode())


def test_a_fact_twice_in_one_batch_is_added_once() -> None:
    """A person who is remembered gets a list in which the bus repeated a row."""
    table, facts = Table(), FactSet(Facts)

    async def told() -> int:
        known = await facts.add(table, [as_fact(a_premium())])  # type: ignore[arg-type]
        facts.remember(known.values())
        row = as_fact(a_grant())
        again = await facts.add(table, [row, row])  # type: ignore[arg-type]
        return len(again[PERSON].facts.events)

    assert asyncio.run(told()) == 2
