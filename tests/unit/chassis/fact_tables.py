"""The tables person and fact of one person, as far as a fact set asks them, and a set over them."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from chassis.factset import Fact, FactSet, Known
from chassis.years import Years
from contracts.events.base import Event
from contracts.reach import WITH_ITS_KIN, Reach
from tests.builders import PERSON, a_bill


class Facts:
    """A set of facts by id, with years that hang together if it says so."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.links: Years = set()

    def add(self, event: Event, fact: str) -> None:
        """Take a fact in; ``linked`` and ``whole`` in its id tie years together."""
        if fact not in self.ids:
            self.ids.append(fact)
        if "linked" in fact:
            self.links = {2022, 2023}
        if "whole" in fact:
            self.links = None


@dataclass
class Tables:
    """The tables person and fact of one person, as far as a fact set asks them."""

    facts: dict[str, int] = field(default_factory=dict)
    version: int = 0
    whole: bool = False
    folded: str = "rules of 2023"
    read: list[Years] = field(default_factory=list)
    returns_rows: bool = True
    rows: list[Any] = field(default_factory=list)

    async def execute(self, statement: Any, asked: dict[str, Any]) -> "Tables":
        """Answer what a fact set asks."""
        said = str(statement)
        if said.startswith("SELECT person.person"):
            self.rows = [(PERSON, "", self.version, self.whole, self.folded)]
        elif said.startswith("INSERT INTO fact"):
            pairs = zip(asked["fact"], asked["year"], strict=True)
            new = [(fact, year) for fact, year in pairs if fact not in self.facts]
            self.facts |= dict(new)
            self.rows = [(PERSON, fact) for fact, _ in new]
        elif said.startswith("SELECT wanted.person, kin"):
            self.rows = [self._kin(kin, fact) for kin in asked["kin"] for fact in self._of(kin)]
        elif said.startswith("UPDATE person"):
            self.version, self.whole = asked["version"][0], asked["whole"][0]
            self.folded = asked["folded"][0]
            self.rows = []
        else:
            years = None if asked["wholly"] else set(asked["years"])
            self.read.append(years)
            self.rows = [
                (PERSON, fact, "ClaimSubmitted", a_bill().model_dump_json())
                for fact, year in self.facts.items()
                if years is None or year in years
            ]
        return self

    def _of(self, kin: str) -> list[str]:
        return [fact for fact in self.facts if fact.startswith(f"{kin}/")]

    def _kin(self, kin: str, fact: str) -> Any:
        year = self.facts[fact]
        body = a_bill().model_dump_json() if year == WITH_ITS_KIN else None
        row = (PERSON, kin, year, fact, "ClaimSubmitted", body)
        names = ("person", "kin", "year", "fact", "event", "body")
        return type("Row", (), dict(zip(names, row, strict=True)))()

    def all(self) -> list[Any]:
        """Return the rows of the last statement."""
        return self.rows

    def __iter__(self) -> Any:
        return iter(self.rows)


class Set:
    """A fact set over such tables, and what it knows of the one person."""

    rules = "rules of 2023"

    def __init__(self, **facts: int) -> None:
        told = {name.replace("__", "/"): year for name, year in facts.items()}
        self.tables = Tables(told, version=len(facts))
        self.forget()

    def forget(self) -> None:
        """Start anew."""
        self.facts: FactSet[Facts, Any] = FactSet(
            Facts, linked=lambda known: known.links, rules=self.rules
        )

    def hear(self, *facts: tuple[str, Reach]) -> Known[Facts, Any]:
        """Add facts in a turn that is committed."""

        async def turn() -> Known[Facts, Any]:
            tx: Any = self.tables
            told = [Fact(PERSON, name, a_bill(), b"", reach) for name, reach in facts]
            known = await self.facts.add(tx, told)
            await self.facts.close(tx, known.values())
            self.facts.remember(known.values())
            return known[PERSON]

        return asyncio.run(turn())

    def again(self) -> Known[Facts, Any]:
        """Look at the person again."""
        tx: Any = self.tables
        return asyncio.run(self.facts.again(tx, [PERSON]))[PERSON]
