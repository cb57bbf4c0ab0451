"""Answers words of lists that nobody had explained: the rows that waited are read again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nats.aio.client import Client
from pydantic import ValidationError

from contracts.envelope import event_id
from contracts.events.lists import AnsweredRow, RowsAnswered, RowsWaiting, WaitingRow, WordLearned
from contracts.events.partner import PartnerEvent, StatusReported
from contracts.lists import (
    ENROLLMENT_WAITING_ROWS,
    ENROLLMENT_WORDS,
    AboutWords,
    WaitingPage,
    WaitingRowAnswer,
    WordsAnswer,
)
from contracts.vocabulary import Source
from services.gateway.asking import ask
from services.gateway.intake.lists import Intake
from services.gateway.intake.people import RowVault
from services.gateway.intake.reading.cells import EXCEL_1900
from services.gateway.intake.reading.characters import tidy
from services.gateway.intake.reading.columns import POSSIBLE, Words, words_of
from services.gateway.intake.reading.table import Columns, Row
from services.gateway.intake.rosters import SEALED, RosterReader, kind_of
from services.gateway.intake.rows import ListContext
from services.gateway.refusals import (
    RefusedError,
    UnknownWordError,
    refuse_identity_in_text,
    refused,
)

PAGE = 500


@dataclass(slots=True)
class Reread:
    """What became of the rows that had waited for a word."""

    taken: int = 0
    rejected: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Answering:
    """Takes the bureau's answers about words."""

    intake: Intake

    @property
    def _nc(self) -> Client:
        return self.intake.outlet.nc

    async def words(self) -> WordsAnswer:
        """Return what was learned, and what is still asked."""
        return await ask(self._nc, ENROLLMENT_WORDS, AboutWords())

    async def answer(self, source: Source, column: str, word: str, meaning: str) -> Reread:
        """Note what a word means, and read the rows again that waited for it. Raises RefusedError.

        An empty meaning says that the word is none of ours: the rows go back.
        """
        if source is not Source.BUREAU:
            kind_of(source)
        if column not in POSSIBLE:
            raise RefusedError("not_asked", "column", 404)
        if meaning and meaning not in POSSIBLE[column]:
            raise RefusedError(
                "unknown_meaning", "meaning", detail=",".join(sorted(POSSIBLE[column]))
            )
        word = tidy(word)
        learned = WordLearned(
            source=Source.BUREAU, received=self.intake.clock(), about=source, column=column,
            word=word, meaning=meaning,
        )  # fmt: skip
        refuse_identity_in_text(learned)
        key = event_id("word", learned.fingerprint())
        await self.intake.outlet.publish([(key, learned)])
        known = [*await self.intake.learned(source), (column, word, meaning)]
        words = words_of(source.value, self.intake.settings.county_dir).with_learned(known)
        if source is Source.BUREAU:
            return Reread()  # a register is sent again whole
        return await self._reread(source, column, word, words)

    async def _reread(self, source: Source, column: str, word: str, words: Words) -> Reread:
        found, after = Reread(), ("", "", 0)
        while True:
            page = WaitingPage(source=source, column=column, word=word, most=PAGE, after=after)
            rows = await ask(self._nc, ENROLLMENT_WAITING_ROWS, page)
            for batch, group in _by_batch(rows).items():
                events = read_again(self.intake.desk, source, batch, group, words, found)
                await self.intake.outlet.publish(events)
            if len(rows) < PAGE:
                return found
            last = rows[-1]
            after = (last.batch, last.sheet, last.row)


def _by_batch(rows: Iterable[WaitingRowAnswer]) -> Mapping[str, list[WaitingRowAnswer]]:
    groups: dict[str, list[WaitingRowAnswer]] = {}
    for row in rows:
        groups.setdefault(row.batch, []).append(row)
    return groups


def read_again(
    desk: RosterReader,
    source: Source,
    batch: str,
    rows: list[WaitingRowAnswer],
    words: Words,
    found: Reread,
) -> list[tuple[str, PartnerEvent]]:
    """Return the facts of rows that had waited, and how each row ended: the same batch, the same day."""
    first = rows[0]
    of = ListContext(
        source, batch, first.received, first.month, first.year, first.full, words, desk.place
    )
    sealer = desk.rows
    if sealer is None:
        raise RuntimeError("a desk that makes rows wait can open them")
    events: list[tuple[str, PartnerEvent]] = []
    answered: list[AnsweredRow] = []
    asked: list[WaitingRow] = []
    for kept in rows:
        row = _row(kept, sealer)
        try:
            person, _ = desk.person(row, source)
            facts = kind_of(source).read(row, person, of)
            for fact in facts:
                refuse_identity_in_text(fact)
        except UnknownWordError as error:  # another of its words is not explained either
            asked.append(
                WaitingRow(
                    row=kept.row, sheet=kept.sheet, column=error.field, word=error.word,
                    cells_sealed=kept.cells_sealed,
                )
            )  # fmt: skip
            continue
        except (RefusedError, ValidationError) as error:
            wrong = refused(error) if isinstance(error, ValidationError) else error
            answered.append(AnsweredRow(row=kept.row, sheet=kept.sheet, reason=wrong.reason))
            found.rejected += 1
            continue
        for fact in facts:
            said = fact.fingerprint(*SEALED, "received")
            events.append((event_id(source.value, batch, kept.sheet, kept.row, said), fact))
        answered.append(_taken(kept, facts[-1]))
        found.taken += 1
    found.waiting += len(asked)
    return [*events, *_endings(of, answered, asked)]


def _taken(kept: WaitingRowAnswer, fact: PartnerEvent) -> AnsweredRow:
    stands = (
        isinstance(fact, StatusReported) and fact.listed is not None and fact.action == "granted"
    )
    return AnsweredRow(
        row=kept.row, sheet=kept.sheet,
        person=fact.person if stands and isinstance(fact, StatusReported) else None,
        category=fact.category if stands and isinstance(fact, StatusReported) else None,
    )  # fmt: skip


def _endings(
    of: ListContext, answered: list[AnsweredRow], asked: list[WaitingRow]
) -> list[tuple[str, PartnerEvent]]:
    ends: list[PartnerEvent] = []
    if asked:
        ends.append(
            RowsWaiting(
                source=of.source, received=of.received, batch=of.batch, month=of.month, year=of.year,
                full=of.full, rows=tuple(asked),
            )
        )  # fmt: skip
    if answered:
        ends.append(
            RowsAnswered(
                source=of.source, received=of.received, batch=of.batch, rows=tuple(answered)
            )
        )
    return [(event_id(one.NAME, one.fingerprint()), one) for one in ends]


def _row(kept: WaitingRowAnswer, sealer: RowVault) -> Row:
    """Return a kept row as it stood in its list."""
    cells = sealer.open(kept.batch, kept.cells_sealed)
    at = {name: column for column, name in enumerate(cells)}
    columns = Columns(at, len(at), EXCEL_1900, is_workbook=False)
    return Row(kept.row, kept.sheet, list(cells.values()), columns)
