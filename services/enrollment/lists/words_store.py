"""Rows that wait for a word, and what the county said of words: kept as a set, answered at the door."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import bulk
from chassis.bus import IN_ORDER, Subscription
from chassis.listening import Kept
from chassis.runtime import Turn
from contracts.events.lists import RowsAnswered, RowsWaiting, WordLearned
from contracts.lists import (
    AboutWords,
    LearnedWord,
    OpenWord,
    WaitingPage,
)
from contracts.subjects import event_name
from services.enrollment.tables import WaitingRow

SUBJECTS = (
    "partner.*.RowsWaiting.v1", "partner.*.RowsAnswered.v1", "partner.*.WordLearned.v1",
)  # fmt: skip
_LIST_STANDS = (
    " AND NOT EXISTS (SELECT 1 FROM full_list AS gone WHERE gone.source = waiting_row.source"
    " AND gone.batch = waiting_row.batch AND gone.state IN ('withdrawn', 'superseded'))"
)
"""Rows of a list that was withdrawn or replaced wait for nothing."""
_WAIT = bulk.upsert(
    WaitingRow, "source", "batch", "sheet", "row", "about", "word", "cells_sealed", "month", "year",
    "is_full", "received",
    # A row that waits for another of its words waits anew; one that was answered does not.
    keep={"cells_sealed", "month", "year", "is_full", "received"},
    where="waiting_row.state = 'waiting'",
)  # fmt: skip
_ANSWER = text(
    # Only a row that still waits is answered: the first answer counts, however often it is told.
    "UPDATE waiting_row SET state = CASE WHEN done.reason = '' THEN 'taken' ELSE 'refused' END,"
    " reason = done.reason, person = nullif(done.person, ''), category = nullif(done.category, '')"
    " FROM unnest(CAST(:sheets AS text[]), CAST(:rows AS int[]), CAST(:reasons AS text[]),"
    " CAST(:persons AS text[]), CAST(:categories AS text[]))"
    " AS done (sheet, row, reason, person, category) WHERE waiting_row.source = :source"
    " AND waiting_row.batch = :batch AND waiting_row.sheet = done.sheet"
    " AND waiting_row.row = done.row AND waiting_row.state = 'waiting'"
)
_LEARN = text(
    "INSERT INTO word (source, about, word, meaning, received)"
    " VALUES (:source, :about, :word, :meaning, :received) ON CONFLICT (source, about, word)"
    " DO UPDATE SET meaning = excluded.meaning, received = excluded.received"
    " WHERE word.received < excluded.received"
)
_LEARNED = text(
    "SELECT source, about, word, meaning FROM word"
    " WHERE CAST(:source AS text) = '' OR source = :source ORDER BY source, about, word"
)
_OPEN = text(
    "SELECT source, about, word, count(*) AS rows, min(received) AS since FROM waiting_row"
    f" WHERE state = 'waiting' AND (CAST(:source AS text) = '' OR source = :source){_LIST_STANDS}"
    " GROUP BY source, about, word ORDER BY min(received), source, about, word"
)
_PAGE = text(
    "SELECT batch, received, month, year, is_full AS full, row, sheet, cells_sealed FROM waiting_row"
    f" WHERE source = :source AND about = :column AND word = :word AND state = 'waiting'{_LIST_STANDS}"
    " AND (batch, sheet, row) > (:batch, :sheet, :row) ORDER BY batch, sheet, row LIMIT :most"
)


async def keep_words(turn: Turn, subject: str, body: bytes) -> None:
    """Write rows that wait, an answer, or what became of the rows; twice changes nothing."""
    name, tx = event_name(subject), turn.tx
    if name == RowsWaiting.NAME:
        await _wait(tx, RowsWaiting.model_validate_json(body))
    elif name == RowsAnswered.NAME:
        await _answer(tx, RowsAnswered.model_validate_json(body))
    else:
        await _learn(tx, WordLearned.model_validate_json(body))


async def _wait(tx: AsyncConnection, event: RowsWaiting) -> None:
    rows = [
        (
            event.source.value, event.batch, one.sheet, one.row, one.column, one.word,
            one.cells_sealed, event.month, event.year, event.full, event.received,
        )
        for one in event.rows
    ]  # fmt: skip
    await _WAIT.write(tx, rows)


async def _answer(tx: AsyncConnection, event: RowsAnswered) -> None:
    columns: dict[str, Any] = {
        "sheets": [one.sheet for one in event.rows],
        "rows": [one.row for one in event.rows],
        "reasons": [one.reason for one in event.rows],
        "persons": [one.person or "" for one in event.rows],
        "categories": [one.category.value if one.category else "" for one in event.rows],
    }
    await tx.execute(_ANSWER, columns | {"source": event.source.value, "batch": event.batch})


async def _learn(tx: AsyncConnection, event: WordLearned) -> None:
    said = {
        "source": event.about.value, "about": event.column, "word": event.word,
        "meaning": event.meaning, "received": event.received,
    }  # fmt: skip
    await tx.execute(_LEARN, said)


async def learned_words(tx: AsyncConnection, about: AboutWords) -> list[LearnedWord]:
    """Return what the county said of words."""
    rows = await tx.execute(_LEARNED, {"source": about.source})
    return [LearnedWord(source=row[0], column=row[1], word=row[2], meaning=row[3]) for row in rows]


async def open_words(tx: AsyncConnection, about: AboutWords) -> list[OpenWord]:
    """Return the words that are asked about, the oldest first."""
    rows = await tx.execute(_OPEN, {"source": about.source})
    return [
        OpenWord(source=row[0], column=row[1], word=row[2], rows=row[3], since=row[4])
        for row in rows
    ]


async def waiting_page(tx: AsyncConnection, page: WaitingPage) -> Sequence[Any]:
    """Return a page of rows that wait for a word."""
    batch, sheet, row = page.after
    asked = {
        "source": page.source.value, "column": page.column, "word": page.word, "most": page.most,
        "batch": batch, "sheet": sheet, "row": row,
    }  # fmt: skip
    return (await tx.execute(_PAGE, asked)).mappings().all()


KEEPS = (
    Kept(Subscription("PARTNER", "enrollment-words", SUBJECTS, "explicit", IN_ORDER), keep_words),
)
