"""What officers ask and order over HTTP: the equation, passes, the problem desk, full lists.

The bureau sees the county; a township office sees its own township and is refused everything else.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Header, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from contracts import questions
from contracts.events.base import Text
from contracts.identity import PersonKey
from contracts.questions import (
    AboutPerson,
    AboutYear,
    AreaLevel,
    Confirmation,
    Confirmed,
    IssueAnswer,
    IssuePage,
    IssuePromise,
    ListAnswer,
    ListPage,
    PastReview,
    PersonAnswer,
    ReviewAnswer,
    ReviewOrder,
    TownshipAnswer,
)
from contracts.vocabulary import Source
from services.gateway.asking import ask
from services.gateway.door import Door
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import RefusedError, refuse_identity_in_text
from services.gateway.settings import PartnerKeys

Key = Annotated[str, Header(alias="X-Yingbao-Key", description="县医保局或乡镇医保办的密钥")]
Year = Annotated[int, Path(description="参保年度", ge=2003, le=2100)]
COUNTY = ""
"""The area of the bureau: every township."""


class ReviewIn(BaseModel):
    """Order a pass of the three-pass check."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    number: Literal[1, 2, 3] = Field(description="1 名册比参保，2 免缴费与标识比名册，3 整改后复核")
    as_of: date


class PromiseIn(BaseModel):
    """Say who mends an issue until when."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    officer: Text = Field(min_length=1, description="责任人岗位")
    due: date
    evidence: Text = ""


def area_of(keys: PartnerKeys, key: str) -> str:
    """Return an officer's township, or COUNTY. Raises RefusedError with 401 or 403."""
    holder = keys.holder(key)
    if not holder:
        raise RefusedError("key_refused", status=401)
    office, _, township = holder.partition("/")
    if office == Source.BUREAU.value:
        return COUNTY
    if office == Source.TOWNSHIP_OFFICE.value and township:
        return township
    raise RefusedError("key_refused", "office", 403)


def within(area: str, township: str) -> str:
    """Return the township that may be asked about. Raises RefusedError for another one's."""
    if area not in {COUNTY, township} and township:
        raise RefusedError("outside_area", "township", 403)
    return township or area


def add_officers(app: FastAPI, door: Callable[[], Door], keys: PartnerKeys) -> None:
    """Add the officers' routes."""
    add_checks(app, door, keys)
    add_people(app, door, keys)
    add_lists(app, door, keys)


def add_checks(app: FastAPI, door: Callable[[], Door], keys: PartnerKeys) -> None:
    """Add the equation, the passes and the problem desk."""

    @app.get("/v1/enrollment/{year}/equation", summary="名册等式、资助兑现率", responses=REFUSALS)
    async def equation(
        year: Year,
        key: Key = "",
        level: AreaLevel = "township",
        township: Annotated[str, Query(max_length=50)] = "",
    ) -> list[TownshipAnswer]:
        area = within(area_of(keys, key), township)
        if area != COUNTY and level == "county":
            raise RefusedError("outside_area", "level", 403)
        about = AboutYear(year=year, level=level)
        lines = await ask(door().nc, questions.ENROLLMENT_EQUATION, about, list[TownshipAnswer])
        return [line for line in lines if area in {COUNTY, line.township}]

    @app.post("/v1/enrollment/{year}/reviews", summary="三步走：运行一遍比对", responses=REFUSALS)
    async def review(year: Year, order: ReviewIn, key: Key = "") -> ReviewAnswer:
        if area_of(keys, key) != COUNTY:
            raise RefusedError("outside_area", "year", 403)
        asked = ReviewOrder(year=year, number=order.number, as_of=order.as_of)
        return await ask(door().nc, questions.ENROLLMENT_REVIEW, asked, ReviewAnswer)

    @app.get("/v1/enrollment/{year}/reviews", summary="已运行的比对", responses=REFUSALS)
    async def reviews(year: Year, key: Key = "") -> list[PastReview]:
        if area_of(keys, key) != COUNTY:
            raise RefusedError("outside_area", "year", 403)
        about = AboutYear(year=year)
        return await ask(door().nc, questions.ENROLLMENT_REVIEWS, about, list[PastReview])

    @app.get("/v1/enrollment/{year}/issues", summary="问题台账（分页）", responses=REFUSALS)
    async def issues(
        year: Year,
        key: Key = "",
        township: Annotated[str, Query(max_length=50)] = "",
        kind: Annotated[str, Query(max_length=50)] = "",
        state: Literal["", "open", "fixing", "closed"] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> dict[str, Any]:
        asked = within(area_of(keys, key), township)
        page = IssuePage(
            year=year, township=asked, kind=kind, state=state, most=limit, offset=offset
        )
        found = await ask(door().nc, questions.ENROLLMENT_ISSUES, page, list[IssueAnswer])
        after = offset + limit if len(found) == limit else None
        return {"issues": [one.model_dump(mode="json") for one in found], "next_offset": after}

    @app.post(
        "/v1/enrollment/{year}/issues/{kind}/{person}",
        summary="落实责任人和整改期限",
        responses=REFUSALS,
    )
    async def promise(
        year: Year, kind: str, person: PersonKey, body: PromiseIn, key: Key = ""
    ) -> dict[str, bool]:
        area = area_of(keys, key)
        refuse_identity_in_text(body)
        promised = IssuePromise(
            person=person, kind=kind[:50], year=year, officer=body.officer, due=body.due,
            evidence=body.evidence, area=area,
        )  # fmt: skip
        answer = await ask(door().nc, questions.ENROLLMENT_PROMISE, promised, Confirmed)
        if not answer.found:
            raise RefusedError("unknown_issue", "person", 404)
        return {"accepted": True}


def add_people(app: FastAPI, door: Callable[[], Door], keys: PartnerKeys) -> None:
    """Add the question about one person."""

    @app.get("/v1/enrollment/persons/{person}", summary="个人三条时间线", responses=REFUSALS)
    async def person(
        person: PersonKey,
        key: Key = "",
        known_on: Annotated[date | None, Query(description="截至该日所知；不填为现在")] = None,
    ) -> PersonAnswer:
        area = area_of(keys, key)
        asked = AboutPerson(person=person, known_on=known_on)
        answer = await ask(door().nc, questions.ENROLLMENT_PERSON, asked, PersonAnswer)
        if not answer.found:
            raise RefusedError("unknown_person", "person", 404)
        within(area, answer.township)
        return answer


def add_lists(app: FastAPI, door: Callable[[], Door], keys: PartnerKeys) -> None:
    """Add what the bureau asks about full lists."""

    @app.get("/v1/lists", summary="全量名册及其状态", responses=REFUSALS)
    async def lists(
        key: Key = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    ) -> list[ListAnswer]:
        if area_of(keys, key) != COUNTY:
            raise RefusedError("outside_area", status=403)
        page = ListPage(most=limit, offset=offset)
        return await ask(door().nc, questions.ENROLLMENT_LISTS, page, list[ListAnswer])

    @app.post("/v1/lists/{batch}/confirmation", summary="确认名册减少属实", responses=REFUSALS)
    async def confirm(batch: str, key: Key = "") -> dict[str, bool]:
        if area_of(keys, key) != COUNTY:
            raise RefusedError("outside_area", status=403)
        asked = Confirmation(batch=batch[:64])
        answer = await ask(door().nc, questions.ENROLLMENT_CONFIRM_LIST, asked, Confirmed)
        if not answer.found:
            raise RefusedError("unknown_list", "batch", 404)
        return {"accepted": True}
