"""What the desk answers over request/reply: the equation, passes, problems, counts, check lists."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from chassis.asking import answers
from chassis.runtime import Runtime
from contracts.asking import Confirmed
from contracts.money import format_yuan
from contracts.questions import (
    ENROLLMENT_EQUATION,
    ENROLLMENT_ISSUES,
    ENROLLMENT_PROMISE,
    ENROLLMENT_REVIEW,
    ENROLLMENT_REVIEWS,
    AboutYear,
    IssueAnswer,
    IssuePage,
    IssuePromise,
    PastReview,
    ReviewAnswer,
    ReviewOrder,
    TownshipAnswer,
)
from contracts.vocabulary import ProblemKind
from policy.loader import load_packs
from services.enrollment.desk import case_store, check_answers, count_answers
from services.enrollment.desk import store as desk_store
from services.enrollment.desk.cases import Case, justified_on
from services.enrollment.desk.equation import Area, Balance, RosterMember, equation
from services.enrollment.desk.jobs import run_review
from services.enrollment.desk.rules import FOLLOW_UP_ZH

NO_PACK = "该年度没有已发布的待遇政策，资助应资助人数和资助兑现率无法计算"


async def equation_of(runtime: Runtime, question: AboutYear) -> list[TownshipAnswer]:
    """Return the equation of a coverage year, a line per area, the county last."""
    packs = load_packs(runtime.settings.packs)
    seen = case_store.as_of(runtime, question.year)
    async with runtime.look() as connection:
        members = [
            _member(row, case, seen.day)
            async for row, case in case_store.cases(connection, seen)
            if case.listed or case.off_roster
        ]
    priced = any(one.valid_from.year <= question.year <= one.valid_to.year for one in packs)
    balances = {**equation(members, question.level), **equation(members, "county")}
    return [_line(*area, balance, priced=priced) for area, balance in _county_last(balances)]


def _county_last(balances: Mapping[Area, Balance]) -> list[tuple[Area, Balance]]:
    return sorted(balances.items(), key=lambda one: (one[0] == ("", ""), one[0]))


def _line(township: str, village: str, balance: Balance, *, priced: bool) -> TownshipAnswer:
    return TownshipAnswer(
        township=township,
        village=village,
        roster=len(balance.roster),
        enrolled=len(balance.enrolled),
        justified=len(balance.justified),
        missing=len(balance.missing),
        overlap=len(balance.overlap),
        holds=balance.balanced,
        duplicates=len(balance.duplicates),
        not_on_roster=len(balance.not_on_roster),
        others=len(balance.others),
        completion=f"{format_yuan(balance.completion_bp)}%",
        causes=dict(sorted(Counter(balance.justified.values()).items())),
        subsidised=len(balance.owed),
        fulfilled=len(balance.fulfilled),
        fulfilment=f"{format_yuan(balance.fulfilment_bp)}%" if priced else "—",
        note="" if priced else NO_PACK,
    )


def _member(row: Any, case: Case, day: date) -> RosterMember:
    return RosterMember(
        row.person, row.township, case.enrolled, justified_on(case, day), row.village,
        owed=case.owed_on(day), subsidised=case.subsidised, duplicate=len(case.sources) > 1,
        on_roster=bool(case.listed), must_enrol=case.must_enrol,
    )  # fmt: skip


async def review_year(runtime: Runtime, order: ReviewOrder) -> ReviewAnswer:
    """Run a pass: open what is newly wrong, close what is mended, look back at promises."""
    answer = await run_review(runtime, order)
    if answer is None:
        raise RuntimeError("a pass that is ordered is run")
    return answer


async def reviews(runtime: Runtime, about: AboutYear) -> list[PastReview]:
    """Return the passes that were run over a year, the latest first."""
    async with runtime.look() as connection:
        rows = await desk_store.reviews(connection, about.year)
    return [PastReview(**row) for row in rows]


async def issues(runtime: Runtime, page: IssuePage) -> list[IssueAnswer]:
    """Return a page of the problem desk."""
    async with runtime.look() as connection:
        rows = await desk_store.issues(connection, page.model_dump())
    return [IssueAnswer(**row, follow_up=FOLLOW_UP_ZH[ProblemKind(row["kind"])]) for row in rows]


async def promise(runtime: Runtime, promised: IssuePromise) -> Confirmed:
    """Write who mends an issue until when."""
    async with runtime.turn() as turn:
        return Confirmed(found=await desk_store.promise(turn.tx, promised.model_dump()))


ANSWERS = (
    answers(ENROLLMENT_EQUATION, equation_of),
    answers(ENROLLMENT_REVIEW, review_year),
    answers(ENROLLMENT_REVIEWS, reviews),
    answers(ENROLLMENT_ISSUES, issues),
    answers(ENROLLMENT_PROMISE, promise),
    *count_answers.ANSWERS,
    *check_answers.ANSWERS,
)
