"""Puts a ledger together for an officer: rows from the service that keeps them, people from enrollment."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import get_args

import orjson
from nats.aio.client import Client
from pydantic import TypeAdapter

from chassis.privacy import Vault
from contracts.ledgers import (
    ASSISTANCE_MANUAL_PAGE,
    ENROLLMENT_HOUSEHOLDS,
    ENROLLMENT_LEDGER,
    ENROLLMENT_PEOPLE,
    ENROLLMENT_RESULT,
    SETTLEMENT_ADJUSTMENTS,
    SETTLEMENT_CLAIM_PAGE,
    AdjustmentAnswer,
    AdjustmentPage,
    ClaimLedger,
    ClaimLine,
    ClaimPage,
    ClaimPageAnswer,
    Household,
    HouseholdPage,
    HouseholdPageAnswer,
    LedgerPage,
    LedgerPageAnswer,
    ManualPage,
    ManualPageAnswer,
    PeopleAnswer,
    PeopleQuestion,
    ResultPage,
)
from services.gateway.asking import ask
from services.gateway.office.claim_columns import (
    ADJUSTMENT_COLUMNS,
    ADJUSTMENT_TITLE,
    CLAIM_LEDGERS,
    MANUAL,
    ClaimSheet,
    adjustment_columns,
    manual_columns,
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
    """A ledger ready to be written: title, columns, rows of text."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


class LedgerDesk:
    """Reads ledgers page by page."""

    def __init__(self, nc: Client, operators: Vault) -> None:
        self._nc = nc
        self._operators = operators

    async def sheet(self, asked: Asked) -> Sheet:
        """Return a whole ledger. Raises RefusedError with 503 if a service does not answer."""
        if asked.ledger in get_args(ClaimLedger):
            return await self._claims(asked, CLAIM_LEDGERS[asked.ledger])
        if asked.ledger == "manual_assistance":
            return await self._manual(asked)
        if asked.ledger == "adjustment":
            return await self._adjustments(asked)
        return await self._people(asked)

    async def _people(self, asked: Asked) -> Sheet:
        page = LedgerPage.model_validate(
            {
                "ledger": asked.ledger, "year": asked.year, "township": asked.township,
                "village": asked.village, "holder": asked.holder, "why": asked.why,
            }
        )  # fmt: skip
        rows: list[list[str]] = []
        while True:
            answer = await ask(self._nc, ENROLLMENT_LEDGER, page, LedgerPageAnswer)
            rows += orjson.loads(self._operators.open(answer.sealed, PLACE))
            if not answer.after:
                return Sheet(answer.title, answer.columns, rows)
            page = page.model_copy(update={"after": answer.after})

    async def _claims(self, asked: Asked, sheet: ClaimSheet) -> Sheet:
        common: list[str] = []
        rows: list[list[str]] = []
        async for page in self._claim_pages(asked):
            found = await self.common(asked, [line.person for line in page.lines])
            common = found[0]
            rows += [
                [*found[1][line.person], *sheet.columns_of(line)]
                for line in page.lines
                if line.person in found[1]
            ]
        return Sheet(sheet.title, [*common, *sheet.columns], rows)

    async def result(self, run: int, source: str, year: int, holder: str, why: str) -> Sheet:
        """Return the result of a pass, for a roster owner or for the county."""
        page = ResultPage(run=run, source=source, year=year, holder=holder, why=why)
        rows: list[list[str]] = []
        while True:
            answer = await ask(self._nc, ENROLLMENT_RESULT, page, LedgerPageAnswer)
            rows += orjson.loads(self._operators.open(answer.sealed, PLACE))
            if not answer.after:
                return Sheet(answer.title, answer.columns, rows)
            page = page.model_copy(update={"after": answer.after})

    async def households(self, asked: Asked, most: int) -> list[Household]:
        """Return the households of an area. Raises RefusedError if there are more than ``most``."""
        page = HouseholdPage(
            year=asked.year, township=asked.township, village=asked.village, holder=asked.holder,
            why=asked.why,
        )  # fmt: skip
        found: list[Household] = []
        while True:
            answer = await ask(self._nc, ENROLLMENT_HOUSEHOLDS, page, HouseholdPageAnswer)
            opened = self._operators.open(answer.sealed, PLACE)
            found += TypeAdapter(list[Household]).validate_json(opened)
            if len(found) > most:
                raise RefusedError("too_many_households", "village")
            if not answer.after:
                return found
            page = page.model_copy(update={"after": answer.after})

    async def bills_of(self, year: int, persons: Sequence[str]) -> dict[str, list[ClaimLine]]:
        """Return the bills of a year by person."""
        found: dict[str, list[ClaimLine]] = {}
        for start in range(0, len(persons), PAGE):
            page = ClaimPage(
                ledger="one_stop", year=year, persons=list(persons[start : start + PAGE]), most=PAGE
            )
            async for answer in self._pages(page):
                for line in answer.lines:
                    if line.outcome == "settled":
                        found.setdefault(line.person, []).append(line)
        return found

    async def _claim_pages(self, asked: Asked) -> AsyncIterator[ClaimPageAnswer]:
        page = ClaimPage.model_validate({"ledger": asked.ledger, "year": asked.year, "most": PAGE})
        async for answer in self._pages(page):
            yield answer

    async def _pages(self, page: ClaimPage) -> AsyncIterator[ClaimPageAnswer]:
        while True:
            answer = await ask(self._nc, SETTLEMENT_CLAIM_PAGE, page, ClaimPageAnswer)
            yield answer
            if not answer.after:
                return
            page = page.model_copy(update={"after": answer.after})

    async def _adjustments(self, asked: Asked) -> Sheet:
        """Every layer of every bill that was decided again, of those who live in the area."""
        page = AdjustmentPage(year=asked.year, most=PAGE)
        common: list[str] = []
        rows: list[list[str]] = []
        while True:
            answer = await ask(self._nc, SETTLEMENT_ADJUSTMENTS, page, AdjustmentAnswer)
            common, people = await self.common(asked, [line.person for line in answer.lines])
            rows += [
                [*people[line.person], *adjustment_columns(line)]
                for line in answer.lines
                if line.person in people
            ]
            if not answer.after:
                return Sheet(ADJUSTMENT_TITLE, [*common, *ADJUSTMENT_COLUMNS], rows)
            page = page.model_copy(update={"after": answer.after})

    async def _manual(self, asked: Asked) -> Sheet:
        """Every bill with something to pay by hand, of those who live in the area."""
        page = ManualPage(year=asked.year)
        common: list[str] = []
        rows: list[list[str]] = []
        while True:
            answer = await ask(self._nc, ASSISTANCE_MANUAL_PAGE, page, ManualPageAnswer)
            common, people = await self.common(asked, [line.person for line in answer.lines])
            rows += [
                [*people[line.person], *manual_columns(line)]
                for line in answer.lines
                if line.person in people
            ]
            if not answer.after:
                return Sheet(MANUAL.title, [*common, *MANUAL.columns], rows)
            page = page.model_copy(update={"after": answer.after})

    async def common(
        self, asked: Asked, persons: Sequence[str]
    ) -> tuple[list[str], dict[str, list[str]]]:
        """Return (column names, person → common columns) of those who live in the area asked about."""
        question = PeopleQuestion(
            persons=sorted(set(persons)), year=asked.year, township=asked.township,
            village=asked.village, ledger=asked.ledger, holder=asked.holder, why=asked.why,
        )  # fmt: skip
        answer = await ask(self._nc, ENROLLMENT_PEOPLE, question, PeopleAnswer)
        return answer.columns, orjson.loads(self._operators.open(answer.sealed, PLACE))
