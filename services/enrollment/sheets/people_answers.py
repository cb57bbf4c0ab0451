"""Answers who somebody is, in the common columns: by key, by what they are called, or by household."""

from collections.abc import Iterable, Sequence
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
_CALLED = text(
    f"{_COLUMNS} person IN (SELECT person FROM found_by WHERE word = :word){_AREA} AND {NOT_MERGED}"
    " AND resident.person > :after ORDER BY resident.person LIMIT :most + 1"
)
_LIVING_WITH = text(
    # Whoever no list gave a household lives alone. Who was asked about comes first, however many live there.
    f"{_COLUMNS} (person = :household_of OR household <> '' AND household ="
    f" (SELECT household FROM resident WHERE person = :household_of)){_AREA} AND {NOT_MERGED}"
    " ORDER BY resident.person <> :household_of, resident.person LIMIT :most"
)


async def people(runtime: Runtime, asked: PeopleQuestion) -> PeopleAnswer:
    """Return the common columns of people who live in an area; it is written down."""
    async with runtime.turn() as turn:
        where = asked.model_dump(include={"persons", "township", "village"})
        rows = (await turn.tx.execute(_PEOPLE, where)).all()
        await write_access(turn.tx, asked, asked.ledger, len(rows), _only(rows))
    return PeopleAnswer(columns=list(COMMON), sealed=_shown(runtime, rows, asked.year))


async def find(runtime: Runtime, asked: FindQuestion) -> FindAnswer:
    """Return who is called so, or lives with somebody, in an area; it is written down."""
    where = asked.model_dump(include={"household_of", "township", "village", "after", "most"})
    if asked.household_of is None:
        where["word"] = _hashed(runtime, asked.sealed)
    async with runtime.turn() as turn:
        found = await turn.tx.execute(_LIVING_WITH if asked.household_of else _CALLED, where)
        rows = found.all()
        page, more = rows[: asked.most], rows[asked.most :]
        what = "household" if asked.household_of else "find"
        await write_access(turn.tx, asked, what, len(page), asked.household_of or _only(page))
    after = page[-1].person if more else ""
    shown = _shown(runtime, page, asked.year)
    return FindAnswer(columns=list(COMMON), sealed=shown, after=after)


def _only(rows: Sequence[Any]) -> str:
    """Return who was read, where it was one person: the record says whom."""
    return str(rows[0].person) if len(rows) == 1 else ""


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
