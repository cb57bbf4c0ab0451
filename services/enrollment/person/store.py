"""Enrollment's residents: the identity vault and the announced standing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from services.enrollment.person.file import ResidentFile
from services.enrollment.person.listings import Listing
from services.enrollment.person.rules import ResidentChange, Standing
from services.enrollment.tables import FoundByRow, ListingRow, ResidentRow

_LOAD = text(
    "SELECT person, revision, registered, status, coverage, household, batch,"
    " flags, file FROM resident"
    " WHERE person = ANY(CAST(:persons AS text[]))"
)
_LISTINGS = text(
    "SELECT person, month, received, batch, source, category, present FROM listing"
    " WHERE person = ANY(CAST(:persons AS text[]))"
)
_SAVE = bulk.upsert(
    ResidentRow,
    "person", "revision", "registered", "status", "coverage", "flags", "listed", "township", "village",
    "covered_years", "died", "blind_index", "identity_sealed", "identity_of", "formerly", "household",
    "batch", "file", "phone_sealed", "phone_of", "head_sealed", "head_of",
    own={
        "updated": "now()",
        # A turn that heard no number keeps the one that is sealed.
        "blind_index": "coalesce(excluded.blind_index, resident.blind_index)",
        "identity_of": "CASE WHEN excluded.identity_sealed = '' THEN resident.identity_of"
        " ELSE excluded.identity_of END",
        "identity_sealed": "CASE WHEN excluded.identity_sealed = '' THEN resident.identity_sealed"
        " ELSE excluded.identity_sealed END",
    },
    by_json=True,
)  # fmt: skip
_LIST = bulk.insert(
    ListingRow, "person", "month", "received", "batch", "source", "category", "present"
)
_FOUND_BY = bulk.insert(FoundByRow, "person", "word")
_FORGET = text(
    "DELETE FROM found_by WHERE person = ANY(CAST(:persons AS text[])) AND (person, word) NOT IN"
    " (SELECT * FROM unnest(CAST(:owners AS text[]), CAST(:words AS text[])))"
)


@dataclass(frozen=True, slots=True)
class Indexes:
    """What finds a person whose identity is sealed: the blind index of the number, and words by hash."""

    number: bytes | None = None
    words: Sequence[str] = ()


async def load_standing(tx: AsyncConnection, persons: Sequence[str]) -> dict[str, Standing]:
    """Return what was announced, by person."""
    listed: dict[str, set[Listing]] = {}
    for row in await tx.execute(_LISTINGS, {"persons": persons}):
        listed.setdefault(row[0], set()).add(Listing(*row[1:]))
    found = {}
    for row in await tx.execute(_LOAD, {"persons": persons}):
        file = ResidentFile.model_validate(row.file)
        gone = {(one.source, one.batch): one.categories for one in file.withdrawn}
        rows = (one for one in listed.get(row.person, ()) if _stands(one, gone))
        found[row.person] = Standing(
            row.revision, row.registered, row.status, row.coverage, row.household, row.batch,
            tuple(row.flags or ()), file, frozenset(rows),
        )  # fmt: skip
    return found


def _stands(one: Listing, gone: Mapping[tuple[str, str], Sequence[str]]) -> bool:
    """Tell whether a row's list counts for it; ``gone``: list → of which categories not, empty: of none."""
    names = gone.get((one.source, one.batch))
    return names is None or bool(names and one.category not in names)


async def save_changes(
    tx: AsyncConnection, changes: Sequence[ResidentChange], indexes: Mapping[str, Indexes]
) -> None:
    """Write residents as they now stand; ``indexes``: person → what finds them now."""
    rows = []
    for change in changes:
        now, after, number = change.now, change.after, indexes[change.person].number
        rows.append((
            change.person, after.revision, after.registered, after.status, after.coverage,
            after.flags, now.listed, now.township, now.village, now.covered_years, now.died,
            number and f"\\x{number.hex()}", now.identity_sealed, now.identity_of, now.formerly,
            now.household, now.batch,
            orjson.Fragment(after.file.model_dump_json(exclude_defaults=True)),
            now.phone_sealed, now.phone_of, now.head_sealed, now.head_of,
        ))  # fmt: skip
    await _SAVE.write(tx, rows)
    await _save_words(tx, indexes)
    listed = [
        (change.person, one.month, one.received, one.batch, one.source, one.category, one.present)
        for change in changes
        for one in change.listings
    ]
    await _LIST.write(tx, listed)


async def _save_words(tx: AsyncConnection, indexes: Mapping[str, Indexes]) -> None:
    """Let people be found by what they are called now, and by nothing that they are called no longer."""
    rows = [(person, word) for person, one in indexes.items() for word in one.words]
    if not indexes:
        return
    owners, words = [row[0] for row in rows], [row[1] for row in rows]
    await tx.execute(_FORGET, {"persons": list(indexes), "owners": owners, "words": words})
    await _FOUND_BY.write(tx, rows)
