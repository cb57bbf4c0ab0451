"""What officers ask and order over HTTP: the equation, passes, the problem desk.

The bureau sees the county; a township office sees its own township and is refused everything else.
"""

import asyncio
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from chassis.clock import today
from chassis.language import tr
from contracts.events.base import Text
from contracts.identity import PersonKey
from contracts.questions import (
    ENROLLMENT_APPLICATIONS,
    ENROLLMENT_COUNTS,
    ENROLLMENT_EQUATION,
    ENROLLMENT_ISSUES,
    ENROLLMENT_PERSON,
    ENROLLMENT_PROMISE,
    ENROLLMENT_REVIEW,
    ENROLLMENT_REVIEWS,
    AboutFigure,
    AboutPerson,
    AboutYear,
    ApplicationAnswer,
    ApplicationPage,
    AreaLevel,
    CountLine,
    IssuePage,
    IssuePromise,
    PastReview,
    PersonAnswer,
    ReviewAnswer,
    ReviewOrder,
    TownshipAnswer,
)
from contracts.vocabulary import ProblemKind, Source
from services.gateway.answers import Accepted, Comparison, Issues, says
from services.gateway.asking import ask_for
from services.gateway.caller import COUNTY, Caller, TheDoor, Who, purpose, within
from services.gateway.calling import file_of
from services.gateway.door import Door
from services.gateway.intake.reading.columns import words_of
from services.gateway.intake.reading.table import open_table
from services.gateway.office.comparing import FIELDS, NEEDED, differences, read_counts
from services.gateway.openapi import REFUSALS
from services.gateway.refusals import RefusedError, refuse_identity_in_text
from services.gateway.regions import read_region
from services.gateway.settings import BODY_BYTES_MAX

router = APIRouter()
Kept = Annotated[bool, Query(description="取上次算出的结果（as_of 为算出时间）；不填为现算")]
Year = Annotated[int, Path(description="参保年度", ge=2003, le=2100)]


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


