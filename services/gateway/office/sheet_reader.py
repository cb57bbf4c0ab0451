"""Puts a sheet together for an officer: rows from the service that keeps them, people from enrollment."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol, get_args

import orjson
from nats.aio.client import Client
from pydantic import TypeAdapter

from chassis.privacy import Vault
from contracts.bill_sheets import (
    ASSISTANCE_MANUAL_PAGE,
    SETTLEMENT_ADJUSTMENTS,
    SETTLEMENT_CLAIM_PAGE,
    AdjustmentPage,
    BillSheet,
    ClaimLine,
    ClaimPage,
    ManualPage,
)
from contracts.sheets import (
    ENROLLMENT_HOUSEHOLDS,
    ENROLLMENT_PEOPLE,
    ENROLLMENT_RESULT,
    ENROLLMENT_SHEET,
    Household,
    HouseholdPage,
    PeopleQuestion,
    ResultPage,
    SheetPage,
    SheetPageAnswer,
)
from services.gateway.asking import Asker, ask_for, pages_for
from services.gateway.office.claim_columns import (
    ADJUSTMENT,
    BILL_SHEETS,
    MANUAL,
    Line,
    LineSheet,
)
from services.gateway.refusals import RefusedError

PLACE = "ledger"
PAGE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What an officer wants to see, and what for. Empty area: the county."""

    ledger: str
    year: int
    township: str
    village: str
    holder: str
    why: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet ready to be written: title, columns, rows of text."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


class Lines(Protocol[Line]):
    """A page of lines about people."""

    lines: list[Line]
    after: str


class SheetReader:
    """Reads sheets page by page, for somebody."""

    def __init__(self, who: Asker, nc: Client, operators: Vault) -> None:
        self._who = who
        self._nc = nc
        self._operators = operators

    async def sheet(self, asked: Asked) -> Sheet:
        """Return a whole sheet. Raises RefusedError with 503 if a service does not answer."""
        if asked.ledger in get_args(BillSheet):
            return await self._claims(asked, BILL_SHEETS[asked.ledger])
        if asked.ledger == "manual_assistance":
            return await self._manual(asked)
        if asked.ledger == "adjustment":
            return await self._adjustments(asked)
        return await self._people(asked)

    async def _people(self, asked: Asked) -> Sheet:
        page = SheetPage.model_validate(
            {
                "ledger": asked.ledger, "year": asked.year, "township": asked.township,
                "village": asked.village, "holder": asked.holder, "why": asked.why,
            }
        )  # fmt: skip
        return await self._sealed_rows(pages_for(self._who, self._nc, ENROLLMENT_SHEET, page))

    async def _sealed_rows(self, pages: AsyncIterator[SheetPageAnswer]) -> Sheet:
        """Open page after page; title and columns are the same on each."""
        title, columns, rows = "", list[str](), list[list[str]]()
        async for answer in pages:
            title, columns = answer.title, answer.columns
            rows += orjson.loads(self._operators.open(answer.sealed, PLACE))
        return Sheet(title, columns, rows)

    async def _claims(self, asked: Asked, sheet: LineSheet[ClaimLine]) -> Sheet:
        page = ClaimPage.model_validate({"ledger": asked.ledger, "year": asked.year, "most": PAGE})
        pages = pages_for(self._who, self._nc, SETTLEMENT_CLAIM_PAGE, page)
        return await self._with_people(asked, pages, sheet)

    async def result(self, run: int, source: str, year: int, holder: str, why: str) -> Sheet:
        """Return the result of a pass, for a roster owner or for the county."""
        page = ResultPage(run=run, source=source, year=year, holder=holder, why=why)
        return await self._sealed_rows(pages_for(self._who, self._nc, ENROLLMENT_RESULT, page))

    async def households(self, asked: Asked, most: int) -> list[Household]:
        """Return the households of an area. Raises RefusedError if there are more than ``most``."""
        page = HouseholdPage(
            year=asked.year, township=asked.township, village=asked.village, holder=asked.holder,
            why=asked.why,
        )  # fmt: skip
        found: list[Household] = []
        async for answer in pages_for(self._who, self._nc, ENROLLMENT_HOUSEHOLDS, page):
            opened = self._operators.open(answer.sealed, PLACE)
            found += TypeAdapter(list[Household]).validate_json(opened)
            if len(found) > most:
                raise RefusedError("too_many_households", "village")
        return found

    async def bills_of(self, year: int, persons: Sequence[str]) -> dict[str, list[ClaimLine]]:
        """Return the bills of a year by person."""
        found: dict[str, list[ClaimLine]] = {}
        for start in range(0, len(persons), PAGE):
            page = ClaimPage(
                ledger="one_stop", year=year, persons=list(persons[start : start + PAGE]), most=PAGE
            )
            async for answer in pages_for(self._who, self._nc, SETTLEMENT_CLAIM_PAGE, page):
                for line in answer.lines:
                    if line.outcome == "settled":
                        found.setdefault(line.person, []).append(line)
        return found

    async def _adjustments(self, asked: Asked) -> Sheet:
        """Every layer of every bill that was decided again, of those who live in the area."""
        page = AdjustmentPage(year=asked.year, most=PAGE)
        pages = pages_for(self._who, self._nc, SETTLEMENT_ADJUSTMENTS, page)
        return await self._with_people(asked, pages, ADJUSTMENT)

    async def _manual(self, asked: Asked) -> Sheet:
        """Every bill with something to pay by hand, of those who live in the area."""
        pages = pages_for(self._who, self._nc, ASSISTANCE_MANUAL_PAGE, ManualPage(year=asked.year))
        return await self._with_people(asked, pages, MANUAL)

    async def _with_people(
        self, asked: Asked, pages: AsyncIterator[Lines[Line]], sheet: LineSheet[Line]
    ) -> Sheet:
        """Put the common columns of people before each line's own; of those who live in the area."""
        common: list[str] = []
        rows: list[list[str]] = []
        async for page in pages:
            common, people = await self.common(asked, [line.person for line in page.lines])
            rows += [
                [*people[line.person], *sheet.columns_of(line)]
                for line in page.lines
                if line.person in people
            ]
        return Sheet(sheet.title, [*common, *sheet.columns], rows)

    async def common(
        self, asked: Asked, persons: Sequence[str]
    ) -> tuple[list[str], dict[str, list[str]]]:
        """Return (column names, person → common columns) of those who live in the area asked about."""
        question = PeopleQuestion(
            persons=sorted(set(persons)), year=asked.year, township=asked.township,
            village=asked.village, ledger=asked.ledger, holder=asked.holder, why=asked.why,
        )  # fmt: skip
        answer = await ask_for(self._who, self._nc, ENROLLMENT_PEOPLE, question)
        return answer.columns, orjson.loads(self._operators.open(answer.sealed, PLACE))
