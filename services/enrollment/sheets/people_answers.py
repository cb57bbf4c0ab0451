"""Answers who somebody is, in the common columns: by key, by what they are called, or by household."""

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import text

from chassis.asking import answers
from chassis.privacy import Vault, word_index
from chassis.runtime import Runtime
from contracts.sheets import (
    ENROLLMENT_FIND,
    ENROLLMENT_PEOPLE,
    FindAnswer,
    FindQuestion,
    PeopleAnswer,
    PeopleQuestion,
)
from services.enrollment.access import (
    VAULT,
    identities_of,
    opened_of,
    sealed,
    unsealed,
    write_access,
)
from services.enrollment.sheets.columns import in_general
from services.enrollment.sheets.rules import COMMON, common
from services.enrollment.tables import NOT_MERGED

_COLUMNS = (
    f"SELECT person, township, village, listed, flags, died, file, {VAULT}, batch,"
    " updated::date AS updated FROM resident WHERE"
)
_AREA = (
    " AND (CAST(:township AS text) = '' OR township = :township)"
    " AND (CAST(:village AS text) = '' OR village = :village)"
)
_PEOPLE = text(f"{_COLUMNS} person = ANY(CAST(:persons AS text[])){_AREA}")
_PAGE = (
    f"{_AREA} AND {NOT_MERGED} AND resident.person > :after ORDER BY resident.person LIMIT :most"
)
_CALLED = text(f"{_COLUMNS} person IN (SELECT person FROM found_by WHERE word = :word){_PAGE}")
_LIVING_WITH = text(
    # Whoever no list gave a household lives alone.
    f"{_COLUMNS} (person = :household_of OR household <> '' AND household ="
    f" (SELECT household FROM resident WHERE person = :household_of)){_PAGE}"
)


async def people(runtime: Runtime, asked: PeopleQuestion) -> PeopleAnswer:
    """Return the common columns of people who live in an area; it is written down."""
    async with runtime.turn() as turn:
        where = asked.model_dump(include={"persons", "township", "village"})
        rows = (await turn.tx.execute(_PEOPLE, where)).all()
        await write_access(turn.tx, asked, asked.ledger, len(rows))
    return PeopleAnswer(columns=list(COMMON), sealed=_shown(runtime, rows, asked.year))


async def find(runtime: Runtime, asked: FindQuestion) -> FindAnswer:
    """Return who is called so, or lives with somebody, in an area; it is written down."""
    where = asked.model_dump(include={"household_of", "township", "village", "after", "most"})
    async with runtime.turn() as turn:
        if asked.household_of:
            rows = (await turn.tx.execute(_LIVING_WITH, where)).all()
        else:
            where["word"] = _hashed(runtime, asked.sealed)
            rows = (await turn.tx.execute(_CALLED, where)).all()
        await write_access(turn.tx, asked, "find", len(rows))
    after = rows[-1].person if len(rows) == asked.most else ""
    shown = _shown(runtime, rows, asked.year)
    return FindAnswer(columns=list(COMMON), sealed=shown, after=after)


def _hashed(runtime: Runtime, asked: str) -> str:
    """Return the hash under which a word stands that the door sealed."""
    kind, word = orjson.loads(unsealed(runtime, asked))
    return word_index(runtime.settings.index_key.get_secret_value(), kind, word)


def _shown(runtime: Runtime, rows: Iterable[Any], year: int) -> str:
    """Open each row from the vault, and seal what is shown of it for the door."""
    identities = identities_of(runtime.settings)
    return sealed(runtime, {row.person: _common(row, year, identities) for row in rows})


def _common(row: Any, year: int, identities: Vault) -> tuple[str, ...]:
    opened = opened_of(row, row.person, identities)
    shown, paid_by = in_general(row, opened, year)
    return common(shown, row.listed or row.flags or ([paid_by] if paid_by else []))


ANSWERS = (answers(ENROLLMENT_PEOPLE, people), answers(ENROLLMENT_FIND, find))
