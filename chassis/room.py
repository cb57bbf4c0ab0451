"""What a service brings to the loop: whose fact an event is, what follows from all facts, what is written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.factset import F, Facts, Known, S
from chassis.years import Years
from contracts.events.base import Event
from contracts.reach import TIMELESS, Reach


@dataclass(slots=True)
class Announcement:
    """An event to go out, and the id that stays the same however often it is decided."""

    id: str
    event: Event


R = TypeVar("R")
"""What a room writes of a person's difference, in one of its tables or several."""


@dataclass(slots=True)
class Effect(Generic[S, R]):
    """The difference for one person: what to announce, what to write, and what then stands.

    ``trace``: of the fact that it follows from, given by the loop; of several in a turn, of the last.
    """

    person: str
    announced: S
    rows: R
    announce: list[Announcement] = field(default_factory=list)
    trace: str = ""


class Room(Protocol[F, S, R]):
    """What a service brings to the loop: facts ``F``, what was announced ``S``, what is written ``R``."""

    name: str
    rules: str
    """By which rules it decides: once they are others, all years of a person are decided anew."""

    def fact_of(self, event: Event) -> tuple[str, str] | None:
        """Return whose fact an event is and its id in the set; None if it is not about a person."""

    def no_facts(self) -> F:
        """Return the empty set of a person's facts, in the shape that the fold reads."""

    def reach_of(self, event: Event) -> Reach:
        """Return which benefit years a fact is about."""

    def linked(self, facts: F) -> Years:
        """Return the years that are read whatever is touched; None: from now on all of them."""

    async def load(self, tx: AsyncConnection, wanted: Mapping[str, Years]) -> dict[str, S]:
        """Return what was announced so far about these years of each person."""

    def decide(self, known: Known[F, S]) -> Effect[S, R]:
        """Fold all facts of a person and return the difference to what was announced. Pure."""

    async def save(self, tx: AsyncConnection, effects: Sequence[Effect[S, R]]) -> dict[str, str]:
        """Write the differences, set-based; return new ledger heads by person, if it keeps one."""


class PersonRoom(Generic[F]):
    """What is the same in every room: whose fact an event is, and where a person begins.

    It knows no years: everything is read always.
    """

    def __init__(
        self, name: str, fact_id: Callable[[Event], tuple[str, str] | None], empty: Callable[[], F]
    ) -> None:
        self.name = name
        self.rules = ""
        self._fact_id = fact_id
        self._empty = empty

    def fact_of(self, event: Event) -> tuple[str, str] | None:
        """Return whose fact an event is, and its id in the set."""
        return self._fact_id(event)

    def no_facts(self) -> F:
        """Return the empty set."""
        return self._empty()

    def reach_of(self, _: Event) -> Reach:
        """Return that a fact is about no single year."""
        return TIMELESS

    def linked(self, _: F) -> Years:
        """Return no years."""
        return set()


class YearlyFacts(Facts, Protocol):
    """Facts of a person by benefit year."""

    @property
    def linked_years(self) -> Years:
        """The years that are read whatever is touched; None: all hang together."""


Y = TypeVar("Y", bound=YearlyFacts)


class YearlyRoom(PersonRoom[Y]):
    """A room whose facts are about benefit years: only those that new facts touch are read."""

    def __init__(
        self,
        name: str,
        fact_id: Callable[[Event], tuple[str, str] | None],
        empty: Callable[[], Y],
        reach_of: Callable[[Event], Reach],
    ) -> None:
        super().__init__(name, fact_id, empty)
        self._reach_of = reach_of

    def reach_of(self, event: Event) -> Reach:
        """Return which benefit years a fact is about."""
        return self._reach_of(event)

    def linked(self, facts: Y) -> Years:
        """Return the years that hang together."""
        return facts.linked_years
