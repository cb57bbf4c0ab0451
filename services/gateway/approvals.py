"""Two persons (经办、复核): what moves money or removes people is proposed by one and approved by another.

It is in force as soon as two persons of the bureau hold keys of their own: from then on somebody can look at
what another one did. Whoever has nobody beside them works as before.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.clock import Clock
from chassis.outbox import Outbox
from contracts.vocabulary import Source
from services.gateway.partner_keys import PartnerKeys
from services.gateway.refusals import RefusedError
from services.gateway.store import looking, written

Kind = Literal["list", "withdrawal", "payment", "correction"]
Outcome = Literal["", "approved", "returned"]
Also = Callable[[AsyncConnection], Awaitable[None]]
"""What is written in the same transaction."""
_PROPOSED = ("id", "kind", "about", "says", "payload", "holder")
TAKEN_BACK = "报送单位已另行更正或撤销"
WAITS = "已提交，须由另一人复核后生效"
_COLUMNS = "id, kind, about, says, payload, holder, made, outcome, decider, decided, why"
_PROPOSE = text(
    "INSERT INTO proposal (id, kind, about, says, payload, holder, made, outcome, decider, why)"
    " VALUES (:id, :kind, :about, :says, :payload, :holder, :made, '', '', '')"
    " ON CONFLICT DO NOTHING RETURNING id"
)
_DECIDE = text(
    "UPDATE proposal SET outcome = :outcome, decider = :decider, decided = :decided, why = :why"
    " WHERE id = :id AND outcome = '' RETURNING id"
)
_TAKE_BACK = text(
    # Whoever says something newer of a person no longer says what waits.
    "UPDATE proposal SET outcome = 'returned', decider = :holder, decided = :decided, why = :why"
    " WHERE kind = :kind AND outcome = '' AND starts_with(about, :begins) AND about <> :but"
)
_ONE = text(f"SELECT {_COLUMNS} FROM proposal WHERE id = :id")
_LATEST = text(
    # What waits comes first: it is what somebody has to do.
    f"SELECT {_COLUMNS} FROM proposal WHERE :every OR outcome = ''"
    " ORDER BY outcome <> '', made DESC, id LIMIT :most OFFSET :offset"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What waits for another person, or what became of it."""

    id: str
    kind: Kind
    about: str
    says: str
    payload: bytes
    holder: str
    made: datetime | None = None
    outcome: Outcome = ""
    decider: str = ""
    decided: datetime | None = None
    why: str = ""


def person_of(holder: str) -> str:
    """Return which person of the bureau a key is of; empty for the bureau's own, and for others."""
    office, _, person = holder.partition("/")
    return person if office == Source.BUREAU.value else ""


def refuse_own(proposal: Proposal, holder: str) -> None:
    """Refuse who may not approve: whoever proposed it, and a key that is no person's. Raises RefusedError.

    What a township proposed, anybody of the bureau may approve.
    """
    of_the_bureau = proposal.holder.partition("/")[0] == Source.BUREAU.value
    if of_the_bureau and (not person_of(holder) or holder == proposal.holder):
        raise RefusedError("not_another_person", "approval", 403)


@dataclass(frozen=True, slots=True)
class Approvals:
    """What waits for a second person."""

    engine: AsyncEngine
    outbox: Outbox
    keys: PartnerKeys
    clock: Clock

    def needed(self) -> bool:
        """Tell whether two persons of the bureau are there, so that one can look at what the other did."""
        return len(self.keys.holding(person_of)) > 1

    async def propose(self, one: Proposal) -> bool:
        """Keep what was proposed; returns False if the same waits already."""
        row = {name: getattr(one, name) for name in _PROPOSED} | {"made": self.clock()}
        new: list[str] = []

        async def write(tx: AsyncConnection) -> None:
            new.extend((await tx.execute(_PROPOSE, row)).scalars())

        await written(self.outbox, write)
        return bool(new)

    async def of(self, id_: str) -> Proposal:
        """Return what waits. Raises RefusedError, with 409 if somebody decided it before."""
        async with looking(self.engine) as connection:
            row = (await connection.execute(_ONE, {"id": id_})).first()
        if row is None:
            raise RefusedError("unknown_proposal", "id", 404)
        if row.outcome:
            raise RefusedError("decided_already", "id", 409)
        return _proposal(row)

    async def latest(self, most: int, offset: int, *, every: bool) -> list[Proposal]:
        """Return what waits, and if asked for also what was decided; what waits first, then the latest."""
        asked = {"most": most, "offset": offset, "every": every}
        async with looking(self.engine) as connection:
            return [_proposal(row) for row in await connection.execute(_LATEST, asked)]

    def decided(self, one: Proposal, outcome: Outcome, by: str, why: str = "") -> Also:
        """Return what writes a decision down, in a transaction of which it is a part or the whole.

        Of two who decide at once the second is refused, and with it whatever stands in the same transaction.
        """
        said = {
            "id": one.id,
            "outcome": outcome,
            "decider": by,
            "decided": self.clock(),
            "why": why,
        }

        async def write(tx: AsyncConnection) -> None:
            if (await tx.execute(_DECIDE, said)).first() is None:
                raise RefusedError("decided_already", "id", 409)

        return write

    async def decide(self, also: Also, carry_out: Callable[[], Awaitable[None]]) -> None:
        """Write a decision down and do what was decided: what is refused is not decided.

        The decision comes first, so that of two who decide at once the second does nothing.
        """

        async def write(tx: AsyncConnection) -> None:
            await also(tx)
            await carry_out()

        await written(self.outbox, write)

    async def take_back(self, kind: Kind, begins: str, but: str, holder: str) -> None:
        """End what its own sender no longer says: everything about whom it begins with, but one."""
        said = {"kind": kind, "begins": begins, "but": but, "holder": holder, "why": TAKEN_BACK}

        async def write(tx: AsyncConnection) -> None:
            await tx.execute(_TAKE_BACK, said | {"decided": self.clock()})

        await written(self.outbox, write)


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(**row._asdict())