class LookupIn(BaseModel):
    """Find a person by identity number, for a purpose that is written down."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    certno: str = Field(max_length=40)
    why: Text = Field(min_length=2, description="查询用途，留痕")


def notes_on(due: date, today: date) -> list[str]:
    """Say that a day by which something is to be mended has passed already."""
    return (
        [tr("整改期限{due}早于今天，下一次比对即按到期未兑现列出", due=due)] if due < today else []
    )


@router.get("/v1/enrollment/{year}/equation", summary="名册等式、资助兑现率", responses=REFUSALS)
async def equation(
    year: Year,
    who: Who,
    door: TheDoor,
    level: AreaLevel = "township",
    township: Annotated[str, Query(max_length=50)] = "",
    kept: Kept = False,
) -> list[TownshipAnswer]:
    area = within(who, township, door)
    if area != COUNTY and level == "county":
        raise RefusedError("outside_area", "level", 403)
    about = AboutFigure(year=year, level=level, kept=kept)
    lines = await ask_for(who, door.nc, ENROLLMENT_EQUATION, about)
    return [line for line in lines if area in {COUNTY, line.township}]


@router.post("/v1/enrollment/{year}/reviews", summary="三步走：运行一遍比对", responses=REFUSALS)
async def review(year: Year, order: ReviewIn, who: Who, door: TheDoor) -> ReviewAnswer:
    who.county("year")
    asked = ReviewOrder(year=year, number=order.number, as_of=order.as_of)
    return await ask_for(who, door.nc, ENROLLMENT_REVIEW, asked)


@router.get("/v1/enrollment/{year}/reviews", summary="已运行的比对", responses=REFUSALS)
async def reviews(year: Year, who: Who, door: TheDoor) -> list[PastReview]:
    who.county("year")
    about = AboutYear(year=year)
    return await ask_for(who, door.nc, ENROLLMENT_REVIEWS, about)


@router.get(
    "/v1/enrollment/{year}/issues",
    summary="问题台账（分页）",
    responses=REFUSALS | says(Issues),
    response_model=None,
)
async def issues(
    year: Year,
    who: Who,
    door: TheDoor,
    township: Annotated[str, Query(max_length=50)] = "",
    kind: Annotated[ProblemKind | Literal[""], Query(description="问题类别；空为全部")] = "",
    state: Literal["", "open", "fixing", "closed"] = "",
    *,
    overdue: Annotated[bool, Query(description="只看承诺逾期未销号的")] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> dict[str, Any]:
    asked = within(who, township, door)
    page = IssuePage(
        year=year, township=asked, kind=kind, state=state, most=limit, offset=offset,
        overdue=today(door.clock) if overdue else None,
    )  # fmt: skip
    found = await ask_for(who, door.nc, ENROLLMENT_ISSUES, page)
    after = offset + limit if len(found) == limit else None
    return {"issues": [one.model_dump(mode="json") for one in found], "next_offset": after}


@router.post(
    "/v1/enrollment/{year}/issues/{kind}/{person}",
    summary="落实责任人和整改期限",
    responses=REFUSALS | says(Accepted),
    response_model=None,
)
async def promise(
    year: Year, kind: str, person: PersonKey, body: PromiseIn, who: Who, door: TheDoor
) -> dict[str, Any]:
    area = who.officer()
    refuse_identity_in_text(body)
    promised = IssuePromise(
        person=person, kind=kind[:50], year=year, officer=body.officer, due=body.due,
        evidence=body.evidence, area=area,
    )  # fmt: skip
    answer = await ask_for(who, door.nc, ENROLLMENT_PROMISE, promised)
    if not answer.found:
        raise RefusedError("unknown_issue", "person", 404)
    return {"accepted": True, "notes": notes_on(body.due, today(door.clock))}


@router.get(
    "/v1/enrollment/persons/{person}", summary="个人三条时间线和变动记录", responses=REFUSALS
)
async def person(
    person: PersonKey,
    who: Who,
    door: TheDoor,
    why: Annotated[str, Query(min_length=2, max_length=100, description="查询用途，留痕")],
    known_on: Annotated[date | None, Query(description="截至该日所知；不填为现在")] = None,
) -> PersonAnswer:
    who.officer()
    asked = AboutPerson(person=person, known_on=known_on, holder=who.holder, why=purpose(why))
    return await seen_by(who, door, asked)


@router.post("/v1/enrollment/persons/lookup", summary="按身份证号查找", responses=REFUSALS)
async def lookup(body: LookupIn, who: Who, door: TheDoor) -> PersonAnswer:
    who.officer()
    found = door.admit(body.certno).key
    asked = AboutPerson(person=found, holder=who.holder, why=purpose(body.why), what="lookup")
    answer = await seen_by(who, door, asked)
    if answer.merged_into:
        right = asked.model_copy(update={"person": answer.merged_into})
        answer = await seen_by(who, door, right)
    return answer


async def seen_by(who: Caller, door: Door, asked: AboutPerson) -> PersonAnswer:
    """Ask about a person. Raises RefusedError with 404, for somebody of another area too.

    Otherwise a township could learn of any number whether the county knows it.
    """
    answer = await ask_for(who, door.nc, ENROLLMENT_PERSON, asked)
    if not answer.found or who.area not in {COUNTY, answer.township}:
        raise RefusedError("unknown_person", "person", 404)
    return answer


@router.get("/v1/enrollment/{year}/counts", summary="分乡镇、分类别人数", responses=REFUSALS)
async def counts(
    year: Year,
    who: Who,
    door: TheDoor,
    township: Annotated[str, Query(max_length=50)] = "",
    kept: Kept = False,
) -> list[CountLine]:
    area = within(who, township, door)
    about = AboutFigure(year=year, kept=kept)
    lines = await ask_for(who, door.nc, ENROLLMENT_COUNTS, about)
    return [line for line in lines if area in {COUNTY, line.township}]


@router.post(
    "/v1/enrollment/{year}/counts/comparison",
    summary="与省、市下发的人数比对（CSV 或 XLSX）",
    responses=REFUSALS | says(Comparison),
    response_model=None,
)
async def compare(year: Year, file: UploadFile, who: Who, door: TheDoor) -> dict[str, Any]:
    who.county()
    content = await file_of(file, BODY_BYTES_MAX)
    words = words_of(Source.BUREAU.value, door.settings.county_dir)
    table = open_table(content, NEEDED, words, FIELDS)
    county = read_region(door.settings.region).name
    theirs = await asyncio.to_thread(read_counts, table.rows, words, county)
    about = AboutFigure(year=year)
    ours = await ask_for(who, door.nc, ENROLLMENT_COUNTS, about)
    found = [asdict(one) for one in differences(ours, theirs)]
    return {"agree": not found, "differences": found}


@router.get(
    "/v1/enrollment/{year}/applications",
    summary="次年标识申报及审核（分页）",
    responses=REFUSALS,
)
async def applications(
    year: Year,
    who: Who,
    door: TheDoor,
    township: Annotated[str, Query(max_length=50)] = "",
    state: Literal["", "pending", "approved", "refused"] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> list[ApplicationAnswer]:
    asked = within(who, township, door)
    page = ApplicationPage(year=year, township=asked, state=state, most=limit, offset=offset)
    return await ask_for(who, door.nc, ENROLLMENT_APPLICATIONS, page)
