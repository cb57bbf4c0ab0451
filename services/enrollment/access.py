"""Opening the vault, and the record of who read what of whom for what."""

from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.asking import answers
from chassis.privacy import Vault, vault
from chassis.runtime import Runtime
from chassis.settings import Settings
from contracts.asking import Confirmed
from contracts.sheets import (
    ENROLLMENT_ACCESS,
    ENROLLMENT_READING,
    AccessLine,
    AccessPage,
    CheckQuestion,
    FindQuestion,
    HouseholdPage,
    PeopleQuestion,
    Reading,
    ResultPage,
    SheetPage,
)
from services.enrollment.opened import Opened

PLACE = "ledger"
VAULT = "identity_sealed, identity_of, phone_sealed, phone_of, head_sealed, head_of"
"""What opens a person's row: the identity said last, and the lists that last named phone and head."""
READ = text(
    "INSERT INTO access (holder, what, area, why, people)"
    " VALUES (:holder, :what, :area, :why, :people)"
)
_ACCESSES = text(
    "SELECT at, holder, what, area, why, people FROM access"
    " ORDER BY id DESC LIMIT :most OFFSET :offset"
)


async def accesses(runtime: Runtime, page: AccessPage) -> list[AccessLine]:
    """Return who read people's data, the latest first."""
    async with runtime.look() as connection:
        rows = (await connection.execute(_ACCESSES, page.model_dump())).mappings().all()
    return [AccessLine(**dict(row) | {"at": row["at"].isoformat()}) for row in rows]


async def note_reading(runtime: Runtime, asked: Reading) -> Confirmed:
    """Write down that somebody reads what the door keeps."""
    async with runtime.turn() as turn:
        await turn.tx.execute(READ, asked.model_dump() | {"people": 1})
    return Confirmed(found=True)


def identities_of(settings: Settings) -> Vault:
    """Return what opens the identities that the door sealed."""
    return vault(settings.identity_key.get_secret_value(), settings.cipher_suite)


def sealed(runtime: Runtime, content: object) -> str:
    """Seal what an answer says of people, for the door."""
    return _operators(runtime.settings).seal(orjson.dumps(content).decode(), PLACE)


def unsealed(runtime: Runtime, asked: str) -> str:
    """Open what the door asks about people. Raises SealError if somebody else sealed it."""
    return _operators(runtime.settings).open(asked, PLACE)


def _operators(settings: Settings) -> Vault:
    return vault(settings.operator_key.get_secret_value(), settings.cipher_suite)


async def write_access(
    tx: AsyncConnection,
    asked: SheetPage | PeopleQuestion | FindQuestion | HouseholdPage | ResultPage | CheckQuestion,
    what: str,
    people: int,
    whom: str = "",
) -> None:
    """Write who read what of how many people, and why; with the reading. ``whom``: of one alone."""
    area = whom or "/".join(part for part in (asked.township, asked.village) if part)
    said = {"holder": asked.holder, "what": what, "area": area, "why": asked.why, "people": people}
    await tx.execute(READ, said)


def opened_of(row: Any, person: str, identities: Vault) -> Opened:
    """Open a person's row of the vault; empty where no list brought a name."""
    if not row.identity_sealed:
        return Opened()
    said = orjson.loads(identities.open(row.identity_sealed, row.identity_of or person))
    for part in ("phone", "head"):
        sealed = getattr(row, f"{part}_sealed", "")
        if sealed and not said.get(part):
            place = getattr(row, f"{part}_of") or person
            said |= {part: orjson.loads(identities.open(sealed, place)).get(part, "")}
    return Opened(**said)


ANSWERS = (answers(ENROLLMENT_ACCESS, accesses), answers(ENROLLMENT_READING, note_reading))
