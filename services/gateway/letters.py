"""What could not be read or handled (滞留消息): found, given an owner, sent back or closed.

The door orders; the operator's process, which may speak on every subject, carries out
(``yingbao/running/letters.py``): a door that anybody may knock at publishes for nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.clock import Clock
from chassis.outbox import Outbox
from chassis.privacy import SealError, Vault
from services.gateway.refusals import RefusedError
from services.gateway.store import looking, written

State = Literal["open", "sending", "sent", "closed"]
OF_THE_DOOR = "door."
"""Subjects of what the door refused: only its sender can correct it."""
_SHOWN = "number, service, handler, subject, reason, detail, set_aside, owner, state, decider, decided, why"
_WHICH = (
    " (CAST(:numbers AS bigint[]) = '{}' OR number = ANY(CAST(:numbers AS bigint[])))"
    " AND (CAST(:service AS text) = '' OR service = :service)"
    " AND (CAST(:reason AS text) = '' OR reason = :reason)"
    " AND (CAST(:owner AS text) = '' OR owner = :owner)"
)
_PAGE = text(
    f"SELECT {_SHOWN} FROM letter WHERE{_WHICH} AND state = ANY(CAST(:states AS text[]))"
    " ORDER BY number DESC LIMIT :most OFFSET :offset"
)
_ONE = text(f"SELECT {_SHOWN}, message, payload_sealed FROM letter WHERE number = :number")
_ORDER = text(
    f"UPDATE letter SET state = :state, decider = :holder, decided = :at, why = :why WHERE{_WHICH}"
    " AND state = 'open' AND (:state <> 'sending' OR NOT starts_with(subject, 'door.')) RETURNING number"
)
_STAY = text(
    f"SELECT number FROM letter WHERE{_WHICH} AND state = 'open' AND starts_with(subject, 'door.')"
    " ORDER BY number LIMIT 1000"
)
_OWN = text(f"UPDATE letter SET owner = :new WHERE{_WHICH} AND state = 'open' RETURNING number")


@dataclass(frozen=True, slots=True)
class Which:
    """Which letters: these numbers, or all of a service, a reason, an owner."""

    numbers: Sequence[int] = ()
    service: str = ""
    reason: str = ""
    owner: str = ""

    def asked(self) -> dict[str, Any]:
        """Return the parameters of a statement."""
        return {
            "numbers": list(self.numbers), "service": self.service, "reason": self.reason,
            "owner": self.owner,
        }  # fmt: skip

    @property
    def vague(self) -> bool:
        """Tell whether this is everything: nobody means that."""
        return not (self.numbers or self.service or self.reason)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter; ``payload``: the input, once it is opened."""

    number: int
    service: str
    handler: str
    subject: str
    reason: str
    detail: str
    set_aside: datetime
    owner: str
    state: State
    decider: str
    decided: datetime | None
    why: str
    payload: str = ""


@dataclass(frozen=True, slots=True)
class Letters:
    """The letters that the door shows and orders about."""

    engine: AsyncEngine
    outbox: Outbox
    operators: Vault
    clock: Clock

    async def page(
        self, which: Which, states: Sequence[State], most: int, offset: int
    ) -> list[Letter]:
        """Return letters in some states, the latest first."""
        asked = which.asked() | {"most": most, "offset": offset, "states": list(states)}
        async with looking(self.engine) as connection:
            return [Letter(**row._asdict()) for row in await connection.execute(_PAGE, asked)]

    async def one(self, number: int) -> Letter:
        """Return a letter with its input. Raises RefusedError with 404."""
        async with looking(self.engine) as connection:
            row = (await connection.execute(_ONE, {"number": number})).first()
        if row is None:
            raise RefusedError("unknown_letter", "number", 404)
        said = row._asdict()
        try:
            opened = self.operators.open(said.pop("payload_sealed"), said.pop("message"))
        except SealError:
            raise RefusedError("sealed_otherwise", "number", 409) from None
        return Letter(**said, payload=opened)

    async def send_back(self, which: Which, holder: str) -> tuple[list[int], list[int]]:
        """Order letters back to where they came from; returns those, and those that only a sender mends."""
        async with looking(self.engine) as connection:
            stay = list((await connection.execute(_STAY, which.asked())).scalars())
        return await self._order(which, "sending", holder, ""), stay

    async def close(self, which: Which, holder: str, why: str) -> list[int]:
        """Take letters off the list; returns which. Who did and why stays."""
        return await self._order(which, "closed", holder, why)

    async def own(self, which: Which, owner: str) -> list[int]:
        """Say who looks after letters; returns which."""
        return await self._written(_OWN, which.asked() | {"new": owner})

    async def _order(self, which: Which, state: State, holder: str, why: str) -> list[int]:
        said = {"state": state, "holder": holder, "at": self.clock(), "why": why}
        return await self._written(_ORDER, which.asked() | said)

    async def _written(self, statement: Any, said: dict[str, Any]) -> list[int]:
        found: list[int] = []

        async def write(tx: AsyncConnection) -> None:
            found.extend((await tx.execute(statement, said)).scalars())

        await written(self.outbox, write)
        return sorted(found)
