"""What the door does with lists: rosters, registers, and rows that waited for a word."""

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO

import orjson

from chassis.clock import Clock, today
from chassis.settings import Settings
from chassis.telemetry import logger
from contracts.envelope import event_id
from contracts.lists import (
    ENROLLMENT_LIST_BATCH,
    ENROLLMENT_STANDING,
    ENROLLMENT_WORDS,
    AboutDigest,
    AboutWords,
    StandingPage,
)
from contracts.vocabulary import RegisterKind, Source
from services.gateway.asking import ask, ask_pages
from services.gateway.intake.people import tagger
from services.gateway.intake.receipts import (
    Moves,
    Receipt,
    Standing,
    moves_of_changes,
    moves_of_full,
    receipt_of,
)
from services.gateway.intake.register import RegisterReading, digest_of
from services.gateway.intake.rosters import RosterReader, RosterReading, batch_of
from services.gateway.intake.taken import NothingTakenError, Rejected, Roster
from services.gateway.outlet import Outlet
from services.gateway.progress import Tell, untold
from services.gateway.refusals import RefusedError
from services.gateway.regions import PlaceNamer

PLACE = "ledger"
KEPT_REJECTIONS = 2_000
SENT_REMEMBERED = 50
A_TIME = 5_000
"""So many rows are read before their facts go onto the bus and the sender is told how far it is."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a sender says of a list. ``preview``: show what it would do, and do nothing."""

    source: Source
    month: date
    year: int
    full: bool = False
    preview: bool = False
    holder: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes lists: off the event loop to read them, then onto the stream."""

    settings: Settings
    clock: Clock
    outlet: Outlet
    desk: RosterReader
    place: PlaceNamer
    sent: dict[tuple[Source, date], list[tuple[str, int]]] = field(default_factory=dict)

    async def roster(
        self, order: Order, content: bytes, tell: Tell = untold
    ) -> tuple[Roster, Receipt]:
        """Take a department's list; returns it with its receipt. Raises RefusedError.

        Once it is known that the file does not go back whole, its facts go out while the next rows are
        read; the notice that makes it count is the last.
        """
        learned = await self.learned(order.source)
        batch = await self._batch(order, content)
        try:
            reading = await asyncio.to_thread(
                self.desk.begin, order.source, content, month=order.month, year=order.year,
                full=order.full, learned=learned, batch=batch,
            )  # fmt: skip
            await self._take(order, reading, tell)
        except RefusedError as error:
            if not order.preview:
                await self._keep_refused(order.source, content, error)
            raise
        moves = await self._moves(order, reading.roster)
        if not order.preview:
            await self._conclude(order.source, reading.roster, tell)
        return reading.roster, receipt_of(order.source, reading.roster, moves)

    async def _take(self, order: Order, reading: RosterReading, tell: Tell) -> None:
        """Read the rows, and publish the facts of some while the next are read."""
        facts = reading.facts(A_TIME)
        done, total = 0, len(reading.rows) + 1
        sending: asyncio.Task[None] | None = None
        try:
            while (ready := await asyncio.to_thread(next, facts, None)) is not None:
                if sending is not None:
                    await sending
                done = min(done + A_TIME, len(reading.rows))
                if not order.preview:
                    sending = asyncio.create_task(self.outlet.publish(ready))
                tell(done, total)
        finally:
            if sending is not None:
                await asyncio.wait([sending])
        if sending is not None:
            await sending
        reading.finish()

    async def _conclude(self, source: Source, roster: Roster, tell: Tell) -> None:
        """Publish what is asked, and last the notice that makes the list count."""
        received = roster.received
        if received is None:
            raise RuntimeError("a roster that was read has its notice")
        notice = f"roster.{source.value}.{received.batch}.{received.digest[:32]}"
        await self.outlet.publish([*roster.questions, (notice, received)])
        tell(1, 1)
        if roster.rejected:
            await self._keep_rows(source, roster.rejected)

    async def _keep_refused(self, source: Source, content: bytes, error: RefusedError) -> None:
        await self.outlet.keep(f"roster.{source.value}", content, error)
        if isinstance(error, NothingTakenError):
            await self._keep_rows(source, error.rejected)

    async def _keep_rows(self, source: Source, rejected: Sequence[Rejected]) -> None:
        listed = orjson.dumps([one.as_kept() for one in rejected[:KEPT_REJECTIONS]])
        await self.outlet.keep(f"roster.{source.value}", listed, RefusedError("rows_rejected"))

    async def learned(self, source: Source) -> list[tuple[str, str, str]]:
        """Return what the county said of a source's words; nothing while enrollment is away."""
        try:
            about = AboutWords(source=source.value)
            found = await ask(self.outlet.nc, ENROLLMENT_WORDS, about)
        except RefusedError:
            logger().warning("intake.words_unknown", source=source.value)
            return []
        return [(one.column, one.word, one.meaning) for one in found.learned]

    async def _batch(self, order: Order, content: bytes) -> str:
        """Return the key of a full list: the same file counts again once another replaced it.

        A, B, A of one month: the third holds. Sent again while it stands, a list is a repeat.
        """
        if not order.full:
            return ""
        digest = await asyncio.to_thread(_digest, content)
        month = order.month.replace(day=1)
        about = AboutDigest(source=order.source, month=month, digest=digest)
        try:
            found = await ask(self.outlet.nc, ENROLLMENT_LIST_BATCH, about)
        except RefusedError:
            # Taken for new: a repeat then changes nothing, and a list that counts again is not lost.
            return event_id(digest, month.isoformat(), self.clock().isoformat())[:16]
        again = self._again(order, month, digest, found.again)
        return batch_of(order.source, digest, month, order.year, again)

    def _again(self, order: Order, month: date, digest: str, known: int) -> int:
        """Return how often a file counted before, also by lists that are still on their way."""
        sent = self.sent.setdefault((order.source, month), [])
        last = sent[-1] if sent else None
        if last is not None and last[0] == digest:
            again = max(last[1], known)
        else:
            again = max([known, *(times + 1 for one, times in sent if one == digest)])
        if not order.preview:
            sent.append((digest, again))
            del sent[:-SENT_REMEMBERED]
        return again

    async def _moves(self, order: Order, roster: Roster) -> Moves | None:
        """Return who would enter and leave; None for lists that nobody enters."""
        if not roster.taken:
            return None
        if not order.full:
            return moves_of_changes(roster.taken)
        try:
            categories = sorted({one.category for one in roster.taken})
            before, not_named = await self._standing(order, categories)
        except RefusedError:
            return Moves(known=False)
        return moves_of_full(roster.taken, before, roster.waiting_persons, not_named)

    async def _standing(self, order: Order, categories: list[str]) -> tuple[Standing, list[str]]:
        """Return who stands on the list before, and of what else the month's lists speak."""
        found: dict[tuple[str, str], tuple[str, str]] = {}
        page = StandingPage(
            source=order.source, month=order.month.replace(day=1), categories=categories,
            holder=order.holder, why="名册预览" if order.preview else "名册回执",
        )  # fmt: skip
        not_named: list[str] = []
        async for answer in ask_pages(self.outlet.nc, ENROLLMENT_STANDING, page):
            lines = orjson.loads(self.outlet.operators.open(answer.sealed, PLACE))
            for person, category, name, township, village in lines:
                found[person, category] = (name, f"{township}{village}")
            not_named = answer.not_named
        return found, not_named

    async def register(
        self, file: BinaryIO, year: int, tell: Tell = untold,
        kind: RegisterKind = RegisterKind.ENROLLED,
    ) -> tuple[RegisterReading, Receipt]:  # fmt: skip
        """Take a list of the insurance system: page after page, and the notice last.

        A file that breaks off in the middle leaves pages that no notice makes count.
        """
        source = Source.BUREAU
        digest = await asyncio.to_thread(digest_of, file)
        size = file.seek(0, os.SEEK_END)
        learned = tuple(await self.learned(source))
        reading = RegisterReading(
            source, year, _register_batch(digest, kind), digest, self.clock(), self.place,
            self.settings.county_dir, learned, kind,
        )  # fmt: skip
        pages = reading.pages_of(file, tagger(self.settings, lambda: today(self.clock)))
        try:
            await self._send_pages(reading, pages, lambda: tell(file.tell(), size))
        except RefusedError as error:
            listed = orjson.dumps([one.as_kept() for one in reading.rejected])
            await self.outlet.keep(f"register.{source.value}", listed, error)
            raise
        notice = reading.notice()
        id_ = event_id("register", digest, str(year), kind, notice.received.isoformat())
        await self.outlet.publish([(id_, notice)])
        return reading, register_receipt(reading)

    async def _send_pages(
        self, reading: RegisterReading, pages: Iterable[Any], told: Callable[[], None]
    ) -> None:
        """Publish pages while the next is read."""
        iterator = iter(pages)
        sending: asyncio.Task[None] | None = None
        while page := await asyncio.to_thread(next, iterator, None):
            if sending is not None:
                await sending
            id_ = event_id("register", reading.batch, str(reading.year), page.page)
            sending = asyncio.create_task(self.outlet.publish([(id_, page)]))
            told()
        if sending is not None:
            await sending


def _register_batch(digest: str, kind: RegisterKind) -> str:
    return digest[:16] if kind is RegisterKind.ENROLLED else f"{kind.value}-{digest[:16]}"


def register_receipt(reading: RegisterReading) -> Receipt:
    """Return the receipt of a register."""
    words = Counter((one.field, one.word) for one in reading.rejected if one.word)
    return Receipt(
        reading.source, reading.table, reading.accepted, reading.rejected_count,
        left_out=dict(reading.left_out), words=dict(words),
    )  # fmt: skip


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
